/* verify: believes nothing but the weights, the properties and its own checker. The program rnnsafe-verify is this alone; the
 * command of rnnsafe has the finite part looked at by a second one. */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include "claims.h"

/* rs_certificate_check of the claim `name`, and what else there is to look at. RS_EINTERNAL: that contradicts it. */
typedef rs_status verify_check(bool *proved, char reason[160], const settings *s, const char *name, const rs_certificate *certificate,
                               const rs_network *net, const rs_monitor *monitor, const rs_context *ctx);

/* Returns the exit code; `check` NULL: the checker alone. */
int verify_run(const settings *s, size_t count, char **arguments, verify_check *check);

#endif
