/* The loop: record, cluster, make the machine, look for what is wrong with it, split, again.
 *
 * It goes from coarse to fine. At first only splits are made that many recorded states stand behind; then fewer and fewer,
 * down to one. Each of these levels that ends leaves a machine to come back to. On the last level machine and network agree on everything
 * recorded, and rounds begin: four witnesses are asked whether they part: all short words, fresh random words, conformance words
 * of the machine, and the properties' counterexamples. Their words are recorded, which makes a conflict that the next
 * round must split. The loop has settled when `settle` rounds in a row found nothing. A network that computes no finite
 * machine never settles: clusters then grow beyond a multiple of what the level before needed, and the result is the coarsest machine that does nearly as
 * well as the best. */
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "refine/loop.h"

#define ROUND_WORDS ((size_t)100)       /* random words of a round; twice as many after a round without a change, and so on, */
#define MOST_DOUBLED ((size_t)3)        /* so many times */
#define CONFORMANCE_WORDS ((size_t)2000)
#define PARTINGS ((size_t)24)           /* words on which machine and network part, taken in a round */
#define LEVEL_STEP ((size_t)4)          /* significance is divided by this from level to level */
#define PASSIVE_STEP ((size_t)2)        /* the same without the network */
#define GROWTH_FACTOR ((size_t)4)       /* clusters of a level: at most this times those of the level before, */
#define GROWTH_ROOM ((size_t)64)        /* and this many more */
#define REMEMBERED ((size_t)1 << 24)    /* numbers in remembered states: 64 MiB, */
#define MEMORY_SHARE ((size_t)16)       /* or this part of a given memory */

const char *rs_end_name(rs_end e) {
    static const char *const names[] = {"settled", "noise", "passive", "rounds spent", "clusters spent", "steps spent", "time spent", "memory spent"};
    return names[e];
}

static uint64_t steps(const rs_refinement *r) {
    return atomic_load(r->ctx.network_steps) - r->steps_before;
}

bool rs_loop_spent(const rs_refinement *r, rs_end *end) {
    if (r->round_count >= r->o.max_rounds) *end = RS_END_ROUNDS;
    else if (r->partition && rs_partition_count(r->partition) > r->o.max_clusters) *end = RS_END_CLUSTERS;
    else if (r->partition && rs_partition_count(r->partition) > r->cluster_limit) *end = RS_END_NOISE;
    else if (steps(r) > r->o.max_steps) *end = RS_END_STEPS;
    else if (rs_context_expired(&r->ctx)) *end = RS_END_TIME;
    else if (r->trace && rs_trace_cut(r->trace)) *end = RS_END_MEMORY;
    else return false;
    return true;
}

uint64_t rs_loop_seed(const rs_refinement *r, uint64_t stream) {
    return r->ctx.seed * 0x9e3779b97f4a7c15u + stream * 0xbf58476d1ce4e5b9u;
}

/* Compares machine and network on all tests, and adds the first words on which they part to `found`. */
static rs_status witness(rs_words *found, const rs_refinement *r) {
    rs_status status = RS_OK;
    uint32_t *nodes = NULL;
    size_t count = 0;
    rs_word word = {0};
    RS_TRY(rs_loop_partings(&nodes, &count, NULL, r->machine, r->tests, PARTINGS));
    for (size_t i = 0; i < count; i++) {
        RS_TRY(rs_trace_word(&word, r->tests, nodes[i]));
        RS_TRY(rs_words_add(found, word.symbols, word.length));
        rs_word_free(&word);
    }
cleanup:
    free(nodes);
    rs_word_free(&word);
    return status;
}

/* Passive: the words that were held out are all that there is to compare with. */
static rs_status held_out(double *fidelity, rs_refinement *r) {
    uint32_t *partings = NULL;
    size_t count;
    rs_status status = rs_loop_partings(&partings, &count, fidelity, r->machine, r->validation, 1);
    free(partings);
    return status;
}

/* After `quiet` rounds without a change. */
static size_t round_words(size_t quiet) {
    return ROUND_WORDS << (quiet < MOST_DOUBLED ? quiet : MOST_DOUBLED);
}

/* Fresh random words join the tests. */
static rs_status test_random(double *fidelity, rs_refinement *r, size_t quiet) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    size_t agree = 0, counted = 0;
    RS_TRY(rs_loop_sample(&words, r, RS_STREAM_ROUND + r->round_count, 0, round_words(quiet)));
    RS_TRY(rs_loop_test(r, words));
    rs_loop_agree(&agree, &counted, r, r->tests, words);
    *fidelity = rs_loop_share(agree, counted);
cleanup:
    rs_words_free(words);
    return status;
}

/* So do words with every kind of symbol alike. */
static rs_status test_even(rs_refinement *r, size_t quiet) {
    rs_status status = RS_OK;
    rs_words *lengths = NULL, *words = NULL;
    RS_TRY(rs_words_new(&words));
    RS_TRY(rs_loop_sample(&lengths, r, RS_STREAM_EVEN + r->round_count, 0, round_words(quiet)));
    RS_TRY(rs_loop_even_words(words, r->machine, lengths, rs_loop_seed(r, RS_STREAM_EVEN + r->round_count)));
    RS_TRY(rs_loop_test(r, words));
cleanup:
    rs_words_free(lengths);
    rs_words_free(words);
    return status;
}

/* And conformance words of the machine; *all says that these were all. */
static rs_status test_conformance(bool *all, rs_refinement *r) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    RS_TRY(rs_words_new(&words));
    RS_TRY(rs_loop_conformance_words(words, all, r->machine, CONFORMANCE_WORDS,
                                     rs_loop_seed(r, RS_STREAM_CONFORMANCE + r->round_count)));
    RS_TRY(rs_loop_test(r, words));
cleanup:
    rs_words_free(words);
    return status;
}

static rs_status keep_round(rs_refinement *r, rs_round round) {
    rs_status status = rs_reserve((void **)&r->rounds, &r->round_capacity, r->round_count + 1, sizeof *r->rounds);
    if (status != RS_OK) return status;
    round.significance = r->significance;
    round.clusters = rs_partition_count(r->partition);
    round.states = rs_automaton_states(r->machine);
    r->rounds[r->round_count++] = round;
    rs_context_log(&r->ctx, 1, "round %zu, significance %zu: %zu clusters, %zu states, fidelity %.4f, %zu words on which machine and network part",
                   r->round_count, round.significance, round.clusters, round.states, round.fidelity, round.spurious);
    return RS_OK;
}

/* One level above the last. Words that a machine's errors lead to are not recorded here, since a word that was looked for would
 * count like one that came by chance; only the counterexamples of properties are. */
static rs_status coarse_round(rs_refinement *r) {
    rs_status status = RS_OK;
    rs_words *spurious = NULL;
    rs_round round = {0};
    double start = rs_now();
    RS_TRY(rs_loop_consistent(r));
    r->seconds_cluster += rs_now() - start;
    start = rs_now();
    if (r->o.passive) RS_TRY(held_out(&round.fidelity, r));
    else RS_TRY(test_random(&round.fidelity, r, 0));
    r->seconds_conformance += rs_now() - start;
    RS_TRY(rs_words_new(&spurious));
    RS_TRY(rs_loop_check(r, spurious));
    round.spurious = rs_words_count(spurious);
    RS_TRY(keep_round(r, round));
    if (round.spurious) RS_TRY(rs_trace_add(r->trace, spurious, &r->ctx));
cleanup:
    rs_words_free(spurious);
    return status;
}

/* One round of the last level, after `quiet` ones without a change; the words on which machine and network part are recorded. With
 * `tested`, this machine has been through its conformance words. */
static rs_status run_round(size_t *parted, bool *tested, rs_refinement *r, size_t quiet) {
    rs_status status = RS_OK;
    rs_words *found = NULL;
    rs_round round = {0};
    double start = rs_now();
    RS_TRY(rs_loop_consistent(r));
    r->seconds_cluster += rs_now() - start;
    RS_TRY(rs_words_new(&found));
    RS_TRY(rs_loop_check(r, found));
    start = rs_now();
    RS_TRY(test_random(&round.fidelity, r, quiet));
    RS_TRY(test_even(r, quiet));
    if (!*tested) RS_TRY(test_conformance(tested, r));
    RS_TRY(rs_loop_watch(r, r->tests));
    RS_TRY(witness(found, r));
    r->seconds_conformance += rs_now() - start;
    *parted = round.spurious = rs_words_count(found);
    RS_TRY(keep_round(r, round));
    if (*parted) RS_TRY(rs_trace_add(r->trace, found, &r->ctx));
cleanup:
    rs_words_free(found);
    return status;
}

static size_t violated_count(const rs_refinement *r) {
    size_t count = 0;
    for (size_t i = 0; i < r->finding_count; i++) count += r->findings[i].verdict == RS_VERDICT_VIOLATED;
    return count;
}

/* Rounds on the last level until nothing moves or a budget is spent. */
static rs_status settle(rs_refinement *r) {
    rs_status status = RS_OK;
    size_t quiet = 0, states = 0, levels = r->kept_count;
    bool tested = false;
    while (!rs_loop_spent(r, &r->end)) {
        size_t parted = 0, violated = violated_count(r);
        RS_TRY(run_round(&parted, &tested, r, quiet));
        tested = tested && !parted; /* nothing was recorded, so the machine stays */
        bool moved = parted || violated_count(r) != violated || rs_automaton_states(r->machine) != states;
        states = rs_automaton_states(r->machine);
        quiet = moved ? 0 : quiet + 1;
        rs_context_progress(&r->ctx, "rounds", (double)quiet / (double)(r->o.settle + 1));
        if (quiet >= r->o.settle && !rs_loop_spent(r, &r->end)) {
            r->end = RS_END_SETTLED;
            return RS_OK;
        }
        RS_TRY(rs_loop_replace(r, levels)); /* a machine to come back to, should the next round find noise */
    }
    /* A budget was spent: the machine is made once more from all that is known. */
    RS_TRY(rs_loop_consistent(r));
cleanup:
    return status;
}

/* Coarse levels, down to significance `above`; each leaves a machine. */
static rs_status descend(rs_refinement *r, size_t above, size_t step) {
    rs_status status = RS_OK;
    r->cluster_limit = r->o.max_clusters;
    for (r->significance = r->o.significance; r->significance > above && !rs_loop_spent(r, &r->end);
         r->significance /= step) {
        RS_TRY(coarse_round(r));
        RS_TRY(rs_loop_keep(r));
        r->cluster_limit = GROWTH_FACTOR * r->kept[r->kept_count - 1].clusters + GROWTH_ROOM;
    }
cleanup:
    return status;
}

/* Numbers in states beyond the recorded ones that are kept. */
static size_t remembered(const rs_refinement *r) {
    size_t share = r->o.memory / MEMORY_SHARE / sizeof(float);
    return r->o.memory && share < REMEMBERED ? share : REMEMBERED;
}

static rs_status refine(rs_refinement *r) {
    rs_status status = RS_OK;
    RS_TRY(rs_loop_record(r));
    double start = rs_now();
    if (r->o.passive) RS_TRY(rs_loop_guess(&r->guess, r->trace, &r->ctx));
    RS_TRY(rs_partition_new(&r->partition, r->trace, r->method, &r->o.clustering, r->guess, remembered(r), &r->ctx));
    r->base_clusters = rs_partition_base_count(r->partition);
    r->seconds_cluster += rs_now() - start;
    if (r->o.passive) {
        r->end = RS_END_PASSIVE;
        RS_TRY(descend(r, 1, PASSIVE_STEP));
        if (!r->kept_count) { /* no level is above 1, or a budget was spent by recording */
            RS_TRY(coarse_round(r));
            RS_TRY(rs_loop_keep(r));
        }
    } else {
        RS_TRY(rs_loop_watch(r, r->tests));
        RS_TRY(rs_loop_watch(r, r->trace));
        RS_TRY(descend(r, 1, LEVEL_STEP));
        r->significance = 1;
        RS_TRY(settle(r));
        RS_TRY(rs_loop_keep(r));
    }
    RS_TRY(rs_loop_choose(r));
cleanup:
    return status;
}

/* Fidelity on as many fresh words as the clock allows, and some. */
static rs_status final_fidelity(rs_refinement *r) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    rs_trace *trace = NULL;
    size_t agree = 0;
    double start = rs_now();
    for (uint64_t batch = 0; r->test_drawn < r->o.test_words && !(r->test_drawn && rs_context_expired(&r->ctx)); batch++) {
        RS_TRY(rs_loop_sample(&words, r, RS_STREAM_TEST, batch, r->o.test_words - r->test_drawn));
        RS_TRY(rs_loop_tree(&trace, r, words));
        rs_loop_agree(&agree, &r->test_words, r, trace, words);
        RS_TRY(rs_loop_place(&r->placed_right, r, trace, words));
        r->test_drawn += rs_words_count(words);
        rs_words_free(words);
        rs_trace_free(trace);
        words = NULL;
        trace = NULL;
    }
    r->fidelity = rs_loop_share(agree, r->test_words);
cleanup:
    rs_words_free(words);
    rs_trace_free(trace);
    r->seconds_conformance += rs_now() - start;
    return status;
}

rs_refine_options rs_refine_defaults(const rs_refine_options *given) {
    rs_refine_options o = given ? *given : (rs_refine_options){0};
    if (!o.cluster) o.cluster = "none";
    if (!o.lengths.max) o.lengths = (rs_lengths){.kind = RS_LENGTHS_UNIFORM, .min = 1, .max = 16};
    if (!o.words) o.words = 400;
    if (!o.test_words) o.test_words = 2000;
    if (!o.hold_words) o.hold_words = 20000;
    if (!(o.delta > 0)) o.delta = 0.01;
    if (!o.settle) o.settle = 3;
    if (!o.max_rounds) o.max_rounds = 200;
    if (!o.significance) o.significance = 16;
    if (!o.max_clusters) o.max_clusters = 1000;
    if (!o.max_steps) o.max_steps = 20000000;
    return o;
}

rs_status rs_refine(rs_refinement **out, const rs_network *net, const rs_properties *properties,
                    const rs_refine_options *options, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_refinement *r = NULL;
    RS_TRY_ALLOC(r = rs_alloc(1, sizeof *r));
    r->net = net;
    r->properties = properties;
    r->o = rs_refine_defaults(options);
    RS_TRY_ALLOC(r->method = rs_strdup(r->o.cluster));
    r->o.cluster = r->method;
    r->ctx = ctx ? *ctx : *rs_context_default();
    if (!r->ctx.network_steps) r->ctx.network_steps = &r->own_steps;
    r->steps_before = atomic_load(r->ctx.network_steps);
    r->finding_count = properties ? rs_properties_count(properties) : 0;
    if (r->o.passive && properties) {
        status = rs_fail(RS_EUSAGE, "properties are checked by asking the network, which passive refinement may not");
        goto cleanup;
    }
    RS_TRY_ALLOC(r->findings = rs_alloc(r->finding_count, sizeof *r->findings));
    for (size_t i = 0; i < r->finding_count; i++) {
        rs_finding *f = &r->findings[i];
        f->property = rs_properties_get(properties, i);
        f->verdict = RS_VERDICT_UNKNOWN;
        const rs_monitor *monitor = rs_property_monitor(f->property);
        if (!rs_names_equal(rs_monitor_alphabet(monitor), rs_network_alphabet(net)) ||
            !rs_names_equal(rs_monitor_outputs(monitor), rs_network_outputs(net))) {
            status = rs_fail(RS_EINPUT, "%s: the property speaks of other symbols or outputs than the network's",
                             rs_property_name(f->property));
            goto cleanup;
        }
    }
    RS_TRY(refine(r));
    RS_TRY(rs_loop_geometry(r));
    RS_TRY(final_fidelity(r));
    RS_TRY(rs_loop_conclude(r));
    *out = r;
    r = NULL;
cleanup:
    rs_refinement_free(r);
    return status;
}
