/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/report/csv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/units.h"

static void begin_cell(gb_csv *csv) {
    if (csv->begun)
        gb_str_addn(csv->out, ",", 1);
    csv->begun = true;
}

static bool is_control(char c) {
    const unsigned char byte = (unsigned char)c;
    return (byte < 0x20 && c != '\n' && c != '\r') || byte == 0x7f;
}

/* OWASP, "CSV injection": what begins so is computed by a spreadsheet. */
static bool begins_formula(const char *text) {
    return text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
}

void gb_csv_text(gb_csv *csv, const char *text) {
    const bool quoted = strpbrk(text, ",\"\r\n") != NULL;

    begin_cell(csv);
    if (quoted)
        gb_str_addn(csv->out, "\"", 1);
    if (begins_formula(text))
        gb_str_addn(csv->out, "'", 1);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"')
            gb_str_addn(csv->out, "\"\"", 2);
        else
            gb_str_addn(csv->out, is_control(*at) ? " " : at, 1);
    }
    if (quoted)
        gb_str_addn(csv->out, "\"", 1);
}

void gb_csv_real(gb_csv *csv, double value) {
    char text[32];

    begin_cell(csv);
    if (isfinite(value))
        gb_str_add(csv->out, gb_format_exact(value, text, sizeof(text)));
}

void gb_csv_whole(gb_csv *csv, uint64_t value) {
    begin_cell(csv);
    gb_str_addf(csv->out, "%" PRIu64, value);
}

void gb_csv_bool(gb_csv *csv, bool value) {
    begin_cell(csv);
    gb_str_add(csv->out, value ? "true" : "false");
}

void gb_csv_empty(gb_csv *csv) {
    begin_cell(csv);
}

void gb_csv_end_row(gb_csv *csv) {
    gb_str_addn(csv->out, "\r\n", 2);
    csv->begun = false;
}

void gb_csv_head(gb_csv *csv, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        gb_csv_text(csv, names[i]);
    gb_csv_end_row(csv);
}
