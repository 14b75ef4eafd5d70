/* The running half of the network: step, head, runs. */
#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "network/network.h"
#include "network_ref.h"
#include "support/unit.h"

/* A kernel with the tiles of the widest one by slow arithmetic, so that they are tested on machines that cannot run it. */
#define LANES 4
#define UNROLL
#define TILE_ROWS(gates) ((gates) <= 2 ? 12 : (gates) == 3 ? 8 : 6)
#define GROUP 8
#define KERNEL wide
#define KERNEL_NAME "wide"
#define KERNEL_AVAILABLE true
#include "network/kernel_plain.h"
#include "network/kernel_body.h"

/* A random network and everything that it points into. */
typedef struct sample {
    rs_network_weights weights;
    rs_recurrent recurrent[3];
    rs_dense head[3];
    rs_names *alphabet, *outputs;
    float *values[32];
    size_t count;
} sample;

static float *values(sample *s, rs_random *r, size_t count, double scale) {
    float *v = malloc((count ? count : 1) * sizeof *v);
    for (size_t i = 0; i < count; i++) v[i] = (float)(scale * (2 * rs_random_unit(r) - 1));
    return s->values[s->count++] = v;
}

static const rs_names *names(rs_names **out, char first, size_t count) {
    char text[64] = "";
    for (size_t i = 0; i < count; i++) text[2 * i] = (char)(first + (char)i), text[2 * i + 1] = ' ';
    CHECK_OK(rs_names_parse(out, "names", text));
    return *out;
}

static void sample_new(sample *s, rs_random *r, rs_cell cell, size_t layers, size_t hidden, bool embedding, size_t head,
                       size_t logits) {
    memset(s, 0, sizeof *s);
    size_t symbols = 2 + rs_random_below(r, 5), width = rs_cell_gates(cell) * hidden;
    rs_network_weights *w = &s->weights;
    w->cell = cell;
    w->layers = layers;
    w->hidden = hidden;
    w->input_size = embedding ? 1 + rs_random_below(r, 6) : symbols;
    if (embedding) w->embedding = values(s, r, symbols * w->input_size, 1);
    double scale = 1 / sqrt((double)hidden);
    for (size_t l = 0; l < layers; l++) {
        size_t in = l ? hidden : w->input_size;
        s->recurrent[l].weight_ih = values(s, r, width * in, l ? scale : 1);
        s->recurrent[l].weight_hh = values(s, r, width * hidden, scale);
        if (rs_random_below(r, 4)) s->recurrent[l].bias_ih = values(s, r, width, scale);
        if (rs_random_below(r, 4)) s->recurrent[l].bias_hh = values(s, r, width, scale);
        if (cell == RS_CELL_PEEPHOLE) s->recurrent[l].peephole = values(s, r, 3 * hidden, 1);
    }
    size_t columns = hidden;
    for (size_t i = 0; i < head; i++) {
        size_t rows = i + 1 == head ? logits : 1 + rs_random_below(r, 40);
        rs_activation a = i + 1 == head ? RS_ACTIVATION_NONE : (rs_activation)rs_random_below(r, 4);
        s->head[i] = (rs_dense){values(s, r, rows * columns, 1 / sqrt((double)columns)), NULL, rows, columns, a};
        if (rs_random_below(r, 4)) s->head[i].bias = values(s, r, rows, 1);
        columns = rows;
    }
    if (rs_random_below(r, 2))
        w->initial = values(s, r, layers * hidden * (rs_cell_has_memory(cell) ? 2 : 1), 1);
    w->recurrent = s->recurrent;
    w->head = s->head;
    w->head_layers = head;
    w->threshold = logits == 1 ? 0.1f : 0;
    w->alphabet = names(&s->alphabet, 'a', symbols);
    w->outputs = names(&s->outputs, 'A', logits == 1 ? 2 : logits);
}

static void sample_free(sample *s) {
    while (s->count) free(s->values[--s->count]);
    rs_names_free(s->alphabet);
    rs_names_free(s->outputs);
}

/* Elman with h' = tanh(x + h / 2), h0 = 1: after "b" (x = 1) it is tanh(1.5), after "ba" tanh(tanh(1.5) / 2 - 1). */
static void known_answer(void) {
    float ih[] = {-1, 1}, hh[] = {0.5f}, initial[] = {1}, weight[] = {2}, bias[] = {-1};
    rs_recurrent recurrent = {.weight_ih = ih, .weight_hh = hh};
    rs_dense head = {weight, bias, 1, 1, RS_ACTIVATION_NONE};
    rs_names *alphabet = NULL, *outputs = NULL;
    rs_network_weights w = {.cell = RS_CELL_TANH, .layers = 1, .hidden = 1, .input_size = 2, .recurrent = &recurrent,
                            .head = &head, .head_layers = 1, .initial = initial, .threshold = 0.5f,
                            .alphabet = names(&alphabet, 'a', 2), .outputs = names(&outputs, 'A', 2)};
    rs_network *net = NULL;
    CHECK_OK(rs_network_new(&net, &w));
    uint32_t word[] = {1, 0}, classes[2] = {9, 9};
    float states[2], logit;
    atomic_uint_fast64_t steps = 0;
    rs_context ctx = {.network_steps = &steps};
    CHECK_OK(rs_network_run(net, word, 2, classes, states, &ctx));
    double first = tanh(1.5), second = tanh(first / 2 - 1);
    CU_ASSERT_DOUBLE_EQUAL((double)states[0], first, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL((double)states[1], second, 1e-6);
    CU_ASSERT(classes[0] == 1 && classes[1] == 0); /* logits 0.81 and -2.0 over the threshold 0.5 */
    CHECK_OK(rs_network_logits(net, 1, states, &logit, NULL));
    CU_ASSERT_DOUBLE_EQUAL((double)logit, 2 * first - 1, 1e-6);
    CU_ASSERT(steps == 2);
    CU_ASSERT(rs_network_parameters(net) == 6 && rs_network_state_size(net) == 1 && rs_network_logits_size(net) == 1);
    CU_ASSERT_STRING_EQUAL(rs_network_format(net), "arrays");
    CU_ASSERT_STRING_EQUAL(rs_network_file(net), "");
    CU_ASSERT_STRING_EQUAL(rs_network_sha256(net), "");
    CU_ASSERT(rs_network_input(net) == RS_INPUT_ONEHOT && rs_network_note(net, 0) == NULL);
    rs_network_free(net);
    rs_names_free(alphabet);
    rs_names_free(outputs);
}

/* One unit of each new cell after one symbol from h = 0.5 (c = 0.25), all weights 1, peepholes 2, -1, 0.5, by hand. */
static void cells_by_hand(void) {
    float one[8] = {1, 1, 1, 1, 1, 1, 1, 1}, initial[2] = {0.5f, 0.25f}, weight[2] = {1, -1}, p[3] = {2, -1, 0.5f};
    rs_dense head = {weight, NULL, 2, 1, RS_ACTIVATION_NONE};
    rs_names *alphabet = NULL, *outputs = NULL;
    rs_network_weights w = {.layers = 1, .hidden = 1, .input_size = 1, .head = &head, .head_layers = 1, .initial = initial,
                            .alphabet = names(&alphabet, 'a', 1), .outputs = names(&outputs, 'A', 2)};
    double s15 = 1 / (1 + exp(-1.5)), hard = 0.8; /* s(1 + 0.5), and 0.2 * 1.5 + 0.5 */
    double reset = tanh(1 + s15 * 0.5), hard_reset = tanh(1 + hard * 0.5);
    double c = s15 * 0.25 + s15 * tanh(1.5);
    double pc = 1 / (1 + exp(-1.25)) * 0.25 + 1 / (1 + exp(-2.0)) * tanh(1.5);
    const struct {
        rs_cell cell;
        float slope;
        double h, c;
    } cases[] = {{RS_CELL_RELU, 0, 1.5, 0},
                 {RS_CELL_TANH, 0, tanh(1.5), 0},
                 {RS_CELL_SIGMOID, 0, s15, 0},
                 {RS_CELL_SIGMOID, 0.2f, hard, 0},
                 {RS_CELL_SIGMOID, 2, 1, 0},
                 {RS_CELL_GRU, 0, (1 - s15) * reset + s15 * 0.5, 0},
                 {RS_CELL_GRU_BEFORE, 0, (1 - s15) * reset + s15 * 0.5, 0}, /* of one unit with weight 1: the same */
                 {RS_CELL_GRU_BEFORE, 0.2f, (1 - hard) * hard_reset + hard * 0.5, 0},
                 {RS_CELL_LSTM, 0, s15 * tanh(c), c},
                 {RS_CELL_PEEPHOLE, 0, tanh(pc) / (1 + exp(-1.5 - 0.5 * pc)), pc}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rs_recurrent recurrent = {.weight_ih = one, .weight_hh = one, .peephole = cases[i].cell == RS_CELL_PEEPHOLE ? p : NULL};
        rs_network *net = NULL;
        uint32_t symbol = 0, class = 9;
        float state[2] = {0, 0};
        w.cell = cases[i].cell;
        w.recurrent = &recurrent;
        w.gate_slope = cases[i].slope;
        CHECK_OK(rs_network_new(&net, &w));
        CU_ASSERT(rs_network_state_size(net) == (rs_cell_has_memory(w.cell) ? 2 : 1));
        CHECK_OK(rs_network_run(net, &symbol, 1, &class, state, NULL));
        CU_ASSERT_DOUBLE_EQUAL((double)state[0], cases[i].h, 3e-7);
        CU_ASSERT_DOUBLE_EQUAL((double)state[1], cases[i].c, 3e-7);
        const rs_network_weights *given = rs_network_arrays(net);
        CU_ASSERT(given->cell == w.cell && given->recurrent[0].weight_ih[0] == 1 && given->recurrent[0].bias_ih[0] == 0);
        CU_ASSERT(!given->recurrent[0].peephole == !recurrent.peephole && given->initial[0] == 0.5f);
        rs_network_free(net);
    }
    rs_names_free(alphabet);
    rs_names_free(outputs);
}

/* Runs one word on both; the largest difference of states and logits. */
static double difference(const rs_network *net, const rs_network_weights *w, rs_random *r, size_t length) {
    size_t S = rs_network_state_size(net), L = rs_network_logits_size(net), symbols = rs_names_count(w->alphabet);
    double *state = malloc(S * sizeof *state), *next = malloc(S * sizeof *next), *logits = malloc(L * sizeof *logits);
    uint32_t *word = malloc(length * sizeof *word), *classes = malloc(length * sizeof *classes);
    float *states = malloc(length * S * sizeof *states), *got = malloc(length * L * sizeof *got);
    double worst = 0;
    for (size_t j = 0; j < S; j++) state[j] = w->initial ? (double)w->initial[j] : 0;
    for (size_t i = 0; i < length; i++) word[i] = (uint32_t)rs_random_below(r, symbols);
    CHECK_OK(rs_network_run(net, word, length, classes, states, NULL));
    CHECK_OK(rs_network_logits(net, length, states, got, NULL));
    for (size_t i = 0; i < length; i++) {
        network_ref_step(w, state, word[i], next);
        double *swap = state;
        state = next;
        next = swap;
        network_ref_logits(w, state, logits);
        for (size_t j = 0; j < S; j++) worst = fmax(worst, fabs(state[j] - (double)states[i * S + j]));
        uint32_t best = 0;
        for (uint32_t j = 0; j < L; j++) {
            worst = fmax(worst, fabs(logits[j] - (double)got[i * L + j]));
            if (got[i * L + j] > got[i * L + best]) best = j;
        }
        if (L == 1) best = got[i] > w->threshold;
        CU_ASSERT(classes[i] == best);
    }
    free(state), free(next), free(logits), free(word), free(classes), free(states), free(got);
    return worst;
}

static void agrees_with_reference(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    const size_t hidden[] = {1, 2, 5, 16, 17, 33};
    for (int cell = 0; cell < RS_CELLS; cell++)
        for (size_t i = 0; i < 24; i++) {
            sample s;
            sample_new(&s, &r, (rs_cell)cell, 1 + i % 3, hidden[i % 6], i % 2, 1 + i / 2 % 3, 1 + i % 4);
            if (i >= 12 && cell >= RS_CELL_SIGMOID) s.weights.gate_slope = i % 4 ? 0.2f : 0.5f;
            rs_network *net = NULL;
            CHECK_OK(rs_network_new(&net, &s.weights));
            double worst = difference(net, &s.weights, &r, 40);
            if (!(worst < 2e-5)) printf("\ncell %d, network %zu: %g\n", cell, i, worst);
            CU_ASSERT(worst < 2e-5);
            CU_ASSERT(rs_network_input(net) == (i % 2 ? RS_INPUT_EMBEDDING : RS_INPUT_ONEHOT));
            rs_network_free(net);
            sample_free(&s);
        }
}

/* A row has the same bits alone, in any batch, at any place, with any number of threads, in place or not. */
static void rows_do_not_depend_on_each_other(void) {
    enum { N = 600 };
    rs_random r = rs_random_new(unit_seed(), 1);
    for (int cell = 0; cell < RS_CELLS; cell++) {
        sample s;
        sample_new(&s, &r, (rs_cell)cell, 2, 19, cell % 2, 2, 3);
        rs_network *net = NULL;
        CHECK_OK(rs_network_new(&net, &s.weights));
        size_t S = rs_network_state_size(net), symbols = rs_names_count(s.alphabet);
        float *states = values(&s, &r, N * S, 1.5), *alone = values(&s, &r, N * S, 1), *next = values(&s, &r, N * S, 1);
        float *alone_logits = values(&s, &r, N * 3, 1), *logits = values(&s, &r, N * 3, 1);
        uint32_t word[N], alone_classes[N], classes[N];
        for (size_t i = 0; i < N; i++) word[i] = (uint32_t)rs_random_below(&r, symbols);
        for (size_t i = 0; i < N; i++) {
            CHECK_OK(rs_network_step(net, 1, states + i * S, word + i, alone + i * S, NULL));
            CHECK_OK(rs_network_logits(net, 1, alone + i * S, alone_logits + i * 3, NULL));
            CHECK_OK(rs_network_classify(net, 1, alone + i * S, alone_classes + i, NULL));
        }
        size_t wrong = 0;
        for (size_t threads = 1; threads <= 3; threads++)
            for (size_t n = 1; n <= N; n += threads == 1 ? 1 : 37) {
                rs_context ctx = {.threads = threads};
                size_t from = (n * 7) % (N - n + 1);
                memcpy(next, states + from * S, n * S * sizeof *next); /* in place */
                CHECK_OK(rs_network_step(net, n, next, word + from, next, &ctx));
                CHECK_OK(rs_network_logits(net, n, next, logits, &ctx));
                CHECK_OK(rs_network_classify(net, n, next, classes, &ctx));
                wrong += memcmp(next, alone + from * S, n * S * sizeof *next) != 0;
                wrong += memcmp(logits, alone_logits + from * 3, n * 3 * sizeof *logits) != 0;
                wrong += memcmp(classes, alone_classes + from, n * sizeof *classes) != 0;
            }
        CU_ASSERT(wrong == 0);
        /* A run is the same steps. */
        float *run = values(&s, &r, N * S, 1);
        CHECK_OK(rs_network_run(net, word, N, classes, run, NULL));
        const float *state = rs_network_initial(net);
        for (size_t i = 0; i < N; i++, state = next) {
            CHECK_OK(rs_network_step(net, 1, state, word + i, next, NULL));
            wrong += memcmp(next, run + i * S, S * sizeof *next) != 0;
        }
        CHECK_OK(rs_network_run(net, word, N, alone_classes, NULL, NULL));
        CU_ASSERT(wrong == 0 && memcmp(classes, alone_classes, sizeof classes) == 0);
        /* So are steps of many words at once. */
        for (size_t n = 1; n <= N / 3; n += 66) {
            rs_context ctx = {.threads = 1 + n % 3};
            CHECK_OK(rs_network_steps(net, n, 3, states, word, alone, &ctx));
            for (size_t t = 0; t < 3; t++) {
                CHECK_OK(rs_network_step(net, n, t ? next : states, word + t * n, next, NULL));
                wrong += memcmp(next, alone + t * n * S, n * S * sizeof *next) != 0;
            }
        }
        CU_ASSERT(wrong == 0);
        rs_network_free(net);
        sample_free(&s);
    }
}

/* The i-th kernel, those of this machine and the one of the tests; NULL after them. */
static const rs_kernel *kernel_get(size_t i) {
    if (i == 0) return &wide;
    return rs_kernel_get(i - 1);
}

/* A dense layer without inputs is the activation of its bias. */
static void activate(const rs_kernel *kernel, rs_activation a, size_t n, const float *x, float *y) {
    kernel->dense(1, 0, NULL, 0, n / kernel->lanes, NULL, x, a, y);
}

/* Units in the last place of `wanted` between the two. */
static double ulps(float got, double wanted) {
    float w = fabsf((float)wanted);
    return fabs((double)got - wanted) / (double)(nextafterf(w, INFINITY) - w);
}

static void activations(void) {
    enum { N = 1 << 16 };
    static float x[N], y[N], first[N];
    for (int a = RS_ACTIVATION_RELU; a <= RS_ACTIVATION_SIGMOID; a++) {
        for (size_t i = 0; i < N; i++) x[i] = (float)((double)i - N / 2) / 2048;
        for (size_t i = 0; i < N; i += 4) x[i] *= 0x1p-12f; /* small ones too */
        const rs_kernel *kernel;
        for (size_t k = 0; (kernel = kernel_get(k)); k++) {
            double worst = 0;
            activate(kernel, (rs_activation)a, N, x, y);
            for (size_t i = 0; i < N; i++) {
                double v = (double)x[i], wanted = a == RS_ACTIVATION_TANH ? tanh(v) : 1 / (1 + exp(-v));
                if (a == RS_ACTIVATION_RELU) wanted = fmax(0, v);
                worst = fmax(worst, ulps(y[i], wanted));
            }
            if (!(worst <= 3)) printf("\nactivation %d of kernel %s: %g ulp\n", a, kernel->name, worst);
            CU_ASSERT(worst <= 3);
            if (!k) memcpy(first, y, sizeof first);
            CU_ASSERT(memcmp(first, y, sizeof first) == 0); /* the same bits on every kernel */
            const float hard[16] = {INFINITY, -INFINITY, 1e30f, -1e30f, 100, -100, 88.8f, -88.8f, 0, -104, NAN, 20, -20, 0x1p-140f};
            activate(kernel, (rs_activation)a, 16, hard, y);
            for (size_t i = 0; i < 8; i++) {
                double low = a == RS_ACTIVATION_TANH ? -1 : 0, high = a == RS_ACTIVATION_RELU ? (double)hard[i] : 1;
                double wanted = hard[i] > 0 ? high : low;
                CU_ASSERT((double)y[i] == wanted || fabs((double)y[i] - wanted) < 1e-37);
            }
            CU_ASSERT(isnan(y[10]));
            CU_ASSERT(y[13] == (a == RS_ACTIVATION_SIGMOID ? 0.5f : 0x1p-140f));
            /* The same bits at every place, and for the gates of cells. */
            float same[16], other[16];
            for (size_t i = 0; i < 16; i++) same[i] = 0.7310586f;
            activate(kernel, (rs_activation)a, 16, same, other);
            kernel->gate(0, 16, same);
            for (size_t i = 0; i < 16; i++) {
                CU_ASSERT(memcmp(other, other + i, sizeof *other) == 0);
                CU_ASSERT(a != RS_ACTIVATION_SIGMOID || memcmp(same, other + i, sizeof *other) == 0);
            }
        }
    }
}

/* Every cell has the same bits on every kernel, for any number of rows; the arithmetic that stands for a missing instruction among them. */
static void kernels_agree(void) {
    enum { N = 130 };
    const size_t hidden[] = {1, 3, 8, 16, 19, 37}, counts[] = {1, 2, 3, 4, 7, 12, 97, N};
    rs_random r = rs_random_new(unit_seed(), 2);
    for (size_t c = 0; c < 2 * RS_CELLS; c++)
        for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
            sample s;
            sample_new(&s, &r, (rs_cell)(c % RS_CELLS), 1 + i % 3, hidden[i], i % 2, 1 + i % 3, 1 + c % 4);
            if (c >= RS_CELLS && c % RS_CELLS >= RS_CELL_SIGMOID) s.weights.gate_slope = 0.2f;
            size_t wrong = 0, L = 0, S = 0;
            float *next = NULL, *logits = NULL, *first = NULL, *first_logits = NULL, *states = NULL;
            uint32_t symbols[N];
            for (size_t j = 0; j < N; j++) symbols[j] = (uint32_t)rs_random_below(&r, rs_names_count(s.alphabet));
            const rs_kernel *kernel;
            for (size_t k = 0; (kernel = kernel_get(k)); k++) {
                rs_network *net = NULL;
                CHECK_OK(rs_network_new_on(&net, &s.weights, kernel));
                S = rs_network_state_size(net), L = rs_network_logits_size(net);
                if (!k) {
                    states = values(&s, &r, N * S, 2), next = values(&s, &r, N * S, 1), first = values(&s, &r, N * S, 1);
                    logits = values(&s, &r, N * L, 1), first_logits = values(&s, &r, N * L, 1);
                }
                for (size_t j = 0; j < sizeof counts / sizeof *counts; j++) {
                    size_t n = counts[j];
                    CHECK_OK(rs_network_step(net, n, states, symbols, next, NULL));
                    CHECK_OK(rs_network_logits(net, n, next, logits, NULL));
                    if (k) wrong += memcmp(next, first, n * S * sizeof *next) || memcmp(logits, first_logits, n * L * sizeof *logits);
                    else if (n == N) memcpy(first, next, N * S * sizeof *next), memcpy(first_logits, logits, N * L * sizeof *logits);
                }
                rs_network_free(net);
            }
            if (wrong) printf("\ncell %zu, %zu units: %zu batches differ\n", c % RS_CELLS, hidden[i], wrong);
            CU_ASSERT(wrong == 0);
            sample_free(&s);
        }
}

static void ties_and_threshold(void) {
    rs_random r = rs_random_new(1, 0);
    sample s;
    sample_new(&s, &r, RS_CELL_TANH, 1, 1, false, 1, 3);
    float zero[3] = {0, 0, 0}, bias[3] = {1, 2, 2}, state = 0;
    s.head[0].weight = zero;
    s.head[0].bias = bias;
    rs_network *net = NULL;
    uint32_t class = 9;
    CHECK_OK(rs_network_new(&net, &s.weights));
    CHECK_OK(rs_network_classify(net, 1, &state, &class, NULL));
    CU_ASSERT(class == 1);
    rs_network_free(net);
    sample_free(&s);
    sample_new(&s, &r, RS_CELL_TANH, 1, 1, false, 1, 1);
    s.head[0].weight = zero;
    s.head[0].bias = bias;
    s.weights.threshold = 1;
    CHECK_OK(rs_network_new(&net, &s.weights));
    CHECK_OK(rs_network_classify(net, 1, &state, &class, NULL));
    CU_ASSERT(class == 0); /* not above the threshold */
    rs_network_free(net);
    sample_free(&s);
}

/* h' = relu(1e30 h), h0 = 1: infinite after two symbols, which a run says. Logits of infinite h are classified as by PyTorch's argmax. */
static void overflow(void) {
    float ih[] = {0, 0}, hh[] = {1e30f}, initial[] = {1}, weight[] = {1, 0, 0}, infinite = INFINITY, states[2];
    rs_recurrent recurrent = {.weight_ih = ih, .weight_hh = hh};
    rs_dense head = {weight, NULL, 3, 1, RS_ACTIVATION_NONE};
    rs_names *alphabet = NULL, *outputs = NULL;
    rs_network_weights w = {.cell = RS_CELL_RELU, .layers = 1, .hidden = 1, .input_size = 2, .recurrent = &recurrent,
                            .head = &head, .head_layers = 1, .initial = initial,
                            .alphabet = names(&alphabet, 'a', 2), .outputs = names(&outputs, 'A', 3)};
    rs_network *net = NULL;
    uint32_t word[] = {1, 0}, classes[2] = {9, 9};
    CHECK_OK(rs_network_new(&net, &w));
    CHECK_OK(rs_network_run(net, word, 1, classes, states, NULL));
    CU_ASSERT(states[0] == 1e30f && classes[0] == 0);
    CHECK_FAILS(rs_network_run(net, word, 2, classes, states, NULL), RS_EINPUT, "after symbol 2 of the word overflows");
    CHECK_FAILS(rs_network_run(net, word, 2, classes, NULL, NULL), RS_EINPUT, "after symbol 2 of the word overflows");
    CHECK_OK(rs_network_classify(net, 1, &infinite, classes, NULL));
    CU_ASSERT(classes[0] == 1); /* of infinity, NaN, NaN the first NaN */
    rs_network_free(net);
    weight[0] = 0;
    weight[1] = 1;
    CHECK_OK(rs_network_new(&net, &w));
    CHECK_OK(rs_network_classify(net, 1, &infinite, classes, NULL));
    CU_ASSERT(classes[0] == 0);
    rs_network_free(net);
    rs_names_free(alphabet);
    rs_names_free(outputs);
}

static void interrupts(void) {
    rs_random r = rs_random_new(1, 0);
    sample s;
    sample_new(&s, &r, RS_CELL_GRU, 1, 3, false, 1, 2);
    rs_network *net = NULL;
    CHECK_OK(rs_network_new(&net, &s.weights));
    volatile sig_atomic_t raised = 1;
    atomic_uint_fast64_t steps = 0;
    rs_context ctx = {.interrupt = &raised, .network_steps = &steps, .threads = 2};
    float states[300 * 3] = {0};
    uint32_t word[300] = {0}, classes[300];
    CHECK_FAILS(rs_network_step(net, 300, states, word, states, &ctx), RS_EINTERRUPTED, "interrupted");
    CHECK_FAILS(rs_network_run(net, word, 300, classes, NULL, &ctx), RS_EINTERRUPTED, "interrupted");
    CHECK_FAILS(rs_network_steps(net, 100, 1, states, word, states, &ctx), RS_EINTERRUPTED, "interrupted");
    CU_ASSERT(steps == 0);
    CHECK_OK(rs_network_step(net, 0, NULL, NULL, NULL, NULL));
    CHECK_OK(rs_network_run(net, NULL, 0, NULL, NULL, NULL));
    rs_network_free(net);
    sample_free(&s);
}

/* Every contradiction is refused with its name; `change` makes one. */
typedef struct refusal {
    void (*change)(sample *s);
    const char *message;
} refusal;

static float bad_values[64] = {0, INFINITY}, zeros[64];
static const rs_recurrent narrow[2] = {{.weight_ih = zeros, .weight_hh = zeros}, {.weight_ih = zeros, .weight_hh = zeros}};

static void no_alphabet(sample *s) { s->weights.alphabet = NULL; }
static void no_outputs(sample *s) { s->weights.outputs = NULL; }
static void no_cell(sample *s) { s->weights.cell = (rs_cell)RS_CELLS; }
static void no_layers(sample *s) { s->weights.layers = 0; }
static void many_layers(sample *s) { s->weights.layers = SIZE_MAX; }
static void no_hidden(sample *s) { s->weights.hidden = 0; }
static void huge_hidden(sample *s) { s->weights.hidden = SIZE_MAX / 2; }
static void no_recurrent(sample *s) { s->weights.recurrent = NULL; }
static void no_input(sample *s) { s->weights.input_size = 0; }
static void other_input(sample *s) { s->weights.input_size++; }
static void no_weight_ih(sample *s) { s->recurrent[0].weight_ih = NULL; }
static void no_weight_hh(sample *s) { s->recurrent[1].weight_hh = NULL; }
static void infinite_ih(sample *s) { s->recurrent[1].weight_ih = bad_values; }
static void infinite_bias(sample *s) { s->recurrent[0].bias_hh = bad_values; }
static void infinite_initial(sample *s) { s->weights.initial = bad_values; }
static void no_head(sample *s) { s->weights.head = NULL; }
static void empty_head(sample *s) { s->weights.head_layers = 0; }
static void head_columns(sample *s) { s->head[0].columns++; }
static void head_rows(sample *s) { s->head[0].rows = 0; }
static void head_chain(sample *s) { s->head[1].columns++; }
static void head_activation(sample *s) { s->head[1].activation = (rs_activation)7; }
static void head_weight(sample *s) { s->head[1].weight = NULL; }
static void head_nan(sample *s) { s->head[1].bias = bad_values; }
static void peephole(sample *s) { s->recurrent[1].peephole = bad_values; }
static void no_peephole(sample *s) { s->weights.cell = RS_CELL_PEEPHOLE; s->weights.hidden = 1; s->head[0].columns = 1; s->weights.recurrent = narrow; }
static void hard_tanh(sample *s) { s->weights.gate_slope = 0.2f; }
static void slope(sample *s) { s->weights.gate_slope = -1; }
static void threshold(sample *s) { s->weights.threshold = NAN; }
static void outputs(sample *s) { s->weights.outputs = s->alphabet; }

static void malformed_weights(void) {
    static const refusal cases[] = {
        {no_alphabet, "the alphabet is missing"}, {no_outputs, "the outputs are missing"}, {no_cell, "no such cell: 7"},
        {no_layers, "the number of layers is 0"}, {many_layers, "the number of layers is"},
        {no_hidden, "the hidden size is 0"}, {huge_hidden, "the hidden size is"}, {no_recurrent, "recurrent layers are missing"},
        {no_input, "the input size is 0"}, {other_input, "but the alphabet has"},
        {no_weight_ih, "weight_ih of layer 0 is missing"}, {no_weight_hh, "weight_hh of layer 1 is missing"},
        {infinite_ih, "weight_ih of layer 1: value 1 is not finite"},
        {infinite_bias, "bias_hh of layer 0: value 1 is not finite"}, {infinite_initial, "initial state"},
        {no_head, "the head is missing"}, {empty_head, "the number of head layers is 0"}, {head_columns, "head layer 0 takes"},
        {head_rows, "rows of a head layer is 0"}, {head_chain, "head layer 1 takes"}, {head_activation, "no such activation: 7"},
        {head_weight, "the head's weight of layer 1 is missing"}, {head_nan, "the head's bias of layer 1: value 1"},
        {peephole, "peepholes of layer 1, which cell tanh has none of"}, {no_peephole, "peephole of layer 0 is missing"},
        {hard_tanh, "a hard sigmoid, but cell tanh has no sigmoid"}, {slope, "the slope of the hard sigmoid is -1"},
        {threshold, "the threshold is not finite"}, {outputs, "4 logits need 4 outputs"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rs_random r = rs_random_new(3, 0);
        sample s;
        sample_new(&s, &r, RS_CELL_TANH, 2, 2, false, 2, 4);
        rs_network *net = NULL;
        cases[i].change(&s);
        CHECK_FAILS(rs_network_new(&net, &s.weights), RS_EINPUT, cases[i].message);
        CU_ASSERT_PTR_NULL(net);
        sample_free(&s);
    }
    /* The table of an embedding is larger than anything that the arrays hold. */
    rs_random r = rs_random_new(3, 0);
    sample s;
    rs_network *net = NULL;
    sample_new(&s, &r, RS_CELL_LSTM, 1, 2, true, 1, 2);
    rs_names *many = NULL;
    s.weights.alphabet = names(&many, 'a', 20);
    s.weights.hidden = (size_t)1 << 24;
    CHECK_FAILS(rs_network_new(&net, &s.weights), RS_EINPUT, "an embedding of 20 symbols is too large");
    rs_names_free(many);
    sample_free(&s);
}

typedef struct sweep {
    const rs_network_weights *weights;
} sweep;

static rs_status sweep_run(void *user) {
    const sweep *s = user;
    rs_network *net = NULL;
    uint32_t word[70] = {0}, classes[70];
    float states[70 * 12] = {0}, logits[70 * 3];
    rs_status status = rs_network_new(&net, s->weights);
    if (status == RS_OK) status = rs_network_run(net, word, 70, classes, NULL, NULL);
    if (status == RS_OK) status = rs_network_step(net, 70, states, word, states, NULL);
    if (status == RS_OK) status = rs_network_logits(net, 70, states, logits, NULL);
    rs_network_free(net);
    return status;
}

static void out_of_memory(void) {
    rs_random r = rs_random_new(1, 0);
    sample s;
    sample_new(&s, &r, RS_CELL_LSTM, 2, 3, true, 2, 3);
    sweep lstm = {&s.weights};
    unit_allocation_sweep(sweep_run, &lstm, 1000);
    sample_free(&s);
    sample_new(&s, &r, RS_CELL_GRU, 2, 3, false, 1, 3);
    sweep gru = {&s.weights};
    unit_allocation_sweep(sweep_run, &gru, 1000);
    sample_free(&s);
    sample_new(&s, &r, RS_CELL_PEEPHOLE, 1, 3, false, 1, 3);
    sweep peephole_lstm = {&s.weights};
    unit_allocation_sweep(sweep_run, &peephole_lstm, 1000);
    sample_free(&s);
}

static const unit_test tests[] = {
    {"an Elman network computed by hand", known_answer},
    {"every cell computed by hand", cells_by_hand},
    {"states and logits agree with the equations in double", agrees_with_reference},
    {"rows do not depend on each other or on threads", rows_do_not_depend_on_each_other},
    {"activations: values, limits, same bits everywhere", activations},
    {"all kernels give the same bits", kernels_agree},
    {"overflow", overflow},
    {"ties go to the lowest class, one logit to its threshold", ties_and_threshold},
    {"interrupts and empty batches", interrupts},
    {"malformed weights are refused", malformed_weights},
    {"out of memory", out_of_memory},
};

UNIT_MAIN("network_step", tests)
