#include "trace_ref.h"

#include <string.h>

/* Whether an earlier word starts with the first n symbols of word i. */
static bool seen(const rs_words *words, size_t i, size_t n) {
    for (size_t j = 0; j < i; j++) {
        size_t same = 0;
        while (same < n && same < rs_words_length(words, j) && rs_words_symbol(words, j, same) == rs_words_symbol(words, i, same))
            same++;
        if (same == n) return true;
    }
    return false;
}

size_t trace_ref_prefixes(const rs_words *words) {
    size_t count = 1;
    for (size_t i = 0; i < rs_words_count(words); i++)
        for (size_t n = 1; n <= rs_words_length(words, i); n++) count += !seen(words, i, n);
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
