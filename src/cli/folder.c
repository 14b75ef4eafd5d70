/* Results in a folder. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console.h"
#include "job.h"

bool job_make_folder(const char *path) {
    struct stat info;
    if (!path || mkdir(path, 0777) == 0) return true;
    int reason = errno;
    if (reason == EEXIST && stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode)) return true;
        reason = ENOTDIR;
    }
    console_error("%s: cannot make this folder: %s", path, strerror(reason));
    return false;
}

rs_status job_write_beside(const char *folder, const char *name, const char *ending, const char *text) {
    size_t size = strlen(folder) + 1 + strlen(name) + strlen(ending) + 1;
    char *path = malloc(size);
    rs_status status = RS_OK;
    if (!path) return RS_EMEMORY;
    snprintf(path, size, "%s/%s%s", folder, name, ending);
    if (text) status = rs_file_write(path, text, strlen(text));
    else unlink(path);
    free(path);
    return status;
}
