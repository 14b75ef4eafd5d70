/* Networks of a folder against its expected.txt, whose lines have fields separated by tabs:
 *     network FILE ALPHABET OUTPUTS CELL    "-" where it need not be said
 *     tensor  NAME SHAPE BITS...            of this network, every value as the bits of its float32
 *     logits  WORD VALUES...                after each symbol of the word; symbols are indices */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "network/reading.h"
#include "rnnsafe/network.h"
#include "support/unit.h"

typedef struct golden {
    const char *folder; /* "tests/data/x/" */
    rs_status (*read)(rs_reading *out, const char *file, const char *bytes, size_t length);
    double tolerance; /* of logits */
} golden;

static const char *golden_path(const golden *g, const char *file) {
    char relative[256];
    snprintf(relative, sizeof relative, "%s%s", g->folder, file);
    return unit_source(relative);
}

/* Texts of "-" are not said. */
static rs_status golden_load(rs_network **out, const golden *g, const char *file, const char *alphabet,
                             const char *outputs, const char *cell) {
    rs_network_options options = {.alphabet = strcmp(alphabet, "-") ? alphabet : NULL,
                                  .outputs = strcmp(outputs, "-") ? outputs : NULL,
                                  .cell = strcmp(cell, "-") ? cell : NULL};
    return rs_network_load(out, golden_path(g, file), &options);
}

static void golden_tensor(const rs_tensors *tensors, const char *name, const char *shape, char **rest) {
    char got[128] = "";
    const rs_tensor *t = rs_tensors_find(tensors, name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    for (size_t i = 0; i < t->rank; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%zu", i ? "x" : "", t->shape[i]);
    CU_ASSERT_STRING_EQUAL(got, shape);
    for (size_t i = 0; i < t->count; i++) {
        uint32_t bits;
        const char *field = strtok_r(NULL, "\t", rest);
        CU_ASSERT_PTR_NOT_NULL_FATAL(field);
        memcpy(&bits, &t->values[i], sizeof bits);
        CU_ASSERT_EQUAL(bits, strtoul(field, NULL, 16));
    }
    CU_ASSERT_PTR_NULL(strtok_r(NULL, "\t", rest));
}

static void golden_logits(const golden *g, const char *file, const rs_network *net, const char *word, char **rest) {
    uint32_t symbols[64], classes[64];
    float states[1024], logits[256];
    size_t length = 0, size = rs_network_logits_size(net);
    for (const char *p = word; *p; p += strcspn(p, " "), p += strspn(p, " "))
        symbols[length++] = (uint32_t)strtoul(p, NULL, 10);
    CU_ASSERT_FATAL(length * rs_network_state_size(net) <= 1024 && length * size <= 256);
    CHECK_OK(rs_network_run(net, symbols, length, classes, states, NULL));
    CHECK_OK(rs_network_logits(net, length, states, logits, NULL));
    for (size_t i = 0; i < length * size; i++) {
        const char *field = strtok_r(NULL, "\t", rest);
        CU_ASSERT_PTR_NOT_NULL_FATAL(field);
        double wanted = strtod(field, NULL), difference = logits[i] - wanted;
        if (!(difference <= g->tolerance && difference >= -g->tolerance))
            printf("%s: logit %zu is %.9g, not %.9g\n", file, i, (double)logits[i], wanted);
        CU_ASSERT(difference <= g->tolerance && difference >= -g->tolerance);
    }
    CU_ASSERT_PTR_NULL(strtok_r(NULL, "\t", rest));
}

/* Every line of expected.txt, which has so many networks, each with logits. Returns how many tensors were compared. */
static size_t golden_check(const golden *g, size_t networks) {
    char *text, *bytes, *lines, *rest, *line;
    const char *file = NULL;
    size_t length, words = 0, seen = 0, tensors = 0;
    rs_network *net = NULL;
    rs_reading reading = {0};
    CHECK_OK(rs_file_read(&text, &length, golden_path(g, "expected.txt"), 1 << 20));
    for (line = strtok_r(text, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines)) {
        const char *kind = strtok_r(line, "\t", &rest), *first = strtok_r(NULL, "\t", &rest);
        if (strcmp(kind, "network") == 0) {
            const char *alphabet = strtok_r(NULL, "\t", &rest), *outputs = strtok_r(NULL, "\t", &rest);
            rs_network_free(net);
            net = NULL;
            rs_reading_free(&reading);
            CHECK_OK(golden_load(&net, g, first, alphabet, outputs, strtok_r(NULL, "\t", &rest)));
            CU_ASSERT_PTR_NOT_NULL_FATAL(net);
            CHECK_OK(rs_file_read(&bytes, &length, golden_path(g, first), 1 << 20));
            CHECK_OK(g->read(&reading, first, bytes, length));
            free(bytes);
            file = first;
            seen++;
        } else if (strcmp(kind, "tensor") == 0) {
            golden_tensor(&reading.tensors, first, strtok_r(NULL, "\t", &rest), &rest);
            tensors++;
        } else {
            golden_logits(g, file, net, first, &rest);
            words++;
        }
    }
    CU_ASSERT_EQUAL(seen, networks);
    CU_ASSERT_EQUAL(words, networks);
    rs_network_free(net);
    rs_reading_free(&reading);
    free(text);
    return tensors;
}

#endif
