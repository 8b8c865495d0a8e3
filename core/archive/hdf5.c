/* SPDX-License-Identifier: Apache-2.0 */
/* The samples of a run as HDF5, for h5py, h5dump and pandas. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/files.h"
#include "archive/hdf5_file.h"
#include "archive/rundir.h"

/* Rows of one chunk: a quarter of a MiB, which fits HDF5's chunk cache. */
#define CHUNK_ROWS    4096u
#define DEFLATE_LEVEL 1u

/* H5F_ACC_EXCL without the calls that its macro makes into a linked library. */
#define MAKE_ANEW 0x0004u

static const char *const columns[GB_HDF5_COLUMNS] = {
    "domain", "time_ns", "half_ns", "ticks", "ok", "mark", "stamp_ns"};
static const char *const units[GB_HDF5_COLUMNS] = {"index", "ns", "ns", "1",
                                                   "1",     "1",  "ns"};

/* A file being written, launch by launch. The first step that fails is
 * remembered, and later ones do nothing: ids below 0 are refused by every
 * function of the library. */
typedef struct writer {
    const gb_hdf5 *h5;
    hid_t file;
    hid_t launch, nodes, domains; /* groups of the launch at hand */
    char folder[24];              /* its name: "", "/launch-2" */
    const gb_hdf5_way *way;
    hid_t text;         /* type: UTF-8 of any length */
    const char *failed; /* the step; null: none */
} writer;

static hid_t step(writer *w, const char *what, hid_t id) {
    if (id < 0 && w->failed == NULL)
        w->failed = what;
    return id;
}

/* --- pieces --------------------------------------------------------------- */

static void put_attribute(writer *w, hid_t object, const char *name, hid_t type,
                          hid_t space, const void *value) {
    const gb_hdf5 *h5 = w->h5;
    const hid_t id = step(
        w, name,
        h5->H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT));

    step(w, name, h5->H5Awrite(id, type, value));
    if (id >= 0)
        h5->H5Aclose(id);
}

static void put_text(writer *w, hid_t object, const char *name,
                     const char *text) {
    const hid_t space = step(w, name, w->h5->H5Screate(H5S_SCALAR));

    put_attribute(w, object, name, w->text, space, &text);
    w->h5->H5Sclose(space);
}

static void put_whole(writer *w, hid_t object, const char *name,
                      uint64_t value) {
    const hid_t space = step(w, name, w->h5->H5Screate(H5S_SCALAR));

    put_attribute(w, object, name, *w->h5->H5T_NATIVE_UINT64_g, space, &value);
    w->h5->H5Sclose(space);
}

static hid_t make_group(writer *w, hid_t parent, const char *name) {
    return step(
        w, name,
        w->h5->H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}

static void put_texts(writer *w, hid_t object, const char *name,
                      const char *const *texts, size_t count) {
    const hsize_t size = count;
    const hid_t space = step(w, name, w->h5->H5Screate_simple(1, &size, NULL));

    put_attribute(w, object, name, w->text, space, texts);
    w->h5->H5Sclose(space);
}

/* One array of a table of domains. @param file_type  the type on disk */
static void put_array(writer *w, hid_t group, const char *name, hid_t file_type,
                      hid_t memory_type, const void *values, size_t count) {
    const gb_hdf5 *h5 = w->h5;
    const hsize_t size = count;
    const hid_t space = step(w, name, h5->H5Screate_simple(1, &size, NULL));
    const hid_t set =
        step(w, name,
             h5->H5Dcreate2(group, name, file_type, space, H5P_DEFAULT,
                            H5P_DEFAULT, H5P_DEFAULT));

    step(w, name,
         h5->H5Dwrite(set, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    if (set >= 0)
        h5->H5Dclose(set);
    if (space >= 0)
        h5->H5Sclose(space);
}

/* --- domains -------------------------------------------------------------- */

static void put_domain_arrays(writer *w, hid_t group, const gb_node *node,
                              const char **texts, double *reals,
                              uint64_t *wholes) {
    const gb_hdf5 *h5 = w->h5;
    const size_t count = node->domain_count;

    for (size_t i = 0; i < count; i++)
        texts[i] = node->domains[i].source;
    put_array(w, group, "source", w->text, w->text, texts, count);
    for (size_t i = 0; i < count; i++)
        texts[i] = node->domains[i].name;
    put_array(w, group, "name", w->text, w->text, texts, count);
    for (size_t i = 0; i < count; i++)
        texts[i] = gb_scope_name(node->domains[i].scope);
    put_array(w, group, "scope", w->text, w->text, texts, count);
    for (size_t i = 0; i < count; i++)
        texts[i] = node->domains[i].kind == GB_READING_POWER ? "W" : "J";
    put_array(w, group, "unit", w->text, w->text, texts, count);
    for (size_t i = 0; i < count; i++)
        reals[i] = node->domains[i].tick_j;
    put_array(w, group, "tick", *h5->H5T_IEEE_F64LE_g, *h5->H5T_NATIVE_DOUBLE_g,
              reals, count);
    for (size_t i = 0; i < count; i++)
        wholes[i] = node->domains[i].wrap_ticks;
    put_array(w, group, "wrap_ticks", *h5->H5T_STD_U64LE_g,
              *h5->H5T_NATIVE_UINT64_g, wholes, count);
}

static gb_status put_domains(writer *w, const gb_node *node, const char *name,
                             gb_error *err) {
    const size_t count = node->domain_count;
    const char **texts = calloc(count + 1, sizeof(*texts));
    double *reals = calloc(count + 1, sizeof(*reals));
    uint64_t *wholes = calloc(count + 1, sizeof(*wholes));
    gb_status status = GB_OK;

    if (texts != NULL && reals != NULL && wholes != NULL) {
        const hid_t group = make_group(w, w->domains, name);
        put_domain_arrays(w, group, node, texts, reals, wholes);
        if (group >= 0)
            w->h5->H5Gclose(group);
    } else {
        status = gb_fail_memory(err, "a table of energy domains");
    }
    free(texts);
    free(reals);
    free(wholes);
    return status;
}

/* --- rows ----------------------------------------------------------------- */

/* Positions of the rows in log->samples, node after node: those of node n are
 * at[first[n]] .. at[first[n + 1] - 1], in the order they were taken. */
typedef struct row_order {
    size_t *at;
    size_t *first; /* [node_count + 1] */
    size_t most;   /* of one node */
} row_order;

static gb_status order_rows(const gb_run_log *log, row_order *out,
                            gb_error *err) {
    const size_t nodes = log->session.node_count;

    out->at = calloc(log->sample_count + 1, sizeof(*out->at));
    out->first = calloc(nodes + 2, sizeof(*out->first));
    if (out->at == NULL || out->first == NULL)
        return gb_fail_memory(err, "the order of the samples");
    for (size_t i = 0; i < log->sample_count; i++)
        out->first[log->samples[i].node + 2]++;
    for (size_t n = 1; n <= nodes; n++) {
        const size_t count = out->first[n + 1];
        out->most = count > out->most ? count : out->most;
        out->first[n + 1] += out->first[n];
    }
    /* Each first[node + 1] is where its next row goes, and its end at last. */
    for (size_t i = 0; i < log->sample_count; i++)
        out->at[out->first[log->samples[i].node + 1]++] = i;
    return GB_OK;
}

/* How datasets of @p rows rows are stored. HDF5 wants chunks above 0. */
static hid_t chunked(writer *w, size_t rows) {
    const gb_hdf5 *h5 = w->h5;
    const hsize_t chunk[2] = {rows == 0           ? 1
                              : rows < CHUNK_ROWS ? rows
                                                  : CHUNK_ROWS,
                              GB_HDF5_COLUMNS};
    const hid_t id =
        step(w, "chunks", h5->H5Pcreate(*h5->H5P_CLS_DATASET_CREATE_ID_g));

    step(w, "chunks", h5->H5Pset_chunk(id, 2, chunk));
    step(w, "shuffle", h5->H5Pset_shuffle(id));
    step(w, "deflate", h5->H5Pset_deflate(id, DEFLATE_LEVEL));
    return id;
}

void gb_hdf5_fill_row(const gb_sample *sample, uint64_t row[GB_HDF5_COLUMNS]) {
    const gb_energy_reading *reading = &sample->reading;
    const uint64_t filled[GB_HDF5_COLUMNS] = {
        sample->domain, reading->time_ns, reading->half_ns,  reading->ticks,
        reading->ok,    sample->mark,     reading->stamp_ns,
    };

    memcpy(row, filled, sizeof(filled));
}

/* @param rows  null: they are put in later */
static void put_node(writer *w, const gb_node *node, const char *name,
                     const char *domains, uint64_t (*rows)[GB_HDF5_COLUMNS],
                     size_t count) {
    const gb_hdf5 *h5 = w->h5;
    const hsize_t size[2] = {count, GB_HDF5_COLUMNS};
    const hid_t layout = chunked(w, count);
    const hid_t space = step(w, name, h5->H5Screate_simple(2, size, NULL));
    const hid_t set =
        step(w, name,
             h5->H5Dcreate2(w->nodes, name, *h5->H5T_STD_U64LE_g, space,
                            H5P_DEFAULT, layout, H5P_DEFAULT));

    if (count > 0 && rows != NULL)
        step(w, name,
             h5->H5Dwrite(set, *h5->H5T_NATIVE_UINT64_g, H5S_ALL, H5S_ALL,
                          H5P_DEFAULT, rows));
    put_text(w, set, "node", node->name);
    put_text(w, set, "domains", domains);
    put_texts(w, set, "columns", columns, GB_HDF5_COLUMNS);
    put_texts(w, set, "units", units, GB_HDF5_COLUMNS);
    if (set >= 0)
        h5->H5Dclose(set);
    if (space >= 0)
        h5->H5Sclose(space);
    if (layout >= 0)
        h5->H5Pclose(layout);
}

/* --- the file ------------------------------------------------------------- */

/* The node whose table of domains @p node has: itself, or an earlier one. */
static size_t owner_of_domains(const gb_session *session, size_t node) {
    size_t owner = 0;

    if (!session->nodes[node].shares_domains)
        return node;
    while (session->nodes[owner].domains != session->nodes[node].domains)
        owner++;
    return owner;
}

static gb_status put_nodes(writer *w, const gb_run_log *log,
                           const row_order *order, gb_error *err) {
    const gb_session *session = &log->session;
    const bool later = w->way->rows_later && log->next == NULL;
    uint64_t(*rows)[GB_HDF5_COLUMNS] = calloc(order->most + 1, sizeof(*rows));
    gb_status status = rows != NULL ? GB_OK : gb_fail_memory(err, "samples");

    for (size_t n = 0;
         status == GB_OK && w->failed == NULL && n < session->node_count; n++) {
        const gb_node *node = &session->nodes[n];
        const size_t count = order->first[n + 1] - order->first[n];
        const size_t owner = owner_of_domains(session, n);
        char name[24], domains[64];

        snprintf(name, sizeof(name), "%05zu", n);
        snprintf(domains, sizeof(domains), "%s/domains/%05zu", w->folder,
                 owner);
        if (owner == n)
            status = put_domains(w, node, name, err);
        if (status != GB_OK)
            break;
        for (size_t i = 0; i < count && !later; i++)
            gb_hdf5_fill_row(&log->samples[order->at[order->first[n] + i]],
                             rows[i]);
        put_node(w, node, name, domains, later ? NULL : rows, count);
    }
    free(rows);
    return status;
}

static void open_file(writer *w, const char *path, const gb_session *session) {
    const gb_hdf5 *h5 = w->h5;
    const hid_t access =
        step(w, "access", h5->H5Pcreate(*h5->H5P_CLS_FILE_ACCESS_ID_g));

    /* Any reader since HDF5 1.10 (2016): what finds chunks took 2 KiB a node
     * before. */
    step(w, "version",
         h5->H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110));
    w->file =
        step(w, "file", h5->H5Fcreate(path, MAKE_ANEW, H5P_DEFAULT, access));
    if (access >= 0)
        h5->H5Pclose(access);
    w->text = step(w, "text", h5->H5Tcopy(*h5->H5T_C_S1_g));
    step(w, "text", h5->H5Tset_size(w->text, H5T_VARIABLE));
    step(w, "text", h5->H5Tset_cset(w->text, H5T_CSET_UTF8));
    put_text(w, w->file, "schema", "greenbench.samples/1");
    put_text(w, w->file, "run_id", session->run_id);
    put_text(w, w->file, "clock", "CLOCK_MONOTONIC of each node");
    put_text(w, w->file, "written_by", w->way->written_by);
    if (w->way->why != NULL)
        put_text(w, w->file, "written_by_reason", w->way->why);
}

static void close_file(writer *w) {
    if (w->text >= 0)
        w->h5->H5Tclose(w->text);
    if (w->file >= 0)
        step(w, "the last of it", w->h5->H5Fclose(w->file));
}

/* The first launch is the file itself, as it is in the run's directory. */
static void name_launch(uint32_t launch, char *out, size_t size) {
    out[0] = '\0';
    if (launch > 1)
        snprintf(out, size, "/launch-%u", (unsigned)launch);
}

void gb_hdf5_node_path(uint32_t launch, size_t node, char *out, size_t size) {
    char folder[24];

    name_launch(launch, folder, sizeof(folder));
    snprintf(out, size, "%s/nodes/%05zu", folder, node);
}

static void open_launch(writer *w, const gb_session *session) {
    name_launch(session->launch, w->folder, sizeof(w->folder));
    w->launch =
        session->launch > 1 ? make_group(w, w->file, w->folder) : w->file;
    put_whole(w, w->launch, "launch", session->launch);
    put_whole(w, w->launch, "started_utc_ns", session->started_utc_ns);
    w->nodes = make_group(w, w->launch, "nodes");
    w->domains = make_group(w, w->launch, "domains");
}

static void close_launch(writer *w) {
    if (w->nodes >= 0)
        w->h5->H5Gclose(w->nodes);
    if (w->domains >= 0)
        w->h5->H5Gclose(w->domains);
    if (w->launch >= 0 && w->launch != w->file)
        w->h5->H5Gclose(w->launch);
}

static gb_status put_launch(writer *w, const gb_run_log *log, gb_error *err) {
    row_order order = {0};

    gb_status status = order_rows(log, &order, err);
    if (status == GB_OK) {
        open_launch(w, &log->session);
        status = put_nodes(w, log, &order, err);
        close_launch(w);
    }
    free(order.at);
    free(order.first);
    return status;
}

gb_status gb_hdf5_make(const gb_hdf5 *h5, const char *path,
                       const gb_run_log *log, const gb_hdf5_way *way,
                       gb_error *err) {
    writer w = {.h5 = h5, .file = -1, .text = -1, .way = way};
    gb_status status = GB_OK;

    open_file(&w, path, &log->session);
    for (; log != NULL && status == GB_OK; log = log->next)
        status = put_launch(&w, log, err);
    close_file(&w);
    if (status == GB_OK && w.failed != NULL)
        status = gb_fail(
            err, GB_ERR_IO, "is there space, and may this user write there?",
            "cannot write '%s': HDF5 failed at '%s'", path, w.failed);
    return status;
}

gb_status gb_hdf5_publish(gb_status status, const char *draft,
                          const char *dir_path, const char *name,
                          gb_error *err) {
    const int fd = status == GB_OK ? open(draft, O_RDWR | O_CLOEXEC) : -1;

    if (fd >= 0)
        return gb_draft_publish(fd, draft, dir_path, name, err);
    if (status == GB_OK)
        status = gb_fail_os(err, GB_ERR_IO, NULL, "cannot open '%s'", draft);
    unlink(draft);
    return status;
}

gb_status gb_rundir_write_hdf5(const char *dir_path, const char *name,
                               const gb_run_log *log, const char *why,
                               gb_error *err) {
    const gb_hdf5_way way = {.written_by = "one process", .why = why};
    const gb_hdf5 *h5 = NULL;
    char draft[PATH_MAX];

    gb_status status = gb_hdf5_load(&h5, err);
    if (status == GB_OK)
        status = gb_draft_path(dir_path, name, draft, sizeof(draft), err);
    if (status != GB_OK)
        return status;
    status = gb_hdf5_make(h5, draft, log, &way, err);
    return gb_hdf5_publish(status, draft, dir_path, name, err);
}
