/* SPDX-License-Identifier: Apache-2.0 */
/* Sound but for the one fault that a definition, BROKEN_<fault>, brings in. */
#include <string.h>

#include "greenbench/plugin.h"

#ifdef BROKEN_accepts
#define ACCEPTS "1..9|no such value"
#else
#define ACCEPTS "1..9"
#endif

struct gb_instance {
    const gb_host *host;
    unsigned char *bytes; /* [64] */
    unsigned char *leaked;
};

static const gb_param_decl params[] = {
    {"size", "not used", "1", ACCEPTS},
};

#ifdef BROKEN_exports
GB_PLUGIN_EXPORT int stray_function(void);
int stray_function(void) {
    return 1;
}
#endif

static void broken_destroy(gb_instance *self) {
    const gb_host *host = self->host;
    host->free(host, self->bytes);
    host->free(host, self);
}

static gb_status broken_create(const gb_host *host, const gb_params *values,
                               gb_instance **self_out) {
#ifdef BROKEN_silent
    if (host->param_u64(values, "size") == 9)
        return GB_ERR_UNSUPPORTED;
#endif
    (void)values;
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.host = host};
    *self_out = self;
    return GB_OK;
}

static gb_status broken_prepare(gb_instance *self) {
    self->bytes = self->host->alloc(self->host, 64, 64);
#ifdef BROKEN_leak
    self->leaked = self->host->alloc(self->host, 64, 64);
#endif
    return self->bytes != NULL ? GB_OK : GB_ERR_NO_MEMORY;
}

static gb_status broken_run(gb_instance *self, uint64_t iterations,
                            gb_work *work) {
#ifdef BROKEN_crash
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
#endif
    memset(self->bytes, 7, 64);
#ifdef BROKEN_work
    iterations = 1;
#endif
    work->done = 64.0 * (double)iterations;
    return GB_OK;
}

static gb_status broken_verify(gb_instance *self) {
#ifndef BROKEN_verify
    for (size_t i = 0; i < 64; i++)
        if (self->bytes[i] != 7)
            return self->host->fail(self->host, GB_ERR_VERIFY, NULL,
                                    "byte %zu: expected 7, got %u", i,
                                    (unsigned)self->bytes[i]);
#endif
    (void)self;
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = BROKEN_ID,
    .version = "0.1.0",
    .summary = "keeps all promises but one",
    .work_unit = "byte",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .create = broken_create,
    .prepare = broken_prepare,
    .run = broken_run,
    .verify = broken_verify,
    .destroy = broken_destroy,
};
