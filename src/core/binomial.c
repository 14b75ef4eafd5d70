/* Exact one-sided binomial bounds by bisection on the tail.
 *
 * With x failures of n trials the upper bound is the largest p with P(X <= x | n, p) >= delta. The tail is summed from its largest
 * term in logarithms (lgamma), so that n of 1e9 neither underflows nor takes long: terms below 1e-20 of the
 * largest end the sum. 100 bisections of [0,1] leave the last bit; the side that is returned is the pessimistic one. */
#define _DEFAULT_SOURCE /* lgamma_r: lgamma would write the global signgam */
#include <math.h>

#include "rnnsafe/core.h"

/* log of C(n,k) p^k (1-p)^(n-k). */
static double log_term(double n, double k, double p) {
    int sign = 0;
    double choose = lgamma_r(n + 1, &sign) - lgamma_r(k + 1, &sign) - lgamma_r(n - k + 1, &sign);
    return choose + (k > 0 ? k * log(p) : 0) + (n - k > 0 ? (n - k) * log1p(-p) : 0);
}

/* P(X <= x), 0 < p < 1, x < n. */
static double lower_tail(double n, double x, double p) {
    double mode = floor((n + 1) * p), top = x < mode ? x : mode, scale = log_term(n, top, p), sum = 1, term = 1;
    for (double k = top; k > 0 && term > 1e-20; k--) { /* downwards: P(k-1)/P(k) = k (1-p) / ((n-k+1) p) */
        term *= k * (1 - p) / ((n - k + 1) * p);
        sum += term;
    }
    term = 1;
    for (double k = top; k < x && term > 1e-20; k++) { /* upwards to x */
        term *= (n - k) * p / ((k + 1) * (1 - p));
        sum += term;
    }
    return exp(scale) * sum;
}

double rs_binomial_upper(size_t failures, size_t trials, double delta) {
    if (failures >= trials) return 1;
    double low = 0, high = 1, n = (double)trials, x = (double)failures;
    if (failures == 0) return -expm1(log(delta) / n); /* (1-p)^n = delta */
    for (int i = 0; i < 100; i++) {
        double p = 0.5 * (low + high);
        if (p <= low || p >= high) break;
        if (lower_tail(n, x, p) >= delta) low = p;
        else high = p;
    }
    return high;
}

double rs_binomial_lower(size_t successes, size_t trials, double delta) {
    if (successes > trials) successes = trials;
    return trials ? 1 - rs_binomial_upper(trials - successes, trials, delta) : 0;
}
