/* HDF5 files in memory: their datasets and texts, read by libhdf5 in a process of its own.
 *
 * libhdf5 is known to crash, hang and allocate without bound on damaged files, and keeps state of the whole process.
 * So a child process, which is limited in memory, time and files, runs it, and writes what it found into a pipe; what
 * comes out of the pipe is checked as any input is. Links to other files, data in other files and filters from plugins
 * are refused. */
#ifndef RS_NETWORK_HDF5_H
#define RS_NETWORK_HDF5_H

#include "network/tensors.h"

/* An attribute that is a text or an array of texts. */
typedef struct rs_hdf5_attribute {
    char *object, *name; /* path without the first "/", "" for the root */
    char **texts;        /* [count] */
    size_t count, capacity;
} rs_hdf5_attribute;

typedef struct rs_hdf5 {
    rs_tensors datasets; /* named by their paths without the first "/" */
    rs_hdf5_attribute *attributes;
    size_t attribute_count, attribute_capacity;
} rs_hdf5;

/* Reads the file bytes[length]. RS_EINPUT: libhdf5 cannot read it, dies or exceeds its limits; more than tensors.h
 * allows; links or data outside the file; datasets that are no numbers. RS_EMEMORY also when no process can be
 * started. `file` begins messages. Cost: a process, and the file copied twice. */
rs_status rs_hdf5_read(rs_hdf5 *out, const char *file, const char *bytes, size_t length);
/* What comes out of the pipe; public for its tests. */
rs_status rs_hdf5_decode(rs_hdf5 *out, const char *file, const char *bytes, size_t length);
/* By object and name; NULL when absent. */
const rs_hdf5_attribute *rs_hdf5_find(const rs_hdf5 *h, const char *object, const char *name);
/* Frees what it holds, not `h` itself. */
void rs_hdf5_free(rs_hdf5 *h);

#endif
