/* rnnsafe/exchange.h - automata, properties and proofs in files. The formats are described in docs/formats.md. */
#ifndef RNNSAFE_EXCHANGE_H
#define RNNSAFE_EXCHANGE_H

#include "rnnsafe/certify.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Reads an automaton from DOT or from our XML, told apart by content: XML starts with '<'. `alphabet` and `outputs` fix the
 * order of names (NULL: the file's). RS_EINPUT as rs_automaton_read_dot. */
rs_status rs_automaton_read(rs_automaton **out, const char *path, const rs_names *alphabet, const rs_names *outputs);

/* Our XML (specs/schema/automaton.xsd) from memory; `name` stands for the file in messages. RS_EINPUT with file, line and
 * column: not well-formed, any document type declaration, an element or attribute out of place, a name that is not declared
 * or declared twice, a state without all transitions, names that `alphabet` or `outputs` lack. */
rs_status rs_automaton_parse_xml(rs_automaton **out, const char *text, size_t length, const char *name,
                                 const rs_names *alphabet, const rs_names *outputs);

/* The registry of what can be written: the i-th format's name, NULL past the last, and its one-line summary, NULL for
 * none of them. */
const char *rs_exchange_format(size_t i);
const char *rs_exchange_summary(const char *format);

/* The automaton in a format, with `properties` (may be NULL) where the format has a place for them; caller frees *text. What
 * can be read back has been: it is the same machine. RS_EUSAGE: unknown format (the message lists them), properties in a format
 * without a place for them. RS_EINPUT: a name that the format cannot hold, properties over other alphabets or outputs. */
rs_status rs_exchange_write(char **text, const char *format, const rs_automaton *a, const rs_properties *properties);

/* ---- Files of proofs (docs/formats.md) ---- */

typedef enum rs_claim {
    RS_CLAIM_PROPERTY, /* the network has a property */
    RS_CLAIM_EQUAL     /* after every non-empty word the network's class is an automaton's output */
} rs_claim;
const char *rs_claim_name(rs_claim claim); /* "property", "equal" */

/* What a file says. It is proved when rs_certificate_check accepts the certificate for a network and a monitor that the
 * caller has: `monitor` only tells which proof is meant for which monitor, and the rest is for people. */
typedef struct rs_proof {
    rs_claim claim;
    const char *name;    /* of the property, or of the automaton; no white space */
    const char *formula; /* of the property; NULL for `equal` */
    char monitor[65];    /* rs_monitor_sha256 */
    rs_certificate certificate;
} rs_proof;

/* The network that the proofs of a file are about. */
typedef struct rs_proof_network {
    char sha256[65];
    rs_cell cell;
    size_t layers, hidden, state_size;
} rs_proof_network;

typedef struct rs_proofs rs_proofs; /* what was read */

/* SHA-256 of the canonical text of a monitor: alphabet, outputs, states with their moves. */
rs_status rs_monitor_sha256(char out[65], const rs_monitor *monitor);
void rs_proof_network_of(rs_proof_network *out, const rs_network *net);

typedef enum rs_proofs_form {
    RS_PROOFS_XML,    /* specs/schema/certificate.xsd */
    RS_PROOFS_COMPACT /* bytes that say the same, about a third as many */
} rs_proofs_form;

/* The bytes of a file, with a 0 byte after the last one; the caller frees them. They have been read back: they say the
 * same. RS_EUSAGE: no proof, a certificate of other weights, a digest that is none. RS_EINPUT: a formula that XML
 * cannot hold, in both forms. */
rs_status rs_proofs_write(char **bytes, size_t *length, rs_proofs_form form, const rs_proof_network *network,
                          size_t count, const rs_proof *proofs);

/* Either form, told apart by the first byte. RS_EINPUT with file, line and column, or file and byte: not well-formed, a
 * document type declaration, an element, an attribute or text out of place, a number out of range or in a second form,
 * a box of another size than the state, a region that is not there, a name twice, no proof; more than 64 MiB or 10,000
 * proofs. Memory: about four times an XML file, nine times a compact one. */
rs_status rs_proofs_read(rs_proofs **out, const char *path);
/* The same from memory; `name` stands for the file in messages. */
rs_status rs_proofs_parse(rs_proofs **out, const char *bytes, size_t length, const char *name);
void rs_proofs_free(rs_proofs *p);
const rs_proof_network *rs_proofs_network(const rs_proofs *p);
size_t rs_proofs_count(const rs_proofs *p);
const rs_proof *rs_proofs_get(const rs_proofs *p, size_t i);

#ifdef __cplusplus
}
#endif
#endif
