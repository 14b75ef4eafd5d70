/* rs_network_load: the format is told by content, never by the file's name. */
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/sha256.h"
#include "core/status.h"
#include "core/text.h"
#include "network/assemble.h"
#include "network/dynet.h"
#include "network/keras.h"
#include "network/legacy.h"
#include "network/load.h"
#include "network/network.h"
#include "network/npz.h"
#include "network/onnx.h"
#include "network/pytorch.h"
#include "network/safetensors.h"

#define FILE_LIMIT ((size_t)1 << 32)
#define CARD_LIMIT ((size_t)1 << 20)
#define SAVE_HINT                                                                                                      \
    "in Python write torch.save(model.state_dict(), \"NAME.pt\") with PyTorch 1.6 or later, or a safetensors file"

/* The first format that a file is recognised as reads it: zip archives of others stand before PyTorch's. */
static const struct {
    const char *name;
    bool (*recognise)(const char *bytes, size_t length);
    rs_status (*read)(rs_reading *out, const char *file, const char *bytes, size_t length);
} formats[] = {
    {"npz", rs_npz_recognise, rs_npz_read},
    {"keras", rs_keras_recognise, rs_keras_read},
    {"pytorch", rs_pytorch_recognise, rs_pytorch_read},
    {"pytorch-legacy", rs_legacy_recognise, rs_legacy_read},
    {"safetensors", rs_safetensors_recognise, rs_safetensors_read},
    {"onnx", rs_onnx_recognise, rs_onnx_read},
    {"dynet", rs_dynet_recognise, rs_dynet_read},
};

/* What a file is that is not read. */
static const char *describe(const char *bytes, size_t length) {
    if (!length) return "an empty file";
    if (rs_starts(bytes, length, "\x80")) return "a Python pickle, not a PyTorch archive";
    if (rs_starts(bytes, length, "\x93NUMPY")) return "a NumPy array";
    if (rs_starts(bytes, length, "GGUF")) return "a GGUF file";
    if (bytes[0] == '{') return "a JSON text, which can be a card but holds no weights";
    return "no weights file that is known";
}

static rs_status read_weights(rs_reading *out, const char **format, const char *path, const char *bytes,
                              size_t length) {
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].recognise(bytes, length)) {
            *format = formats[i].name;
            return formats[i].read(out, path, bytes, length);
        }
    return rs_fail(RS_EINPUT, "%s: %s; " SAVE_HINT, path, describe(bytes, length));
}

rs_status rs_card_path(char **out, const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    size_t stem = dot && dot != name ? (size_t)(dot - path) : strlen(path);
    rs_text text = {0};
    rs_text_bytes(&text, path, stem);
    rs_text_add(&text, ".json");
    return rs_text_take(out, &text);
}

static rs_status read_card(rs_card *out, char **path, const char *weights, const char *given) {
    rs_status status = RS_OK;
    char *name = NULL, *bytes = NULL;
    size_t length = 0;
    if (given) RS_TRY_ALLOC(name = rs_strdup(given));
    else RS_TRY(rs_card_path(&name, weights));
    if (given || access(name, F_OK) == 0) {
        RS_TRY(rs_file_read(&bytes, &length, name, CARD_LIMIT));
        RS_TRY(rs_card_read(out, name, bytes, length));
    }
    *path = name;
    name = NULL;
cleanup:
    free(name);
    free(bytes);
    return status;
}

rs_status rs_network_load(rs_network **out, const char *path, const rs_network_options *options) {
    static const rs_network_options none = {0};
    static const char unknown[65] = "";
    rs_status status = RS_OK;
    char *card_path = NULL;
    const char *format = NULL;
    rs_mapping file = {0};
    rs_network *net = NULL;
    rs_reading reading = {0};
    rs_card card = {0};
    if (!options) options = &none;
    RS_TRY(rs_file_map(&file, path, FILE_LIMIT));
    RS_TRY(read_weights(&reading, &format, path, file.bytes, file.length));
    RS_TRY(read_card(&card, &card_path, path, options->card));
    RS_TRY(rs_network_assemble(&net, path, unknown, format, card_path, &reading, &card, options));
    rs_sha256_hex(net->sha256, file.bytes, file.length); /* last: of a large file it is most of the time */
    *out = net;
cleanup:
    rs_reading_free(&reading);
    rs_card_free(&card);
    free(card_path);
    rs_file_unmap(&file);
    return status;
}
