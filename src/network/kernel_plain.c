/* Four lanes, for every machine. */
#include "network/kernel.h"

#define LANES 4
#include "network/kernel_plain.h"
#define TILE_ROWS(gates) ((gates) <= 2 ? 6 : (gates) == 3 ? 4 : 3)
#define GROUP 4
#define KERNEL rs_kernel_plain
#define KERNEL_NAME "plain"
#define KERNEL_AVAILABLE true
#include "network/kernel_body.h"
