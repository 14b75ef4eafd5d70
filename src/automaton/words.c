/* Words that tell states apart: access words, distinguishing suffixes and a characterisation set.
 *
 * A start that no word comes back to shows no output of its own, so in a characterisation set the empty suffix does not
 * count as separating it; in rs_automaton_distinguish it does, as the header says. */
#include <string.h>

#include "automaton/moore.h"
#include "automaton/pairs.h"
#include "core/alloc.h"
#include "core/status.h"

rs_status rs_automaton_access_words(rs_words *out, const rs_automaton *a) {
    rs_status status = RS_OK;
    size_t n = a->n, m = a->m;
    uint32_t *order = NULL, *index = NULL, *back = NULL, *word = NULL;
    RS_TRY_ALLOC(order = rs_alloc(n, sizeof *order));
    RS_TRY_ALLOC(index = rs_alloc(n, sizeof *index));
    RS_TRY_ALLOC(back = rs_alloc(n, 2 * sizeof *back)); /* state and symbol that a state was found from */
    RS_TRY_ALLOC(word = rs_alloc(n, sizeof *word));
    size_t count = rs_breadth_first(n, m, a->start, a->next, order, index);
    /* The i-th state in the order is found from the first earlier one with an edge to it. */
    for (size_t i = 0, found = 1; i < count; i++)
        for (size_t s = 0; s < m; s++) {
            uint32_t q = a->next[order[i] * m + s];
            if (index[q] != found) continue;
            back[2 * q] = order[i];
            back[2 * q + 1] = (uint32_t)s;
            found++;
        }
    for (size_t q = 0; q < n; q++) {
        if (index[q] == RS_NO_STATE) continue;
        size_t from = n;
        for (size_t p = q; p != a->start; p = back[2 * p]) word[--from] = back[2 * p + 1];
        RS_TRY(rs_words_add(out, word + from, n - from));
    }
cleanup:
    free(order);
    free(index);
    free(back);
    free(word);
    return status;
}

/* A shortest suffix, the first in alphabet order; the empty one only if it counts. */
static rs_status distinguish(bool *found, rs_word *suffix, const rs_automaton *a, size_t p, size_t q,
                             bool empty_counts) {
    rs_status status = RS_OK;
    uint32_t *symbol = NULL, *output = NULL;
    if (empty_counts && a->output[p] != a->output[q]) {
        *suffix = (rs_word){0};
        *found = true;
        return RS_OK;
    }
    RS_TRY(rs_match_names(&symbol, &output, a, a));
    RS_TRY(rs_difference(found, suffix, a, p, a, q, symbol, output));
cleanup:
    free(symbol);
    free(output);
    return status;
}

rs_status rs_automaton_distinguish(bool *found, rs_word *suffix, const rs_automaton *a, size_t p, size_t q) {
    if (p >= a->n || q >= a->n) return rs_fail(RS_EUSAGE, "states %zu and %zu of a machine with %zu", p, q, a->n);
    return distinguish(found, suffix, a, p, q, true);
}

/* Splits classes by the outputs after a suffix. */
static rs_status respond(uint32_t *class, const rs_automaton *a, const rs_word *suffix) {
    rs_status status = RS_OK;
    rs_pairs pairs = {0};
    for (size_t q = 0; q < a->n; q++) {
        size_t to = rs_automaton_run(a, q, suffix->symbols, suffix->length);
        RS_TRY(rs_pairs_add(&pairs, class[q], a -> output[to], &class[q]));
    }
cleanup:
    rs_pairs_free(&pairs);
    return status;
}

/* The suffix that separates p from q joins the set and splits the classes. */
static rs_status add_suffix(rs_words *set, uint32_t *class, const rs_automaton *a, size_t p, size_t q,
                            bool empty_counts) {
    rs_status status = RS_OK;
    rs_word suffix = {0};
    bool found;
    RS_TRY(distinguish(&found, &suffix, a, p, q, empty_counts));
    if (!found) {
        status = rs_fail(RS_EUSAGE, "the machine is not minimal: states %zu and %zu are equivalent", p, q);
        goto cleanup;
    }
    RS_TRY(rs_words_add(set, suffix.symbols, suffix.length));
    RS_TRY(respond(class, a, &suffix));
cleanup:
    rs_word_free(&suffix);
    return status;
}

static bool separated(const rs_words *set, const rs_automaton *a, size_t p, size_t q) {
    for (size_t i = 0; i < rs_words_count(set); i++)
        if (rs_words_length(set, i) &&
            a->output[rs_automaton_run_word(a, p, set, i)] != a->output[rs_automaton_run_word(a, q, set, i)])
            return true;
    return false;
}

rs_status rs_automaton_characterisation(rs_words *out, const rs_automaton *a) {
    rs_status status = RS_OK;
    size_t n = a->n;
    bool entered = false;
    rs_words *set = NULL;
    uint32_t *class = NULL, *member = NULL;
    for (size_t i = 0; i < n * a->m; i++) entered = entered || a->next[i] == a->start;
    RS_TRY(rs_words_new(&set));
    RS_TRY_ALLOC(class = rs_alloc(n, sizeof *class));
    RS_TRY_ALLOC(member = rs_alloc(n, sizeof *member)); /* a state of a class, plus 1 */
    for (size_t q = 0; q < n;) {
        if (!member[class[q]] || member[class[q]] == q + 1) {
            member[class[q]] = (uint32_t)q + 1;
            q++;
            continue;
        }
        RS_TRY(add_suffix(set, class, a, member[class[q]] - 1, q, true));
        /* Classes have new numbers; states before q are alone in theirs. */
        memset(member, 0, n * sizeof *member);
        for (size_t p = 0; p < q; p++) member[class[p]] = (uint32_t)p + 1;
    }
    if (!entered)
        for (size_t q = 0; q < n; q++)
            if (q != a->start && !separated(set, a, a->start, q)) RS_TRY(add_suffix(set, class, a, a->start, q, false));
    for (size_t i = 0; i < rs_words_count(set); i++) RS_TRY(rs_words_add_word(out, set, i));
cleanup:
    rs_words_free(set);
    free(class);
    free(member);
    return status;
}
