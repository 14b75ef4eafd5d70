/* Word files over three alphabets: one character a symbol, names, letters beyond ASCII. The bytes go through a file, as the reader's. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "rnnsafe/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_with(const char *alphabet_text, const char *path) {
    rs_names *alphabet = NULL;
    rs_words *words = NULL;
    if (rs_names_parse(&alphabet, "alphabet", alphabet_text) != RS_OK) abort();
    if (rs_words_read(&words, alphabet, path) == RS_OK) {
        for (size_t i = 0; i < rs_words_count(words); i++)
            for (size_t k = 0; k < rs_words_length(words, i); k++)
                if (rs_words_symbol(words, i, k) >= rs_names_count(alphabet)) abort();
    } else if (!*rs_error_message()) {
        abort();
    }
    rs_words_free(words);
    rs_names_free(alphabet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[] = "/tmp/rnnsafe-fuzz-words-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0) return 0;
    if (write(fd, data, size) == (ssize_t)size) {
        read_with("a b", path);
        read_with("open close ab", path);
        read_with("\xc3\xa9 a #", path);
    }
    close(fd);
    unlink(path);
    return 0;
}
