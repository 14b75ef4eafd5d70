/* Cards as text. */
#ifndef RS_NETWORK_CARD_WRITE_H
#define RS_NETWORK_CARD_WRITE_H

#include "network/card.h"

/* The card as JSON that rs_card_read reads back to the same, with a line feed at the end; the caller frees *out. What is
 * silent is left out. The bytes depend on the card alone. */
rs_status rs_card_write(char **out, const rs_card *card);

#endif
