/* Distributions of word lengths as text: "uniform:MIN..MAX", "MIN..MAX", "geometric:MIN..MAX:STOP". */
#include <stdio.h>
#include <string.h>

#include "core/status.h"
#include "core/text.h"
#include "trace/words.h"

rs_status rs_lengths_check(const rs_lengths *l) {
    if (l->min > l->max) return rs_fail(RS_EUSAGE, "lengths %zu..%zu: the least is above the most", l->min, l->max);
    if (!l->max) return rs_fail(RS_EUSAGE, "lengths 0..0: the empty word has no output: ask for longer words, as 1..16");
    if (l->max > RS_WORD_LIMIT)
        return rs_fail(RS_EUSAGE, "lengths %zu..%zu: words have at most %zu symbols", l->min, l->max, RS_WORD_LIMIT);
    if (l->kind == RS_LENGTHS_GEOMETRIC && !(l->stop > 0 && l->stop <= 1))
        return rs_fail(RS_EUSAGE, "lengths: the stopping probability %g is not in (0, 1]", l->stop);
    return RS_OK;
}

/* A number of at most 15 digits; moves *text behind it. */
static bool number(const char **text, size_t *out) {
    size_t value = 0, digits = 0;
    for (; **text >= '0' && **text <= '9' && digits < 15; digits++, (*text)++) value = value * 10 + (size_t)(**text - '0');
    *out = value;
    return digits > 0;
}

/* A decimal fraction of at most 15 digits, such as 0.1 or 1, whatever the locale. */
static bool fraction(const char **text, double *out) {
    size_t whole, digits = 0;
    if (!number(text, &whole)) return false;
    double value = 0, scale = 1;
    if (**text == '.')
        for ((*text)++; **text >= '0' && **text <= '9'; digits++, (*text)++) {
            value = value * 10 + (**text - '0');
            scale *= 10;
        }
    *out = (double)whole + value / scale;
    return digits <= 15;
}

static bool skip(const char **text, const char *wanted) {
    size_t length = strlen(wanted);
    if (strncmp(*text, wanted, length) != 0) return false;
    *text += length;
    return true;
}

rs_status rs_lengths_parse(rs_lengths *out, const char *text) {
    rs_lengths l = {.kind = RS_LENGTHS_UNIFORM};
    const char *p = text;
    if (skip(&p, "geometric:")) l.kind = RS_LENGTHS_GEOMETRIC;
    else skip(&p, "uniform:");
    if (!number(&p, &l.min) || !skip(&p, "..") || !number(&p, &l.max) ||
        (l.kind == RS_LENGTHS_GEOMETRIC && (!skip(&p, ":") || !fraction(&p, &l.stop))) || *p)
        return rs_fail(RS_EUSAGE, "lengths \"%s\": write uniform:1..16, 1..16 or geometric:1..100:0.1", text);
    rs_status status = rs_lengths_check(&l);
    if (status == RS_OK) *out = l;
    return status;
}

rs_status rs_lengths_format(char **out, const rs_lengths *l) {
    rs_text text = {0};
    rs_text_add(&text, "%s:%zu..%zu", l->kind == RS_LENGTHS_UNIFORM ? "uniform" : "geometric", l->min, l->max);
    if (l->kind == RS_LENGTHS_GEOMETRIC) {
        char digits[64];
        size_t used = (size_t)snprintf(digits, sizeof digits, ":%.15f", l->stop);
        while (digits[used - 1] == '0') used--;
        if (digits[used - 1] == '.') used--;
        rs_text_bytes(&text, digits, used);
    }
    return rs_text_take(out, &text);
}
