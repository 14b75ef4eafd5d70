/* Whole files in memory. */
#ifndef RS_CORE_FILE_H
#define RS_CORE_FILE_H

#include "rnnsafe/core.h"

/* Reads a regular file of at most `limit` bytes, with a 0 byte added after the last one; the caller frees *bytes. RS_EINPUT: does not open,
 * a folder or device, too large, changes while it is read. */
rs_status rs_file_read(char **bytes, size_t *length, const char *path, size_t limit);

/* The folder of a path with its slash ("" when it has none) joined with `relative`, unless that is absolute. */
rs_status rs_file_beside(char **out, const char *path, const char *relative);

#endif
