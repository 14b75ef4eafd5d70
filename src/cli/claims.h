/* What certify and verify are about: that the network has properties, or that it is an automaton. */
#ifndef CLI_CLAIMS_H
#define CLI_CLAIMS_H

#include "options.h"
#include "rnnsafe/exchange.h"

typedef struct claim {
    rs_claim kind;
    const char *name, *formula; /* formula NULL: none */
    const rs_monitor *monitor;
} claim;

typedef struct claims {
    claim *items; /* [count] */
    size_t count;
    /* What the items borrow. */
    rs_properties *properties;
    rs_automaton *automaton; /* of --equal */
    rs_monitor *equal;
    char *name;
} claims;

/* Files of properties, or --equal in their place. Says what is wrong and returns the exit code; EXIT_HOLDS: done. */
int claims_read(claims *out, const settings *s, const rs_network *net, size_t count, char **paths);
void claims_free(claims *c);

#endif
