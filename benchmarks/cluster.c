/* bench_cluster METHOD FILE N D [CLUSTERS [RESTARTS [EPS [LABELS [SEED [ITERATIONS [FITS]]]]]]]: seconds of processor
 * time and clusters of the last of FITS (1) equal fits, one thread. FILE holds n*d raw float32; LABELS is written: n
 * raw uint32. Points lie in large pages where the system has them, as numpy's arrays do. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "rnnsafe/cluster.h"

#define LARGE_PAGE ((size_t)1 << 21)

static float *points_new(size_t n, size_t d) {
    size_t bytes = (n * d * sizeof(float) / LARGE_PAGE + 1) * LARGE_PAGE;
    void *points = aligned_alloc(LARGE_PAGE, bytes);
#ifdef MADV_HUGEPAGE
    if (points) madvise(points, bytes, MADV_HUGEPAGE);
#endif
    return points;
}

int main(int argc, char **argv) {
    if (argc < 5 || argc > 12) {
        fprintf(
            stderr,
            "usage: bench_cluster METHOD FILE N D [CLUSTERS [RESTARTS [EPS [LABELS [SEED [ITERATIONS [FITS]]]]]]]\n");
        return 1;
    }
    size_t n = strtoull(argv[3], NULL, 10), d = strtoull(argv[4], NULL, 10);
    rs_cluster_options options = {.clusters = argc > 5 ? strtoull(argv[5], NULL, 10) : 0,
                                  .restarts = argc > 6 ? strtoull(argv[6], NULL, 10) : 0,
                                  .eps = argc > 7 ? strtod(argv[7], NULL) : 0,
                                  .iterations = argc > 10 ? strtoull(argv[10], NULL, 10) : 0};
    rs_context ctx = {.seed = argc > 9 ? strtoull(argv[9], NULL, 10) : 1, .threads = 1};
    float *points = points_new(n, d);
    FILE *file = fopen(argv[2], "rb");
    if (!points || !file || fread(points, sizeof *points * d, n, file) != n) {
        fprintf(stderr, "bench_cluster: cannot read %zu points of dimension %zu from %s\n", n, d, argv[2]);
        return 2;
    }
    fclose(file);
    rs_clustering *c = NULL;
    rs_status status = RS_OK;
    double seconds = 0;
    for (size_t fits = argc > 11 ? strtoull(argv[11], NULL, 10) : 1; fits && status == RS_OK; fits--) {
        rs_clustering_free(c);
        c = NULL;
        clock_t start = clock();
        status = rs_cluster_fit(&c, argv[1], n, d, points, &options, &ctx);
        seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    }
    if (status != RS_OK) fprintf(stderr, "bench_cluster: %s\n", rs_error_message());
    else printf("%.4f %zu\n", seconds, rs_clustering_count(c));
    if (status == RS_OK && argc > 8) {
        file = fopen(argv[8], "wb");
        if (!file || fwrite(rs_clustering_labels(c), sizeof(uint32_t), n, file) != n || fclose(file)) {
            fprintf(stderr, "bench_cluster: cannot write %s\n", argv[8]);
            return 2;
        }
    }
    rs_clustering_free(c);
    free(points);
    return status == RS_OK ? 0 : 2;
}
