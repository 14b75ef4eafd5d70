/* What certify and verify are about: that the network has properties, or that it is an automaton. */
#ifndef CLI_CLAIMS_H
#define CLI_CLAIMS_H

#include "options.h"
#include "rnnsafe/exchange.h"

/* A claim under one assumption of --assume, or as it is. */
typedef struct claim_level {
    const rs_monitor *monitor;
    const rs_assumption *assumption; /* of --assume; NULL: none */
    const char *assuming;            /* all that is assumed, and its names; NULL: nothing */
    const char *names;
} claim_level;

typedef struct claim {
    rs_claim kind;
    const char *name, *formula;      /* formula NULL: none */
    const rs_assumption *assumption; /* of the property's own file; NULL: none */
    const claim_level *levels;       /* [level_count], from the widest assumption to the narrowest */
    size_t level_count;              /* at least 1 */
} claim;

typedef struct claims {
    claim *items; /* [count] */
    size_t count;
    /* What the items borrow. */
    claim_level *levels; /* [count * level_count] */
    size_t level_count;
    rs_monitor **made; /* [count * level_count]: under assumptions of --assume; NULL: none were made */
    char **texts;      /* [2 * count * level_count]: what is assumed, and its names */
    rs_properties *properties, *assumptions;
    rs_automaton *automaton; /* of --equal */
    rs_monitor *equal;
    char *name;
    const char *refused; /* the claim that an assumption leaves nothing of; NULL: none */
} claims;

/* Files of properties, or --equal in their place, under --assume. Says what is wrong and returns the exit code;
 * EXIT_HOLDS: done. */
int claims_read(claims *out, const settings *s, const rs_network *net, size_t count, char **paths);
void claims_free(claims *c);

/* Of a property as it is. */
claim_level claim_level_of(const rs_property *p);

#endif
