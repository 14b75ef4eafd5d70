#include "trace_ref.h"

#include <string.h>

/* Whether an earlier word starts with the first n symbols of word i. */
static bool seen(const rs_words *words, size_t i, size_t n) {
    size_t length, other;
    const uint32_t *word = rs_words_get(words, i, &length);
    for (size_t j = 0; j < i; j++) {
        const uint32_t *w = rs_words_get(words, j, &other);
        if (other >= n && memcmp(w, word, n * sizeof *w) == 0) return true;
    }
    return false;
}

size_t trace_ref_prefixes(const rs_words *words) {
    size_t count = 1, length;
    for (size_t i = 0; i < rs_words_count(words); i++) {
        rs_words_get(words, i, &length);
        for (size_t n = 1; n <= length; n++) count += !seen(words, i, n);
    }
    return count;
}

rs_status trace_ref_run(float *state, uint32_t *class, const rs_network *net, const uint32_t *word, size_t length) {
    memcpy(state, rs_network_initial(net), rs_network_state_size(net) * sizeof *state);
    for (size_t i = 0; i < length; i++) {
        rs_status status = rs_network_step(net, 1, state, word + i, state, NULL);
        if (status != RS_OK) return status;
    }
    return rs_network_classify(net, 1, state, class, NULL);
}
