/* What libxml2's own validator makes of a document, for tests of the XML that we read and write. */
#ifndef UNIT_SCHEMA_H
#define UNIT_SCHEMA_H

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include "support/unit.h"

static void silent(void *user, xmlErrorPtr error) {
    (void)user;
    (void)error;
}

typedef enum judgement { VALID, INVALID, NOT_PARSED } judgement;

/* By a schema of ours, the same one in every call of a program. */
static judgement by_schema(const char *path, const char *text, size_t length) {
    static xmlSchemaPtr schema;
    if (!schema) {
        xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(unit_source(path));
        schema = xmlSchemaParse(parser);
        xmlSchemaFreeParserCtxt(parser);
        CU_ASSERT_PTR_NOT_NULL_FATAL(schema);
    }
    xmlDocPtr doc =
        xmlReadMemory(text, (int)length, "test", NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!doc) return NOT_PARSED;
    xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(schema);
    xmlSchemaSetValidStructuredErrors(valid, silent, NULL);
    int bad = xmlSchemaValidateDoc(valid, doc);
    xmlSchemaFreeValidCtxt(valid);
    xmlFreeDoc(doc);
    return bad ? INVALID : VALID;
}

#endif
