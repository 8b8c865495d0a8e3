/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/fault.h"

#include <stdlib.h>
#include <string.h>

#define LOG_WINDOWS 256 /* of each fault, the last so many */

static const char *const kind_names[] = {
#define X(name, text) text,
    GB_FAULT_KIND_MAP(X)
#undef X
};

const char *gb_fault_kind_name(gb_fault_kind kind) {
    return kind_names[kind];
}

bool gb_fault_kind_parse(const char *text, gb_fault_kind *kind_out) {
    for (int i = 0; i < GB_FAULT_KIND_COUNT; i++)
        if (strcmp(text, kind_names[i]) == 0) {
            *kind_out = (gb_fault_kind)i;
            return true;
        }
    return false;
}

uint64_t gb_fault_begins(const gb_fault *fault, int64_t t_ns,
                         int64_t *begin_ns_out) {
    if (t_ns < fault->at_ns)
        return 0;
    const int64_t index =
        fault->every_ns > 0 ? (t_ns - fault->at_ns) / fault->every_ns : 0;
    if (begin_ns_out != NULL)
        *begin_ns_out = fault->at_ns + index * fault->every_ns;
    return (uint64_t)index + 1;
}

bool gb_fault_active(const gb_fault *fault, int64_t t_ns,
                     int64_t *begin_ns_out) {
    int64_t begin_ns = 0;
    if (gb_fault_begins(fault, t_ns, &begin_ns) == 0 ||
        t_ns - begin_ns >= fault->for_ns)
        return false;
    if (begin_ns_out != NULL)
        *begin_ns_out = begin_ns;
    return true;
}

bool gb_fault_hits(const gb_fault *fault, const char *domain,
                   const char *path) {
    return (domain != NULL && gb_glob_match(fault->target, domain)) ||
           gb_glob_match(fault->target, path);
}

/* --- the log -------------------------------------------------------------- */

typedef struct log_entry {
    int64_t t_ns;
    const gb_fault *fault;
    bool begin;
} log_entry;

static int by_time(const void *a, const void *b) {
    const log_entry *left = a, *right = b;
    if (left->t_ns != right->t_ns)
        return left->t_ns < right->t_ns ? -1 : 1;
    if (left->begin != right->begin)
        return left->begin ? 1 : -1; /* an end before the next begin */
    return left->fault < right->fault ? -1 : left->fault > right->fault;
}

/* Windows that began up to t_ns, the last LOG_WINDOWS of them. */
static size_t add_windows(const gb_fault *fault, int64_t t_ns,
                          log_entry *entries) {
    int64_t last_ns = 0;
    size_t count = 0;
    const uint64_t begins = gb_fault_begins(fault, t_ns, &last_ns);
    const uint64_t shown = begins < LOG_WINDOWS ? begins : LOG_WINDOWS;
    for (uint64_t i = 0; i < shown; i++) {
        const int64_t begin_ns = last_ns - (int64_t)i * fault->every_ns;
        entries[count++] = (log_entry){begin_ns, fault, true};
        /* A reset or a jump is over at once. */
        if (fault->for_ns > 0 && t_ns - begin_ns >= fault->for_ns)
            entries[count++] =
                (log_entry){begin_ns + fault->for_ns, fault, false};
    }
    return count;
}

void gb_fault_log(const gb_fault *faults, size_t count, int64_t t_ns,
                  gb_str *out) {
    size_t used = 0;
    log_entry *entries = calloc(2 * LOG_WINDOWS * count + 1, sizeof(*entries));
    if (entries == NULL) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        used += add_windows(&faults[i], t_ns, entries + used);
    qsort(entries, used, sizeof(*entries), by_time);
    for (size_t i = 0; i < used; i++)
        gb_str_addf(out, "%.3f s %s %s %s\n", (double)entries[i].t_ns * 1e-9,
                    entries[i].begin ? "begin" : "end",
                    gb_fault_kind_name(entries[i].fault->kind),
                    entries[i].fault->target);
    free(entries);
}

const char *gb_fault_garbage(uint64_t index) {
    static const char *const texts[] = {
        "-1\n",
        "12x34\n",
        "<no value>\n",
        "99999999999999999999999999\n",
    };
    return texts[index % (sizeof(texts) / sizeof(texts[0]))];
}
