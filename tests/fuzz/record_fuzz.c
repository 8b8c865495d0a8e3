/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as records.jsonl, line by line: what is taken can be written and
 * read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Takes @p line. */
static void read_again(char *line, const gb_session *session) {
    gb_run_log log = {0};
    gb_error err = {0};
    char *first = session != NULL ? gb_json_session(session) : NULL;
    if (first != NULL && gb_json_read_record(first, &log, &err) != GB_OK)
        abort();
    if (line == NULL || gb_json_read_record(line, &log, &err) != GB_OK)
        abort();
    free(first);
    free(line);
    gb_run_log_fini(&log);
}

static void write_all(const gb_run_log *log) {
    const gb_session *session = &log->session;
    const gb_plan none = {0};
    if (!log->has_session)
        return;
    read_again(gb_json_session(session), NULL);
    for (size_t i = 0; i < log->trial_count; i++)
        read_again(gb_json_trial(&log->trials[i], &none), session);
    for (size_t i = 0; i < log->rep_count; i++)
        read_again(
            gb_json_rep(&log->reps[i], session->ranks, session->node_count),
            session);
    for (size_t i = 0; i < log->idle_count; i++)
        read_again(gb_json_idle(&log->idles[i], session->node_count), session);
    if (log->has_end)
        read_again(gb_json_end(&log->end, session->node_count), session);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    gb_run_log log = {0};
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    memcpy(text, bytes, size);
    text[size] = '\0';
    for (char *at = text; at != NULL && *at != '\0';) {
        gb_error err = {0};
        char *end = strchr(at, '\n');
        if (end != NULL)
            *end = '\0';
        if (gb_json_read_record(at, &log, &err) != GB_OK && err.what[0] == '\0')
            abort();
        at = end != NULL ? end + 1 : NULL;
    }
    write_all(&log);
    gb_run_log_fini(&log);
    free(text);
    return 0;
}
