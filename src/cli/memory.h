/* How much memory this process has held at most. */
#ifndef CLI_MEMORY_H
#define CLI_MEMORY_H

#include <stdbool.h>

/* Forgets the peak so far and gives free memory back to the system. False: the system does not let it. */
bool memory_forget_peak(void);
/* The peak of resident memory in MiB, since memory_forget_peak or since the process began; NAN: not known. */
double memory_peak(void);

#endif
