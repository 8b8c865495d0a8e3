/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

#include "support/gb_test.h"

static const size_t sizes[] = {1,  2,  7,  8,  9,  12,  15,   16,
                               17, 23, 24, 31, 64, 100, 4095, 4096};

static bool is_whole(const unsigned char *message, size_t bytes, uint64_t key,
                     uint64_t number) {
    return gb_message_has_number(message, bytes, number) &&
           gb_message_find_wrong(message, bytes, key) == bytes;
}

static void a_message_is_what_was_written(void **state) {
    (void)state;
    for (size_t i = 0; i < GB_COUNT(sizes); i++) {
        unsigned char message[4096];
        gb_message_fill(message, sizes[i], 5);
        if (!is_whole(message, sizes[i], 5, 0))
            fail_msg("%zu bytes: not whole when written", sizes[i]);
        gb_message_number(message, sizes[i], 77);
        if (!is_whole(message, sizes[i], 5, 77))
            fail_msg("%zu bytes: not whole with a number", sizes[i]);
    }
}

static void every_spoilt_bit_is_found(void **state) {
    (void)state;
    for (size_t i = 0; i < GB_COUNT(sizes); i++) {
        unsigned char message[4096];
        gb_message_fill(message, sizes[i], 5);
        gb_message_number(message, sizes[i], 77);
        for (size_t k = 0; k < sizes[i]; k++) {
            message[k] ^= 0x10u;
            if (is_whole(message, sizes[i], 5, 77))
                fail_msg("%zu bytes: byte %zu may be wrong", sizes[i], k);
            message[k] ^= 0x10u;
        }
    }
}

static void the_wrong_byte_is_named(void **state) {
    unsigned char message[64];

    (void)state;
    gb_message_fill(message, 61, 5);
    for (size_t k = 8; k < 61 - 8; k++) {
        message[k] ^= 1u;
        assert_int_equal(gb_message_find_wrong(message, 61, 5), k);
        message[k] ^= 1u;
        assert_int_equal(message[k], gb_message_byte(5, k));
    }
}

static void another_sender_and_another_number_are_told_apart(void **state) {
    unsigned char message[64];

    (void)state;
    gb_message_fill(message, 64, 5);
    gb_message_number(message, 64, 77);
    assert_false(is_whole(message, 64, 6, 77));
    assert_false(is_whole(message, 64, 5, 78));
    gb_message_number(message, 3, 77);
    assert_true(gb_message_has_number(message, 3, 77));
    assert_false(gb_message_has_number(message, 3, 76));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_what_was_written),
        cmocka_unit_test(every_spoilt_bit_is_found),
        cmocka_unit_test(the_wrong_byte_is_named),
        cmocka_unit_test(another_sender_and_another_number_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
