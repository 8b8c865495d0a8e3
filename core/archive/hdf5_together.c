/* SPDX-License-Identifier: Apache-2.0 */
/* One file written by the leaders of all nodes. Rank 0 makes it alone but for
 * the rows, so that nobody else needs to know about other nodes; then all open
 * it and each puts in its own. Rows are compressed, for which HDF5 wants every
 * rank in every call, with nothing to write where the dataset is another's. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/files.h"
#include "archive/hdf5_file.h"
#include "archive/samples_team.h"
#include "base/text.h"

/* H5F_ACC_RDWR without the calls that its macro makes into a linked library. */
#define READ_AND_WRITE 0x0001u

/* What rank 0 says when it is ready. */
typedef struct order {
    gb_status status; /* not GB_OK: there is nothing to do */
    uint32_t launch;
    char path[PATH_MAX]; /* absolute: the others may be elsewhere */
} order;

typedef struct rows {
    uint64_t (*at)[GB_HDF5_COLUMNS];
    size_t count;
} rows;

/* An open file. As in hdf5.c: the first step that fails is remembered. */
typedef struct filler {
    const gb_hdf5_parallel *lib;
    hid_t access, transfer, file;
    const char *failed;
} filler;

static hid_t step(filler *f, const char *what, hid_t id) {
    if (id < 0 && f->failed == NULL)
        f->failed = what;
    return id;
}

/* --- before all depends on all -------------------------------------------- */

static gb_status make_rows(const gb_samples_team *team, rows *out,
                           gb_error *err) {
    out->count = team->row_count;
    out->at = calloc(out->count + 1, sizeof(*out->at));
    if (out->at == NULL)
        return gb_fail_memory(err, "this node's samples");
    for (size_t i = 0; i < out->count; i++)
        gb_hdf5_fill_row(&team->rows[i], out->at[i]);
    return GB_OK;
}

/* The name is random: a node that sees it has the directory of rank 0. */
static gb_status check_shared(const char *path, gb_error *err) {
    return access(path, R_OK | W_OK) == 0
               ? GB_OK
               : gb_fail_os(err, GB_ERR_UNSUPPORTED, NULL,
                            "expected the results on storage that every node "
                            "can write, but cannot open '%s'",
                            path);
}

/* --- together ------------------------------------------------------------- */

static void open_file(filler *f, const gb_samples_team *team,
                      const char *path) {
    const gb_hdf5_parallel *lib = f->lib;

    f->access =
        step(f, "access", lib->h5.H5Pcreate(*lib->h5.H5P_CLS_FILE_ACCESS_ID_g));
    if (team->open_together(team->ctx, lib->H5Pset_fapl_mpio, f->access) !=
        GB_OK)
        step(f, "MPI", -1);
    /* One rank reads what describes the datasets, and tells the others. */
    step(f, "metadata", lib->H5Pset_all_coll_metadata_ops(f->access, true));
    step(f, "metadata", lib->H5Pset_coll_metadata_write(f->access, true));
    step(f, "version",
         lib->h5.H5Pset_libver_bounds(f->access, H5F_LIBVER_V110,
                                      H5F_LIBVER_V110));
    f->transfer =
        step(f, "transfer", lib->h5.H5Pcreate(*lib->H5P_CLS_DATASET_XFER_ID_g));
    step(f, "transfer",
         lib->H5Pset_dxpl_mpio(f->transfer, H5FD_MPIO_COLLECTIVE));
    f->file = step(f, "file", lib->H5Fopen(path, READ_AND_WRITE, f->access));
}

static void close_file(filler *f) {
    const gb_hdf5 *h5 = &f->lib->h5;

    if (f->file >= 0) {
        step(f, "the last of it", f->lib->H5Fflush(f->file, H5F_SCOPE_GLOBAL));
        step(f, "the last of it", h5->H5Fclose(f->file));
    }
    if (f->transfer >= 0)
        h5->H5Pclose(f->transfer);
    if (f->access >= 0)
        h5->H5Pclose(f->access);
}

/* @param own  null: another's */
static void fill_node(filler *f, const char *path, const rows *own) {
    const gb_hdf5_parallel *lib = f->lib;
    const hid_t set = step(f, path, lib->H5Dopen2(f->file, path, H5P_DEFAULT));
    const hid_t space = step(f, path, lib->H5Dget_space(set));
    const hssize_t values = lib->H5Sget_simple_extent_npoints(space);
    const bool fits =
        own != NULL && (size_t)values == own->count * GB_HDF5_COLUMNS;

    if (own != NULL && !fits)
        step(f, "the number of rows", -1);
    if (!fits)
        step(f, path, lib->H5Sselect_none(space));
    /* Also after a failure that the others may not have had: they wait in this
     * call for every rank. */
    if (values > 0)
        step(f, path,
             lib->h5.H5Dwrite(set, *lib->h5.H5T_NATIVE_UINT64_g, space, space,
                              f->transfer, fits ? own->at : NULL));
    if (space >= 0)
        lib->h5.H5Sclose(space);
    if (set >= 0)
        lib->h5.H5Dclose(set);
}

static gb_status fill(const gb_samples_team *team, const gb_hdf5_parallel *lib,
                      const order *wish, const rows *own, gb_error *err) {
    filler f = {.lib = lib, .access = -1, .transfer = -1, .file = -1};

    open_file(&f, team, wish->path);
    for (int n = 0; f.file >= 0 && n < team->size; n++) {
        char path[48];
        gb_hdf5_node_path(wish->launch, (size_t)n, path, sizeof(path));
        fill_node(&f, path, n == team->rank ? own : NULL);
    }
    close_file(&f);
    return f.failed == NULL
               ? GB_OK
               : gb_fail(err, GB_ERR_IO, NULL,
                         "cannot write '%s' together: HDF5 failed at '%s'",
                         wish->path, f.failed);
}

/* All ranks, after rank 0's order. Agreed. */
static gb_status carry_out(const gb_samples_team *team, const order *wish,
                           gb_error *err) {
    const gb_hdf5_parallel *lib = NULL;
    rows own = {0};

    gb_status status = gb_hdf5_load_parallel(&lib, err);
    if (status == GB_OK)
        status = check_shared(wish->path, err);
    if (status == GB_OK)
        status = make_rows(team, &own, err);
    status = team->agree(team->ctx, status, err);
    if (status == GB_OK)
        status = team->agree(team->ctx, fill(team, lib, wish, &own, err), err);
    free(own.at);
    return status;
}

/* --- rank 0 --------------------------------------------------------------- */

static gb_status make(const gb_samples_team *team, const gb_run_log *log,
                      const char *draft, order *wish, gb_error *err) {
    char by[64];
    const gb_hdf5_way way = {.written_by = by, .rows_later = true};
    const gb_hdf5_parallel *lib = NULL;

    snprintf(by, sizeof(by), "the leaders of %d nodes, through MPI-IO",
             team->size);
    gb_status status = gb_hdf5_load_parallel(&lib, err);
    if (status == GB_OK)
        status = gb_hdf5_make(&lib->h5, draft, log, &way, err);
    if (status == GB_OK && realpath(draft, wish->path) == NULL)
        status = gb_fail_os(err, GB_ERR_IO, NULL, "cannot find '%s'", draft);
    while (log->next != NULL)
        log = log->next;
    wish->launch = log->session.launch;
    return status;
}

static gb_status write_together(const gb_samples_team *team,
                                const char *dir_path, const char *name,
                                const gb_run_log *log, gb_error *err) {
    char draft[PATH_MAX];
    order wish = {0};

    wish.status = gb_draft_path(dir_path, name, draft, sizeof(draft), err);
    if (wish.status == GB_OK)
        wish.status = make(team, log, draft, &wish, err);
    gb_status status = team->bcast(team->ctx, &wish, sizeof(wish));
    if (status == GB_OK)
        status =
            wish.status == GB_OK ? carry_out(team, &wish, err) : wish.status;
    return gb_hdf5_publish(status, draft, dir_path, name, err);
}

static void dismiss(const gb_samples_team *team) {
    order none = {.status = GB_ERR_INTERRUPTED};

    (void)team->bcast(team->ctx, &none, sizeof(none));
}

static void follow(const gb_samples_team *team) {
    order wish = {.status = GB_ERR_INTERRUPTED};
    gb_error ignored = {.rank = -1};

    if (team->bcast(team->ctx, &wish, sizeof(wish)) == GB_OK &&
        wish.status == GB_OK)
        (void)carry_out(team, &wish, &ignored);
}

const gb_samples_team_ops *gb_samples_team_work(void) {
    static const gb_samples_team_ops work = {
        .write = write_together,
        .dismiss = dismiss,
        .follow = follow,
    };
    return &work;
}
