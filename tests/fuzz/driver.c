/* Runs a fuzz target on every file of the folders that are its arguments, in order of their names. Each input gets a block of
 * its exact size, so that AddressSanitizer sees a read past its end. Fails when a folder is missing or holds no file. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

/* 0 when the file was read and run. */
static int run(const char *path) {
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &info) || !S_ISREG(info.st_mode)) {
        fprintf(stderr, "%s: not a file that can be read\n", path);
        if (file) fclose(file);
        return 1;
    }
    size_t size = (size_t)info.st_size;
    uint8_t *data = malloc(size ? size : 1);
    int failed = !data || fread(data, 1, size, file) != size;
    fclose(file);
    if (failed) fprintf(stderr, "%s: cannot be read\n", path);
    else if ((failed = LLVMFuzzerTestOneInput(data, size)) != 0) fprintf(stderr, "%s: the target refused\n", path);
    free(data);
    return failed;
}

static int run_folder(const char *folder) {
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, visible, alphasort), failed = count <= 0;
    if (failed) fprintf(stderr, "%s: no such folder, or nothing in it\n", folder);
    for (int i = 0; i < count; i++) {
        char path[4096];
        int length = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (length < 0 || (size_t)length >= sizeof path || run(path)) failed = 1;
        free(entries[i]);
    }
    free(entries);
    if (!failed) printf("%s: %d inputs\n", folder, count);
    return failed;
}

int main(int count, char **arguments) {
    int failed = count < 2;
    if (failed) fprintf(stderr, "usage: %s FOLDER...\n", arguments[0]);
    for (int i = 1; i < count; i++) failed |= run_folder(arguments[i]);
    return failed;
}
