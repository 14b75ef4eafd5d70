/* The edges of a product by their target: what bounded model checking justifies a location with. */
#ifndef RS_SOLVER_REVERSE_H
#define RS_SOLVER_REVERSE_H

#include "solver/product.h"

/* Edges into location l (violated included) are number first[l] to first[l + 1] - 1, in the order of source and
 * symbol. */
typedef struct rs_reverse {
    size_t *first;    /* [locations + 2] */
    size_t *from;     /* [locations * symbols] */
    uint32_t *symbol; /* [locations * symbols] */
} rs_reverse;

/* `v` is zeroed before; freed with rs_reverse_free also after a failure. */
rs_status rs_reverse_new(rs_reverse *v, const rs_product *p);
void rs_reverse_free(rs_reverse *v);

#endif
