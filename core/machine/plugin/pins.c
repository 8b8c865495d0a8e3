/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/plugin/pins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define PREFIX "sha256:"

/** @param where  "--plugin-allow", "/etc/plugins.allow:3" */
static gb_status add_one(gb_pins *pins, const char *where, const char *text,
                         size_t length, gb_error *err) {
    const size_t prefix = strlen(PREFIX);
    const char *digits = text + prefix;

    if (length != prefix + GB_SHA256_SIZE - 1 ||
        strncmp(text, PREFIX, prefix) != 0 ||
        strspn(digits, "0123456789abcdef") < GB_SHA256_SIZE - 1)
        return gb_fail(err, GB_ERR_INVALID,
                       "'greenbench list --plugins' prints them",
                       "%s: expected sha256: and 64 digits of [0-9a-f], got "
                       "'%.*s'",
                       where, (int)(length < 100 ? length : 100), text);
    char(*list)[GB_SHA256_SIZE] =
        realloc(pins->sha256, (pins->count + 1) * sizeof(*list));
    if (list == NULL)
        return gb_fail_memory(err, "the list of plugins that are let in");
    pins->sha256 = list;
    memcpy(list[pins->count], digits, GB_SHA256_SIZE - 1);
    list[pins->count++][GB_SHA256_SIZE - 1] = '\0';
    return GB_OK;
}

static gb_status add_line(gb_pins *pins, const char *path, unsigned number,
                          char *line, gb_error *err) {
    char where[sizeof(err->what) / 2];

    line[strcspn(line, "#\r\n")] = '\0';
    char *word = line + strspn(line, " \t");
    size_t length = strlen(word);
    while (length > 0 && (word[length - 1] == ' ' || word[length - 1] == '\t'))
        length--;
    if (length == 0)
        return GB_OK;
    snprintf(where, sizeof(where), "%s:%u", path, number);
    return add_one(pins, where, word, length, err);
}

static gb_status add_file(gb_pins *pins, const gb_trust *trust,
                          const char *path, gb_error *err) {
    gb_trusted found;
    gb_status status = gb_trust_open(trust, path, &found, err);
    if (status != GB_OK)
        return status;
    FILE *file = NULL;
    if (found.insecure.status != GB_OK) {
        *err = found.insecure;
        status = err->status;
    } else if ((file = fdopen(found.fd, "r")) == NULL) {
        status = gb_fail_os(err, GB_ERR_IO, NULL, "cannot read '%s'", path);
    } else {
        found.fd = -1; /* the stream's now */
    }
    char *line = NULL;
    size_t size = 0;
    for (unsigned number = 1;
         status == GB_OK && getline(&line, &size, file) >= 0; number++)
        status = add_line(pins, path, number, line, err);
    if (status == GB_OK && ferror(file))
        status = gb_fail_os(err, GB_ERR_IO, NULL, "cannot read '%s'", path);
    free(line);
    if (file != NULL)
        fclose(file);
    gb_trusted_fini(&found);
    return status;
}

gb_status gb_pins_add(gb_pins *pins, const gb_trust *trust, const char *text,
                      gb_error *err) {
    gb_status status = GB_OK;

    if (text[0] == '@')
        return add_file(pins, trust, text + 1, err);
    do {
        const size_t length = strcspn(text, ",");
        status = add_one(pins, "--plugin-allow", text, length, err);
        text += length + (text[length] == ',');
    } while (status == GB_OK && *text != '\0');
    return status;
}

bool gb_pins_hold(const gb_pins *pins, const char *sha256) {
    for (size_t i = 0; i < pins->count; i++)
        if (strcmp(pins->sha256[i], sha256) == 0)
            return true;
    return false;
}

void gb_pins_fini(gb_pins *pins) {
    free(pins->sha256);
    *pins = (gb_pins){0};
}
