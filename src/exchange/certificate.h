/* Files of proofs: what reader and writer share. */
#ifndef RS_EXCHANGE_CERTIFICATE_H
#define RS_EXCHANGE_CERTIFICATE_H

#include "rnnsafe/exchange.h"

#define RS_CERTIFICATE_NAMESPACE "urn:rnnsafe:certificate:1"
#define RS_CERTIFICATE_UNIT "2^-40" /* that all its numbers count */

/* 64 hex digits in lower case. */
bool rs_is_sha256(const char *text, size_t length);

#endif
