#include "property_ref.h"

#include <stdlib.h>
#include <string.h>

static bool is(const ref_formula *f, const char *op) {
    return strcmp(f->op, op) == 0;
}

bool ref_formula_holds(const ref_formula *f, const uint32_t *in, const uint32_t *out, size_t n, size_t i) {
    const ref_formula *x = f->left, *y = f->right;
#define HOLDS(g, j) ref_formula_holds(g, in, out, n, j)
    if (is(f, "true")) return true;
    if (is(f, "false")) return false;
    if (is(f, "last")) return i + 1 == n;
    if (is(f, "in")) return in[i] == f->name;
    if (is(f, "out")) return out[i] == f->name;
    if (is(f, "matches")) return ref_regex_matches(f->regex, in, i + 1);
    if (is(f, "!")) return !HOLDS(x, i);
    if (is(f, "&")) return HOLDS(x, i) && HOLDS(y, i);
    if (is(f, "|")) return HOLDS(x, i) || HOLDS(y, i);
    if (is(f, "->")) return !HOLDS(x, i) || HOLDS(y, i);
    if (is(f, "<->")) return HOLDS(x, i) == HOLDS(y, i);
    if (is(f, "X")) return i + 1 < n && HOLDS(x, i + 1);
    if (is(f, "WX")) return i + 1 == n || HOLDS(x, i + 1);
    if (is(f, "Y")) return i > 0 && HOLDS(x, i - 1);
    if (is(f, "WY")) return i == 0 || HOLDS(x, i - 1);
    if (is(f, "F")) {
        for (size_t j = i; j < n; j++)
            if (HOLDS(x, j)) return true;
        return false;
    }
    if (is(f, "G")) {
        for (size_t j = i; j < n; j++)
            if (!HOLDS(x, j)) return false;
        return true;
    }
    if (is(f, "O")) {
        for (size_t j = 0; j <= i; j++)
            if (HOLDS(x, j)) return true;
        return false;
    }
    if (is(f, "H")) {
        for (size_t j = 0; j <= i; j++)
            if (!HOLDS(x, j)) return false;
        return true;
    }
    if (is(f, "U") || is(f, "W")) {
        bool always = true;
        for (size_t j = i; j < n; j++) {
            bool before = true;
            for (size_t k = i; k < j; k++) before = before && HOLDS(x, k);
            if (before && HOLDS(y, j)) return true;
            always = always && HOLDS(x, j);
        }
        return is(f, "W") && always;
    }
    if (is(f, "R")) { /* at every moment y, or x before it */
        for (size_t j = i; j < n; j++) {
            bool released = false;
            for (size_t k = i; k < j; k++) released = released || HOLDS(x, k);
            if (!released && !HOLDS(y, j)) return false;
        }
        return true;
    }
    if (is(f, "S")) {
        for (size_t j = 0; j <= i; j++) {
            bool since = true;
            for (size_t k = j + 1; k <= i; k++) since = since && HOLDS(x, k);
            if (since && HOLDS(y, j)) return true;
        }
        return false;
    }
    if (is(f, "T")) { /* at every moment so far y, or x after it */
        for (size_t j = 0; j <= i; j++) {
            bool released = false;
            for (size_t k = j + 1; k <= i; k++) released = released || HOLDS(x, k);
            if (!released && !HOLDS(y, j)) return false;
        }
        return true;
    }
    abort();
#undef HOLDS
}

bool ref_formula_hope(const ref_formula *f, uint32_t *in, uint32_t *out, size_t n, size_t more, size_t symbols,
                      size_t outputs) {
    if (ref_formula_holds(f, in, out, n, 0)) return true;
    if (!more) return false;
    for (size_t s = 0; s < symbols; s++)
        for (size_t o = 0; o < outputs; o++) {
            in[n] = (uint32_t)s;
            out[n] = (uint32_t)o;
            if (ref_formula_hope(f, in, out, n + 1, more - 1, symbols, outputs)) return true;
        }
    return false;
}

bool ref_formula_future(const ref_formula *f) {
    static const char *const future[] = {"last", "X", "WX", "F", "G", "U", "R", "W"};
    for (size_t i = 0; i < sizeof future / sizeof *future; i++)
        if (is(f, future[i])) return true;
    return (f->left && ref_formula_future(f->left)) || (f->right && ref_formula_future(f->right));
}

/* What comes out of random operators; operands follow. */
static const char *const boolean[] = {"!", "&", "|", "->", "<->"};
static const char *const of_future[] = {"X", "WX", "F", "G", "U", "R", "W"};
static const char *const of_past[] = {"Y", "WY", "O", "H", "S", "T"};

static bool is_binary(const ref_formula *f) {
    return strstr(" & | -> <-> U R W S T ", f->op) != NULL;
}

ref_formula *ref_formula_random(rs_random *r, size_t depth, bool future, size_t symbols, size_t outputs) {
    ref_formula *f = calloc(1, sizeof *f);
    if (!f) abort();
    uint64_t kind = depth ? rs_random_below(r, 10) : 9;
    if (kind < 3) f->op = boolean[rs_random_below(r, 5)];
    else if (kind < 6 && future) f->op = of_future[rs_random_below(r, 7)];
    else if (kind < 8) {
        f->op = of_past[rs_random_below(r, 6)];
        future = false;
    } else {
        switch (rs_random_below(r, outputs ? 12 : 8)) {
        case 0:
            f->op = "true";
            break;
        case 1:
            f->op = "false";
            break;
        case 2:
            f->op = future ? "last" : "true";
            break;
        case 3:
            f->op = "matches";
            f->name = symbols;
            f->regex = ref_regex_random(r, 3, symbols);
            break;
        case 4:
        case 5:
        case 6:
        case 7:
            f->op = "in";
            f->name = rs_random_below(r, symbols);
            break;
        default:
            f->op = "out";
            f->name = rs_random_below(r, outputs);
        }
        return f;
    }
    f->left = ref_formula_random(r, depth - 1, future, symbols, outputs);
    if (is_binary(f)) f->right = ref_formula_random(r, depth - 1, future, symbols, outputs);
    return f;
}

void ref_formula_free(ref_formula *f) {
    if (!f) return;
    ref_formula_free(f->left);
    ref_formula_free(f->right);
    ref_regex_free(f->regex);
    free(f);
}

/* From loose to tight, as docs/properties.md has it; unary operators and atoms last. */
static size_t strength(const ref_formula *f) {
    static const char *const levels[] = {"<->", "->", "|", "&", "U W", "R", "S T"};
    for (size_t i = 0; is_binary(f) && i < 7; i++) {
        if (i < 4 ? is(f, levels[i]) : strstr(levels[i], f->op) != NULL) return i;
    }
    return 7;
}

static const char *pick(rs_random *r, const char *x, const char *y) {
    return rs_random_below(r, 2) ? x : y;
}

static void operand(rs_text *out, const ref_formula *f, bool must, rs_random *r) {
    bool wrap = must || rs_random_below(r, 4) == 0;
    if (wrap) rs_text_add(out, "(");
    ref_formula_print(out, f, r);
    if (wrap) rs_text_add(out, ")");
}

void ref_formula_print(rs_text *out, const ref_formula *f, rs_random *r) {
    if (is_binary(f)) {
        const char *op = f->op;
        if (is(f, "&")) op = pick(r, "&", "&&");
        if (is(f, "|")) op = pick(r, "|", "||");
        if (is(f, "->")) op = pick(r, "->", "=>");
        if (is(f, "<->")) op = pick(r, "<->", "<=>");
        operand(out, f->left, strength(f->left) <= strength(f), r);
        rs_text_add(out, "%s%s%s", pick(r, " ", "  "), op, pick(r, " ", "\t"));
        operand(out, f->right, strength(f->right) < strength(f), r);
    } else if (f->left) {
        rs_text_add(out, "%s%s", is(f, "!") ? pick(r, "!", "~") : f->op, is(f, "!") ? "" : " ");
        operand(out, f->left, strength(f->left) < 7, r);
    } else if (is(f, "in")) {
        rs_text_add(out, "%s%c", pick(r, "in=", ""), (char)('a' + f->name));
    } else if (is(f, "out")) {
        rs_text_add(out, "%s%c", pick(r, "out=", ""), (char)('p' + f->name));
    } else if (is(f, "matches")) {
        rs_text_add(out, "matches(\"");
        ref_regex_print(out, f->regex, f->name, r);
        rs_text_add(out, "\")");
    } else {
        rs_text_add(out, "%s", f->op);
    }
}

ref_regex *ref_regex_random(rs_random *r, size_t depth, size_t symbols) {
    ref_regex *x = calloc(1, sizeof *x);
    if (!x) abort();
    uint64_t kind = depth ? rs_random_below(r, 8) : 7;
    if (kind < 3) x->op = '.';
    else if (kind < 5) x->op = '|';
    else if (kind < 7) x->op = '*';
    else x->op = rs_random_below(r, 10) ? 's' : 'e';
    if (x->op == 's') x->symbols = (uint32_t)(1 + rs_random_below(r, (1u << symbols) - 1));
    if (x->op == '*') {
        static const size_t bounds[][2] = {{0, SIZE_MAX}, {1, SIZE_MAX}, {0, 1}, {2, 2},
                                           {2, SIZE_MAX}, {1, 3},        {0, 2}, {0, 0}};
        size_t i = rs_random_below(r, 8);
        x->min = bounds[i][0];
        x->max = bounds[i][1];
    }
    if (strchr(".|*", x->op)) x->left = ref_regex_random(r, depth - 1, symbols);
    if (strchr(".|", x->op)) x->right = ref_regex_random(r, depth - 1, symbols);
    return x;
}

void ref_regex_free(ref_regex *x) {
    if (!x) return;
    ref_regex_free(x->left);
    ref_regex_free(x->right);
    free(x);
}

void ref_regex_print(rs_text *out, const ref_regex *x, size_t symbols, rs_random *r) {
    if (x->op == 's') {
        uint32_t all = (1u << symbols) - 1, set = x->symbols;
        bool one = !(set & (set - 1)), negate = set != all && !one && rs_random_below(r, 2);
        if (set == all && rs_random_below(r, 2)) {
            rs_text_add(out, ".");
            return;
        }
        if (!one) rs_text_add(out, negate ? "[^" : "[");
        for (size_t s = 0; s < symbols; s++)
            if ((set >> s & 1) != negate) {
                bool quote = rs_random_below(r, 5) == 0;
                rs_text_add(out, quote ? "'%c'%s" : "%c%s", (char)('a' + s), pick(r, "", " "));
            }
        if (!one) rs_text_add(out, "]");
    } else if (x->op == '*') {
        rs_text_add(out, "(");
        ref_regex_print(out, x->left, symbols, r);
        rs_text_add(out, ")");
        if (x->min == 0 && x->max == SIZE_MAX) rs_text_add(out, "*");
        else if (x->min == 1 && x->max == SIZE_MAX) rs_text_add(out, "+");
        else if (x->min == 0 && x->max == 1) rs_text_add(out, "?");
        else if (x->max == SIZE_MAX) rs_text_add(out, "{%zu,}", x->min);
        else if (x->min == x->max) rs_text_add(out, "{%zu}", x->min);
        else rs_text_add(out, "{%zu, %zu}", x->min, x->max);
    } else if (x->op == 'e') {
        rs_text_add(out, "()");
    } else {
        bool wrap = x->op == '|' || rs_random_below(r, 4) == 0;
        if (wrap) rs_text_add(out, "(");
        ref_regex_print(out, x->left, symbols, r);
        if (x->op == '|') rs_text_add(out, "|");
        ref_regex_print(out, x->right, symbols, r);
        if (wrap) rs_text_add(out, ")");
    }
}

/* Where a match of x can end that begins at one of `starts`; both are bit masks of positions 0..n. */
static uint64_t ends(const ref_regex *x, const uint32_t *word, size_t n, uint64_t starts) {
    uint64_t result = 0;
    switch (x->op) {
    case 'e':
        return starts;
    case 's':
        for (size_t i = 0; i < n; i++)
            if (starts >> i & 1 && x->symbols >> word[i] & 1) result |= (uint64_t)1 << (i + 1);
        return result;
    case '.':
        return ends(x->right, word, n, ends(x->left, word, n, starts));
    case '|':
        return ends(x->left, word, n, starts) | ends(x->right, word, n, starts);
    default:
        /* After n + 1 more rounds nothing new can come. */
        for (size_t k = 0; k <= x->max && k <= x->min + n + 1; k++) {
            if (k >= x->min) result |= starts;
            starts = ends(x->left, word, n, starts);
        }
        return result;
    }
}

bool ref_regex_matches(const ref_regex *x, const uint32_t *word, size_t n) {
    return ends(x, word, n, 1) >> n & 1;
}
