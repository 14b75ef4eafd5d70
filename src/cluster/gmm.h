/* What is behind a clustering that "gmm" or "gmm-diagonal" has fitted. */
#ifndef RS_CLUSTER_GMM_H
#define RS_CLUSTER_GMM_H

#include "cluster/mixture.h"

/* The model, of points (x - centre) * scale. */
const rs_mixture *rs_gmm_model(const rs_clustering *c, const double **centre /* [d] */, double *scale);

#endif
