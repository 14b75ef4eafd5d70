#include "refine_network.h"

#include <stdlib.h>

rs_status ref_network_of_machine(rs_network **out, const rs_automaton *a) {
    size_t n = rs_automaton_states(a), m = rs_names_count(rs_automaton_alphabet(a));
    size_t k = rs_names_count(rs_automaton_outputs(a)), units = n * m + 1;
    float *W = calloc(units * m, sizeof *W), *U = calloc(units * units, sizeof *U), *b = calloc(units, sizeof *b);
    float *V = calloc(k * units, sizeof *V), *h0 = calloc(units, sizeof *h0);
    if (!W || !U || !b || !V || !h0) abort();
    b[n * m] = -1; /* nothing leads back to the start unit */
    h0[n * m] = 1;
    for (size_t u = 0; u < units; u++) {
        size_t at = u == n * m ? rs_automaton_start(a) : rs_automaton_next(a, u / m, u % m);
        for (size_t s = 0; s < m; s++) U[(at * m + s) * units + u] = 1;
        V[rs_automaton_output(a, at) * units + u] = 1;
    }
    for (size_t u = 0; u < n * m; u++) {
        W[u * m + u % m] = 1;
        b[u] = -1;
    }
    rs_recurrent layer = {.weight_ih = W, .weight_hh = U, .bias_ih = b};
    rs_dense head = {.weight = V, .rows = k, .columns = units};
    rs_network_weights weights = {.cell = RS_CELL_RELU, .layers = 1, .hidden = units, .input_size = m, .recurrent = &layer,
                                  .head = &head, .head_layers = 1, .initial = h0,
                                  .alphabet = rs_automaton_alphabet(a), .outputs = rs_automaton_outputs(a)};
    rs_status status = rs_network_new(out, &weights);
    free(W);
    free(U);
    free(b);
    free(V);
    free(h0);
    return status;
}
