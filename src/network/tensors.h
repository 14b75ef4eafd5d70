/* Named tensors, as every reader delivers them: float32 in row-major order, whatever the file's type, strides and byte
 * order were. Where the file has them in row-major order, they may stay there until they are needed, so that what no
 * network uses costs nothing. Integer tensors are kept by name and shape alone: no weight is an integer. */
#ifndef RS_NETWORK_TENSORS_H
#define RS_NETWORK_TENSORS_H

#include "rnnsafe/core.h"

#define RS_TENSOR_RANK 8                    /* dimensions of a tensor, at most */
#define RS_TENSORS_COUNT 4096               /* tensors of a file, at most */
#define RS_TENSORS_VALUES ((size_t)1 << 26) /* values that are made, at most: 256 MiB */

/* A type of numbers in files. */
typedef struct rs_dtype {
    const char *name;              /* "float32" */
    const char *pytorch;           /* class of its storage, "FloatStorage" */
    const char *safetensors;       /* "F32" */
    size_t size;                   /* bytes of one number */
    float (*value)(uint64_t bits); /* rounded to nearest; NULL: integers, which are not read */
} rs_dtype;

/* By its names; NULL: unknown. */
const rs_dtype *rs_dtype_pytorch(const char *storage);
const rs_dtype *rs_dtype_safetensors(const char *name);
/* The number at `bytes`. */
float rs_dtype_read(const rs_dtype *dtype, const unsigned char *bytes, bool big_endian);

typedef struct rs_tensor {
    char *name;
    const rs_dtype *dtype; /* in the file */
    size_t rank;
    size_t shape[RS_TENSOR_RANK];
    size_t count;  /* product of the shape */
    float *values; /* [count]; NULL: integers, or not made yet */
    const unsigned char *bytes; /* where they are, little-endian, row-major, until they are made; NULL: nowhere else */
} rs_tensor;

typedef struct rs_tensors {
    rs_tensor *items; /* [count], in file order */
    size_t count, capacity;
    size_t values; /* floats held */
} rs_tensors;

/* Product of a shape; false: it does not fit size_t. */
bool rs_shape_count(size_t *count, size_t rank, const size_t *shape);

/* Adds a tensor with room for its values, which the caller fills; *out is valid until the next one is added. RS_EINPUT:
 * a name that is empty, repeated or no plain UTF-8, a rank or a total beyond the limits above. `file` begins the
 * message. */
rs_status rs_tensors_add(rs_tensor **out, rs_tensors *tensors, const char *file, const char *name, size_t name_length,
                         const rs_dtype *dtype, size_t rank, const size_t *shape);
/* Adds a tensor whose values stay at `bytes`, which must outlive it, until they are made. The same errors, but that its
 * values do not count. */
rs_status rs_tensors_add_view(rs_tensor **out, rs_tensors *tensors, const char *file, const char *name,
                              size_t name_length, const rs_dtype *dtype, size_t rank, const size_t *shape,
                              const unsigned char *bytes);
/* Makes the values of one of these tensors, if it has any and they are not there. RS_EINPUT: beyond the limit. */
rs_status rs_tensors_make(rs_tensors *tensors, const char *file, rs_tensor *tensor);
/* By name; NULL when absent. */
const rs_tensor *rs_tensors_find(const rs_tensors *tensors, const char *name);
/* Frees what it holds, not `tensors` itself. */
void rs_tensors_free(rs_tensors *tensors);

#endif
