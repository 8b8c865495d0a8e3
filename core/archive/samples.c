/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/samples.h"

#include <stdlib.h>
#include <string.h>

/* 3 x 10 digits, 3 x 20, two flags, seven commas and a newline. */
#define ROW_MAX 104
#define COLUMNS 8

/* Characters of a bad row that its message shows. */
#define SHOWN_MAX 60

/* --- writing -------------------------------------------------------------- */

static char *put_u64(char *at, uint64_t value) {
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (count > 0)
        *at++ = digits[--count];
    return at;
}

void gb_samples_write(const gb_sample *rows, size_t count, gb_str *out) {
    for (size_t i = 0; i < count; i++) {
        const gb_sample *row = &rows[i];
        char line[ROW_MAX];
        char *at = put_u64(line, row->node);
        *at++ = ',';
        at = put_u64(at, row->domain);
        *at++ = ',';
        at = put_u64(at, row->reading.time_ns);
        *at++ = ',';
        at = put_u64(at, row->reading.half_ns);
        *at++ = ',';
        at = put_u64(at, row->reading.ticks);
        *at++ = ',';
        *at++ = row->reading.ok ? '1' : '0';
        *at++ = ',';
        *at++ = row->mark ? '1' : '0';
        *at++ = ',';
        at = put_u64(at, row->reading.stamp_ns);
        *at++ = '\n';
        gb_str_addn(out, line, (size_t)(at - line));
    }
}

/* --- reading -------------------------------------------------------------- */

/* So many digits make no number beyond 64 bits. */
#define SAFE_DIGITS 19

/* Digits, then @p end. Null: something else, or more than @p most. */
static const char *get_u64(const char *at, char end, uint64_t most,
                           uint64_t *out) {
    uint64_t value = 0;
    const char *start = at;
    for (; *at >= '0' && *at <= '9' && at - start < SAFE_DIGITS; at++)
        value = value * 10 + (uint64_t)(*at - '0');
    for (; *at >= '0' && *at <= '9'; at++) {
        const unsigned digit = (unsigned)(*at - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return NULL;
        value = value * 10 + digit;
    }
    if (at == start || *at != end || value > most)
        return NULL;
    *out = value;
    return at + 1;
}

/* One row of @p columns; null if it is none. */
static const char *get_row(const char *at, size_t columns, gb_sample *row) {
    static const uint64_t most[COLUMNS] = {
        UINT32_MAX, UINT32_MAX, UINT64_MAX, UINT32_MAX,
        UINT64_MAX, 1,          1,          UINT64_MAX,
    };
    uint64_t values[COLUMNS] = {0};
    for (size_t i = 0; i < columns && at != NULL; i++)
        at = get_u64(at, i + 1 < columns ? ',' : '\n', most[i], &values[i]);
    if (at != NULL)
        *row = (gb_sample){
            .node = (uint32_t)values[0],
            .domain = (uint32_t)values[1],
            .reading = {.time_ns = values[2],
                        .stamp_ns = values[7],
                        .half_ns = (uint32_t)values[3],
                        .ticks = values[4],
                        .ok = values[5] == 1},
            .mark = values[6] == 1,
        };
    return at;
}

/* Which columns does the file have? 0: its first line is none of ours. */
static size_t count_columns(const char *text, size_t *header_length_out) {
    static const struct {
        const char *header;
        size_t columns;
    } known[] = {
        {GB_SAMPLES_HEADER, COLUMNS},
        {GB_SAMPLES_HEADER_OLD, COLUMNS - 1},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        *header_length_out = strlen(known[i].header);
        if (strncmp(text, known[i].header, *header_length_out) == 0)
            return known[i].columns;
    }
    return 0;
}

static size_t count_lines(const char *text, size_t length) {
    size_t lines = 0;
    const char *end = text + length;
    for (const char *at = text;
         (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        lines++;
    return lines;
}

static gb_status bad_row(const char *name, size_t line, const char *at,
                         gb_error *err) {
    const size_t length = strcspn(at, "\n");
    return gb_fail(err, GB_ERR_INVALID, NULL,
                   "%s:%zu: expected 'node,domain,time_ns,half_ns,ticks,ok,"
                   "mark,stamp_ns' in whole numbers, got '%.*s'",
                   name, line, length < SHOWN_MAX ? (int)length : SHOWN_MAX,
                   at);
}

gb_status gb_samples_check(const char *name, const gb_session *session,
                           const gb_sample *rows, size_t count, gb_error *err) {
    for (size_t i = 0; i < count; i++)
        if (rows[i].node >= session->node_count ||
            rows[i].domain >= session->nodes[rows[i].node].domain_count)
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "%s:%zu: expected a node and domain of the session, "
                           "got node %u, domain %u",
                           name, i + 2, rows[i].node, rows[i].domain);
    return GB_OK;
}

gb_status gb_samples_read(const char *name, const char *text, size_t length,
                          const gb_session *session, gb_sample **rows_out,
                          size_t *count_out, size_t *damaged_out,
                          gb_error *err) {
    size_t header_length = 0;
    const size_t lines = count_lines(text, length);
    const size_t columns = lines > 0 ? count_columns(text, &header_length) : 0;
    const bool cut = length > 0 && text[length - 1] != '\n';
    if (lines > 0 && columns == 0)
        return bad_row(name, 1, text, err);

    gb_sample *rows = malloc((lines > 1 ? lines - 1 : 1) * sizeof(*rows));
    if (rows == NULL)
        return gb_fail_memory(err, name);
    gb_status status = GB_OK;
    size_t count = 0;
    const char *at = text + header_length;
    for (size_t line = 2; line <= lines && status == GB_OK; line++) {
        gb_sample *row = &rows[count];
        const char *next = get_row(at, columns, row);
        if (next == NULL)
            status = bad_row(name, line, at, err);
        at = next;
        count++;
    }
    if (status == GB_OK && session != NULL)
        status = gb_samples_check(name, session, rows, count, err);
    if (status != GB_OK) {
        free(rows);
        return status;
    }
    *rows_out = rows;
    *count_out = count;
    *damaged_out = cut;
    return GB_OK;
}
