/* Tensors as torch.save describes them in a pickle, whatever container holds their storages. */
#ifndef RS_NETWORK_TORCH_TENSOR_H
#define RS_NETWORK_TORCH_TENSOR_H

#include "network/pickle.h"

/* The container: where storages are found. */
typedef struct rs_torch_source {
    const char *file; /* begins messages */
    size_t length;    /* of the file: honest tensors have no more values than it has bytes */
    bool big_endian;
    const rs_pickle *pickle;
    /* The bytes of the storage `key`, which stay valid until the next call. */
    rs_status (*storage)(const char **bytes, size_t *length, void *user, const rs_pickle_value *key);
    void *user;
} rs_torch_source;

/* A persistent id: a storage by its key. */
typedef struct rs_torch_storage {
    const rs_dtype *dtype;
    const rs_pickle_value *key;
    size_t numbers;
    size_t first, end; /* the part of it that is meant: a view, in numbers */
} rs_torch_storage;

typedef struct rs_torch_view {
    rs_torch_storage storage;
    size_t offset, rank; /* offset: from storage.first */
    size_t shape[RS_TENSOR_RANK], stride[RS_TENSOR_RANK];
} rs_torch_view;

/* RS_EINPUT: `what` is a storage of numbers that are not read, as complex ones. Passes what is no storage. */
rs_status rs_torch_check_storage(const char *file, const char *what, const rs_pickle *p, const rs_pickle_value *v);

/* Whether a value is a call that makes a tensor; it may be malformed. */
bool rs_torch_is_tensor(const rs_pickle *pickle, const rs_pickle_value *value);
/* false: malformed. */
bool rs_torch_parse_storage(rs_torch_storage *out, const rs_pickle *pickle, const rs_pickle_value *value);
bool rs_torch_parse_tensor(rs_torch_view *out, const rs_pickle *pickle, const rs_pickle_value *value);
bool rs_torch_same_view(const rs_torch_view *a, const rs_torch_view *b);

/* Adds the tensor that a value describes. RS_EINPUT: malformed, or beyond its storage. */
rs_status rs_torch_add(rs_tensors *tensors, const rs_torch_source *source, const char *name, size_t name_length,
                       const rs_pickle_value *value);

#endif
