/* Steps of a network on whole sets of hidden states, in double: what the search for proofs runs. Follows the rules of
 * the checker (certify/form.h, certify/exact.h) without its code, so that what closes here is nearly always accepted
 * there; nothing rests on it. */
#ifndef RS_CERTIFY_DOMAIN_H
#define RS_CERTIFY_DOMAIN_H

#include "certify/affine.h"
#include "rnnsafe/network.h"

typedef struct rs_dense_double {
    double *weight, *bias; /* [rows*columns], [rows] */
    size_t rows, columns;
    rs_activation activation;
} rs_dense_double;

typedef struct rs_layer_double {
    rs_dense_double ih, hh; /* biases of the gates in ih: b_ih + b_hh, of a GRU's n gate b_ih alone */
    double *bias_size;      /* [2*gates*hidden]: |b_ih|, then |b_hh| */
    double *peephole;       /* [3*hidden] or NULL */
} rs_layer_double;

/* A network in double, with room to work on one zone. Not for several threads at once. */
typedef struct rs_domain {
    rs_cell cell;
    size_t layers, hidden, gates, symbols, size; /* size: S, of a state */
    rs_layer_double *layer;                      /* [layers] */
    double *input;                               /* [symbols*gates*hidden]: W x + b of layer 0 */
    double *input_size;                          /* the same: |W||x| + |b_ih| */
    rs_dense_double *head;                       /* [head_layers] */
    size_t head_layers, logits, widest;
    double threshold;
    double *more;   /* [S], zeros at first: what coordinates may be off by beyond the eps of a step */
    double *errors; /* [S]: of rs_domain_rounding, for each coordinate, more or not */
    /* Work forms of a step or of the head: z [(gates+1)*hidden], y [gates*hidden], other [1]; of the head [widest]. */
    rs_affine *z, *y, *other, *forms; /* forms [S + hidden]: of states */
    double *memory;
    size_t works, capacity; /* of z, y and other; generators of a form */
} rs_domain;

/* A set of hidden states: coordinate s is c[s] + sum over i < k of g[s*capacity + i] e[i] with e in [-1, 1]^k, and lies
 * in [lo[s], hi[s]]. */
typedef struct rs_zone {
    double *c, *lo, *hi, *g; /* [S], g [S*capacity] */
    size_t k, capacity;
    /* U h of layer 0, which all symbols share: made by the first step from the zone. */
    rs_affine *product; /* [gates*hidden] */
    bool multiplied;
} rs_zone;

/* For walks of up to `steps` steps from a box. */
rs_status rs_domain_new(rs_domain **out, const rs_network *net, size_t steps);
void rs_domain_free(rs_domain *d);
/* With room for `steps` steps from a box, and to start one more. */
rs_status rs_zone_new(rs_zone *out, const rs_domain *d, size_t steps);
void rs_zone_free(rs_zone *zone);

/* Every point of a box. */
void rs_zone_box(rs_zone *out, const rs_domain *d, const double *lo, const double *hi);
/* All states that a step can give, each coordinate off by up to `eps`; other zones than `from`. False: past all bounds.
 */
bool rs_domain_step(rs_zone *out, rs_domain *d, rs_zone *from, uint32_t symbol, double eps);
/* possible[class] for all classes that a state may have, each logit off by up to `eps`. */
void rs_domain_classes(bool *possible, rs_domain *d, const rs_zone *zone, double eps);
/* Multiplications of a step from k generators, about. */
double rs_domain_work(const rs_domain *d, size_t k);

/* What the checker bounds float32's error of a coordinate beyond its `more` and of a logit by, for |x| <= reach [S]. */
void rs_domain_rounding(double *eps, double *eps_logit, const rs_domain *d, const double *reach);

#endif
