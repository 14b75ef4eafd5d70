/* The product of a Moore machine and a monitor, on plain arrays: what every engine works on.
 *
 * A location is a pair (q, m) of a machine state and a monitor state that is not bad, numbered q * live + slot[m]. All
 * pairs are locations, reachable or not: which ones a word reaches is what the engines find out, each in its own way.
 * Bad monitor states are absorbing, so that all violations are one more location, the last. Reading symbol a: q' =
 * next(q, a), m' = watch(m, a, output(q')). The output of (start, 0) itself is never read. */
#ifndef RS_SOLVER_PRODUCT_H
#define RS_SOLVER_PRODUCT_H

#include "rnnsafe/property.h"

typedef struct rs_product {
    size_t symbols, outputs;
    size_t states, start;    /* of the machine */
    const uint32_t *next;    /* [states * symbols] */
    const uint32_t *output;  /* [states] */
    size_t watchers, live;   /* states of the monitor, and those that are not bad; state 0 is the start and live */
    const uint32_t *watch;   /* [watchers * symbols * outputs] */
    const bool *bad;         /* [watchers] */
    const uint32_t *slot;    /* [watchers]: number among the live ones */
    const uint32_t *watcher; /* [live]: the inverse */
    size_t locations;        /* states * live; also the number of the violated location */
    size_t initial;          /* location of (start, 0) */
} rs_product;

/* The arrays of `shape` (symbols to bad, without live) are copied; indices must be in range. RS_EINPUT: the monitor's
 * start is bad, which would say that the empty word violates something. RS_EMEMORY: the number of pairs does not
 * fit. */
rs_status rs_product_copy(rs_product **out, const rs_product *shape);
/* The same from the library's objects. RS_EINPUT: their alphabets or outputs differ in names or order. */
rs_status rs_product_new(rs_product **out, const rs_automaton *a, const rs_monitor *m);
void rs_product_free(rs_product *p);

/* The location after `symbol` from a live location; p->locations when that violates. */
size_t rs_product_next(const rs_product *p, size_t location, size_t symbol);

/* Runs a word on machine and monitor, not on locations: the number of symbols after which the monitor is bad first, 0
 * when it never is. */
size_t rs_product_replay(const rs_product *p, const uint32_t *word, size_t length);

#endif
