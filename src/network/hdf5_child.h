/* The part of the HDF5 reader that runs in the child process, and what it writes:
 *     'D' name, type (one byte), rank, sizes, float32 numbers unless they are integers
 *     'A' object, name, count, texts
 *     'F' a message: the file is refused
 *     'M' out of memory
 *     'E' the end
 * Sizes are size_t, texts a size and bytes, all as they are in memory. A stream without its end is of a child that
 * died. */
#ifndef RS_NETWORK_HDF5_CHILD_H
#define RS_NETWORK_HDF5_CHILD_H

#include <stddef.h>

#define RS_HDF5_TYPES 4
/* Storage classes of PyTorch that stand for the types of datasets; the last one for all integers. */
extern const char *const rs_hdf5_types[RS_HDF5_TYPES];

/* Reads the file and writes the stream to the file descriptor. Runs libhdf5: for the child alone. */
void rs_hdf5_child(int descriptor, const char *bytes, size_t length);

#endif
