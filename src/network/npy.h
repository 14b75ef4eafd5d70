/* One array in NumPy's format .npy, versions 1.0 to 3.0 (numpy.lib.format): a magic number, the length of a header, the
 * header, which is a Python dictionary of descr, fortran_order and shape, and the numbers. */
#ifndef RS_NETWORK_NPY_H
#define RS_NETWORK_NPY_H

#include "network/tensors.h"

/* Adds the array bytes[length] under `name`. Floating-point numbers of 2, 4 and 8 bytes in either byte order are read,
 * in row-major order whatever the file's was; integers are kept by name and shape. RS_EINPUT: malformed, another type,
 * Python objects. `file` begins the message. */
rs_status rs_npy_add(rs_tensors *tensors, const char *file, const char *name, size_t name_length, const char *bytes,
                     size_t length);

#endif
