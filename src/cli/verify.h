/* verify: believes nothing but the weights, the properties and its own checker. The program rnnsafe-verify is this alone; the
 * command of rnnsafe has the finite part looked at by a second one. */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include "claims.h"

/* Looks at a certificate that the checker accepts; RS_EINTERNAL: it is none. */
typedef rs_status verify_second(const settings *s, const char *name, const rs_certificate *certificate, const rs_network *net,
                                const rs_monitor *monitor, const rs_context *ctx);

/* Returns the exit code; `second` may be NULL. */
int verify_run(const settings *s, size_t count, char **arguments, verify_second *second);

#endif
