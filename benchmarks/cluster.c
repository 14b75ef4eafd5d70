/* bench_cluster METHOD FILE N D [CLUSTERS [RESTARTS [EPS]]]: seconds and clusters of a fit, one thread. FILE holds n*d
 * raw float32. */
#include <stdio.h>
#include <stdlib.h>

#include "rnnsafe/cluster.h"

int main(int argc, char **argv) {
    if (argc < 5 || argc > 8) {
        fprintf(stderr, "usage: bench_cluster METHOD FILE N D [CLUSTERS [RESTARTS [EPS]]]\n");
        return 1;
    }
    size_t n = strtoull(argv[3], NULL, 10), d = strtoull(argv[4], NULL, 10);
    rs_cluster_options options = {.clusters = argc > 5 ? strtoull(argv[5], NULL, 10) : 0,
                                  .restarts = argc > 6 ? strtoull(argv[6], NULL, 10) : 0,
                                  .eps = argc > 7 ? strtod(argv[7], NULL) : 0};
    float *points = calloc(n * d, sizeof *points);
    FILE *file = fopen(argv[2], "rb");
    if (!points || !file || fread(points, sizeof *points * d, n, file) != n) {
        fprintf(stderr, "bench_cluster: cannot read %zu points of dimension %zu from %s\n", n, d, argv[2]);
        return 2;
    }
    fclose(file);
    rs_clustering *c = NULL;
    double start = rs_now();
    rs_status status = rs_cluster_fit(&c, argv[1], n, d, points, &options, NULL);
    double seconds = rs_now() - start;
    if (status != RS_OK) fprintf(stderr, "bench_cluster: %s\n", rs_error_message());
    else printf("%.4f %zu\n", seconds, rs_clustering_count(c));
    rs_clustering_free(c);
    free(points);
    return status == RS_OK ? 0 : 2;
}
