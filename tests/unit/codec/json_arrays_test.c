/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays of numbers beside jansson, which reads the same text: the comparison
 * is that of the fuzzer (tests/fuzz/arrays_fuzz.c), which ends the program
 * where they differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What the first byte of an input asks for. */
enum { REALS = 1, NULLABLE = 2, WIDTH = 4 };

static void compare(unsigned wanted, const char *text) {
    uint8_t input[512];
    const size_t length = strlen(text);
    assert_true(length < sizeof(input));
    input[0] = (uint8_t)wanted;
    for (size_t i = 0; i < length; i++)
        input[i + 1] = (uint8_t)text[i];
    LLVMFuzzerTestOneInput(input, length + 1);
}

/* splitmix64 (G. Steele et al., OOPSLA 2014): the same numbers everywhere. */
static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static void doubles_come_back_to_the_bit(void **state) {
    uint64_t seed = 1;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        const uint64_t bits = next_random(&seed);
        const uint64_t near_one = bits >> 12 | UINT64_C(0x3fe) << 52;
        double any = 0.0, second = 0.0;
        char text[256];
        memcpy(&any, &bits, sizeof(any));
        memcpy(&second, &near_one, sizeof(second));
        if (!isfinite(any))
            continue;
        snprintf(text, sizeof(text), "[%.17g,%.17g,%.15g,%.*f,%lld]", any,
                 second, second, i % 18, 1e3 * second, (long long)bits);
        compare(REALS, text);
    }
}

static void decimals_of_all_lengths_are_rounded_as_they_should(void **state) {
    uint64_t seed = 2;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        const unsigned long long digits =
            next_random(&seed) >> next_random(&seed) % 64;
        const int exponent = (int)(next_random(&seed) % 60) - 30;
        char text[256];
        snprintf(text, sizeof(text), "[%llu.%llue%d,-%llue%d,0.%llu]", digits,
                 digits, exponent, digits, exponent, digits);
        compare(REALS, text);
    }
}

/* A good text with a few bytes changed: most are refused, all alike. */
static void spoilt_texts_are_taken_or_refused_alike(void **state) {
    static const char good[] = "[[1,\"18446744073709551615\"],[ 30,null],[0,"
                               "9223372036854775807]]";
    static const char flat[] = "[1.5,-2e3, null ,0.125E-2,70,\"8\"]";
    static const char marks[] = "[]{},:\"\\ .-+eE0159nul\t";
    uint64_t seed = 3;
    (void)state;
    for (int i = 0; i < 60000; i++) {
        char text[128];
        snprintf(text, sizeof(text), "%s", i % 2 == 0 ? good : flat);
        for (uint64_t n = next_random(&seed) % 3; n > 0; n--)
            text[next_random(&seed) % strlen(text)] =
                marks[next_random(&seed) % (sizeof(marks) - 1)];
        compare(i % 2 == 0 ? 2 * WIDTH + (i % 4 == 0 ? NULLABLE : 0) : REALS,
                text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_come_back_to_the_bit),
        cmocka_unit_test(decimals_of_all_lengths_are_rounded_as_they_should),
        cmocka_unit_test(spoilt_texts_are_taken_or_refused_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
