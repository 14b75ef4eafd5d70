/* Reader of the text files of DyNet (ParameterCollection.save, TextFileSaver), in which studies of automata extraction
 * published their networks. */
#ifndef RS_NETWORK_DYNET_H
#define RS_NETWORK_DYNET_H

#include "network/reading.h"

bool rs_dynet_recognise(const char *bytes, size_t length);
/* RS_EINPUT with the line: malformed, or parameters in the order of no network that is known. */
rs_status rs_dynet_read(rs_reading *out, const char *file, const char *bytes, size_t length);

#endif
