/* A partition of a trace's nodes as a machine. Every node but the root is one observation of a transition, from its
 * parent's cluster by its symbol to its own, and one of its cluster's output. The most frequent wins; what nobody
 * observed, the network is asked. */
#include <string.h>

#include "automaton/moore.h"
#include "core/alloc.h"
#include "core/status.h"

/* For each bucket the most frequent value among the observations in it, the lowest on ties, and how many agree with it
 * (0 for an empty bucket). Observations with bucket SIZE_MAX do not count. */
static rs_status majority(uint32_t *winner, uint64_t *votes, size_t buckets, size_t values, size_t n,
                          const size_t *bucket, const uint32_t *value) {
    rs_status status = RS_OK;
    size_t *past = NULL, *tally = NULL;
    uint32_t *sorted = NULL;
    RS_TRY_ALLOC(past = rs_alloc(buckets + 1, sizeof *past));
    RS_TRY_ALLOC(tally = rs_alloc(values, sizeof *tally));
    RS_TRY_ALLOC(sorted = rs_alloc(n, sizeof *sorted));
    for (size_t i = 0; i < n; i++)
        if (bucket[i] != SIZE_MAX) past[bucket[i] + 1]++;
    for (size_t b = 0; b < buckets; b++) past[b + 1] += past[b];
    for (size_t i = 0; i < n; i++)
        if (bucket[i] != SIZE_MAX) sorted[past[bucket[i]]++] = value[i];
    for (size_t b = 0, i = 0; b < buckets; b++) {
        size_t first = i;
        winner[b] = 0;
        votes[b] = 0;
        for (; i < past[b]; i++) {
            uint32_t v = sorted[i];
            tally[v]++;
            if (tally[v] > votes[b] || (tally[v] == votes[b] && v < winner[b])) {
                votes[b] = tally[v];
                winner[b] = v;
            }
        }
        for (size_t j = first; j < i; j++) tally[sorted[j]] = 0;
    }
cleanup:
    free(past);
    free(tally);
    free(sorted);
    return status;
}

/* The successors of (cluster, symbol) pairs without observations: the representatives are stepped and placed in one
 * batch. */
static rs_status ask(uint32_t *next, const uint64_t *support, const rs_trace *trace, size_t k,
                     const uint32_t *representative, rs_assign_fn assign, void *user, const rs_context *ctx) {
    rs_status status = RS_OK;
    const rs_network *net = rs_trace_network(trace);
    size_t m = rs_names_count(rs_network_alphabet(net)), width = rs_network_state_size(net), count = 0, i = 0;
    float *points = NULL;
    uint32_t *symbols = NULL, *labels = NULL;
    for (size_t t = 0; t < k * m; t++) count += !support[t];
    if (!count) return RS_OK;
    RS_TRY_ALLOC(points = rs_alloc_aligned(count, width * sizeof *points));
    RS_TRY_ALLOC(symbols = rs_alloc(count, sizeof *symbols));
    RS_TRY_ALLOC(labels = rs_alloc(count, sizeof *labels));
    for (size_t t = 0; t < k * m; t++) {
        if (support[t]) continue;
        memcpy(points + i * width, rs_trace_states(trace) + representative[t / m] * width, width * sizeof *points);
        symbols[i++] = (uint32_t)(t % m);
    }
    RS_TRY(rs_network_step(net, count, points, symbols, points, ctx));
    RS_TRY(assign(user, count, points, labels));
    i = 0;
    for (size_t t = 0; t < k * m; t++) {
        if (support[t]) continue;
        if (labels[i] >= k) {
            status = rs_fail(RS_EUSAGE, "a state was placed in cluster %u of %zu", (unsigned)labels[i], k);
            goto cleanup;
        }
        next[t] = labels[i++];
    }
cleanup:
    free(points);
    free(symbols);
    free(labels);
    return status;
}

/* Checks the partition; the first node of each cluster unless representatives are given. */
static rs_status represent(uint32_t *representative, const rs_trace *trace, size_t k, const uint32_t *labels,
                           const uint32_t *given) {
    size_t n = rs_trace_size(trace);
    memset(representative, 0xff, k * sizeof *representative);
    for (size_t i = 0; i < n; i++) {
        if (labels[i] >= k)
            return rs_fail(RS_EUSAGE, "node %zu has label %u of %zu clusters", i, (unsigned)labels[i], k);
        if (representative[labels[i]] == UINT32_MAX) representative[labels[i]] = (uint32_t)i;
    }
    for (size_t c = 0; c < k; c++) {
        if (representative[c] == UINT32_MAX) return rs_fail(RS_EUSAGE, "cluster %zu has no node", c);
        if (!given) continue;
        if (given[c] >= n || labels[given[c]] != c)
            return rs_fail(RS_EUSAGE, "the representative of cluster %zu is none of its nodes", c);
        representative[c] = given[c];
    }
    return RS_OK;
}

rs_status rs_automaton_from_clusters(rs_automaton **out, const rs_trace *trace, size_t k, const uint32_t *labels,
                                     const uint32_t *representatives, rs_assign_fn assign, void *user,
                                     const rs_context *ctx) {
    rs_status status = RS_OK;
    const rs_network *net = rs_trace_network(trace);
    const rs_names *alphabet = rs_network_alphabet(net), *outputs = rs_network_outputs(net);
    const uint32_t *parent = rs_trace_parents(trace), *symbol = rs_trace_symbols(trace),
                   *class = rs_trace_classes(trace);
    size_t n = rs_trace_size(trace), m = rs_names_count(alphabet);
    size_t *bucket = NULL;
    uint32_t *representative = NULL, *output = NULL, *next = NULL;
    uint64_t *votes = NULL, *support = NULL;
    if (!k || k > RS_STATES_LIMIT)
        return rs_fail(RS_EUSAGE, "%zu clusters; a machine has 1 to %zu states", k, RS_STATES_LIMIT);
    RS_TRY_ALLOC(bucket = rs_alloc(n, sizeof *bucket));
    RS_TRY_ALLOC(representative = rs_alloc(k, sizeof *representative));
    RS_TRY_ALLOC(output = rs_alloc(k, sizeof *output));
    RS_TRY_ALLOC(votes = rs_alloc(k, sizeof *votes));
    RS_TRY_ALLOC(next = rs_alloc(k * m, sizeof *next));
    RS_TRY_ALLOC(support = rs_alloc(k * m, sizeof *support));
    RS_TRY(represent(representative, trace, k, labels, representatives));
    for (size_t i = 0; i < n; i++) bucket[i] = i ? labels[i] : SIZE_MAX;
    RS_TRY(majority(output, votes, k, rs_names_count(outputs), n, bucket, class));
    if (!votes[labels[0]]) output[labels[0]] = class[0];
    for (size_t i = 1; i < n; i++) bucket[i] = labels[parent[i]] * m + symbol[i];
    RS_TRY(majority(next, support, k * m, k, n, bucket, labels));
    RS_TRY(ask(next, support, trace, k, representative, assign, user, ctx));
    RS_TRY(rs_automaton_new(out, alphabet, outputs, k, labels[0], output, next, support, NULL));
cleanup:
    free(bucket);
    free(representative);
    free(output);
    free(votes);
    free(next);
    free(support);
    return status;
}
