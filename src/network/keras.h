/* Reader of Keras files: HDF5, whole models and weights alone (.h5, .weights.h5), and archives (.keras) of Keras 2,
 * tf.keras and Keras 3. */
#ifndef RS_NETWORK_KERAS_H
#define RS_NETWORK_KERAS_H

#include "network/hdf5.h"
#include "network/reading.h"

bool rs_keras_recognise(const char *bytes, size_t length);
/* RS_EINPUT: malformed, or a layer, option or activation that is not read: by name. */
rs_status rs_keras_read(rs_reading *out, const char *file, const char *bytes, size_t length);

/* The second half, for fuzzing: from what HDF5 holds and the model's configuration. `config` NULL: the weights alone,
 * or the one in the attributes of the file. */
rs_status rs_keras_interpret(rs_reading *out, const char *file, const rs_hdf5 *h5, const char *config,
                             size_t config_length, bool keras_3);

#endif
