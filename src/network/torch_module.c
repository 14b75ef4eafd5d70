/* A torch.nn.Module in a pickle is an object whose attributes _parameters, _buffers and _modules are dictionaries; the
 * name of a tensor is the path of keys to it. An object of TorchScript has parameters, buffers and submodules as its
 * own attributes, beside lists of the same tensors. Objects may contain themselves or be shared again and again: the walk
 * has its own stack, and ends at a limit of depth and of things seen. */
#include "network/torch_module.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"

#define DEPTH_LIMIT 64
#define SEEN_LIMIT ((size_t)1 << 20)
#define SAVE_HINT "write torch.save(model.state_dict(), ...) instead"

typedef struct frame {
    const rs_pickle_value *children; /* pairs: name and object */
    size_t next, length;             /* the next pair; length of the object's name with the dot after it */
} frame;

typedef struct walk {
    rs_reading *out;
    const rs_torch_source *source;
    const rs_pickle *pickle;
    rs_status (*visit)(struct walk *w, const rs_pickle_value **children, const rs_pickle_value *object);
    bool (*is_child)(const rs_pickle *p, const rs_pickle_value *value);
    frame frames[DEPTH_LIMIT]; /* [depth] */
    size_t depth, seen;
    rs_text name;         /* of the object, and then of a tensor */
    rs_torch_view *views; /* [view_count] the tensors of a program, for lists that repeat them */
    size_t view_count, view_capacity;
} walk;

static rs_status count_seen(walk *w, size_t count) {
    if (count > SEEN_LIMIT - w->seen)
        return rs_fail(RS_EINPUT, "%s: its objects have more than %zu attributes, or contain themselves",
                       w->source->file, SEEN_LIMIT);
    w->seen += count;
    return RS_OK;
}

/* ---- What a value is ---- */

static bool all_tensors(const rs_pickle *p, const rs_pickle_value *v) {
    for (size_t i = 0; i < rs_pickle_pairs(v); i++)
        if (!rs_torch_is_tensor(p, rs_pickle_at(p, v, i))) return false;
    return v->kind == RS_PICKLE_DICT && rs_pickle_pairs(v) > 0;
}

static bool is_module(const rs_pickle *p, const rs_pickle_value *v) {
    return v->kind == RS_PICKLE_OBJECT && rs_pickle_find(p, v, "_modules") && rs_pickle_find(p, v, "_parameters");
}

/* An object whose class is of this module. */
static bool is_of(const rs_pickle *p, const rs_pickle_value *v, const char *module) {
    const rs_pickle_value *class = v->kind == RS_PICKLE_OBJECT ? rs_pickle_item(p, v, 0) : NULL;
    size_t length = strlen(module);
    return class && class->kind == RS_PICKLE_CLASS && class->length >= length &&
           memcmp(class->text, module, length) == 0;
}

static bool is_program(const rs_pickle *p, const rs_pickle_value *v) {
    return is_of(p, v, "__torch__");
}

/* ---- Tensors ---- */

static rs_status refuse(const walk *w, const char *name, size_t length, const rs_pickle_value *value, const char *not) {
    char text[RS_PICKLE_DESCRIPTION];
    return rs_fail(RS_EINPUT, "%s: \"%.*s\" is %s, not a %s: if this is a checkpoint, " SAVE_HINT, w->source->file,
                   (int)(length < 120 ? length : 120), name, rs_pickle_describe(text, w->pickle, value), not);
}

static rs_status check_key(const walk *w, const rs_pickle_value *key) {
    char text[RS_PICKLE_DESCRIPTION];
    if (key->kind == RS_PICKLE_TEXT) return RS_OK;
    return rs_fail(RS_EINPUT, "%s: a key is %s, not a text", w->source->file,
                   rs_pickle_describe(text, w->pickle, key));
}

static rs_status read_state_dict(walk *w, const rs_pickle_value *dict) {
    rs_status status = RS_OK;
    for (size_t i = 0; i < rs_pickle_pairs(dict); i++) {
        const rs_pickle_value *key = rs_pickle_key(w->pickle, dict, i), *value = rs_pickle_at(w->pickle, dict, i);
        RS_TRY(check_key(w, key));
        if (!rs_torch_is_tensor(w->pickle, value)) return refuse(w, key->text, key->length, value, "tensor");
        RS_TRY(rs_torch_add(&w->out->tensors, w->source, key->text, key->length, value));
    }
cleanup:
    return status;
}

/* The cell, where an object with recurrent weights says it: torch.nn.RNN has `mode` and `nonlinearity`. */
static rs_status say_cell(walk *w, const rs_pickle_value *object) {
    static const char *const cells[][3] = {{"mode", "RNN_RELU", "relu"},     {"mode", "RNN_TANH", "tanh"},
                                           {"mode", "GRU", "gru"},           {"mode", "LSTM", "lstm"},
                                           {"nonlinearity", "relu", "relu"}, {"nonlinearity", "tanh", "tanh"}};
    char **said = &w->out->said.cell;
    for (size_t i = 0; !*said && i < sizeof cells / sizeof *cells; i++) {
        const rs_pickle_value *value = rs_pickle_find(w->pickle, object, cells[i][0]);
        if (value && rs_pickle_is(value, cells[i][1]) && !(*said = rs_strdup(cells[i][2]))) return RS_EMEMORY;
    }
    return RS_OK;
}

/* ---- The walk ---- */

static rs_status add_name(walk *w, size_t length, const char *text, size_t text_length, const char *end) {
    if (w->name.bytes) w->name.bytes[w->name.length = length] = 0;
    rs_text_bytes(&w->name, text, text_length);
    rs_text_add(&w->name, "%s", end);
    return w->name.failed ? RS_EMEMORY : RS_OK;
}

/* Adds the tensor `key` of the object that was entered last. */
static rs_status add_tensor(walk *w, const rs_pickle_value *object, const rs_pickle_value *key,
                            const rs_pickle_value *value) {
    rs_status status = RS_OK;
    RS_TRY(add_name(w, w->frames[w->depth - 1].length, key->text, key->length, ""));
    RS_TRY(rs_torch_add(&w->out->tensors, w->source, w->name.bytes, w->name.length, value));
    if (rs_pickle_is(key, "weight_hh_l0")) RS_TRY(say_cell(w, object));
cleanup:
    return status;
}

static rs_status enter(walk *w, const rs_pickle_value *object) {
    if (w->depth == DEPTH_LIMIT)
        return rs_fail(RS_EINPUT, "%s: modules are nested more than %d deep, or contain themselves", w->source->file,
                       DEPTH_LIMIT);
    rs_status status = count_seen(w, 1 + rs_pickle_pairs(object));
    frame *f = &w->frames[w->depth++];
    *f = (frame){.children = object, .length = w->name.length};
    return status == RS_OK ? w->visit(w, &f->children, object) : status;
}

/* Visits `top` and all objects within, parents first. */
static rs_status run(walk *w, const rs_pickle_value *top) {
    rs_status status = RS_OK;
    RS_TRY(add_name(w, 0, "", 0, ""));
    RS_TRY(enter(w, top));
    while (w->depth) {
        frame *f = &w->frames[w->depth - 1];
        if (f->next == rs_pickle_pairs(f->children)) {
            w->depth--;
            continue;
        }
        const rs_pickle_value *key = rs_pickle_key(w->pickle, f->children, f->next);
        const rs_pickle_value *value = rs_pickle_at(w->pickle, f->children, f->next++);
        RS_TRY(count_seen(w, rs_pickle_pairs(value)));
        if (!w->is_child(w->pickle, value)) continue;
        RS_TRY(check_key(w, key));
        RS_TRY(add_name(w, f->length, key->text, key->length, "."));
        RS_TRY(enter(w, value));
    }
cleanup:
    return status;
}

/* ---- Modules ---- */

/* Whether _non_persistent_buffers_set, a set or a call set([...]), has this name. */
static bool contains(const rs_pickle *p, const rs_pickle_value *set, const rs_pickle_value *name) {
    if (set && set->kind == RS_PICKLE_OBJECT && rs_pickle_item(p, set, 1)->count)
        set = rs_pickle_item(p, rs_pickle_item(p, set, 1), 0);
    if (!set || (set->kind != RS_PICKLE_SET && set->kind != RS_PICKLE_LIST)) return false;
    for (size_t i = 0; i < set->count; i++) {
        const rs_pickle_value *item = rs_pickle_item(p, set, i);
        if (item->kind == RS_PICKLE_TEXT && item->length == name->length &&
            memcmp(item->text, name->text, name->length) == 0)
            return true;
    }
    return false;
}

/* The tensors of a dictionary that is an attribute, but None and those of `without`. */
static rs_status visit_tensors(walk *w, const rs_pickle_value *object, const char *attribute, const char *without) {
    rs_status status = RS_OK;
    const rs_pickle_value *dict = rs_pickle_find(w->pickle, object, attribute);
    const rs_pickle_value *set = without ? rs_pickle_find(w->pickle, object, without) : NULL;
    for (size_t i = 0; dict && i < rs_pickle_pairs(dict); i++) {
        const rs_pickle_value *key = rs_pickle_key(w->pickle, dict, i), *value = rs_pickle_at(w->pickle, dict, i);
        RS_TRY(count_seen(w, 1 + (set ? set->count : 0)));
        RS_TRY(check_key(w, key));
        if (value->kind == RS_PICKLE_NONE || contains(w->pickle, set, key)) continue;
        if (!rs_torch_is_tensor(w->pickle, value)) return refuse(w, key->text, key->length, value, "tensor");
        RS_TRY(add_tensor(w, object, key, value));
    }
cleanup:
    return status;
}

static rs_status visit_module(walk *w, const rs_pickle_value **children, const rs_pickle_value *object) {
    rs_status status = RS_OK;
    const rs_pickle_value *modules = rs_pickle_find(w->pickle, object, "_modules");
    RS_TRY(visit_tensors(w, object, "_parameters", NULL));
    RS_TRY(visit_tensors(w, object, "_buffers", "_non_persistent_buffers_set"));
    for (size_t i = 0; i < rs_pickle_pairs(modules); i++) {
        const rs_pickle_value *key = rs_pickle_key(w->pickle, modules, i), *value = rs_pickle_at(w->pickle, modules, i);
        RS_TRY(count_seen(w, 1 + rs_pickle_pairs(value)));
        RS_TRY(check_key(w, key));
        if (value->kind != RS_PICKLE_NONE && !is_module(w->pickle, value))
            return refuse(w, key->text, key->length, value, "module");
    }
    *children = modules;
cleanup:
    return status;
}

/* ---- TorchScript ---- */

static rs_status keep_view(walk *w, const rs_pickle_value *value) {
    rs_torch_view view = {0};
    rs_status status = RS_OK;
    if (!rs_torch_parse_tensor(&view, w->pickle, value)) return RS_OK; /* adding it says so */
    RS_TRY(rs_reserve((void **)&w->views, &w->view_capacity, w->view_count + 1, sizeof *w->views));
    w->views[w->view_count++] = view;
cleanup:
    return status;
}

static bool is_kept(const walk *w, const rs_pickle_value *value) {
    rs_torch_view view = {0};
    if (!rs_torch_parse_tensor(&view, w->pickle, value)) return false;
    for (size_t i = 0; i < w->view_count; i++)
        if (rs_torch_same_view(&view, &w->views[i])) return true;
    return false;
}

/* Attributes that are tensors. */
static rs_status visit_program(walk *w, const rs_pickle_value **children, const rs_pickle_value *object) {
    rs_status status = RS_OK;
    (void)children; /* among the attributes */
    for (size_t i = 0; i < rs_pickle_pairs(object); i++) {
        const rs_pickle_value *key = rs_pickle_key(w->pickle, object, i), *value = rs_pickle_at(w->pickle, object, i);
        if (!rs_torch_is_tensor(w->pickle, value)) continue;
        RS_TRY(check_key(w, key));
        RS_TRY(add_tensor(w, object, key, value));
        RS_TRY(keep_view(w, value));
    }
cleanup:
    return status;
}

/* The tensors of attributes that are lists, but those that are attributes as well, as all of _flat_weights are. */
static rs_status visit_lists(walk *w, const rs_pickle_value **children, const rs_pickle_value *object) {
    rs_status status = RS_OK;
    (void)children;
    for (size_t i = 0; i < rs_pickle_pairs(object); i++) {
        const rs_pickle_value *key = rs_pickle_key(w->pickle, object, i), *list = rs_pickle_at(w->pickle, object, i);
        if (is_of(w->pickle, list, "torch.jit._pickle") && rs_pickle_item(w->pickle, list, 1)->count)
            list = rs_pickle_item(w->pickle, rs_pickle_item(w->pickle, list, 1), 0);
        if (list->kind != RS_PICKLE_LIST && list->kind != RS_PICKLE_TUPLE) continue;
        RS_TRY(count_seen(w, list->count));
        for (size_t k = 0; k < list->count; k++) {
            const rs_pickle_value *value = rs_pickle_item(w->pickle, list, k);
            char end[32];
            if (!rs_torch_is_tensor(w->pickle, value) || is_kept(w, value)) continue;
            RS_TRY(check_key(w, key));
            snprintf(end, sizeof end, ".%zu", k);
            RS_TRY(add_name(w, w->frames[w->depth - 1].length, key->text, key->length, end));
            RS_TRY(rs_torch_add(&w->out->tensors, w->source, w->name.bytes, w->name.length, value));
            RS_TRY(keep_view(w, value));
        }
    }
cleanup:
    return status;
}

/* ---- All together ---- */

/* The one entry of a checkpoint that holds the model; *out stays NULL when there is none. */
static rs_status find_model(const rs_pickle_value **out, walk *w, const rs_pickle_value *top) {
    static const char *const usual[] = {"state_dict", "model_state_dict", "model"};
    rs_status status = RS_OK;
    size_t found = 0, usual_found = 0, usual_at = 0, at = 0;
    rs_text names = {0};
    char *list = NULL;
    for (size_t i = 0; i < rs_pickle_pairs(top); i++) {
        const rs_pickle_value *key = rs_pickle_key(w->pickle, top, i), *value = rs_pickle_at(w->pickle, top, i);
        RS_TRY(count_seen(w, 1 + rs_pickle_pairs(value)));
        if (key->kind != RS_PICKLE_TEXT || !(all_tensors(w->pickle, value) || is_module(w->pickle, value))) continue;
        if (found < 8)
            rs_text_add(&names, "%s\"%.*s\"", found ? ", " : "", (int)(key->length < 60 ? key->length : 60), key->text);
        found++, at = i;
        for (size_t k = 0; k < sizeof usual / sizeof *usual; k++)
            if (rs_pickle_is(key, usual[k])) usual_found++, usual_at = i;
    }
    RS_TRY(rs_text_take(&list, &names));
    if (usual_found == 1) found = 1, at = usual_at;
    if (found > 1)
        status = rs_fail(RS_EINPUT,
                         "%s: a checkpoint of several models, %s: write torch.save(checkpoint[NAME], ...) for one",
                         w->source->file, list);
    if (found != 1) goto cleanup;
    const rs_pickle_value *key = rs_pickle_key(w->pickle, top, at);
    RS_TRY(rs_reading_note(w->out, "the network is \"%.*s\" of a checkpoint",
                           (int)(key->length < 60 ? key->length : 60), key->text));
    *out = rs_pickle_at(w->pickle, top, at);
cleanup:
    rs_text_free(&names);
    free(list);
    return status;
}

rs_status rs_torch_module(rs_reading *out, const rs_torch_source *source) {
    rs_status status = RS_OK;
    const rs_pickle *p = source->pickle;
    const rs_pickle_value *top = &p->values[p->top], *model = NULL;
    walk w = {.out = out, .source = source, .pickle = p, .visit = visit_module, .is_child = is_module};
    if (top->kind == RS_PICKLE_DICT && rs_pickle_pairs(top) && !all_tensors(p, top))
        RS_TRY(find_model(&model, &w, top));
    if (!model) model = top;
    if (is_module(p, model)) RS_TRY(run(&w, model));
    else if (is_program(p, model)) {
        w.is_child = is_program;
        w.visit = visit_program;
        RS_TRY(run(&w, model));
        w.visit = visit_lists;
        RS_TRY(run(&w, model));
    } else if (model->kind == RS_PICKLE_DICT) RS_TRY(read_state_dict(&w, model));
    else {
        char text[RS_PICKLE_DESCRIPTION];
        status = rs_fail(RS_EINPUT, "%s: the file holds %s, not a state_dict; " SAVE_HINT, source->file,
                         rs_pickle_describe(text, p, model));
    }
cleanup:
    rs_text_free(&w.name);
    free(w.views);
    return status;
}
