#include "report/format.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/status.h"
#include "core/utf8.h"

void rs_report_clean(rs_text *text, const char *value) {
    for (; *value; value++) {
        char c = (unsigned char)*value < 32 || *value == 127 ? '?' : *value;
        rs_text_bytes(text, &c, 1);
    }
}

void rs_report_cell(rs_text *text, const char *value, size_t width) {
    rs_report_clean(text, value);
    for (size_t used = rs_utf8_length(value, strlen(value)); used < width; used++) rs_text_bytes(text, " ", 1);
}

void rs_report_names(rs_text *text, const rs_names *names) {
    const size_t most = 40;
    size_t count = rs_names_count(names);
    for (size_t i = 0; i < count && i < most; i++) {
        if (i) rs_text_add(text, " ");
        rs_report_clean(text, rs_names_get(names, i));
    }
    if (count > most) rs_text_add(text, " ... (%zu in all)", count);
}

void rs_report_network_line(rs_text *text, const rs_network *net) {
    const char *file = rs_network_file(net);
    size_t layers = rs_network_layers(net);
    rs_report_clean(text, *file ? file : "(from arrays)");
    rs_text_add(text, ": %s, %zu layer%s of %zu units", rs_cell_name(rs_network_cell(net)), layers,
                layers == 1 ? "" : "s", rs_network_hidden(net));
}

void rs_report_assuming(rs_text *text, const char *assuming) {
    if (!assuming) return;
    rs_text_add(text, "  assuming ");
    rs_report_clean(text, assuming);
    rs_text_add(text, "\n");
}

void rs_report_verdict_assuming(rs_text *text, const char *names) {
    if (!names) return;
    rs_text_add(text, " assuming=");
    rs_report_clean(text, names);
}

void rs_report_share(rs_text *text, double share) {
    rs_text_add(text, "%.4f", floor(share * 1e4) / 1e4);
}

void rs_report_bound(rs_text *text, double bound) {
    if (!(bound > 0) || !isfinite(bound)) {
        rs_text_add(text, "%g", bound);
        return;
    }
    double unit = pow(10, floor(log10(bound)) - 2), up = floor(bound / unit);
    char digits[32];
    do snprintf(digits, sizeof digits, "%.3g", up++ * unit);
    while (strtod(digits, NULL) < bound);
    rs_text_add(text, "%s", digits);
}

void rs_report_confidence(rs_text *text, double delta) {
    double confidence = delta < DBL_EPSILON ? 1 - DBL_EPSILON : 1 - delta;
    char digits[400]; /* as long as a double can be */
    for (int precision = 6; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, confidence);
        if (strtod(digits, NULL) <= confidence) break;
    }
    rs_text_add(text, "%s", digits);
}

void rs_report_colour(rs_text *text, bool colour, const char *code, const char *value) {
    if (colour) rs_text_add(text, "\033[1;%sm%s\033[0m", code, value);
    else rs_text_add(text, "%s", value);
}

static size_t widest(size_t least, const rs_names *names, const uint32_t *indices, size_t length) {
    for (size_t i = 0; i < length; i++) {
        const char *name = rs_names_get(names, indices[i]);
        size_t width = rs_utf8_length(name, strlen(name));
        if (width > least) least = width;
    }
    return least;
}

void rs_report_moments(rs_text *text, const rs_network *net, const rs_word *word, const uint32_t *outputs, size_t count,
                       const rs_mark *marks, bool colour) {
    const rs_names *alphabet = rs_network_alphabet(net), *classes = rs_network_outputs(net);
    size_t width = widest(strlen("symbol"), alphabet, word->symbols, word->length);
    rs_text_add(text, "  moment  ");
    rs_report_cell(text, "symbol", width);
    rs_text_add(text, "  output\n");
    for (size_t i = 0; i < word->length; i++) {
        rs_text_add(text, "  %6zu  ", i + 1);
        rs_report_cell(text, rs_names_get(alphabet, word->symbols[i]), width);
        rs_text_add(text, "  ");
        rs_report_clean(text, rs_names_get(classes, outputs[i]));
        for (size_t j = 0; j < count; j++) {
            if (marks[j].moment != i + 1) continue;
            rs_text_add(text, "  <-- ");
            rs_report_clean(text, marks[j].name);
            rs_text_add(text, " is ");
            rs_report_colour(text, colour, "31", "violated");
        }
        rs_text_add(text, "\n");
    }
}
