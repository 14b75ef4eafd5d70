#include "cluster_hdbscan_ref.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/nearest.h"
#include "cluster_optics_ref.h"

enum { MOST = 64 };

typedef struct state {
    size_t n, least;
    double weight[MOST][MOST], shortest, *margin;
    uint32_t *labels, next;
} state;

/* The points of `set` that are joined with `first` by edges shorter than `length` inside the set. */
static uint64_t component(const state *s, uint64_t set, size_t first, double length) {
    uint64_t joined = UINT64_C(1) << first, before = 0;
    while (joined != before) {
        before = joined;
        for (size_t i = 0; i < s->n; i++)
            for (size_t j = 0; j < s->n; j++)
                if (joined >> i & 1 && set >> j & 1 && s->weight[i][j] < length) joined |= UINT64_C(1) << j;
    }
    return joined;
}

static size_t count(uint64_t set) {
    size_t n = 0;
    for (; set; set &= set - 1) n++;
    return n;
}

static size_t lowest(uint64_t set) {
    size_t i = 0;
    while (!(set >> i & 1)) i++;
    return i;
}

/* The best total stability of a cluster born at `birth`, or of what is below it; labels what is taken. */
static double best(state *s, uint64_t set, double birth, bool root) {
    double own = 0, below = 0;
    uint64_t all = set;
    uint32_t before[MOST];
    memcpy(before, s->labels, s->n * sizeof *before);
    for (;;) {
        /* the longest length whose removal parts the set */
        double length = -1;
        for (size_t i = 0; i < s->n; i++)
            for (size_t j = 0; j < s->n; j++)
                if (set >> i & 1 && set >> j & 1 && i != j && s->weight[i][j] > length &&
                    component(s, set, lowest(set), s->weight[i][j]) != set)
                    length = s->weight[i][j];
        double lambda = 1 / fmax(length, s->shortest);
        uint64_t parts[MOST], rest = set, large = 0;
        size_t larges = 0, parted = 0;
        for (; rest; rest &= ~parts[parted++]) parts[parted] = component(s, set, lowest(rest), length);
        for (size_t i = 0; i < parted; i++)
            if (count(parts[i]) >= s->least) {
                larges++;
                large = parts[i];
            }
        if (larges == 1) {
            own += (double)(count(set) - count(large)) * (lambda - birth);
            set = large;
            continue;
        }
        own += (double)count(set) * (lambda - birth);
        for (size_t i = 0; i < parted && larges > 1; i++)
            if (count(parts[i]) >= s->least) below += best(s, parts[i], lambda, false);
        if (larges && !root && fabs(own - below) < *s->margin * fmax(own, below))
            *s->margin = fabs(own - below) / fmax(own, below);
        if (root || (larges && own < below)) return below;
        memcpy(s->labels, before, s->n * sizeof *before);
        for (size_t i = 0; i < s->n; i++)
            if (all >> i & 1) s->labels[i] = s->next;
        s->next++;
        return own;
    }
}

void ref_hdbscan(size_t n, size_t d, const float *points, size_t min_points, uint32_t *labels, double *margin) {
    state s = {.n = n, .least = min_points < 2 ? 2 : min_points, .margin = margin, .labels = labels};
    double core[MOST], longest = 0;
    *margin = 1;
    ref_core(n, d, points, min_points, core);
    for (size_t i = 0; i < n; i++) {
        double norm = 0;
        for (size_t x = 0; x < d; x++) norm += (double)points[i * d + x] * (double)points[i * d + x];
        longest = fmax(longest, sqrt(norm));
        labels[i] = UINT32_MAX;
        for (size_t j = 0; j < n; j++)
            s.weight[i][j] = sqrt(fmax(rs_squared_distance(d, points + i * d, points + j * d), fmax(core[i], core[j])));
    }
    s.shortest = ldexp(longest, -23);
    if (n > 1) best(&s, n < 64 ? (UINT64_C(1) << n) - 1 : UINT64_MAX, 0, true);
}
