/* The two encodings as text; rs_solver_smt on a product. */
#ifndef RS_SOLVER_SMTLIB_H
#define RS_SOLVER_SMTLIB_H

#include "solver/product.h"

/* Lines above which a text is refused. */
#define RS_SMT_LIMIT ((size_t)10000000)

rs_status rs_smt_chc(char **out, const rs_product *p, const rs_names *alphabet);
rs_status rs_smt_bmc(char **out, const rs_product *p, size_t depth);

#endif
