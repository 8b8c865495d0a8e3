/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/units.h"

#define BLOCK_BYTES ((size_t)1 << 20)
#define ROW_MAX     ((size_t)16 << 20)
#define CELLS_MAX   ((size_t)100000)

struct gb_csv {
    const char *name;
    int fd;       /* -1: of a text */
    char *buffer; /* [room + 1] */
    size_t room, begin, end;
    const char *text; /* what is left of a text */
    size_t text_length;
    bool ended;
    char separator;     /* 0: not known yet */
    gb_csv_cell *cells; /* [cell_room] */
    size_t cell_count, cell_room, columns, line;
};

/* --- bytes ---------------------------------------------------------------- */

static gb_csv *make(const char *name, gb_error *err) {
    gb_csv *csv = calloc(1, sizeof(*csv));

    if (csv != NULL)
        csv->buffer = malloc(BLOCK_BYTES + 1);
    if (csv == NULL || csv->buffer == NULL) {
        free(csv);
        gb_fail_memory(err, name);
        return NULL;
    }
    csv->name = name;
    csv->room = BLOCK_BYTES;
    csv->fd = -1;
    return csv;
}

gb_status gb_csv_open(const char *path, const char *name, gb_csv **csv_out,
                      gb_error *err) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return gb_fail_os(err, errno == ENOENT ? GB_ERR_NOT_FOUND : GB_ERR_IO,
                          NULL, "cannot read '%s'", path);
    gb_csv *csv = make(name, err);
    if (csv == NULL) {
        close(fd);
        return GB_ERR_NO_MEMORY;
    }
    csv->fd = fd;
    *csv_out = csv;
    return GB_OK;
}

gb_status gb_csv_open_text(const char *name, const char *text, size_t length,
                           gb_csv **csv_out, gb_error *err) {
    gb_csv *csv = make(name, err);

    if (csv == NULL)
        return GB_ERR_NO_MEMORY;
    csv->text = text;
    csv->text_length = length;
    *csv_out = csv;
    return GB_OK;
}

void gb_csv_close(gb_csv *csv) {
    if (csv == NULL)
        return;
    if (csv->fd >= 0)
        close(csv->fd);
    free(csv->buffer);
    free(csv->cells);
    free(csv);
}

static ssize_t read_some(gb_csv *csv, char *into, size_t room) {
    if (csv->fd < 0) {
        const size_t some = room < csv->text_length ? room : csv->text_length;
        if (some > 0)
            memcpy(into, csv->text, some);
        csv->text = some > 0 ? csv->text + some : csv->text;
        csv->text_length -= some;
        return (ssize_t)some;
    }
    ssize_t got = 0;
    do
        got = read(csv->fd, into, room);
    while (got < 0 && errno == EINTR);
    return got;
}

/* More bytes behind what is there. */
static gb_status refill(gb_csv *csv, gb_error *err) {
    memmove(csv->buffer, csv->buffer + csv->begin, csv->end - csv->begin);
    csv->end -= csv->begin;
    csv->begin = 0;
    if (csv->end == csv->room) {
        if (csv->room >= ROW_MAX)
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "%s:%zu: expected a row of at most %zu MiB, got "
                           "more",
                           csv->name, csv->line + 1, ROW_MAX >> 20);
        char *longer = realloc(csv->buffer, 2 * csv->room + 1);
        if (longer == NULL)
            return gb_fail_memory(err, csv->name);
        csv->buffer = longer;
        csv->room *= 2;
    }
    const ssize_t got =
        read_some(csv, csv->buffer + csv->end, csv->room - csv->end);
    if (got < 0)
        return gb_fail_os(err, GB_ERR_IO, NULL, "cannot read '%s'", csv->name);
    csv->ended = got == 0;
    csv->end += (size_t)got;
    return GB_OK;
}

/* The next line without its end. @return false with *length_out 0: no more */
static gb_status next_line(gb_csv *csv, char **line_out, size_t *length_out,
                           bool *there, gb_error *err) {
    size_t looked = 0;

    for (;;) {
        char *from = csv->buffer + csv->begin;
        char *found =
            memchr(from + looked, '\n', csv->end - csv->begin - looked);
        looked = csv->end - csv->begin;
        if (found == NULL && csv->ended)
            found = csv->buffer + csv->end;
        if (found == NULL) {
            const gb_status status = refill(csv, err);
            if (status != GB_OK)
                return status;
            continue;
        }
        size_t length = (size_t)(found - from);
        *there = length > 0 || csv->begin < csv->end;
        csv->begin += length + (csv->begin + length < csv->end);
        if (length > 0 && from[length - 1] == '\r')
            length--;
        from[length] = '\0';
        *line_out = from;
        *length_out = length;
        csv->line += *there;
        return GB_OK;
    }
}

/* --- cells ---------------------------------------------------------------- */

static gb_status add_cell(gb_csv *csv, const char *text, size_t length,
                          gb_error *err) {
    if (csv->cell_count == csv->cell_room) {
        const size_t room = 2 * csv->cell_room + 16;
        gb_csv_cell *longer = csv->cell_count < CELLS_MAX
                                  ? realloc(csv->cells, room * sizeof(*longer))
                                  : NULL;
        if (longer == NULL)
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "%s:%zu: expected at most %zu cells, got more",
                           csv->name, csv->line, CELLS_MAX);
        csv->cells = longer;
        csv->cell_room = room;
    }
    csv->cells[csv->cell_count++] = (gb_csv_cell){text, length};
    return GB_OK;
}

/* A quoted cell is written over itself without its quotes.
 * @return what stands behind it; null: it is not closed */
static char *unquote(char *at, const char *end, size_t *length_out) {
    char *to = at, *from = at + 1;

    while (from < end) {
        if (*from != '"') {
            *to++ = *from++;
        } else if (from + 1 < end && from[1] == '"') {
            *to++ = '"';
            from += 2;
        } else {
            *length_out = (size_t)(to - at);
            return from + 1;
        }
    }
    return NULL;
}

static gb_status split(gb_csv *csv, char *line, size_t length, gb_error *err) {
    char *at = line, *end = line + length;
    gb_status status = GB_OK;

    csv->cell_count = 0;
    while (status == GB_OK) {
        size_t size = 0;
        char *cell = at;
        if (at < end && *at == '"') {
            at = unquote(at, end, &size);
            if (at == NULL || (at < end && *at != csv->separator))
                return gb_fail(err, GB_ERR_INVALID, NULL,
                               "%s:%zu: expected a closing quote before the "
                               "next cell, got none in this line",
                               csv->name, csv->line);
        } else {
            char *found = memchr(at, csv->separator, (size_t)(end - at));
            at = found != NULL ? found : end;
            size = (size_t)(at - cell);
        }
        status = add_cell(csv, cell, size, err);
        if (at == end)
            break;
        at++;
    }
    return status;
}

static char separator_of(const char *line) {
    bool quoted = false;
    char found = '\0';

    for (; *line != '\0'; line++) {
        quoted ^= *line == '"';
        if (!quoted && *line == ',')
            return ',';
        if (!quoted && found == '\0' && (*line == ';' || *line == '\t'))
            found = *line;
    }
    return found != '\0' ? found : ',';
}

gb_status gb_csv_row(gb_csv *csv, const gb_csv_cell **cells_out,
                     size_t *count_out, gb_error *err) {
    char *line = NULL;
    size_t length = 0;
    bool there = true;
    gb_status status = GB_OK;

    *count_out = 0;
    do {
        status = next_line(csv, &line, &length, &there, err);
        if (status != GB_OK || !there)
            return status;
        if (csv->line == 1 && length >= 3 &&
            memcmp(line, "\xef\xbb\xbf", 3) == 0)
            line += 3, length -= 3;
    } while (length == 0);
    if (csv->separator == '\0')
        csv->separator = separator_of(line);
    status = split(csv, line, length, err);
    if (status != GB_OK)
        return status;
    if (csv->columns == 0)
        csv->columns = csv->cell_count;
    if (csv->cell_count != csv->columns)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "%s:%zu: expected %zu cells as in the first line, got "
                       "%zu",
                       csv->name, csv->line, csv->columns, csv->cell_count);
    *cells_out = csv->cells;
    *count_out = csv->cell_count;
    return GB_OK;
}

size_t gb_csv_line(const gb_csv *csv) {
    return csv->line;
}

/* --- values --------------------------------------------------------------- */

static gb_csv_cell trimmed(const gb_csv_cell *cell) {
    gb_csv_cell out = *cell;

    while (out.length > 0 && out.text[0] == ' ')
        out.text++, out.length--;
    while (out.length > 0 && out.text[out.length - 1] == ' ')
        out.length--;
    return out;
}

bool gb_csv_is_missing(const gb_csv_cell *cell) {
    static const char *const words[] = {"", "null", "NA", "N/A", "NaN", "-"};
    const gb_csv_cell text = trimmed(cell);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strlen(words[i]) == text.length &&
            strncasecmp(words[i], text.text, text.length) == 0)
            return true;
    return false;
}

/* Up to 15 digits and a small power of ten are exact in a double: their
 * quotient is rounded once, as strtod's (W. D. Clinger, PLDI 1990). */
static bool plain_number(const gb_csv_cell *cell, double *value_out) {
    static const double tens[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    size_t at = cell->length > 0 && cell->text[0] == '-';
    const bool negative = at == 1;
    uint64_t digits = 0;
    size_t count = 0, decimals = 0;
    bool point = false;

    for (; at < cell->length; at++) {
        const char c = cell->text[at];
        if (c == '.' && !point) {
            point = true;
        } else if (c >= '0' && c <= '9' && count < 15) {
            digits = 10 * digits + (uint64_t)(c - '0');
            count++;
            decimals += point;
        } else {
            return false;
        }
    }
    if (count == 0)
        return false;
    const double value = (double)digits / tens[decimals];
    *value_out = negative ? -value : value;
    return true;
}

bool gb_csv_number(const gb_csv_cell *cell, double *value_out) {
    const gb_csv_cell text = trimmed(cell);
    char copy[64];

    if (plain_number(&text, value_out))
        return true;
    if (text.length == 0 || text.length >= sizeof(copy))
        return false;
    memcpy(copy, text.text, text.length);
    copy[text.length] = '\0';
    return gb_parse_f64(copy, value_out, NULL) == GB_OK;
}
