/* glibc's vector library libmvec computes 4 or 8 elements a call, within 4 ulp. Its functions are called by the names that the
 * vector ABI gives them, because compilers only find them by themselves under -ffast-math. s(x) = 1 / (1 + exp(-x)) needs
 * no care for large arguments: exp overflows to infinity and s is 0. */
#include "network/activation.h"

#include <assert.h>
#include <math.h>

#if defined __x86_64__ && defined __GLIBC__ && defined __GNUC__
#if __GLIBC_PREREQ(2, 35)
#define LIBMVEC 1
#endif
#endif

#ifdef LIBMVEC
#define WIDE __attribute__((target("avx2")))
typedef float narrow __attribute__((vector_size(16)));
typedef float wide __attribute__((vector_size(32)));
narrow _ZGVbN4v_expf(narrow x);
narrow _ZGVbN4v_tanhf(narrow x);
WIDE wide _ZGVdN8v_expf(wide x);
WIDE wide _ZGVdN8v_tanhf(wide x);

static void sigmoid_narrow(size_t n, float *x) {
    for (narrow *v = (narrow *)x, *end = (narrow *)(x + n); v < end; v++) *v = 1 / (1 + _ZGVbN4v_expf(-*v));
}

static void tanh_narrow(size_t n, float *x) {
    for (narrow *v = (narrow *)x, *end = (narrow *)(x + n); v < end; v++) *v = _ZGVbN4v_tanhf(*v);
}

static WIDE void sigmoid_wide(size_t n, float *x) {
    for (wide *v = (wide *)x, *end = (wide *)(x + n); v < end; v++) *v = 1 / (1 + _ZGVdN8v_expf(-*v));
}

static WIDE void tanh_wide(size_t n, float *x) {
    for (wide *v = (wide *)x, *end = (wide *)(x + n); v < end; v++) *v = _ZGVdN8v_tanhf(*v);
}

static void sigmoid(size_t n, float *x) {
    if (__builtin_cpu_supports("avx2")) sigmoid_wide(n, x);
    else sigmoid_narrow(n, x);
}

static void hyperbolic(size_t n, float *x) {
    if (__builtin_cpu_supports("avx2")) tanh_wide(n, x);
    else tanh_narrow(n, x);
}
#else
static void sigmoid(size_t n, float *x) {
    for (size_t i = 0; i < n; i++) x[i] = 1 / (1 + expf(-x[i]));
}

static void hyperbolic(size_t n, float *x) {
    for (size_t i = 0; i < n; i++) x[i] = tanhf(x[i]);
}
#endif

void rs_activate(rs_activation activation, size_t n, float *x) {
    assert(n % 16 == 0 && (uintptr_t)x % 64 == 0);
    switch (activation) {
    case RS_ACTIVATION_NONE: break;
    case RS_ACTIVATION_RELU:
        for (size_t i = 0; i < n; i++) x[i] = x[i] < 0 ? 0 : x[i];
        break;
    case RS_ACTIVATION_TANH: hyperbolic(n, x); break;
    case RS_ACTIVATION_SIGMOID: sigmoid(n, x); break;
    }
}

void rs_gate(float slope, size_t n, float *x) {
    if (!slope) {
        rs_activate(RS_ACTIVATION_SIGMOID, n, x);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        float y = slope * x[i] + 0.5f;
        x[i] = y < 0 ? 0 : y > 1 ? 1 : y;
    }
}
