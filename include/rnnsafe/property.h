/* rnnsafe/property.h - safety properties and the monitors that watch them.
 *
 * A word a1..an, run on a network or a Moore machine, gives a trace of n moments; moment i is the pair (a_i, o_i) of
 * the symbol read and the output after it. A property is a set of traces. It is violated by a word when some prefix of
 * its trace is a bad prefix: no finite extension over any symbols and outputs satisfies the property. The empty word
 * has no moment and violates nothing. Under an assumption, only prefixes count at every moment of which it holds: a
 * word outside of it violates nothing from that moment on. The language is described in docs/properties.md. */
#ifndef RNNSAFE_PROPERTY_H
#define RNNSAFE_PROPERTY_H

#include "rnnsafe/automaton.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rs_monitor rs_monitor;   /* a complete minimal DFA over letters (symbol, output) with bad states */
typedef struct rs_property rs_property; /* name, formula as written, monitor */
typedef struct rs_properties rs_properties;
typedef struct rs_assumption
    rs_assumption; /* what words are that properties are about: a set of words, closed under prefixes */

/* Reads a file of named properties over this alphabet and these outputs. language("f.dot") is looked up relative to
 * `path`. RS_EINPUT with file, line and column: syntax, unknown or ambiguous atoms, a future operator below a past one,
 * a monitor of more than 100,000 states, a repeated name, a property that no finite word can violate (it has no bad
 * prefix), none at all; an assumption that mentions outputs or the future, or that no word satisfies. Lines `assume
 * NAME: FORMULA` hold for all properties below them. */
rs_status rs_properties_load(rs_properties **out, const char *path, const rs_names *alphabet, const rs_names *outputs);
/* The same from memory; `name` stands for the file in messages and its folder is where languages are looked up. */
rs_status rs_properties_parse(rs_properties **out, const char *text, size_t length, const char *name,
                              const rs_names *alphabet, const rs_names *outputs);
/* A file with assumptions alone, from the widest to the narrowest, since each holds together with those above it.
 * RS_EINPUT: as above, or a property. */
rs_status rs_properties_load_assumptions(rs_properties **out, const char *path, const rs_names *alphabet,
                                         const rs_names *outputs);
/* The one property that an automaton stands for: whatever the network accepts, it accepts. `accept` is the class that
 * counts as accepting in the network's outputs; the automaton (a DFA) must have the same alphabet as a set. */
rs_status rs_properties_from_automaton(rs_properties **out, const rs_automaton *a, const char *name,
                                       const rs_names *alphabet, const rs_names *outputs, uint32_t accept);
/* Moves the properties of `from` behind those of `into`; `from` is left empty, and is freed with rs_properties_free as
 * before. Both must have been read over the same alphabet and outputs in the same order (RS_EUSAGE). RS_EINPUT: a name
 * that both have; `name` is the file that `from` was read from, for the message. Both are unchanged on failure. */
rs_status rs_properties_append(rs_properties *into, rs_properties *from, const char *name);
void rs_properties_free(rs_properties *p);
size_t rs_properties_count(const rs_properties *p);
const rs_property *rs_properties_get(const rs_properties *p, size_t i);

const char *rs_property_name(const rs_property *p);
const char *rs_property_formula(const rs_property *p); /* as written, white space folded */
const rs_monitor *rs_property_monitor(const rs_property *p);

/* What is assumed where the property is; NULL: nothing. Its monitor has it. */
const rs_assumption *rs_property_assumption(const rs_property *p);

/* The assumptions of a list, one for each line: that line with those above it. */
size_t rs_properties_assumptions(const rs_properties *p);
const rs_assumption *rs_properties_assumption(const rs_properties *p, size_t i);
/* Its lines: "NAME,NAME" and "NAME: FORMULA; NAME: FORMULA". */
const char *rs_assumption_names(const rs_assumption *a);
const char *rs_assumption_text(const rs_assumption *a);
/* Whether a word satisfies it: it holds at every moment. */
bool rs_assumption_holds(const rs_assumption *a, const uint32_t *symbols, size_t length);
/* The monitor of the same under an assumption (and what `m` assumes already): its names are those that `m` borrows.
 * RS_EUSAGE: other alphabet or outputs. RS_EINPUT: too many states; no word that satisfies it can violate. Freed with
 * rs_monitor_free. */
rs_status rs_monitor_assume(rs_monitor **out, const rs_monitor *m, const rs_assumption *a);

/* The monitor of: after every non-empty word the class is the automaton's output. Alphabets and outputs are matched by
 * name; `alphabet` and `outputs` are borrowed for the monitor's life; `name` stands for the automaton in messages.
 * RS_EINPUT: not the same alphabet, an output that is no class. Freed with rs_monitor_free. */
rs_status rs_monitor_equal(rs_monitor **out, const rs_automaton *a, const char *name, const rs_names *alphabet,
                           const rs_names *outputs);
/* Of a monitor that is no property's. */
void rs_monitor_free(rs_monitor *m);

/* States 0..n-1; state 0 is the start, before any moment. Bad states are absorbing. A letter is symbol * |outputs| +
 * output. */
size_t rs_monitor_states(const rs_monitor *m);
size_t rs_monitor_letters(const rs_monitor *m);
const rs_names *rs_monitor_alphabet(const rs_monitor *m);
const rs_names *rs_monitor_outputs(const rs_monitor *m);
bool rs_monitor_bad(const rs_monitor *m, size_t state);
/* Whether from here no continuation can become bad. */
bool rs_monitor_safe(const rs_monitor *m, size_t state);
uint32_t rs_monitor_next(const rs_monitor *m, size_t state, uint32_t symbol, uint32_t output);
/* The number of moments after which a bad state is reached first; 0 when the trace is not bad. */
size_t rs_monitor_violation(const rs_monitor *m, const uint32_t *symbols, const uint32_t *outputs, size_t length);

#ifdef __cplusplus
}
#endif
#endif
