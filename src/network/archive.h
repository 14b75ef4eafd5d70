/* Zip archives in memory, as torch.save, numpy.savez and Keras write them. */
#ifndef RS_NETWORK_ARCHIVE_H
#define RS_NETWORK_ARCHIVE_H

#include "rnnsafe/core.h"

typedef struct rs_archive rs_archive;

/* Opens an archive over bytes[length], which must outlive it. `file` begins messages and must outlive it too.
 * RS_EINPUT: no readable zip archive. */
rs_status rs_archive_open(rs_archive **out, const char *file, const char *bytes, size_t length);
void rs_archive_free(rs_archive *archive);

size_t rs_archive_count(const rs_archive *archive);
/* Name of the i-th entry, borrowed; "" when the archive does not say it. */
const char *rs_archive_name(const rs_archive *archive, size_t i);
bool rs_archive_has(const rs_archive *archive, const char *name);

/* The bytes of an entry, with a 0 byte added; freed with free. `stored`: a compressed entry is refused. RS_EINPUT: no
 * such entry, encrypted, truncated, a wrong checksum, or more than `limit` bytes, whatever it claims. */
rs_status rs_archive_read(char **out, size_t *length, const rs_archive *archive, const char *name, size_t limit,
                          bool stored);

#endif
