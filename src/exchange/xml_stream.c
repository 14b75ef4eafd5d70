/* A stream of elements by libxml2, so that no tree grows with hostile input. A document type declaration ends the
 * reading before any entity of it is seen; nothing is fetched; foreign elements are refused, and text where none belongs. */
#include "exchange/xml_stream.h"

#include <libxml/SAX2.h>
#include <libxml/parserInternals.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

#define XSI_NAMESPACE "http://www.w3.org/2001/XMLSchema-instance"
#define BLANK " \t\r\n"

static void stop(rs_xml_stream *s, rs_status status) {
    if (status == RS_OK || s->status != RS_OK) return;
    s->status = status;
    xmlStopParser(s->xml);
}

/* Where the tag begins that the parser has just read: no '<' is inside a tag. A tag on one line counts back, in
 * characters, from the parser's column, because lines may be as long as the file; one on several looks for its line's
 * beginning, and each is passed once. */
static rs_place tag_place(const rs_xml_stream *s) {
    const xmlParserInput *in = s->xml->input;
    const xmlChar *at = in->cur;
    size_t lines = 0, width = 0, column = 1, end = in->col > 0 ? (size_t)in->col : 1;
    while (at > in->base && *at != '<') {
        lines += *--at == '\n';
        width += (*at & 0xc0) != 0x80;
    }
    if (!lines) column = end > width ? end - width : 1;
    for (; lines && at > in->base && at[-1] != '\n'; at--) column += (at[-1] & 0xc0) != 0x80;
    return (rs_place){(size_t)in->line - lines, column};
}

/* libxml2 gives & as &#38;, for those who would replace entities later; so every & begins one. */
static rs_status resolve(rs_xml_stream *s, size_t k, rs_xml_slice *value) {
    rs_status status = RS_OK;
    static const char reference[] = "&#38;";
    size_t length = 0, skip = strlen(reference);
    if (!memchr(value->text, '&', value->length)) return RS_OK;
    RS_TRY(rs_reserve((void **)&s->plain[k], &s->plain_capacity[k], value->length, 1));
    for (size_t i = 0; i < value->length; i++) {
        char c = s->plain[k][length++] = value->text[i];
        if (c == '&' && value->length - i >= skip && memcmp(value->text + i, reference, skip) == 0) i += skip - 1;
    }
    *value = (rs_xml_slice){s->plain[k], length};
cleanup:
    return status;
}

static rs_status open_element(rs_xml_stream *s, const char *name, const char *uri, size_t count,
                              const xmlChar **attributes) {
    const rs_xml_rule *rule = NULL;
    rs_xml_slice value[RS_XML_ATTRIBUTES] = {{NULL, 0}};
    int parent = s->depth ? s->path[s->depth]->element : 0;
    if (!uri || strcmp(uri, s->space) != 0)
        return RS_XML_FAIL(s, "<%.60s> is not in the namespace \"%s\"", name, s->space);
    for (size_t i = 0; i < s->rule_count; i++)
        if (s->rules[i].parent == parent && strcmp(s->rules[i].name, name) == 0) rule = &s->rules[i];
    if (!rule) return RS_XML_FAIL(s, "<%.60s> is out of place", name);
    for (size_t i = 0; i < count; i++) { /* five pointers each: name, prefix, URI, value, its end */
        const char *key = (const char *)attributes[5 * i], *space = (const char *)attributes[5 * i + 2];
        size_t k = 0;
        if (space && strcmp(space, XSI_NAMESPACE) == 0) continue; /* where the schema is */
        while (k < RS_XML_ATTRIBUTES && (space || !rule->attribute[k] || strcmp(rule->attribute[k], key) != 0)) k++;
        if (k == RS_XML_ATTRIBUTES) return RS_XML_FAIL(s, "<%s> has no attribute \"%.60s\"", name, key);
        value[k].text = (const char *)attributes[5 * i + 3];
        value[k].length = (size_t)(attributes[5 * i + 4] - attributes[5 * i + 3]);
        rs_status status = resolve(s, k, &value[k]);
        if (status != RS_OK) return status;
    }
    for (size_t k = 0; k < rule->required; k++)
        if (!value[k].text) return RS_XML_FAIL(s, "<%s> needs the attribute \"%s\"", name, rule->attribute[k]);
    s->path[++s->depth] = rule;
    s->text_length = 0;
    return s->open(s->user, rule->element, value);
}

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces,
                     const xmlChar **declared, int count, int defaulted, const xmlChar **attributes) {
    rs_xml_stream *s = user;
    (void)prefix;
    (void)namespaces;
    (void)declared;
    (void)defaulted;
    if (s->status != RS_OK) return;
    s->place = tag_place(s);
    stop(s, open_element(s, (const char *)name, (const char *)uri, (size_t)count, attributes));
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
    rs_xml_stream *s = user;
    (void)name;
    (void)prefix;
    (void)uri;
    if (s->status != RS_OK) return;
    const rs_xml_rule *rule = s->path[s->depth--];
    rs_xml_slice text = {s->text ? s->text : "", s->text_length};
    if (s->close) stop(s, s->close(s->user, rule->element, text));
    s->text_length = 0;
}

static void on_text(void *user, const xmlChar *text, int length) {
    rs_xml_stream *s = user;
    if (s->status != RS_OK) return;
    if (s->depth && s->path[s->depth]->text) {
        size_t needed = s->text_length + (size_t)length;
        stop(s, rs_reserve((void **)&s->text, &s->text_capacity, needed, 1));
        if (s->status != RS_OK) return;
        memcpy(s->text + s->text_length, text, (size_t)length);
        s->text_length = needed;
        return;
    }
    for (int i = 0; i < length; i++) {
        if (strchr(BLANK, text[i])) continue;
        s->place.line = (size_t)s->xml->input->line;
        s->place.column = (size_t)s->xml->input->col;
        stop(s, RS_XML_FAIL(s, "text between elements; everything is in attributes"));
        return;
    }
}

static void on_document_type(void *user, const xmlChar *name, const xmlChar *public, const xmlChar *system) {
    rs_xml_stream *s = user;
    (void)name;
    (void)public;
    (void)system;
    if (s->status != RS_OK) return;
    s->place = tag_place(s);
    stop(s, RS_XML_FAIL(s, "a document type declaration is not read; remove it"));
}

static void on_error(void *user, xmlErrorPtr error) {
    rs_xml_stream *s = user;
    if (s->status != RS_OK || error->level < XML_ERR_ERROR) return;
    if (error->code == XML_ERR_NO_MEMORY) {
        stop(s, rs_fail(RS_EMEMORY, "out of memory while reading XML"));
        return;
    }
    const char *text = error->message ? error->message : "not well-formed";
    s->place = (rs_place){error->line > 0 ? (size_t)error->line : 1, error->int2 > 0 ? (size_t)error->int2 : 1};
    stop(s, RS_XML_FAIL(s, "%.*s", (int)strcspn(text, "\n"), text));
}

/* What libxml2 says past the parser, or would print: about bytes and the encoding that the file declares. The parser is
 * in the middle of its input, so it is not stopped here. */
static void on_encoding(void *user, xmlErrorPtr error) {
    rs_xml_stream *s = user;
    (void)error;
    if (s->status != RS_OK || !s->xml || !s->xml->input) return;
    s->place = (rs_place){(size_t)s->xml->input->line, (size_t)s->xml->input->col};
    s->status = RS_XML_FAIL(s, "bytes that are not of the encoding that the file declares");
}

rs_status rs_xml_stream_read(rs_xml_stream *s, const char *text, size_t length) {
    if (length > RS_XML_LIMIT) return rs_fail(RS_EINPUT, "%s: more than %zu bytes of XML", s->name, RS_XML_LIMIT);
    s->place = (rs_place){1, 1};
    if (!length) return RS_XML_FAIL(s, "an empty file");
    xmlInitParser();
    xmlStructuredErrorFunc others = xmlStructuredError;
    void *context = xmlStructuredErrorContext;
    if (!(s->xml = xmlCreateMemoryParserCtxt(text, (int)length))) return rs_fail(RS_EMEMORY, "out of memory for XML");
    xmlSetStructuredErrorFunc(s, on_encoding);
    *s->xml->sax = (xmlSAXHandler){.initialized = XML_SAX2_MAGIC,
                                   .startElementNs = on_start,
                                   .endElementNs = on_end,
                                   .characters = on_text,
                                   .internalSubset = on_document_type,
                                   .serror = on_error};
    s->xml->userData = s;
    xmlCtxtUseOptions(s->xml, XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES);
    int bad = xmlParseDocument(s->xml);
    xmlSetStructuredErrorFunc(context, others);
    if (s->status == RS_OK && (bad || !s->xml->wellFormed)) s->status = RS_XML_FAIL(s, "not well-formed XML");
    xmlFreeDoc(s->xml->myDoc);
    xmlFreeParserCtxt(s->xml);
    s->xml = NULL;
    for (size_t k = 0; k < RS_XML_ATTRIBUTES; k++) free(s->plain[k]);
    free(s->text);
    return s->status;
}
