/* XML of our own as a stream of elements: what may stand where is a table, and the caller is told what was met. Nothing
 * but that table is read: no document type, no entity of one's own, no other namespace. */
#ifndef RS_EXCHANGE_XML_STREAM_H
#define RS_EXCHANGE_XML_STREAM_H

#include <libxml/parser.h>

#include "automaton/moore.h"

#define RS_XML_ATTRIBUTES 9
#define RS_XML_DEPTH 5
#define RS_XML_LIMIT ((size_t)64 << 20) /* bytes of a document */

/* A borrowed piece of the document; text NULL: an attribute that is not there. */
typedef struct rs_xml_slice {
    const char *text;
    size_t length;
} rs_xml_slice;

/* An element and where it may stand. The document's own parent is 0, the reader numbers its elements from 1. */
typedef struct rs_xml_rule {
    const char *name;
    int parent, element;
    const char *attribute[RS_XML_ATTRIBUTES]; /* without a namespace */
    size_t required;                          /* the first of them */
    bool text;                                /* it holds text, which is given whole at its end */
} rs_xml_rule;

typedef struct rs_xml_stream {
    const char *name;  /* of the file, in messages */
    const char *space; /* the namespace of all elements */
    const rs_xml_rule *rules;
    size_t rule_count;
    /* An element begins, its attributes in the order of its rule; an element ends (NULL: nobody asks). */
    rs_status (*open)(void *user, int element, const rs_xml_slice *attribute);
    rs_status (*close)(void *user, int element, rs_xml_slice text);
    void *user;
    rs_place place; /* of the tag that began last */

    /* Inside. */
    xmlParserCtxtPtr xml;
    rs_status status;                      /* the first failure, which ended the reading */
    const rs_xml_rule *path[RS_XML_DEPTH]; /* open elements from path[1] on */
    size_t depth;
    char *plain[RS_XML_ATTRIBUTES]; /* attribute values with & resolved */
    size_t plain_capacity[RS_XML_ATTRIBUTES];
    char *text; /* of the open element */
    size_t text_length, text_capacity;
} rs_xml_stream;

/* Reads a document to its end. RS_EINPUT with file, line and column; else the first failure of `open` and `close`. */
rs_status rs_xml_stream_read(rs_xml_stream *stream, const char *text, size_t length);

/* Fails at the tag that began last. */
#define RS_XML_FAIL(s, ...) rs_fail_at((s)->name, (s)->place.line, (s)->place.column, __VA_ARGS__)
/* For "%.*s": a slice in a message. */
#define RS_XML_SHOWN(slice) (int)((slice).length < 60 ? (slice).length : 60), (slice).text

#endif
