/* How much memory there is to be had. */
#ifndef RS_TRACE_AVAILABLE_H
#define RS_TRACE_AVAILABLE_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that can be touched without the system ending the program; false where the system does not say. */
bool rs_available(size_t *bytes);

#endif
