/* Where the card of a weights file is. */
#ifndef RS_NETWORK_LOAD_H
#define RS_NETWORK_LOAD_H

#include "rnnsafe/core.h"

/* NAME.json for NAME.pt; the caller frees *out. */
rs_status rs_card_path(char **out, const char *weights);

#endif
