/* SPDX-License-Identifier: Apache-2.0 */
/* The thin front to libfuse: errno, descriptors and the clock. What is read is
 * decided in tree.c. */
#include "emulator/serve.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <fuse3/fuse.h>
#include <fuse3/fuse_lowlevel.h>

#include "base/clock.h"
#include "emulator/live.h"
#include "emulator/tree.h"

/* Reads that are slow on purpose must not use up the threads of the others. */
#define THREADS_MAX  64
#define THREADS_IDLE 8
#define SLICE_S      0.02 /* of a slow read, between looks at the exit */

typedef struct handle handle;

typedef struct server {
    gb_tree *tree;
    gb_live *live; /* null: no trace follows this machine */
    uint64_t start_ns, start_utc_us;
    pthread_mutex_t meters; /* readings that change later ones */
    pthread_mutex_t opened; /* of the list of handles */
    handle *handles;        /* what is open: nobody closes it after the end */
    const gb_serve_options *options;
} server;

/* One open file. What a read at offset 0 gave is what later offsets see, as in
 * sysfs. */
struct handle {
    gb_tree_entry entry;
    pthread_mutex_t lock;
    gb_str text;
    handle *before, *after; /* in the server's list */
};

static server *this_server(void) {
    return fuse_get_context()->private_data;
}

static int64_t elapsed_ns(const server *own) {
    return (int64_t)(gb_clock_now_ns(&gb_clock_system) - own->start_ns);
}

static handle *handle_of(const struct fuse_file_info *info) {
    return (handle *)(uintptr_t)info->fh;
}

/* --- operations ----------------------------------------------------------- */

static int op_getattr(const char *path, struct stat *what,
                      struct fuse_file_info *info) {
    const server *own = this_server();
    gb_tree_entry entry;
    memset(what, 0, sizeof(*what));
    if (info != NULL && info->fh != 0) {
        entry = handle_of(info)->entry;
    } else {
        const int cause =
            gb_tree_look(own->tree, path, elapsed_ns(own), &entry);
        if (cause != 0)
            return -cause;
    }
    static const mode_t types[] = {S_IFDIR, S_IFLNK, S_IFREG};
    what->st_mode = types[entry.kind] | entry.mode;
    what->st_nlink = entry.kind == GB_TREE_DIR ? 2 : 1;
    what->st_size = (off_t)entry.size;
    what->st_uid = getuid();
    what->st_gid = getgid();
    return 0;
}

static int op_readlink(const char *path, char *out, size_t size) {
    const server *own = this_server();
    gb_tree_entry entry;
    const int cause = gb_tree_look(own->tree, path, elapsed_ns(own), &entry);
    if (cause != 0)
        return -cause;
    if (gb_tree_link_target(&entry) == NULL)
        return -EINVAL;
    gb_copy(out, size, gb_tree_link_target(&entry));
    return 0;
}

/* What a path leads to now, kept for the calls that come without a path. */
static int open_entry(const char *path, bool folder,
                      struct fuse_file_info *info) {
    server *own = this_server();
    const int64_t t_ns = elapsed_ns(own);
    gb_tree_entry entry;
    int cause = gb_tree_look(own->tree, path, t_ns, &entry);
    if (cause == 0 && !folder)
        cause = gb_tree_open(&entry, t_ns);
    if (cause == 0 && folder && entry.kind != GB_TREE_DIR)
        cause = ENOTDIR;
    if (cause != 0)
        return -cause;
    handle *opened = calloc(1, sizeof(*opened));
    if (opened == NULL)
        return -ENOMEM;
    opened->entry = entry;
    pthread_mutex_init(&opened->lock, NULL);
    pthread_mutex_lock(&own->opened);
    opened->after = own->handles;
    if (own->handles != NULL)
        own->handles->before = opened;
    own->handles = opened;
    pthread_mutex_unlock(&own->opened);
    info->fh = (uintptr_t)opened;
    return 0;
}

static void close_handle(server *own, handle *opened) {
    pthread_mutex_lock(&own->opened);
    if (opened->before != NULL)
        opened->before->after = opened->after;
    else
        own->handles = opened->after;
    if (opened->after != NULL)
        opened->after->before = opened->before;
    pthread_mutex_unlock(&own->opened);
    gb_str_fini(&opened->text);
    pthread_mutex_destroy(&opened->lock);
    free(opened);
}

static int op_open(const char *path, struct fuse_file_info *info) {
    info->direct_io = 1; /* each read comes here, whatever was read before */
    return open_entry(path, false, info);
}

static int op_opendir(const char *path, struct fuse_file_info *info) {
    return open_entry(path, true, info);
}

static int op_release(const char *path, struct fuse_file_info *info) {
    (void)path;
    close_handle(this_server(), handle_of(info));
    return 0;
}

typedef struct listing {
    void *buffer;
    fuse_fill_dir_t fill;
} listing;

static void add_name(void *ctx, const char *name) {
    const listing *to = ctx;
    to->fill(to->buffer, name, NULL, 0, 0);
}

static int op_readdir(const char *path, void *buffer, fuse_fill_dir_t fill,
                      off_t offset, struct fuse_file_info *info,
                      enum fuse_readdir_flags flags) {
    const server *own = this_server();
    listing to = {buffer, fill};
    (void)path;
    (void)offset;
    (void)flags;
    fill(buffer, ".", NULL, 0, 0);
    fill(buffer, "..", NULL, 0, 0);
    return -gb_tree_list(own->tree, &handle_of(info)->entry, elapsed_ns(own),
                         add_name, &to);
}

static int wait_slowly(const server *own, const handle *opened) {
    struct fuse_session *session = fuse_get_session(fuse_get_context()->fuse);
    double left_s = gb_tree_delay_s(&opened->entry, elapsed_ns(own));
    while (left_s > 0.0) {
        const double slice_s = left_s < SLICE_S ? left_s : SLICE_S;
        const struct timespec slice = {.tv_nsec = (long)(slice_s * 1e9)};
        nanosleep(&slice, NULL);
        left_s -= slice_s;
        if (fuse_interrupted() || fuse_session_exited(session))
            return EINTR;
    }
    return 0;
}

static int render(server *own, handle *opened) {
    const gb_tree_time time = {
        .t_ns = elapsed_ns(own),
        .start_ns = own->start_ns,
        .start_utc_us = own->start_utc_us,
    };
    const bool stateful = gb_tree_is_stateful(&opened->entry);
    opened->text.length = 0; /* keeps its memory */
    if (own->live != NULL)
        gb_live_lock(own->live, (double)time.t_ns * 1e-9 - GB_TRACE_CPU_LAG_S);
    if (stateful)
        pthread_mutex_lock(&own->meters);
    const int cause =
        gb_tree_read(own->tree, &opened->entry, &time, &opened->text);
    if (stateful)
        pthread_mutex_unlock(&own->meters);
    if (own->live != NULL)
        gb_live_unlock(own->live);
    return cause;
}

static int op_read(const char *path, char *out, size_t size, off_t offset,
                   struct fuse_file_info *info) {
    server *own = this_server();
    handle *opened = handle_of(info);
    size_t given = 0;
    int cause = 0;
    (void)path;
    if (offset == 0)
        cause = wait_slowly(own, opened);
    pthread_mutex_lock(&opened->lock);
    if (cause == 0 && offset == 0)
        cause = render(own, opened);
    if (cause == 0 && (size_t)offset < opened->text.length) {
        given = opened->text.length - (size_t)offset;
        given = given < size ? given : size;
        memcpy(out, opened->text.text + offset, given);
    }
    pthread_mutex_unlock(&opened->lock);
    return cause != 0 ? -cause : (int)given;
}

static void *op_init(struct fuse_conn_info *connection,
                     struct fuse_config *config) {
    server *own = this_server();
    (void)connection;
    config->entry_timeout = 0;
    config->attr_timeout = 0;
    config->negative_timeout = 0;
    config->nullpath_ok = 1;
    if (own->options->ready != NULL)
        own->options->ready(own->options->ctx);
    return own;
}

static const struct fuse_operations operations = {
    .init = op_init,
    .getattr = op_getattr,
    .readlink = op_readlink,
    .opendir = op_opendir,
    .readdir = op_readdir,
    .releasedir = op_release,
    .open = op_open,
    .release = op_release,
    .read = op_read,
};

/* --- the session ---------------------------------------------------------- */

/* What libfuse would print; only the command line prints. */
static char fuse_said[200];

static void keep_said(enum fuse_log_level level, const char *format,
                      va_list arguments) {
    if (level > FUSE_LOG_ERR || fuse_said[0] != '\0')
        return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    vsnprintf(fuse_said, sizeof(fuse_said), format, arguments);
#pragma GCC diagnostic pop
    fuse_said[strcspn(fuse_said, "\n")] = '\0';
}

static gb_status fail_fuse(gb_error *err, const char *what,
                           const char *mount_point) {
    return gb_fail(err, GB_ERR_UNSUPPORTED,
                   "needs /dev/fuse and, unless root, fusermount3 (Debian: "
                   "fuse3); in a container: --device /dev/fuse --cap-add "
                   "SYS_ADMIN",
                   "cannot %s '%s': %s", what, mount_point,
                   fuse_said[0] != '\0' ? fuse_said : "libfuse does not say");
}

static int loop(struct fuse *fuse) {
#if FUSE_USE_VERSION >= 312
    struct fuse_loop_config *config = fuse_loop_cfg_create();
    if (config == NULL)
        return -ENOMEM;
    fuse_loop_cfg_set_clone_fd(config, 0);
    fuse_loop_cfg_set_idle_threads(config, THREADS_IDLE);
    fuse_loop_cfg_set_max_threads(config, THREADS_MAX);
    const int ended = fuse_loop_mt(fuse, config);
    fuse_loop_cfg_destroy(config);
    return ended;
#else
    struct fuse_loop_config config = {.clone_fd = 0,
                                      .max_idle_threads = THREADS_IDLE};
    return fuse_loop_mt(fuse, &config);
#endif
}

static gb_status run_session(server *own, struct fuse *fuse, gb_error *err) {
    const char *mount_point = own->options->mount_point;
    struct fuse_session *session = fuse_get_session(fuse);
    gb_status status = GB_OK;
    if (fuse_set_signal_handlers(session) != 0)
        return fail_fuse(err, "handle signals while serving", mount_point);
    if (fuse_mount(fuse, mount_point) != 0) {
        status = fail_fuse(err, "mount on", mount_point);
    } else {
        const int ended = loop(fuse); /* > 0: the signal that ended it */
        fuse_unmount(fuse);
        if (ended < 0)
            status = gb_fail(err, GB_ERR_IO, NULL, "serving '%s' ended: %s",
                             mount_point, strerror(-ended));
    }
    fuse_remove_signal_handlers(session);
    return status;
}

static gb_status start_session(server *own, gb_error *err) {
    char words[2][96] = {"greenbench-emulator", ""};
    char minus_o[] = "-o";
    char *arguments[] = {words[0], minus_o, words[1], NULL};
    struct fuse_args args = FUSE_ARGS_INIT(3, arguments);
    snprintf(words[1], sizeof(words[1]),
             "ro,nosuid,nodev,noexec,fsname=greenbench-emulator%s",
             own->options->allow_other ? ",allow_other,default_permissions"
                                       : "");
    fuse_said[0] = '\0';
    fuse_set_log_func(keep_said);
    struct fuse *fuse = fuse_new(&args, &operations, sizeof(operations), own);
    gb_status status =
        fuse != NULL ? run_session(own, fuse, err)
                     : fail_fuse(err, "serve on", own->options->mount_point);
    if (fuse != NULL)
        fuse_destroy(fuse);
    fuse_opt_free_args(&args);
    return status;
}

/* An empty folder: a mount hides what is in it. */
static gb_status check_folder(const char *path, gb_error *err) {
    struct stat what;
    if (stat(path, &what) != 0 || !S_ISDIR(what.st_mode))
        return gb_fail(err, GB_ERR_NOT_FOUND, "make an empty folder first",
                       "expected a folder to mount on, got '%s'", path);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return gb_fail_os(err, GB_ERR_PERMISSION, NULL, "cannot read '%s'",
                          path);
    bool empty = true;
    for (const struct dirent *entry = readdir(folder); entry != NULL && empty;
         entry = readdir(folder))
        empty =
            strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(folder);
    return empty ? GB_OK
                 : gb_fail(err, GB_ERR_INVALID, "make an empty folder first",
                           "expected an empty folder to mount on, got '%s'",
                           path);
}

gb_status gb_serve(gb_machines *machines, const gb_serve_options *options,
                   gb_error *err) {
    server own = {.options = options};
    gb_status status = check_folder(options->mount_point, err);
    if (status == GB_OK)
        status = gb_tree_build(machines, &own.tree, err);
    if (status != GB_OK)
        return status;
    pthread_mutex_init(&own.meters, NULL);
    pthread_mutex_init(&own.opened, NULL);
    own.start_ns = gb_clock_now_ns(&gb_clock_system);
    own.start_utc_us = gb_clock_utc_ns() / 1000;
    if (gb_machines_are_live(machines)) {
        gb_sysroot *root = NULL;
        status = gb_sysroot_open("/", &root, err);
        if (status == GB_OK)
            status = gb_live_start(root, &machines->history, own.start_ns,
                                   &own.live, err);
        gb_sysroot_close(root);
    }
    if (status == GB_OK)
        status = start_session(&own, err);
    gb_live_stop(own.live);
    while (own.handles != NULL)
        close_handle(&own, own.handles);
    pthread_mutex_destroy(&own.meters);
    pthread_mutex_destroy(&own.opened);
    gb_tree_free(own.tree);
    return status;
}
