/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TESTS_SUPPORT_FAKE_CONTROL_H
#define GB_TESTS_SUPPORT_FAKE_CONTROL_H

/**
 * @file support/fake_control.h
 * What the stand-ins for vendors' libraries do, from a text file that a test
 * may rewrite at any time: one "KEY VALUE" a line, "gpu0.power_w 250" for one
 * device, "power_w 250" for all others. Without the file, defaults.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FAKE_EXPORT __attribute__((visibility("default")))

/* Declares and begins the definition of an exported function. */
#define FAKE_API(type, name, ...)                                              \
    FAKE_EXPORT type name(__VA_ARGS__);                                        \
    type name(__VA_ARGS__)

/** The value of @p key in the file named by environment variable @p variable
 *  copied to @p text [size], or @p otherwise. */
static inline const char *fake_text(const char *variable, const char *key,
                                    const char *otherwise, char *text,
                                    size_t size) {
    const char *path = getenv(variable);
    FILE *file = path ? fopen(path, "re") : NULL;
    char line[256];
    const size_t length = strlen(key);

    snprintf(text, size, "%s", otherwise);
    while (file && fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            snprintf(text, size, "%s", line + length + 1);
    }
    if (file)
        fclose(file);
    return text;
}

static inline const char *fake_gpu_text(const char *variable, unsigned gpu,
                                        const char *key, const char *otherwise,
                                        char *text, size_t size) {
    char own[64], all[128];

    snprintf(own, sizeof(own), "gpu%u.%s", gpu, key);
    fake_text(variable, key, otherwise, all, sizeof(all));
    return fake_text(variable, own, all, text, size);
}

static inline uint64_t fake_u64(const char *variable, const char *key,
                                uint64_t otherwise) {
    char text[64], number[32];

    snprintf(number, sizeof(number), "%llu", (unsigned long long)otherwise);
    fake_text(variable, key, number, text, sizeof(text));
    return strtoull(text, NULL, 0);
}

static inline uint64_t fake_gpu_u64(const char *variable, unsigned gpu,
                                    const char *key, uint64_t otherwise) {
    char text[64], number[32];

    snprintf(number, sizeof(number), "%llu", (unsigned long long)otherwise);
    fake_gpu_text(variable, gpu, key, number, text, sizeof(text));
    return strtoull(text, NULL, 0);
}

static inline uint64_t fake_now_ns(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif /* GB_TESTS_SUPPORT_FAKE_CONTROL_H */
