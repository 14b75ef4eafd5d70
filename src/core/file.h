/* Whole files in memory. */
#ifndef RS_CORE_FILE_H
#define RS_CORE_FILE_H

#include "rnnsafe/core.h"

/* Reads a regular file of at most `limit` bytes, with a 0 byte added after the last one; the caller frees *bytes. RS_EINPUT: does not open,
 * a folder or device, too large, changes while it is read. */
rs_status rs_file_read(char **bytes, size_t *length, const char *path, size_t limit);

/* The bytes of a file that are looked at but not all needed, with a 0 byte after the last one. A large file is mapped:
 * it costs no memory and no time but for what is touched. Whoever cuts it short while it is mapped ends the process
 * (SIGBUS); files that are replaced as a whole, as by a rename, are safe. Smaller files are copied. */
typedef struct rs_mapping {
    char *bytes; /* [length], not to be written */
    size_t length;
    bool mapped;
} rs_mapping;
#define RS_FILE_MAPPED ((size_t)1 << 26)

/* The same conditions as rs_file_read. */
rs_status rs_file_map(rs_mapping *out, const char *path, size_t limit);
/* Of {0} too. */
void rs_file_unmap(rs_mapping *mapping);

/* Writes a file whole, beside `path` under another name, which the caller frees. Messages name `path`. */
rs_status rs_file_stage(char **temporary, const char *path, const void *bytes, size_t length);
/* Gives such a file its name; one that cannot have it is gone. */
rs_status rs_file_replace(const char *path, const char *temporary);

/* The folder of a path with its slash ("" when it has none) joined with `relative`, unless that is absolute. */
rs_status rs_file_beside(char **out, const char *path, const char *relative);

#endif
