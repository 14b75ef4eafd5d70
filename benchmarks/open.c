/* Opening a large safetensors file: bench_open FOLDER [MIB] writes sparse files of MIB (1024) there, measures, and
 * takes them away. "opened" is a file of one tensor that is no network: it is mapped, its header read, the place of every
 * tensor checked, and then refused. "loaded" is a small network beside such a tensor, which its card ignores: weights
 * are made, and the digest of the whole file is computed. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rnnsafe/core.h"
#include "rnnsafe/network.h"

#define RUNS 5

static const char network_header[] =
    "\"rnn.weight_ih_l0\":{\"dtype\":\"F32\",\"shape\":[6,2],\"data_offsets\":[0,48]},"
    "\"rnn.weight_hh_l0\":{\"dtype\":\"F32\",\"shape\":[6,2],\"data_offsets\":[48,96]},"
    "\"fc.weight\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[96,112]},";

/* A file of `size` bytes, all of whose weights are 0. */
static bool write_sparse(const char *path, bool network, unsigned long long size) {
    char header[1024];
    unsigned char head[8];
    unsigned long long begin = network ? 112 : 0, end = (size - sizeof head - sizeof header) / 4 * 4;
    memset(header, ' ', sizeof header);
    int used = snprintf(header, sizeof header,
                        "{%s\"large\":{\"dtype\":\"F32\",\"shape\":[%llu],\"data_offsets\":[%llu,%llu]}}",
                        network ? network_header : "", (end - begin) / 4, begin, end);
    header[used] = ' ';
    for (size_t i = 0; i < sizeof head; i++) head[i] = (unsigned char)(sizeof header >> 8 * i & 255);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    bool good = fd >= 0 && write(fd, head, sizeof head) == sizeof head &&
                write(fd, header, sizeof header) == sizeof header &&
                ftruncate(fd, (off_t)(sizeof head + sizeof header + end)) == 0;
    return fd >= 0 && close(fd) == 0 && good;
}

static int measure(const char *what, const char *path, const rs_network_options *options, rs_status wanted) {
    for (int i = 0; i < RUNS; i++) {
        rs_network *net = NULL;
        clock_t clock_started = clock();
        double started = rs_now();
        rs_status status = rs_network_load(&net, path, options);
        double seconds = rs_now() - started, processor = (double)(clock() - clock_started) / CLOCKS_PER_SEC;
        rs_network_free(net);
        if (status != wanted) {
            fprintf(stderr, "%s\n", rs_error_message());
            return 1;
        }
        printf("%s  %.6f s, %.6f s of the processor\n", what, seconds, processor);
    }
    return 0;
}

int main(int count, char **arguments) {
    if (count < 2) {
        fprintf(stderr, "usage: bench_open FOLDER [MIB]\n");
        return 1;
    }
    char large[4096], network[4096], card[4096];
    unsigned long long size = (count > 2 ? strtoull(arguments[2], NULL, 10) : 1024) << 20;
    static const char text[] = "{\"rnnsafe\": 1, \"alphabet\": [\"a\", \"b\"], \"ignore\": [\"large\"]}\n";
    snprintf(large, sizeof large, "%s/bench_open_large.safetensors", arguments[1]);
    snprintf(network, sizeof network, "%s/bench_open_network.safetensors", arguments[1]);
    snprintf(card, sizeof card, "%s/bench_open_network.json", arguments[1]);
    int code = 1;
    if (!write_sparse(large, false, size) || !write_sparse(network, true, size)) perror(arguments[1]);
    else if (rs_file_write(card, text, strlen(text)) != RS_OK) fprintf(stderr, "%s\n", rs_error_message());
    else code = measure("opened", large, NULL, RS_EINPUT) || measure("loaded", network, NULL, RS_OK);
    unlink(large);
    unlink(network);
    unlink(card);
    return code;
}
