#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/random.h"
#include "core/sha256.h"
#include "core/utf8.h"
#include "support/unit.h"

static void sha256_known(void) {
    char hex[65], block[1000];
    rs_sha256_hex(hex, "", 0);
    CU_ASSERT_STRING_EQUAL(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    rs_sha256_hex(hex, "abc", 3);
    CU_ASSERT_STRING_EQUAL(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    rs_sha256_hex(hex, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56);
    CU_ASSERT_STRING_EQUAL(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    memset(block, 'a', sizeof block);
    rs_sha256_hex(hex, block, sizeof block);
    CU_ASSERT_STRING_EQUAL(hex, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3");
}

static void random_is_seeded(void) {
    rs_random a = rs_random_new(7, 0), b = rs_random_new(7, 0), c = rs_random_new(7, 1);
    size_t same = 0, bins[5] = {0};
    double sum = 0, squares = 0;
    for (int i = 0; i < 100000; i++) {
        uint64_t x = rs_random_next(&a);
        CU_ASSERT_FATAL(x == rs_random_next(&b));
        same += x == rs_random_next(&c);
        bins[rs_random_below(&a, 5)]++;
        rs_random_below(&b, 5);
        double g = rs_random_normal(&c);
        sum += g;
        squares += g * g;
    }
    CU_ASSERT(same == 0);
    for (int i = 0; i < 5; i++) CU_ASSERT(bins[i] > 19500 && bins[i] < 20500);
    CU_ASSERT(fabs(sum / 100000) < 0.02 && fabs(squares / 100000 - 1) < 0.03);
}

/* P(X <= x) summed term by term. */
static double tail(int n, int x, double p) {
    double sum = 0;
    for (int k = 0; k <= x; k++) {
        double term = 1;
        for (int i = 1; i <= k; i++) term *= (double)(n - k + i) / i;
        sum += term * pow(p, k) * pow(1 - p, n - k);
    }
    return sum;
}

static void binomial_known(void) {
    CU_ASSERT_DOUBLE_EQUAL(rs_binomial_upper(0, 300, 0.05), 1 - pow(0.05, 1.0 / 300), 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(rs_binomial_upper(5, 5, 0.01), 1, 0);
    CU_ASSERT_DOUBLE_EQUAL(rs_binomial_upper(0, 0, 0.01), 1, 0);
    CU_ASSERT_DOUBLE_EQUAL(rs_binomial_lower(0, 10, 0.01), 0, 1e-12);
    for (int n = 1; n <= 40; n += 3)
        for (int x = 0; x < n; x++) {
            double p = rs_binomial_upper((size_t)x, (size_t)n, 0.025);
            CU_ASSERT_DOUBLE_EQUAL(tail(n, x, p), 0.025, 1e-9);
        }
    double p = rs_binomial_upper(3, 1000000000, 1e-6); /* Poisson: P(X <= 3 | 21.4) is about 1e-6 */
    CU_ASSERT(p > 2e-8 && p < 2.4e-8);
}

static void names_are_found(void) {
    rs_names *names = NULL;
    CHECK_OK(rs_names_parse(&names, "alphabet", "  coin\tbrew \n take "));
    CU_ASSERT(rs_names_count(names) == 3 && rs_names_find(names, "brew", 4) == 1 && rs_names_find(names, "bre", 3) == SIZE_MAX);
    CU_ASSERT(!rs_names_single(names));
    rs_word word = {0};
    CHECK_OK(rs_word_parse(&word, names, "coin  take coin"));
    CU_ASSERT(word.length == 3 && word.symbols[1] == 2);
    char *text = NULL;
    CHECK_OK(rs_word_format(&text, names, word.symbols, word.length));
    CU_ASSERT_STRING_EQUAL(text, "coin take coin");
    free(text);
    rs_word_free(&word);
    CHECK_FAILS(rs_word_parse(&word, names, "coin bean"), RS_EINPUT, "column 6");
    rs_names_free(names);
    CHECK_FAILS(rs_names_parse(&names, "alphabet", "a b a"), RS_EINPUT, "\"a\" appears twice");
    CHECK_FAILS(rs_names_parse(&names, "alphabet", " "), RS_EINPUT, "no names");
    CHECK_FAILS(rs_names_parse(&names, "alphabet", "a\x80"), RS_EINPUT, "UTF-8");
    CHECK_OK(rs_names_parse(&names, "alphabet", "( ) \xc3\xa9"));
    CHECK_OK(rs_word_parse(&word, names, "(()\xc3\xa9)"));
    CU_ASSERT(word.length == 5 && word.symbols[3] == 2);
    rs_word_free(&word);
    CHECK_OK(rs_word_parse(&word, names, ""));
    CU_ASSERT(word.length == 0);
    rs_names_free(names);
}

static rs_status names_sweep(void *user) {
    (void)user;
    rs_names *names = NULL;
    rs_word word = {0};
    char *text = NULL;
    rs_status status = rs_names_parse(&names, "alphabet", "a b c d e f g h i j k l m n o p q r s");
    if (status == RS_OK) status = rs_word_parse(&word, names, "abcabc");
    if (status == RS_OK) status = rs_word_format(&text, names, word.symbols, word.length);
    free(text);
    rs_word_free(&word);
    rs_names_free(names);
    return status;
}

static void names_out_of_memory(void) {
    unit_allocation_sweep(names_sweep, NULL, 1000);
    CU_ASSERT_PTR_NULL(rs_alloc(SIZE_MAX / 2, 4));
    CU_ASSERT_PTR_NULL(rs_realloc(NULL, SIZE_MAX / 8, 16));
}

/* With and without the processor's own instructions, for every length around the ends of blocks. */
static void sha256_both(void) {
    unsigned char bytes[300];
    rs_random random = rs_random_new(unit_seed(), 0);
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)rs_random_below(&random, 256);
    for (size_t length = 0; length <= sizeof bytes; length++) {
        char a[65], b[65];
        rs_sha256_hex(a, bytes, length);
        rs_sha256_hex_plain(b, bytes, length);
        CU_ASSERT_STRING_EQUAL(a, b);
    }
}

static void utf8_strict(void) {
    const char *bad[] = {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x80\x80\xaf", "\xe2\x82"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) CU_ASSERT(!rs_utf8_valid(bad[i], strlen(bad[i])));
    CU_ASSERT(rs_utf8_valid("\xe2\x82\xac\xf0\x9f\x98\x80z", 8) && rs_utf8_length("\xe2\x82\xac\xf0\x9f\x98\x80z", 8) == 3);
}

/* Small files are copied, large ones mapped; after either there is a 0 byte, even at the end of a page. */
static void files_are_mapped(void) {
    char path[] = "/tmp/rnnsafe-core-XXXXXX";
    rs_mapping m = {0};
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0 && write(fd, "hello", 5) == 5);
    CHECK_OK(rs_file_map(&m, path, 5));
    CU_ASSERT(!m.mapped && m.length == 5 && strcmp(m.bytes, "hello") == 0);
    rs_file_unmap(&m);
    CU_ASSERT_FATAL(ftruncate(fd, (off_t)RS_FILE_MAPPED) == 0);
    CHECK_FAILS(rs_file_map(&m, path, RS_FILE_MAPPED - 1), RS_EINPUT, "more than the 67108863 that are read");
    CHECK_OK(rs_file_map(&m, path, RS_FILE_MAPPED));
    CU_ASSERT(m.mapped && m.length == RS_FILE_MAPPED && memcmp(m.bytes, "hello", 6) == 0);
    CU_ASSERT(m.bytes[m.length - 1] == 0 && m.bytes[m.length] == 0);
    rs_file_unmap(&m);
    rs_file_unmap(&m);
    close(fd);
    unlink(path);
    CHECK_FAILS(rs_file_map(&m, path, 5), RS_EINPUT, "cannot open");
    CHECK_FAILS(rs_file_map(&m, "/tmp", 5), RS_EINPUT, "not a regular file");
}

static void files_are_whole(void) {
    char folder[] = "/tmp/rnnsafe-core-XXXXXX", path[64], *bytes = NULL;
    size_t length = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a", folder);
    CHECK_OK(rs_file_write(path, "hello", 5));
    CHECK_OK(rs_file_read(&bytes, &length, path, 5));
    CU_ASSERT(length == 5 && strcmp(bytes, "hello") == 0);
    free(bytes);
    CHECK_FAILS(rs_file_read(&bytes, &length, path, 4), RS_EINPUT, "more than the 4");
    CHECK_FAILS(rs_file_read(&bytes, &length, folder, 4), RS_EINPUT, "not a regular file");
    CHECK_FAILS(rs_file_write(folder, "x", 1), RS_EINPUT, "cannot rename");
    unlink(path);
    CHECK_FAILS(rs_file_read(&bytes, &length, path, 4), RS_EINPUT, "cannot open");
    CU_ASSERT(mkfifo(path, 0600) == 0);
    CHECK_FAILS(rs_file_read(&bytes, &length, path, 4), RS_EINPUT, "not a regular file");
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    char got[6] = "";
    CHECK_OK(rs_file_write(path, "hello", 5)); /* through the pipe, which stays */
    CU_ASSERT(read(reader, got, 5) == 5 && strcmp(got, "hello") == 0);
    close(reader);
    struct stat info;
    CU_ASSERT(stat(path, &info) == 0 && S_ISFIFO(info.st_mode));
    CHECK_FAILS(rs_file_write("/dev/full", "x", 1), RS_EINPUT, "cannot write");
    unlink(path);
    CU_ASSERT(rmdir(folder) == 0); /* no temporary file is left */
    CHECK_OK(rs_file_beside(&bytes, "a/b.txt", "c.dot"));
    CU_ASSERT_STRING_EQUAL(bytes, "a/c.dot");
    free(bytes);
}

static const unit_test tests[] = {
    {"SHA-256 of FIPS 180-4's examples", sha256_known},
    {"SHA-256 with and without the processor's instructions", sha256_both},
    {"random numbers depend on seed and stream", random_is_seeded},
    {"binomial bounds against summed tails", binomial_known},
    {"names and words", names_are_found},
    {"names and words without memory", names_out_of_memory},
    {"UTF-8 is strict", utf8_strict},
    {"files are whole or untouched", files_are_whole},
    {"small files are copied, large ones mapped", files_are_mapped},
};
UNIT_MAIN("core", tests)
