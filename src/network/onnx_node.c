/* A node by itself: its name in messages, its attributes, the operator that it is. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/status.h"
#include "network/onnx_model.h"

/* ---- Names and attributes ---- */

const char *rs_onnx_node_name(const rs_onnx_node *node) {
    if (node->name && *node->name) return node->name;
    for (size_t i = 0; i < node->n_output; i++)
        if (*node->output[i]) return node->output[i];
    return "";
}

rs_status rs_onnx_fail(const rs_onnx *m, const rs_onnx_node *node, const char *format, ...) {
    char text[768];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return rs_fail(RS_EINPUT, "%s: node \"%.100s\" (%.40s): %s", m->file, rs_onnx_node_name(node),
                   node->op_type ? node->op_type : "", text);
}

const Onnx__AttributeProto *rs_onnx_attribute(const rs_onnx_node *node, const char *name) {
    for (size_t i = 0; i < node->n_attribute; i++)
        if (node->attribute[i]->name && strcmp(node->attribute[i]->name, name) == 0) return node->attribute[i];
    return NULL;
}

/* The attribute if it is there; RS_EINPUT unless its type is `type` (older files leave the type out). */
static rs_status typed(const Onnx__AttributeProto **out, const rs_onnx *m, const rs_onnx_node *node, const char *name,
                       int type) {
    *out = rs_onnx_attribute(node, name);
    if (*out && (*out)->has_type && (int)(*out)->type != type)
        return rs_onnx_fail(m, node, "its attribute \"%s\" is of a wrong type", name);
    return RS_OK;
}

rs_status rs_onnx_int(int64_t *out, const rs_onnx *m, const rs_onnx_node *node, const char *name, int64_t otherwise) {
    const Onnx__AttributeProto *attribute;
    rs_status status = typed(&attribute, m, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
    if (status == RS_OK) *out = attribute ? attribute->i : otherwise;
    return status;
}

rs_status rs_onnx_float(float *out, const rs_onnx *m, const rs_onnx_node *node, const char *name, float otherwise) {
    const Onnx__AttributeProto *attribute;
    rs_status status = typed(&attribute, m, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);
    if (status == RS_OK) *out = attribute ? attribute->f : otherwise;
    return status;
}

rs_status rs_onnx_ints(const int64_t **out, size_t *count, const rs_onnx *m, const rs_onnx_node *node,
                       const char *name) {
    const Onnx__AttributeProto *attribute;
    rs_status status = typed(&attribute, m, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    if (status != RS_OK) return status;
    *out = attribute ? attribute->ints : NULL;
    *count = attribute ? attribute->n_ints : 0;
    return RS_OK;
}

rs_status rs_onnx_ints_of(const int64_t **out, size_t *count, const rs_onnx *m, const rs_onnx_node *node,
                          const char *name, rs_onnx_value *const *in, size_t input) {
    *out = NULL;
    *count = 0;
    if (in[input]) {
        const rs_onnx_constant *c = in[input]->constant;
        if (!c || c->reals || c->rank > 1)
            return rs_onnx_fail(m, node, "its input \"%.100s\" (%s) must be constant integers", in[input]->name, name);
        *out = c->integers;
        *count = c->count;
        return RS_OK;
    }
    return rs_onnx_ints(out, count, m, node, name);
}

rs_status rs_onnx_axis(size_t *out, const rs_onnx *m, const rs_onnx_node *node, int64_t axis, size_t rank) {
    if (axis < -(int64_t)rank || axis >= (int64_t)rank)
        return rs_onnx_fail(m, node, "axis %lld of a tensor of %zu dimensions", (long long)axis, rank);
    *out = (size_t)(axis < 0 ? axis + (int64_t)rank : axis);
    return RS_OK;
}

/* ---- Operators ---- */

/* Whether a list with blanks around its words holds the word. */
static bool lists(const char *list, const char *word) {
    size_t length = strlen(word);
    if (!length || strchr(word, ' ')) return false;
    for (const char *at = list; (at = strstr(at, word)); at++)
        if (at[-1] == ' ' && at[length] == ' ') return true;
    return false;
}

static rs_status check_attributes(const rs_onnx *m, const rs_onnx_node *node, const char *known) {
    for (size_t i = 0; i < node->n_attribute; i++) {
        const Onnx__AttributeProto *a = node->attribute[i];
        const char *name = a->name ? a->name : "";
        if (!lists(known, name)) return rs_onnx_fail(m, node, "its attribute \"%.100s\" is not known", name);
        if (a->ref_attr_name && *a->ref_attr_name)
            return rs_onnx_fail(m, node, "its attribute \"%.100s\" is that of a function", name);
    }
    return RS_OK;
}

const rs_onnx_entry *rs_onnx_entry_find(const rs_onnx_entry *table, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].name, name) == 0) return &table[i];
    return NULL;
}

const rs_onnx_entry *rs_onnx_flow_find(const char *name) {
    const rs_onnx_entry *entry = rs_onnx_path_find(name);
    if (!entry) entry = rs_onnx_recurrent_find(name);
    return entry ? entry : rs_onnx_head_find(name);
}

rs_status rs_onnx_find(rs_onnx_operator *out, const rs_onnx *m, const rs_onnx_node *node, bool flows) {
    if (node->domain && *node->domain && strcmp(node->domain, "ai.onnx") != 0)
        return rs_onnx_fail(
            m, node, "an operator of \"%.100s\", not of ONNX; export with ONNX's own operators, functions inlined",
            node->domain);
    const rs_onnx_entry *on_flows = rs_onnx_flow_find(node->op_type), *on_constants = rs_onnx_fold_find(node->op_type);
    const rs_onnx_entry *entry = flows ? on_flows : on_constants;
    if (!entry && !on_flows && !on_constants)
        return rs_onnx_fail(m, node, "this operator is not read; docs/networks.md lists those that are");
    if (!entry)
        return rs_onnx_fail(m, node,
                            flows ? "this operator is not read between the word and the output"
                                  : "this operator is not read on constants alone");
    *out = entry->run;
    return check_attributes(m, node, entry->attributes);
}
