/* Consistency: no cluster's members go, by one symbol, to places that the machine tells apart.
 *
 * Where they do, a shortest word w that the machine tells the two places apart with gives the suffixes of a.w, and every
 * cluster is split by what the network outputs after each of them. That always splits one: if all clusters were pure under
 * every suffix of a.w, the machine's output after w would be the network's from both places, and the cluster could not be
 * pure under a.w. Clusters never outnumber recorded nodes, so the splitting ends; and once it has, the
 * machine gives the network's output on every recorded prefix, by induction over its length.
 *
 * With a significance s above 1, what fewer than s recorded states show is left alone: a network that was trained to near
 * perfection still strays on rare long words, each of which would cost a chain of states. */
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "refine/levels.h"
#include "refine/loop.h"

/* Conflicts that are looked at before the machine is made anew. */
#define CONFLICTS 64

/* Adds the words access(first node of a cluster) . symbol for transitions of significant clusters that nobody recorded. */
static rs_status close_transitions(bool *added, rs_refinement *r) {
    rs_status status = RS_OK;
    size_t k = rs_partition_count(r->partition), m = rs_names_count(rs_network_alphabet(r->net));
    const uint32_t *labels = rs_partition_labels(r->partition), *parents = rs_trace_parents(r->trace);
    const uint32_t *symbols = rs_trace_symbols(r->trace), *first = rs_partition_first(r->partition);
    bool *seen = NULL;
    size_t *members = NULL;
    rs_words *words = NULL;
    rs_word word = {0};
    RS_TRY_ALLOC(seen = rs_alloc(k * m, sizeof *seen));
    RS_TRY_ALLOC(members = rs_alloc(k, sizeof *members));
    RS_TRY(rs_words_new(&words));
    for (size_t i = 0; i < rs_trace_size(r->trace); i++) members[labels[i]]++;
    for (size_t i = 1; i < rs_trace_size(r->trace); i++) seen[labels[parents[i]] * m + symbols[i]] = true;
    for (size_t c = 0; c < k; c++)
        for (size_t s = 0; s < m; s++) {
            if (seen[c * m + s] || members[c] < r->significance) continue;
            RS_TRY(rs_trace_word(&word, r->trace, first[c]));
            uint32_t *longer = rs_realloc(word.symbols, word.length + 1, sizeof *longer);
            RS_TRY_ALLOC(longer);
            word.symbols = longer;
            word.symbols[word.length++] = (uint32_t)s;
            RS_TRY(rs_words_add(words, word.symbols, word.length));
            rs_word_free(&word);
        }
    *added = rs_words_count(words) > 0;
    if (*added) RS_TRY(rs_trace_add(r->trace, words, &r->ctx));
cleanup:
    free(seen);
    free(members);
    rs_words_free(words);
    rs_word_free(&word);
    return status;
}

/* Splits by every suffix of a word, shortest first. */
static rs_status split_by_suffixes(size_t *splits, rs_refinement *r, const uint32_t *word, size_t length) {
    for (size_t l = 1; l <= length; l++) {
        size_t more = 0;
        rs_status status = rs_partition_split(&more, r->partition, word + length - l, l, r->significance, &r->ctx);
        if (status != RS_OK) return status;
        *splits += more;
    }
    return RS_OK;
}

/* A recorded transition that does not go where the machine says. */
typedef struct conflict {
    uint64_t transition; /* cluster * symbols + symbol */
    uint32_t block;      /* of states that are not apart, where it goes */
    uint32_t node;
    size_t support; /* how many of the same transition and block, at the first of them */
} conflict;

static int by_transition(const void *a, const void *b) {
    const conflict *x = a, *y = b;
    if (x->transition != y->transition) return x->transition < y->transition ? -1 : 1;
    if (x->block != y->block) return x->block < y->block ? -1 : 1;
    return (x->node > y->node) - (x->node < y->node);
}

static int by_support(const void *a, const void *b) {
    const conflict *x = a, *y = b;
    if (x->support != y->support) return x->support > y->support ? -1 : 1;
    return (x->node > y->node) - (x->node < y->node);
}

/* The conflicts with `full`, one for each transition and block that at least `significance` nodes stand behind, the best supported
 * first. The caller frees *out. */
static rs_status find_conflicts(conflict **out, size_t *count, const rs_refinement *r, const rs_automaton *full,
                                const rs_levels *levels) {
    size_t n = rs_trace_size(r->trace), m = rs_names_count(rs_network_alphabet(r->net)), found = 0, kept = 0;
    const uint32_t *labels = rs_partition_labels(r->partition), *parents = rs_trace_parents(r->trace);
    const uint32_t *symbols = rs_trace_symbols(r->trace), *block = levels->block[levels->count - 1];
    conflict *list = rs_alloc(n, sizeof *list);
    if (!list) return RS_EMEMORY;
    for (uint32_t i = 1; i < n; i++) {
        uint32_t expected = rs_automaton_next(full, labels[parents[i]], symbols[i]);
        if (rs_levels_apart(levels, expected, labels[i]))
            list[found++] = (conflict){(uint64_t)labels[parents[i]] * m + symbols[i], block[labels[i]], i, 0};
    }
    qsort(list, found, sizeof *list, by_transition);
    for (size_t i = 0, j; i < found; i = j) {
        for (j = i; j < found && list[j].transition == list[i].transition && list[j].block == list[i].block; j++) {}
        if (j - i < r->significance) continue;
        list[kept] = list[i];
        list[kept++].support = j - i;
    }
    qsort(list, kept, sizeof *list, by_support);
    *out = list;
    *count = kept;
    return RS_OK;
}

/* Splits by the words a.w of the best supported conflicts. *resolved says that something was split. */
static rs_status resolve_conflicts(bool *resolved, rs_refinement *r, const rs_automaton *full) {
    rs_status status = RS_OK;
    rs_levels levels = {0};
    conflict *conflicts = NULL;
    rs_word words[CONFLICTS];
    size_t count = 0, found = 0, splits = 0;
    uint32_t *word = NULL;
    rs_end end;
    const uint32_t *labels = rs_partition_labels(r->partition), *parents = rs_trace_parents(r->trace);
    const uint32_t *symbols = rs_trace_symbols(r->trace);
    RS_TRY(rs_levels_new(&levels, full));
    RS_TRY_ALLOC(word = rs_alloc(levels.count + 1, sizeof *word));
    RS_TRY(find_conflicts(&conflicts, &found, r, full, &levels));
    for (size_t c = 0; c < found && count < CONFLICTS; c++) {
        uint32_t i = conflicts[c].node;
        word[0] = symbols[i];
        size_t length = 1 + rs_levels_suffix(&levels, rs_automaton_next(full, labels[parents[i]], symbols[i]), labels[i],
                                             word + 1);
        bool known = false;
        for (size_t j = 0; j < count && !known; j++)
            known = words[j].length == length && !memcmp(words[j].symbols, word, length * sizeof *word);
        if (known) continue;
        RS_TRY(rs_word_copy(&words[count], word, length));
        count++;
    }
    for (size_t j = 0; j < count && !rs_loop_spent(r, &end); j++)
        RS_TRY(split_by_suffixes(&splits, r, words[j].symbols, words[j].length));
    if (r->significance == 1 && !r->guess && count && !splits && !rs_loop_spent(r, &end)) {
        status = rs_fail(RS_EINTERNAL, "a conflict between clusters that no suffix splits");
        goto cleanup;
    }
    *resolved = splits > 0;
cleanup:
    for (size_t j = 0; j < count; j++) rs_word_free(&words[j]);
    rs_levels_free(&levels);
    free(conflicts);
    free(word);
    return status;
}

/* The machine of all clusters. */
static rs_status make_machine(rs_automaton **out, rs_refinement *r) {
    rs_partition_place place = {r->partition, &r->ctx};
    if (r->guess) return rs_loop_guessed_machine(out, r);
    return rs_automaton_from_clusters(out, r->trace, rs_partition_count(r->partition), rs_partition_labels(r->partition),
                                      rs_partition_first(r->partition), rs_partition_assign, &place, &r->ctx);
}

rs_status rs_loop_consistent(rs_refinement *r) {
    rs_status status = RS_OK;
    rs_automaton *full = NULL, *machine = NULL;
    for (;;) {
        rs_end end;
        bool spent = rs_loop_spent(r, &end), added = false;
        RS_TRY(rs_context_check(&r->ctx));
        RS_TRY(rs_partition_update(r->partition, &r->ctx));
        if (!spent && !r->guess) RS_TRY(close_transitions(&added, r));
        if (added) continue;
        rs_automaton_free(full);
        full = NULL;
        RS_TRY(make_machine(&full, r));
        bool resolved = false;
        if (!spent) RS_TRY(resolve_conflicts(&resolved, r, full));
        if (!resolved) break;
    }
    RS_TRY(rs_automaton_minimise(&machine, NULL, full));
    rs_automaton_free(r->machine);
    r->machine = machine;
cleanup:
    rs_automaton_free(full);
    return status;
}
