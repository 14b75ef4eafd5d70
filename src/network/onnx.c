/* ONNX models: the file, its limits, and the order of reading.
 *
 * protobuf-c unpacks by recursion and allocates by what the file claims, so the bytes are scanned first, with the same
 * message descriptors: nesting is bounded, and no single message may stand twice, which would be merged. Unpacking then
 * allocates through core/alloc up to a bound that follows from the file's size. */
#include "network/onnx.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "network/onnx_model.h"

#define DEPTH 64      /* of messages */
#define OPSET_FIRST 7 /* from here on RNN, GRU and LSTM mean what they mean today */
#define OPSET_LAST 25 /* the newest that was looked at */
/* Bytes that a file may unpack to: many small messages need more than a few large ones. */
#define SMALL(length) (((size_t)1 << 20) + 32 * (length))
#define LARGE(length) (((size_t)1 << 29) + 4 * (length))
/* Values that folding may make. */
#define FOLDED(length) (((size_t)1 << 20) + 4 * (length))

bool rs_onnx_recognise(const char *bytes, size_t length) {
    /* The IR's version, a small number, and then a field of a model. */
    return length > 2 && bytes[0] == 8 && bytes[1] > 0 && bytes[1] < 32 &&
           memchr("\x12\x1a\x22\x28\x32\x3a\x42", bytes[2], 7);
}

/* ---- Scanning ---- */

typedef struct scanner {
    const char *file;
    const uint8_t *start;
} scanner;

static rs_status fail_damaged(const scanner *s, const uint8_t *at) {
    return rs_fail(RS_EINPUT, "%s: a damaged or cut ONNX model: byte %zu does not continue it", s->file,
                   (size_t)(at - s->start));
}

/* NULL: no number of at most 64 bits. */
static const uint8_t *read_varint(uint64_t *out, const uint8_t *at, const uint8_t *end) {
    uint64_t value = 0;
    for (unsigned shift = 0; at < end && shift < 64; shift += 7) {
        uint8_t byte = *at++;
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) {
            *out = value;
            return at;
        }
    }
    return NULL;
}

static rs_status scan(const scanner *s, const ProtobufCMessageDescriptor *message, const uint8_t *at,
                      const uint8_t *end, unsigned depth) {
    uint64_t seen = 0, tag, size;
    if (depth > DEPTH)
        return rs_fail(RS_EINPUT, "%s: messages are nested deeper than %d at byte %zu", s->file, DEPTH,
                       (size_t)(at - s->start));
    while (at < end) {
        const uint8_t *field_start = at;
        if (!(at = read_varint(&tag, at, end)) || tag >> 3 == 0 || tag > UINT32_MAX)
            return fail_damaged(s, field_start);
        size = (tag & 7) == 1 ? 8 : (tag & 7) == 5 ? 4 : 0;
        if (((tag & 7) == 0 || (tag & 7) == 2) && !(at = read_varint(&size, at, end)))
            return fail_damaged(s, field_start);
        if ((tag & 7) == 3 || (tag & 7) == 4 || (tag & 7) > 5) return fail_damaged(s, field_start);
        if ((tag & 7) == 0) continue;
        if (size > (uint64_t)(end - at)) return fail_damaged(s, field_start);
        const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(message, (unsigned)(tag >> 3));
        if (field && field->type == PROTOBUF_C_TYPE_MESSAGE && (tag & 7) == 2) {
            uint64_t bit = (uint64_t)1 << ((size_t)(field - message->fields) % 64);
            if (field->label != PROTOBUF_C_LABEL_REPEATED && (seen & bit))
                return rs_fail(RS_EINPUT, "%s: \"%s\" of a %s stands twice, at byte %zu", s->file, field->name,
                               message->short_name, (size_t)(field_start - s->start));
            seen |= bit;
            rs_status status = scan(s, field->descriptor, at, at + size, depth + 1);
            if (status != RS_OK) return status;
        }
        at += size;
    }
    return RS_OK;
}

/* ---- Unpacking ---- */

typedef struct bounded {
    size_t left;
    bool exceeded, failed;
} bounded;

static void *bounded_alloc(void *user, size_t size) {
    bounded *b = user;
    if (size > b->left) {
        b->exceeded = true;
        return NULL;
    }
    b->left -= size;
    void *block = rs_alloc(size, 1);
    b->failed = b->failed || !block;
    return block;
}

static void bounded_free(void *user, void *block) {
    (void)user;
    free(block);
}

static rs_status unpack(Onnx__ModelProto **out, const char *file, const uint8_t *bytes, size_t length) {
    bounded b = {.left = SMALL(length) < LARGE(length) ? SMALL(length) : LARGE(length)};
    ProtobufCAllocator allocator = {bounded_alloc, bounded_free, &b};
    scanner s = {file, bytes};
    rs_status status = scan(&s, &onnx__model_proto__descriptor, bytes, bytes + length, 0);
    if (status != RS_OK) return status;
    if ((*out = onnx__model_proto__unpack(&allocator, length, bytes))) return RS_OK;
    if (b.failed) return RS_EMEMORY;
    if (b.exceeded) return rs_fail(RS_EINPUT, "%s: unpacks to far more than its size", file);
    return rs_fail(RS_EINPUT, "%s: a damaged ONNX model", file);
}

/* ---- Reading ---- */

static rs_status check_versions(rs_onnx *m) {
    bool found = false;
    for (size_t i = 0; i < m->proto->n_opset_import; i++) {
        const Onnx__OperatorSetIdProto *set = m->proto->opset_import[i];
        if (set->domain && *set->domain && strcmp(set->domain, "ai.onnx") != 0) continue;
        if (found && m->opset != set->version)
            return rs_fail(RS_EINPUT, "%s: two versions of ONNX's operators, %lld and %lld", m->file,
                           (long long)m->opset, (long long)set->version);
        found = true;
        m->opset = set->version;
    }
    if (!found)
        return rs_fail(RS_EINPUT, "%s: an ONNX model without a version of its operators (opset_import)", m->file);
    if (m->opset < OPSET_FIRST || m->opset > OPSET_LAST)
        return rs_fail(RS_EINPUT,
                       "%s: operators of version %lld: versions %d to %d are read; export with opset_version=17",
                       m->file, (long long)m->opset, OPSET_FIRST, OPSET_LAST);
    if (!m->proto->graph) return rs_fail(RS_EINPUT, "%s: an ONNX model without a graph", m->file);
    if (m->proto->graph->n_sparse_initializer)
        return rs_fail(RS_EINPUT, "%s: sparse initializers are not read; store the weights densely", m->file);
    return RS_OK;
}

static rs_status read_model(rs_onnx *m) {
    rs_status status = RS_OK;
    const rs_onnx_flow *output;
    RS_TRY(check_versions(m));
    RS_TRY(rs_onnx_follow(&output, m));
    RS_TRY(rs_onnx_write_layers(m, output->dense->layer));
    RS_TRY(rs_onnx_write_head(m, output));
    int64_t steps = m->declared[m->time - RS_ONNX_AXIS];
    if (steps)
        RS_TRY(rs_reading_note(m->reading,
                               "the file fixes words to length %lld; the cells are the same for every length",
                               (long long)steps));
    if (m->halves)
        RS_TRY(
            rs_reading_note(m->reading, "the file holds numbers of 16 bits; here every step is computed in float32"));
    if (m->external)
        RS_TRY(rs_reading_note(m->reading,
                               "weights are in other files beside the model, which the SHA-256 does not cover"));
cleanup:
    return status;
}

struct rs_onnx_block {
    rs_onnx_block *next;
    max_align_t bytes[];
};

void *rs_onnx_alloc(rs_onnx *m, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) ||
        __builtin_add_overflow(bytes, offsetof(rs_onnx_block, bytes), &bytes))
        bytes = SIZE_MAX;
    rs_onnx_block *block = rs_alloc(bytes, 1);
    if (!block) return NULL;
    block->next = m->blocks;
    m->blocks = block;
    return block->bytes;
}

rs_status rs_onnx_spend(rs_onnx *m, size_t values) {
    if (values > m->budget)
        return rs_fail(RS_EINPUT, "%s: the constants of the graph become far larger than its weights", m->file);
    m->budget -= values;
    return RS_OK;
}

rs_status rs_onnx_read(rs_reading *out, const char *file, const char *bytes, size_t length) {
    rs_status status = RS_OK;
    rs_reading reading = {0};
    Onnx__ModelProto *proto = NULL;
    rs_onnx m = {.file = file, .reading = &reading, .budget = FOLDED(length)};
    ProtobufCAllocator allocator = {bounded_alloc, bounded_free, NULL};
    RS_TRY(unpack(&proto, file, (const uint8_t *)bytes, length));
    m.proto = proto;
    RS_TRY(read_model(&m));
    *out = reading;
    reading = (rs_reading){0};
cleanup:
    HASH_CLEAR(hh, m.values);
    for (rs_onnx_block *next; m.blocks; m.blocks = next) {
        next = m.blocks->next;
        free(m.blocks);
    }
    rs_onnx_external_free(&m);
    if (proto) onnx__model_proto__free_unpacked(proto, &allocator);
    rs_reading_free(&reading);
    return status;
}
