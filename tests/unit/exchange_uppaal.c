/* UPPAAL models: read again by libxml2 and run, against the machine and the monitors that they stand for. */
#include <ctype.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "automaton_ref.h"
#include "support/unit.h"

#include "rnnsafe/exchange.h"

enum { MOST = 64, TEXT = 128 };

/* A template as it stands in the file. */
typedef struct process {
    char name[TEXT];
    size_t locations, edges;
    char id[MOST][TEXT], location[MOST][TEXT]; /* ids and names */
    size_t init;
    size_t from[MOST * 8], to[MOST * 8];
    char channel[MOST * 8][TEXT], update[MOST * 8][TEXT];
    size_t at; /* while it runs */
} process;

typedef struct model {
    process *process; /* [processes] */
    size_t processes, queries;
    char query[8][TEXT], comment[8][TEXT];
    char *declaration, *system;
} model;

static bool is(const xmlNode *node, const char *name) {
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static void copy_content(char out[TEXT], xmlNode *node) {
    xmlChar *text = xmlNodeGetContent(node);
    CU_ASSERT_FATAL(text && strlen((char *)text) < TEXT);
    strcpy(out, (char *)text);
    xmlFree(text);
}

static void copy_attribute(char out[TEXT], xmlNode *node, const char *name) {
    xmlChar *text = xmlGetProp(node, (const xmlChar *)name);
    CU_ASSERT_FATAL(text && strlen((char *)text) < TEXT);
    strcpy(out, (char *)text);
    xmlFree(text);
}

/* The location that a ref leads to; it must exist. */
static size_t find(const process *p, xmlNode *node) {
    char ref[TEXT];
    copy_attribute(ref, node, "ref");
    for (size_t i = 0; i < p->locations; i++)
        if (strcmp(p->id[i], ref) == 0) return i;
    CU_FAIL_FATAL("a reference leads nowhere");
    return 0;
}

static bool identifier(const char *name) {
    if (!isalpha((unsigned char)*name) && *name != '_') return false;
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && *name != '_') return false;
    return true;
}

static void read_template(process *p, xmlNode *node) {
    for (xmlNode *c = node->children; c; c = c->next) {
        if (is(c, "name")) copy_content(p->name, c);
        else if (is(c, "location")) {
            CU_ASSERT_FATAL(p->locations < MOST);
            copy_attribute(p->id[p->locations], c, "id");
            for (xmlNode *d = c->children; d; d = d->next)
                if (is(d, "name")) copy_content(p->location[p->locations], d);
            CU_ASSERT(identifier(p->location[p->locations]));
            p->locations++;
        } else if (is(c, "init")) p->init = p->at = find(p, c);
        else if (is(c, "transition")) {
            CU_ASSERT_FATAL(p->edges < MOST * 8);
            for (xmlNode *d = c->children; d; d = d->next) {
                char kind[TEXT] = "";
                if (is(d, "source")) p->from[p->edges] = find(p, d);
                else if (is(d, "target")) p->to[p->edges] = find(p, d);
                else if (is(d, "label")) {
                    copy_attribute(kind, d, "kind");
                    if (strcmp(kind, "synchronisation") == 0) copy_content(p->channel[p->edges], d);
                    else if (strcmp(kind, "assignment") == 0) copy_content(p->update[p->edges], d);
                    else CU_FAIL("a label of an edge that was not expected");
                }
            }
            p->edges++;
        }
    }
    CU_ASSERT(identifier(p->name));
}

static void read_queries(model *m, xmlNode *node) {
    for (xmlNode *q = node->children; q; q = q->next) {
        if (!is(q, "query")) continue;
        for (xmlNode *c = q->children; c; c = c->next)
            if (is(c, "formula")) copy_content(m->query[m->queries], c);
            else if (is(c, "comment")) copy_content(m->comment[m->queries], c);
        m->queries++;
    }
}

static void read_model(model *m, const char *text) {
    *m = (model){0};
    xmlDocPtr doc = xmlReadMemory(text, (int)strlen(text), "model", NULL, XML_PARSE_NONET);
    CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
    CU_ASSERT(doc->intSubset && strstr((const char *)doc->intSubset->SystemID, "flat-1_2.dtd"));
    xmlNode *root = xmlDocGetRootElement(doc);
    CU_ASSERT(is(root, "nta"));
    m->process = calloc(8, sizeof *m->process);
    const char *order[] = {"declaration", "template", "system", "queries"};
    size_t stage = 0;
    for (xmlNode *c = root->children; c; c = c->next) {
        if (c->type != XML_ELEMENT_NODE) continue;
        while (stage < 4 && !is(c, order[stage])) stage++;
        CU_ASSERT_FATAL(stage < 4);
        if (stage == 0) m->declaration = (char *)xmlNodeGetContent(c);
        if (stage == 1) read_template(&m->process[m->processes++], c);
        if (stage == 2) m->system = (char *)xmlNodeGetContent(c);
        if (stage == 3) read_queries(m, c);
    }
    /* Ids are one of a kind in the whole document. */
    for (size_t i = 0; i < m->processes; i++)
        for (size_t a = 0; a < m->process[i].locations; a++)
            for (size_t j = 0; j <= i; j++)
                for (size_t b = 0; b < (j < i ? m->process[j].locations : a); b++)
                    CU_ASSERT(strcmp(m->process[i].id[a], m->process[j].id[b]) != 0);
    xmlFreeDoc(doc);
}

static void free_model(model *m) {
    xmlFree(m->declaration);
    xmlFree(m->system);
    free(m->process);
}

/* The name of the constant with this value and comment, which is `name` in quotes. */
static void constant(char out[TEXT], const model *m, const char *prefix, size_t value, const char *name) {
    for (const char *line = m->declaration; line && *line; line = strchr(line, '\n'), line += line ? 1 : 0) {
        char id[TEXT], shown[TEXT];
        size_t number;
        if (sscanf(line, "const int %127s = %zu; // %127s", id, &number, shown) != 3) continue;
        if (number != value || strncmp(id, prefix, strlen(prefix)) != 0) continue;
        CU_ASSERT(identifier(id));
        CU_ASSERT(shown[0] == '"' && strncmp(shown + 1, name, strlen(name)) == 0 &&
                  strcmp(shown + 1 + strlen(name), "\"") == 0);
        strcpy(out, id);
        return;
    }
    CU_FAIL_FATAL("a constant is missing");
}

/* The process takes its edge on a channel from where it is; a sender must have exactly one, a listener at most one. */
static bool take(process *p, const char *channel, char update[TEXT]) {
    size_t taken = SIZE_MAX;
    for (size_t e = 0; e < p->edges; e++) {
        if (p->from[e] != p->at || strcmp(p->channel[e], channel) != 0) continue;
        CU_ASSERT(taken == SIZE_MAX);
        taken = e;
    }
    if (taken == SIZE_MAX) return false;
    p->at = p->to[taken];
    if (update) strcpy(update, p->update[taken]);
    return true;
}

/* Runs a word on the model and on the originals. */
static void run_word(model *m, const rs_automaton *a, const rs_properties *properties, const uint32_t *word,
                     size_t length) {
    uint32_t outputs[32];
    size_t q = rs_automaton_start(a);
    for (size_t i = 0; i < m->processes; i++) m->process[i].at = m->process[i].init;
    for (size_t t = 0; t < length; t++) {
        char symbol[TEXT], output[TEXT], channel[3 * TEXT], update[TEXT], wanted[3 * TEXT];
        q = rs_automaton_next(a, q, word[t]);
        outputs[t] = rs_automaton_output(a, q);
        constant(symbol, m, "in_", word[t], rs_names_get(rs_automaton_alphabet(a), word[t]));
        constant(output, m, "out_", outputs[t], rs_names_get(rs_automaton_outputs(a), outputs[t]));
        snprintf(channel, sizeof channel, "step[%s][%s]!", symbol, output);
        snprintf(wanted, sizeof wanted, "symbol = %s, output = %s", symbol, output);
        CU_ASSERT_FATAL(take(&m->process[0], channel, update));
        CU_ASSERT_STRING_EQUAL(update, wanted);
        CU_ASSERT(m->process[0].at == q);
        channel[strlen(channel) - 1] = '?';
        for (size_t i = 1; i < m->processes; i++) {
            const rs_monitor *monitor = rs_property_monitor(rs_properties_get(properties, i - 1));
            process *p = &m->process[i];
            take(p, channel, NULL);
            size_t violated = rs_monitor_violation(monitor, word, outputs, t + 1);
            CU_ASSERT((strcmp(p->location[p->at], "bad") == 0) == (violated != 0));
        }
    }
}

static const char rules[] = "after: Y in=\"(\" -> !out=\"<\"\nno-twice: G !(out=\"&\" & Y out=\"&\")\n"
                            "no.twice: G (in=int -> WX !out=\"\\\\\")\nno_twice_x1: !in=\"(\" W in=\")\"\n";

static rs_automaton *strange(rs_random *r) {
    rs_names *alphabet = NULL, *outputs = NULL, *states = NULL;
    rs_automaton *a = NULL;
    uint32_t output[5], next[5 * 4];
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "( ) int a_x0"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "< & \\"));
    CHECK_OK(rs_names_parse(&states, "states", "( ) state __ _\xc3\xa9"));
    for (size_t i = 0; i < 5; i++) output[i] = (uint32_t)rs_random_below(r, 3);
    for (size_t i = 0; i < 20; i++) next[i] = (uint32_t)rs_random_below(r, 5);
    CHECK_OK(rs_automaton_new(&a, alphabet, outputs, 5, rs_random_below(r, 5), output, next, NULL, states));
    rs_names_free(alphabet);
    rs_names_free(outputs);
    rs_names_free(states);
    return a;
}

static void known(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    rs_automaton *a = strange(&r);
    rs_properties *properties = NULL;
    char *text = NULL;
    model m;
    CHECK_OK(rs_properties_parse(&properties, rules, strlen(rules), "rules", rs_automaton_alphabet(a),
                                 rs_automaton_outputs(a)));
    CHECK_OK(rs_exchange_write(&text, "uppaal", a, properties));
    CU_ASSERT_FATAL(text && properties);
    read_model(&m, text);
    CU_ASSERT(m.processes == 5 && m.queries == 4);
    CU_ASSERT(m.process[0].locations == 5 && m.process[0].edges == 20 && m.process[0].init == rs_automaton_start(a));
    const char *locations[] = {"s___x0", "s___x1", "s_state", "s___", "s_____x4"};
    for (size_t q = 0; q < 5; q++) CU_ASSERT_STRING_EQUAL(m.process[0].location[q], locations[q]);
    const char *names[] = {"Network", "Monitor_after", "Monitor_no_twice_x1", "Monitor_no_twice_x2",
                           "Monitor_no_twice_x1_x3"};
    CU_ASSERT_STRING_EQUAL(
        m.system, "system Network, Monitor_after, Monitor_no_twice_x1, Monitor_no_twice_x2, Monitor_no_twice_x1_x3;");
    for (size_t i = 0; i < 5; i++) CU_ASSERT_STRING_EQUAL(m.process[i].name, names[i]);
    for (size_t i = 0; i < 4; i++) {
        char wanted[TEXT];
        const rs_property *p = rs_properties_get(properties, i);
        const rs_monitor *monitor = rs_property_monitor(p);
        size_t bad = 0, moves = 0;
        for (size_t q = 0; q < rs_monitor_states(monitor); q++) {
            bad += rs_monitor_bad(monitor, q);
            for (size_t l = 0; l < rs_monitor_letters(monitor); l++)
                moves += !rs_monitor_bad(monitor, q) &&
                         rs_monitor_next(monitor, q, (uint32_t)(l / 3), (uint32_t)(l % 3)) != q;
        }
        CU_ASSERT(m.process[i + 1].locations == rs_monitor_states(monitor) - bad + 1 &&
                  m.process[i + 1].edges == moves);
        snprintf(wanted, sizeof wanted, "A[] not %s.bad", names[i + 1]);
        CU_ASSERT_STRING_EQUAL(m.query[i], wanted);
        snprintf(wanted, sizeof wanted, "%s: %s", rs_property_name(p), rs_property_formula(p));
        CU_ASSERT_STRING_EQUAL(m.comment[i], wanted);
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(m.declaration, "broadcast chan step[4][3];"));
    free_model(&m);
    free(text);
    rs_properties_free(properties);
    rs_automaton_free(a);
}

/* Random machines: in every step the model is where machine and monitors are. */
static void lockstep(void) {
    rs_random r = rs_random_new(unit_seed(), 1);
    for (size_t i = 0; i < 20; i++) {
        rs_automaton *a = strange(&r);
        rs_properties *properties = NULL;
        char *text = NULL;
        model m;
        CHECK_OK(rs_properties_parse(&properties, rules, strlen(rules), "rules", rs_automaton_alphabet(a),
                                     rs_automaton_outputs(a)));
        CHECK_OK(rs_exchange_write(&text, "uppaal", a, properties));
        read_model(&m, text);
        for (size_t w = 0; w < 20; w++) {
            uint32_t word[12];
            for (size_t t = 0; t < 12; t++) word[t] = (uint32_t)rs_random_below(&r, 4);
            run_word(&m, a, properties, word, 12);
        }
        free_model(&m);
        free(text);
        rs_properties_free(properties);
        rs_automaton_free(a);
    }
}

static void alone_and_refused(void) {
    rs_random r = rs_random_new(unit_seed(), 2);
    rs_automaton *a = strange(&r), *b = ref_random_machine(&r, 3, 2, 2);
    rs_properties *properties = NULL;
    const char rule[] = "p: in=a0 -> out=o0";
    char *text = NULL;
    model m;
    CHECK_OK(rs_exchange_write(&text, "uppaal", a, NULL));
    read_model(&m, text);
    CU_ASSERT(m.processes == 1 && m.queries == 0);
    CU_ASSERT_STRING_EQUAL(m.system, "system Network;");
    free_model(&m);
    free(text);
    text = NULL;
    CHECK_OK(rs_properties_parse(&properties, rule, strlen(rule), "rule", rs_automaton_alphabet(b),
                                 rs_automaton_outputs(b)));
    CHECK_FAILS(rs_exchange_write(&text, "uppaal", a, properties), RS_EINPUT,
                "property \"p\" is over another alphabet");
    CU_ASSERT_PTR_NULL(text);
    rs_properties_free(properties);
    rs_automaton_free(a);
    rs_automaton_free(b);
    /* Symbols that a UPPAAL integer cannot number. */
    enum { MANY = 32768 };
    rs_names *alphabet = NULL, *outputs = NULL;
    char *list = malloc(MANY * 8), *end = list;
    uint32_t zero = 0, *next = calloc(MANY, sizeof *next);
    for (size_t i = 0; i < MANY; i++) end += sprintf(end, "a%zu ", i);
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", list));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "x"));
    CHECK_OK(rs_automaton_new(&a, alphabet, outputs, 1, 0, &zero, next, NULL, NULL));
    CHECK_FAILS(rs_exchange_write(&text, "uppaal", a, NULL), RS_EINPUT, "cannot count more than 32767");
    rs_automaton_free(a);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    free(list);
    free(next);
}

typedef struct pair {
    rs_automaton *a;
    rs_properties *properties;
} pair;

static rs_status sweep(void *user) {
    const pair *p = user;
    char *text = NULL;
    rs_status status = rs_exchange_write(&text, "uppaal", p->a, p->properties);
    free(text);
    return status;
}

static void out_of_memory(void) {
    rs_random r = rs_random_new(1, 0);
    pair p = {strange(&r), NULL};
    CHECK_OK(rs_properties_parse(&p.properties, rules, strlen(rules), "rules", rs_automaton_alphabet(p.a),
                                 rs_automaton_outputs(p.a)));
    unit_allocation_sweep(sweep, &p, 1000);
    rs_properties_free(p.properties);
    rs_automaton_free(p.a);
}

static const unit_test tests[] = {
    {"templates, names, queries", known},
    {"the model runs in lockstep with machine and monitors", lockstep},
    {"no properties; other alphabets; too many symbols", alone_and_refused},
    {"without memory", out_of_memory},
};
UNIT_MAIN("exchange: UPPAAL", tests)
