/* A letter is worked off in three steps: languages move, every formula without a future operator gets its value, and
 * each obligation is expanded into obligations on the next moment:
 *
 *     f U g = g | (f & strong(f U g))      X f = strong(f)
 *     f R g = g & (f | weak(f R g))       WX f = weak(f)
 *
 * Negation is pushed inwards on the way: an expansion is of (node, negated), and !(f U g) = !f R !g, !X f = WX !f.
 * A past operator keeps one bit: Y and WY the operand's last value; f S g = g | (f & bit), f T g = g & (f | bit), their
 * own. */
#include "property/progress.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

#define WORK_LIMIT 300000000 /* comparisons and evaluations a property; a few seconds */

struct rs_progress {
    const rs_formula *f;
    size_t past_words;  /* 64-bit words of past bits */
    uint32_t *past_bit; /* [nodes]; UINT32_MAX: not a past operator */
    bool *value;        /* [nodes] at this moment, of nodes without future */
    rs_antichain *memo; /* [2*nodes] expansions at this moment */
    size_t *memo_at;    /* [2*nodes] the moment they belong to */
    size_t moment;
    uint32_t *variable;         /* [4*nodes] number of the obligation (node, negated, strong); UINT32_MAX: none yet */
    uint32_t owed[RS_SET_BITS]; /* the inverse */
    size_t variables;
    rs_set strong; /* the obligations that fail when the trace ends */
    rs_pool pool;
    uint64_t *state; /* what is lent */
    size_t capacity;
};

static bool is_past(rs_op op) {
    return op >= RS_OP_YESTERDAY;
}

rs_status rs_progress_new(rs_progress **out, const rs_formula *f) {
    rs_status status = RS_OK;
    size_t bits = 0;
    rs_progress *p = rs_alloc(1, sizeof *p);
    RS_TRY_ALLOC(p);
    p->f = f;
    p->pool.limit = WORK_LIMIT;
    RS_TRY_ALLOC(p->past_bit = rs_alloc(f->count, sizeof *p->past_bit));
    RS_TRY_ALLOC(p->value = rs_alloc(f->count, sizeof *p->value));
    RS_TRY_ALLOC(p->memo = rs_alloc(f->count, 2 * sizeof *p->memo));
    RS_TRY_ALLOC(p->memo_at = rs_alloc(f->count, 2 * sizeof *p->memo_at));
    RS_TRY_ALLOC(p->variable = rs_alloc(f->count, 4 * sizeof *p->variable));
    for (size_t i = 0; i < f->count; i++) p->past_bit[i] = is_past(f->node[i].op) ? (uint32_t)bits++ : UINT32_MAX;
    for (size_t i = 0; i < 4 * f->count; i++) p->variable[i] = UINT32_MAX;
    p->past_words = (bits + 63) / 64;
    *out = p;
    p = NULL;
cleanup:
    rs_progress_free(p);
    return status;
}

void rs_progress_free(rs_progress *p) {
    if (!p) return;
    free(p->past_bit);
    free(p->value);
    free(p->memo);
    free(p->memo_at);
    free(p->variable);
    free(p->pool.set);
    free(p->state);
    free(p);
}

/* The function "at the next moment `node` holds (or, negated, does not)". */
static rs_status owe(rs_antichain *out, rs_progress *p, uint32_t node, bool negated, bool strong) {
    uint32_t key = node * 4 + negated * 2u + strong;
    if (p->variable[key] == UINT32_MAX) {
        size_t v = p->variables;
        if (v == RS_SET_BITS) return rs_fail(RS_EINPUT, "more than %d obligations on the next moment", RS_SET_BITS);
        if (strong) p->strong.bits[v / 64] |= (uint64_t)1 << v % 64;
        p->owed[v] = key;
        p->variable[key] = (uint32_t)v;
        p->variables++;
    }
    return rs_antichain_variable(out, &p->pool, p->variable[key]);
}

/* What `node` holding at this moment (or not) asks of the next one. */
static rs_status expand(rs_antichain *out, rs_progress *p, uint32_t node, bool negated) {
    rs_status status = RS_OK;
    const rs_node *n = &p->f->node[node];
    size_t slot = node * (size_t)2 + negated;
    rs_antichain x, y, self;
    if (p->memo_at[slot] == p->moment) {
        *out = p->memo[slot];
        return RS_OK;
    }
    if (!n->future) {
        RS_TRY(rs_antichain_constant(&x, &p->pool, p->value[node] != negated));
    } else if (n->op == RS_OP_NOT) {
        RS_TRY(expand(&x, p, n->left, !negated));
    } else if (n->op == RS_OP_NEXT || n->op == RS_OP_WEAK_NEXT) {
        RS_TRY(owe(&x, p, n->left, negated, (n->op == RS_OP_NEXT) != negated));
    } else {
        RS_TRY(expand(&x, p, n->left, negated));
        RS_TRY(expand(&y, p, n->right, negated));
        if (n->op == RS_OP_AND || n->op == RS_OP_OR) {
            bool and = (n->op == RS_OP_AND) != negated;
            RS_TRY(and? rs_antichain_and(&x, &p->pool, x, y) : rs_antichain_or(&x, &p->pool, x, y));
        } else {
            bool until = (n->op == RS_OP_UNTIL) != negated;
            RS_TRY(owe(&self, p, node, negated, until));
            if (until) {
                RS_TRY(rs_antichain_and(&x, &p->pool, x, self));
                RS_TRY(rs_antichain_or(&x, &p->pool, y, x));
            } else {
                RS_TRY(rs_antichain_or(&x, &p->pool, x, self));
                RS_TRY(rs_antichain_and(&x, &p->pool, y, x));
            }
        }
    }
    p->memo[slot] = x;
    p->memo_at[slot] = p->moment;
    *out = x;
cleanup:
    return status;
}

static bool past(const rs_progress *p, const uint64_t *state, uint32_t node) {
    uint32_t bit = p->past_bit[node];
    return state[bit / 64] >> bit % 64 & 1;
}

/* Values of all nodes without future, and the past that this moment leaves in p->state. */
static void evaluate(rs_progress *p, const uint64_t *state, uint32_t symbol, uint32_t output) {
    const rs_formula *f = p->f;
    uint64_t *languages = p->state + p->past_words;
    memset(p->state, 0, p->past_words * sizeof *p->state);
    for (size_t j = 0; j < f->languages; j++)
        languages[j] = rs_automaton_next(f->language[j].automaton, (size_t)state[p->past_words + j], symbol);
    for (uint32_t i = 0; i < f->count; i++) {
        const rs_node *n = &f->node[i];
        bool v = false, keep;
        if (n->future) continue;
        switch (n->op) {
        case RS_OP_TRUE:
            v = true;
            break;
        case RS_OP_IN:
            v = n->left == symbol;
            break;
        case RS_OP_OUT:
            v = n->left == output;
            break;
        case RS_OP_WORD: {
            const rs_language *l = &f->language[n->left];
            v = rs_automaton_output(l->automaton, (size_t)languages[n->left]) == l->accept;
            break;
        }
        case RS_OP_NOT:
            v = !p->value[n->left];
            break;
        case RS_OP_AND:
            v = p->value[n->left] && p->value[n->right];
            break;
        case RS_OP_OR:
            v = p->value[n->left] || p->value[n->right];
            break;
        case RS_OP_YESTERDAY:
        case RS_OP_WEAK_YESTERDAY:
            v = past(p, state, i);
            break;
        case RS_OP_SINCE:
            v = p->value[n->right] || (p->value[n->left] && past(p, state, i));
            break;
        case RS_OP_TRIGGER:
            v = p->value[n->right] && (p->value[n->left] || past(p, state, i));
            break;
        default:
            break; /* false; the others have a future */
        }
        p->value[i] = v;
        keep = n->op == RS_OP_YESTERDAY || n->op == RS_OP_WEAK_YESTERDAY ? p->value[n->left] : v;
        if (is_past(n->op) && keep) p->state[p->past_bit[i] / 64] |= (uint64_t)1 << p->past_bit[i] % 64;
    }
    p->pool.work += f->count;
}

/* Room for a state of `sets` sets. */
static rs_status room(rs_progress *p, size_t sets, size_t *words) {
    size_t fixed = p->past_words + p->f->languages;
    *words = fixed + sets * RS_SET_WORDS;
    return rs_reserve((void **)&p->state, &p->capacity, *words + 1, sizeof *p->state); /* never nothing */
}

/* Lends the state with the past that is in p->state and this function. Once the function is constant the past no longer
 * matters, and all such states are one. */
static rs_status lend(const uint64_t **out, size_t *words, rs_progress *p, rs_antichain owed) {
    size_t fixed = p->past_words + p->f->languages, length;
    rs_antichain_sort(&p->pool, owed);
    if (room(p, owed.count, &length) != RS_OK) return RS_EMEMORY;
    if (owed.count) memcpy(p->state + fixed, p->pool.set + owed.first, owed.count * sizeof *p->pool.set);
    bool constant = true;
    for (size_t i = fixed; i < length; i++) constant = constant && !p->state[i];
    if (constant) memset(p->state, 0, fixed * sizeof *p->state);
    *out = p->state;
    *words = length;
    return RS_OK;
}

rs_status rs_progress_start(const uint64_t **state, size_t *words, rs_progress *p) {
    rs_status status = RS_OK;
    rs_antichain all;
    RS_TRY(room(p, 0, words));
    memset(p->state, 0, *words * sizeof *p->state);
    for (size_t i = 0; i < p->f->count; i++) {
        bool held = p->f->node[i].op == RS_OP_WEAK_YESTERDAY || p->f->node[i].op == RS_OP_TRIGGER;
        if (held) p->state[p->past_bit[i] / 64] |= (uint64_t)1 << p->past_bit[i] % 64;
    }
    for (size_t j = 0; j < p->f->languages; j++)
        p->state[p->past_words + j] = rs_automaton_start(p->f->language[j].automaton);
    p->pool.count = 0;
    RS_TRY(owe(&all, p, p->f->root, false, false));
    RS_TRY(lend(state, words, p, all));
cleanup:
    return status;
}

rs_status rs_progress_step(const uint64_t **next, size_t *next_words, rs_progress *p, const uint64_t *state,
                           size_t words, uint32_t symbol, uint32_t output) {
    rs_status status = RS_OK;
    size_t fixed = p->past_words + p->f->languages, ignored;
    rs_antichain any, all, one;
    RS_TRY(room(p, 0, &ignored));
    evaluate(p, state, symbol, output);
    p->pool.count = 0;
    p->moment++;
    RS_TRY(rs_antichain_constant(&any, &p->pool, false));
    for (size_t i = fixed; i < words; i += RS_SET_WORDS) {
        rs_set set;
        memcpy(&set, state + i, sizeof set);
        RS_TRY(rs_antichain_constant(&all, &p->pool, true));
        for (size_t v = 0; v < p->variables; v++) {
            if (!rs_set_has(&set, v)) continue;
            RS_TRY(expand(&one, p, p->owed[v] / 4, p->owed[v] >> 1 & 1));
            RS_TRY(rs_antichain_and(&all, &p->pool, all, one));
        }
        RS_TRY(rs_antichain_or(&any, &p->pool, any, all));
    }
    RS_TRY(lend(next, next_words, p, any));
cleanup:
    return status;
}

bool rs_progress_accepts(const rs_progress *p, const uint64_t *state, size_t words) {
    for (size_t i = p->past_words + p->f->languages; i < words; i += RS_SET_WORDS) {
        bool ok = true;
        for (size_t w = 0; w < RS_SET_WORDS; w++) ok = ok && !(state[i + w] & p->strong.bits[w]);
        if (ok) return true;
    }
    return false;
}
