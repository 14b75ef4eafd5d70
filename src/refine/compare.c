/* Clustering methods side by side: the same recorded words, the same way from clusters to a machine, the same fresh words to
 * measure on. Only the behavioural methods make their own machine, by the loop. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "refine/loop.h"

static const struct {
    const char *name, *summary;
    bool passive;
} behavioural[] = {
    {"behaviour", "clusters split by what the network does, which may be asked from any state", false},
    {"behaviour-passive", "clusters split by what recorded words show, the network not being asked", true},
};
enum { BEHAVIOURAL = sizeof behavioural / sizeof *behavioural };

const char *rs_compare_method(size_t i) {
    return i < BEHAVIOURAL ? behavioural[i].name : rs_cluster_method(i - BEHAVIOURAL);
}

const char *rs_compare_summary(const char *method) {
    for (size_t i = 0; i < BEHAVIOURAL; i++)
        if (!strcmp(behavioural[i].name, method)) return behavioural[i].summary;
    return rs_cluster_summary(method);
}

/* Clusters of a trace's nodes and the machine that they make. */
typedef struct outcome {
    rs_trace *trace;
    uint32_t *labels; /* [nodes]; that of the root is not used */
    size_t nodes, clusters;
    bool cut; /* memory left words out */
    rs_automaton *machine;
} outcome;

static void outcome_free(outcome *o) {
    rs_trace_free(o->trace);
    free(o->labels);
    rs_automaton_free(o->machine);
}

typedef struct place {
    const rs_clustering *clustering;
    const rs_context *ctx;
} place;

static rs_status assign(void *user, size_t m, const float *points, uint32_t *labels) {
    const place *p = user;
    return rs_clustering_assign(p->clustering, m, points, labels, p->ctx);
}

/* Records the random words: those that fit into the half of the memory that is for words to make machines from. */
static rs_status record(rs_trace *trace, const rs_network *net, const rs_refine_options *o, const rs_context *ctx) {
    rs_status status = rs_loop_memory(net, o);
    if (status != RS_OK) return status;
    rs_trace_limit(trace, o->memory / 2);
    return rs_loop_record_random(trace, net, o, rs_context_seed(ctx), o->words, NULL, ctx);
}

/* A method of the registry, once. The root, whose class nobody sees, is a cluster of its own. */
static rs_status by_geometry(outcome *out, const rs_network *net, const char *method, const rs_refine_options *o,
                             const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_clustering *clustering = NULL;
    rs_automaton *full = NULL;
    outcome f = {0};
    size_t S = rs_network_state_size(net);
    RS_TRY(rs_trace_new(&f.trace, net, ctx));
    RS_TRY(record(f.trace, net, o, ctx));
    f.cut = rs_trace_cut(f.trace);
    size_t n = f.nodes = rs_trace_size(f.trace);
    RS_TRY(rs_cluster_fit(&clustering, method, n - 1, S, rs_trace_states(f.trace) + S, &o->clustering, ctx));
    f.clusters = rs_clustering_count(clustering);
    RS_TRY_ALLOC(f.labels = rs_alloc(n, sizeof *f.labels));
    memcpy(f.labels + 1, rs_clustering_labels(clustering), (n - 1) * sizeof *f.labels);
    f.labels[0] = (uint32_t)f.clusters;
    place where = {clustering, ctx};
    RS_TRY(rs_automaton_from_clusters(&full, f.trace, f.clusters + 1, f.labels, NULL, assign, &where, ctx));
    RS_TRY(rs_automaton_minimise(&f.machine, NULL, full));
    *out = f;
    f = (outcome){0};
cleanup:
    outcome_free(&f);
    rs_automaton_free(full);
    rs_clustering_free(clustering);
    return status;
}

/* The loop, whose trace, labels and machine are taken from it. */
static rs_status by_behaviour(outcome *out, const rs_network *net, bool passive, const rs_refine_options *o,
                              const rs_context *ctx) {
    rs_refine_options options = *o;
    rs_refinement *r = NULL;
    options.cluster = NULL;
    options.clustering = (rs_cluster_options){0};
    options.passive = passive;
    options.test_words = 1;
    rs_status status = rs_refine(&r, net, NULL, &options, ctx);
    if (status != RS_OK) return status;
    size_t memory;
    bool cut;
    rs_refinement_recorded(r, &memory, &cut);
    /* The root's cluster does not count. */
    *out = (outcome){.trace = r->trace, .nodes = r->chosen.nodes, .labels = r->chosen.labels, .clusters = r->chosen.clusters - 1,
                     .cut = cut, .machine = r->machine};
    r->trace = NULL;
    r->chosen.labels = NULL;
    r->machine = NULL;
    rs_refinement_free(r);
    return RS_OK;
}

/* Fidelity with its interval, and agreement with the truth, on the same fresh words. */
static rs_status measure_machine(rs_comparison *c, const rs_network *net, const rs_automaton *machine,
                                 const rs_automaton *truth, const rs_refine_options *o, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t right = 0, drawn = 0, agree = 0, counted = 0;
    rs_words *words = NULL;
    rs_automaton *minimal = NULL;
    for (uint64_t batch = 0; drawn < o->test_words; batch++) {
        RS_TRY(rs_loop_batch(&words, net, o, ~rs_context_seed(ctx), batch, o->test_words - drawn));
        RS_TRY(rs_loop_fidelity(&right, &c->words, net, machine, words, ctx));
        if (truth) RS_TRY(rs_loop_agreement(&agree, &counted, machine, truth, words));
        drawn += rs_words_count(words);
        rs_words_free(words);
        words = NULL;
    }
    c->fidelity = rs_loop_share(right, c->words);
    c->fidelity_low = rs_binomial_lower(right, c->words, o->delta / 2);
    c->fidelity_high = rs_binomial_upper(right, c->words, o->delta / 2);
    if (!truth) goto cleanup;
    c->truth_fidelity = rs_loop_share(agree, counted);
    RS_TRY(rs_automaton_equivalent(&c->equivalent, NULL, machine, truth));
    RS_TRY(rs_automaton_minimise(&minimal, NULL, truth));
    c->truth_states = rs_automaton_states(minimal);
cleanup:
    rs_words_free(words);
    rs_automaton_free(minimal);
    return status;
}

static rs_status measure_clusters(rs_comparison *c, const outcome *f, const rs_automaton *truth, const rs_context *ctx) {
    rs_status status = RS_OK;
    uint32_t *state = NULL;
    size_t n = f->nodes, S = rs_network_state_size(rs_trace_network(f->trace));
    c->points = n - 1;
    RS_TRY(rs_cluster_silhouette(&c->silhouette, n - 1, S, rs_trace_states(f->trace) + S, f->labels + 1, 0, ctx));
    if (!truth) goto cleanup;
    RS_TRY(rs_loop_true_states(&state, f->trace, n, truth));
    RS_TRY(rs_cluster_ambiguity(&c->ambiguity, n - 1, f->labels + 1, state + 1));
    RS_TRY(rs_cluster_rand(&c->rand_index, n - 1, f->labels + 1, state + 1));
cleanup:
    free(state);
    return status;
}

rs_status rs_compare(rs_comparison *out, const rs_network *net, const char *method, const rs_automaton *truth,
                     const rs_refine_options *options, const rs_context *ctx) {
    rs_status status = RS_OK;
    outcome f = {0};
    atomic_uint_fast64_t steps = 0;
    rs_context counted = ctx ? *ctx : *rs_context_default();
    rs_refine_options o = rs_refine_defaults(options);
    rs_comparison c = {.ambiguity = NAN, .rand_index = NAN, .truth_fidelity = NAN};
    counted.network_steps = &steps;
    double start = rs_now();
    size_t b = 0;
    while (b < BEHAVIOURAL && strcmp(behavioural[b].name, method)) b++;
    if (b < BEHAVIOURAL) RS_TRY(by_behaviour(&f, net, behavioural[b].passive, &o, &counted));
    else RS_TRY(by_geometry(&f, net, method, &o, &counted));
    c.seconds = rs_now() - start;
    c.network_steps = atomic_load(&steps);
    rs_context_count_steps(ctx, c.network_steps);
    c.clusters = f.clusters;
    c.cut = f.cut;
    c.states = rs_automaton_states(f.machine);
    RS_TRY(measure_clusters(&c, &f, truth, ctx));
    RS_TRY(measure_machine(&c, net, f.machine, truth, &o, ctx));
    *out = c;
cleanup:
    outcome_free(&f);
    return status;
}
