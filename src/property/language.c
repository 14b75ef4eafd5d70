/* Where languages come from: an expression, a file, or the caller, in its own order of symbols. */
#include "property/language.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/status.h"
#include "property/regex.h"

rs_status rs_language_regex(rs_automaton **out, const char *file, const rs_token *string, const rs_names *alphabet) {
    rs_regex regex;
    rs_status status = rs_regex_parse(&regex, file, string, alphabet);
    if (status != RS_OK) return status;
    status = rs_regex_automaton(out, &regex);
    rs_regex_free(&regex);
    return status;
}

rs_status rs_language_file(rs_automaton **out, const char *file, const rs_token *string, const rs_names *alphabet) {
    static const char *const classes[] = {"reject", "accept"};
    rs_status status = RS_OK;
    char *relative = NULL, *path = NULL;
    rs_names *outputs = NULL;
    RS_TRY(rs_token_unquote(&relative, string->text, string->length));
    RS_TRY(rs_file_beside(&path, file, relative));
    RS_TRY(rs_names_new(&outputs, "outputs", 2, classes));
    status = rs_automaton_read_dot(out, path, alphabet, outputs);
    if (status == RS_EINPUT) {
        char reason[600];
        snprintf(reason, sizeof reason, "%s", rs_error_message());
        status = rs_fail_at(file, string->line, string->column, "language: %s", reason);
    }
cleanup:
    rs_names_free(outputs);
    free(path);
    free(relative);
    return status;
}

rs_status rs_language_reorder(rs_automaton **out, const rs_automaton *a, const char *name, const rs_names *alphabet) {
    rs_status status = RS_OK;
    const rs_names *own = rs_automaton_alphabet(a);
    size_t m = rs_names_count(alphabet), n = rs_automaton_states(a);
    size_t *of = NULL;
    uint32_t *next = NULL, *output = NULL;
    for (size_t s = 0; s < rs_names_count(own); s++) {
        const char *symbol = rs_names_get(own, s);
        if (rs_names_find(alphabet, symbol, strlen(symbol)) == SIZE_MAX)
            return rs_fail(RS_EINPUT, "%s: its symbol \"%.60s\" is not in the network's alphabet", name, symbol);
    }
    RS_TRY_ALLOC(of = rs_alloc(m, sizeof *of));
    for (size_t s = 0; s < m; s++) {
        const char *symbol = rs_names_get(alphabet, s);
        of[s] = rs_names_find(own, symbol, strlen(symbol));
        if (of[s] == SIZE_MAX) {
            status = rs_fail(RS_EINPUT, "%s: the network's symbol \"%.60s\" is not in its alphabet", name, symbol);
            goto cleanup;
        }
    }
    RS_TRY_ALLOC(next = rs_alloc(n, m * sizeof *next));
    RS_TRY_ALLOC(output = rs_alloc(n, sizeof *output));
    for (size_t q = 0; q < n; q++) {
        output[q] = rs_automaton_output(a, q);
        for (size_t s = 0; s < m; s++) next[q * m + s] = rs_automaton_next(a, q, of[s]);
    }
    RS_TRY(
        rs_automaton_new(out, alphabet, rs_automaton_outputs(a), n, rs_automaton_start(a), output, next, NULL, NULL));
cleanup:
    free(of);
    free(next);
    free(output);
    return status;
}
