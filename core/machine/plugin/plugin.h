/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLUGIN_H
#define GB_MACHINE_PLUGIN_H

/**
 * @file machine/plugin/plugin.h
 * Find, check and load shared objects; lend a plugin the host's services.
 */
#include "base/error.h"
#include "greenbench/plugin.h"
#include "machine/plugin/pins.h"
#include "machine/plugin/trust.h"
#include "model/catalogue.h"
#include "model/plan.h"
#include "model/record.h"

typedef struct gb_plugin_set gb_plugin_set;

/** What a host looks at before it takes a plugin, in this order. */
typedef enum gb_plugin_part {
    GB_PART_FILE,   /* it loads, and was built for this MPI library */
    GB_PART_SYMBOL, /* it has a descriptor */
    GB_PART_ABI,
    GB_PART_OPS,
    GB_PART_TEXTS,
    GB_PART_ID,
    GB_PART_RANKS,
    GB_PART_PARAMS,
    GB_PART_DEFAULTS,
    GB_PART_NEEDS,
    GB_PART_ALL, /* nothing is wrong */
} gb_plugin_part;

/** Which plugins are let in. */
typedef struct gb_plugin_rules {
    const char *const *extensions; /* ids the host offers, null-terminated */
    gb_trust trust;
    bool allow_insecure; /* what others can change is loaded, and named so */
    const gb_pins *pins; /* no other content is loaded; null: any is */
    /** Asked before @p path is loaded, which runs code of its; "" after the
     *  last. A failure refuses it. Nullable. */
    gb_status (*loading)(void *ctx, const char *path, gb_error *why);
    void *loading_ctx;
} gb_plugin_rules;

/**
 * Load every *.so of @p folders that passes the checks, in this order: who can
 * change its folder and the file (trust.h), its content (pins.h), dlopen, MPI
 * library, symbol, ABI prefix, required ops and texts, id against file name,
 * parameter declarations, `needs` against what is offered. The first failure
 * stops that file and becomes one refusal in the catalogue; an insecure folder
 * is one, and is not looked into. Two plugins with one id: the one in the
 * earlier folder stays, the other is refused naming both paths. Missing folders
 * are skipped.
 *
 * @param folders     [folder_count], earlier ones win
 * @param[out] catalogue_out  gb_catalogue_fini() it
 */
gb_status gb_plugin_set_load(const char *const *folders, size_t folder_count,
                             const gb_plugin_rules *rules,
                             gb_plugin_set **set_out,
                             gb_catalogue *catalogue_out, gb_error *err);

/** As gb_plugin_set_load(), for the one file @p path, which somebody named and
 *  vouches for: what would be a refusal there is the error here. The plugin has
 *  index 0.
 *  @param[out] failed_out  what is wrong with it; GB_PART_ALL: nothing */
gb_status gb_plugin_set_load_file(const char *path,
                                  const char *const *extensions,
                                  gb_plugin_set **set_out,
                                  gb_plugin_part *failed_out, gb_error *err);

/**
 * Some plugins of @p set as they lie on disk, for other processes of this node:
 * one reads shared storage, the others take what it read. A module that looks
 * for libraries beside itself ($ORIGIN) goes by its path alone.
 *
 * @param indices          [count] of @p set, the order of the set to be made
 * @param[out] packed_out  malloc'ed [*bytes_out]
 * @retval GB_ERR_IO  a file cannot be read any more, or is another by now
 */
gb_status gb_plugin_set_pack(const gb_plugin_set *set, const size_t *indices,
                             size_t count, void **packed_out, size_t *bytes_out,
                             gb_error *err);

/**
 * Load what gb_plugin_set_pack() packed, from copies in memory, with the checks
 * of gb_plugin_set_load(). Where the kernel refuses to run code from memory
 * (vm.memfd_noexec), each is loaded from its path.
 */
gb_status gb_plugin_set_unpack(const void *packed, size_t bytes,
                               const char *const *extensions,
                               gb_plugin_set **set_out, gb_error *err);

/** Checked copy of the descriptor: an older plugin's missing tail is zero. */
const gb_plugin *gb_plugin_set_get(const gb_plugin_set *set, size_t index);
void gb_plugin_set_free(gb_plugin_set *set); /* null is allowed */

/** The checks on one descriptor, without dlopen.
 *  @param[out] copy_out    zero-filled copy of min(struct_size, sizeof) bytes
 *  @param[out] failed_out  which of them failed; GB_PART_ALL: none */
gb_status gb_plugin_check(const void *descriptor, const char *path,
                          const char *const *extensions, gb_plugin *copy_out,
                          gb_plugin_part *failed_out, gb_error *err);

/** Where to look: in the folders that somebody named, then in
 *  `lib/greenbench/plugins` (installed, any libdir) and `plugins` (build tree)
 *  in the folder above the program's own.
 *  @param lists    [list_count], each of folders separated by colons; "" is
 *                  none
 *  @param said_by  whose words they are, for messages: "--plugin-path"
 *  @param program_tree  "/opt/gb": absolute, without links or a trailing slash
 *  @param[out] folders_out  [*count_out] malloc'ed, each malloc'ed
 *  @retval GB_ERR_INVALID  a folder that is not absolute, which is one or
 *                          another by where the program is started */
gb_status gb_plugin_folders(const char *const *lists, size_t list_count,
                            const char *said_by, const char *program_tree,
                            char ***folders_out, size_t *count_out,
                            gb_error *err);

/** What the host lends to one instance on this rank. */
typedef struct gb_host_setup {
    uint32_t core_count;
    uint64_t memory_bytes, cache_bytes;
    const void *ext_mpi;  /* nullable */
    const void *ext_team; /* nullable */
    const void *ext_pace; /* nullable */
} gb_host_setup;

/** An instance with its host table. */
typedef struct gb_plugin_run gb_plugin_run;

gb_status gb_plugin_run_create(const gb_plugin *plugin,
                               const gb_plan_case *planned,
                               const gb_host_setup *setup,
                               gb_plugin_run **run_out, gb_error *err);
gb_status gb_plugin_run_prepare(gb_plugin_run *run, gb_error *err);
/** Before each gb_plugin_run_call(); does nothing without the op. */
gb_status gb_plugin_run_rearm(gb_plugin_run *run, gb_error *err);
/** The timed call: nothing but plugin->run() between two clock reads.
 *  @param[out] elapsed_ns_out  CLOCK_MONOTONIC */
gb_status gb_plugin_run_call(gb_plugin_run *run, uint64_t iterations,
                             gb_work *work_out, uint64_t *elapsed_ns_out,
                             gb_error *err);
gb_status gb_plugin_run_verify(gb_plugin_run *run, gb_error *err);
/** @return [*count_out] notes, owned by @p run */
const gb_note *gb_plugin_run_notes(const gb_plugin_run *run, size_t *count_out);
/** Call the plugin's destroy(): afterwards gb_plugin_run_leaked_bytes() is what
 *  it forgot. @retval GB_ERR_INTERNAL  it gave back what was never lent */
gb_status gb_plugin_run_end(gb_plugin_run *run, gb_error *err);
/** Bytes the plugin took from host->alloc() and has not given back. */
uint64_t gb_plugin_run_leaked_bytes(const gb_plugin_run *run);
/** Calls gb_plugin_run_end() unless that was done, takes back all memory; null
 *  is allowed. */
void gb_plugin_run_destroy(gb_plugin_run *run);

#endif /* GB_MACHINE_PLUGIN_H */
