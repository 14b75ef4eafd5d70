/* Networks of one unit whose behaviour on words of every length is known, and what they should be: accepting after the
 * first b. */
#ifndef UNIT_LATCH_H
#define UNIT_LATCH_H

#include "rnnsafe/property.h"
#include "support/layer.h"

static rs_names *alphabet, *outputs;
static rs_automaton *some_b;
static rs_monitor *equal;

static void setup(void) {
    static const uint32_t output[] = {0, 1}, next[] = {0, 1, 1, 1};
    if (equal) return;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "a b"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "reject accept"));
    CHECK_OK(rs_automaton_new(&some_b, alphabet, outputs, 2, 0, output, next, NULL, NULL));
    CHECK_OK(rs_monitor_equal(&equal, some_b, "some_b", alphabet, outputs));
}

/* A latch of one unit: h stays near -1 until b is read, then near 1. `keep`: how strongly it holds; `push`: what a
 * adds. */
static rs_network *latch(rs_cell cell, float keep, float push) {
    static const float zeros[4] = {0}, one[1] = {1};
    float ih[8] = {0}, hh[4] = {0}, bias[4] = {0}, initial[2] = {-.8F, -1.1F};
    size_t at = 0; /* the gate that holds */
    if (cell == RS_CELL_GRU || cell == RS_CELL_GRU_BEFORE) {
        at = 2;
        bias[0] = 10;
        bias[1] = -2;
    } else if (cell == RS_CELL_LSTM) {
        at = 2;
        bias[0] = bias[3] = 10;
        bias[1] = -2;
    }
    hh[at] = keep;
    ih[2 * at] = push;
    ih[2 * at + 1] = 2 * keep;
    const rs_recurrent layer = {.weight_ih = ih, .weight_hh = hh, .bias_ih = bias, .bias_hh = zeros};
    return network_of_layer(cell, 1, &layer, one, initial, alphabet, outputs);
}

static void teardown(void) {
    rs_monitor_free(equal);
    rs_automaton_free(some_b);
    rs_names_free(alphabet);
    rs_names_free(outputs);
}

#endif
