/* uthash with allocation through core/alloc.h; a failed HASH_ADD leaves the element out of the table and is seen by
 * RS_TABLE_ADDED, instead of ending the process. Include this, never uthash.h. */
#ifndef RS_CORE_TABLE_H
#define RS_CORE_TABLE_H

#include "core/alloc.h"

#define HASH_NONFATAL_OOM 1
#define uthash_malloc(size) rs_alloc(1, size)
#define uthash_free(block, size) free(block)
#define uthash_nonfatal_oom(element) ((element)->hh.tbl = NULL)
#include <uthash.h>

/* Whether `element` got into its table. */
#define RS_TABLE_ADDED(element) ((element)->hh.tbl != NULL)

#endif
