/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/plugin/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

/* What the kernel and file servers show for an owner that they cannot name. */
#define UNKNOWN_OWNER ((uid_t)65534)

gb_status gb_trust_of_process(const char *program, const char *program_tree,
                              gb_trust *trust_out, gb_error *err) {
    struct stat facts;

    if (stat(program, &facts) != 0)
        return gb_fail_os(err, GB_ERR_IO, NULL, "cannot look at '%s'", program);
    *trust_out = (gb_trust){
        .user = geteuid(),
        .program_owner = facts.st_uid,
        .program_tree = program_tree,
    };
    return GB_OK;
}

/* --- owners --------------------------------------------------------------- */

/** Is one of the two above the other, or are they the same? */
static bool on_one_way(const char *a, const char *b) {
    const char *shorter = strlen(a) <= strlen(b) ? a : b;
    const char *longer = shorter == a ? b : a;
    const size_t length = strlen(shorter);

    return strncmp(shorter, longer, length) == 0 &&
           (length <= 1 || longer[length] == '/' || longer[length] == '\0');
}

static bool may_own(const gb_trust *trust, const char *path, uid_t owner) {
    if (owner == 0 || owner == trust->user)
        return true;
    return owner == trust->program_owner &&
           (owner != UNKNOWN_OWNER || on_one_way(path, trust->program_tree));
}

static gb_status judge_owner(const gb_trust *trust, const char *path,
                             const struct stat *facts, gb_error *err) {
    char hint[sizeof(err->hint)];

    if (may_own(trust, path, facts->st_uid))
        return GB_OK;
    if (facts->st_uid == UNKNOWN_OWNER)
        snprintf(hint, sizeof(hint),
                 "copy it to a folder of your own: a container or file server "
                 "shows 65534 for every owner that it does not know");
    else
        snprintf(hint, sizeof(hint),
                 "chown %u '%s', or copy it to a folder of your own",
                 (unsigned)trust->user, path);
    return gb_fail(err, GB_ERR_PERMISSION, hint,
                   "'%s': expected an owner that may provide code (root or "
                   "user %u), found user %u, mode %04o",
                   path, (unsigned)trust->user, (unsigned)facts->st_uid,
                   (unsigned)facts->st_mode & 07777u);
}

/* --- modes ---------------------------------------------------------------- */

/** @param above  only a way to what is judged: there a sticky bit keeps others
 *                from replacing what is not theirs */
static gb_status judge_mode(const char *path, const struct stat *facts,
                            bool above, gb_error *err) {
    const unsigned mode = (unsigned)facts->st_mode & 07777u;
    const bool group = (mode & S_IWGRP) != 0;
    const bool others = (mode & S_IWOTH) != 0;
    char hint[sizeof(err->hint)];

    if ((!group && !others) || (above && (mode & S_ISVTX) != 0))
        return GB_OK;
    snprintf(hint, sizeof(hint), "chmod %s%s-w '%s'", group ? "g" : "",
             others ? "o" : "", path);
    return gb_fail(err, GB_ERR_PERMISSION, hint,
                   "'%s': expected that its owner alone may write to it, found "
                   "that %s may: mode %04o, owner %u",
                   path,
                   !others ? "its group"
                   : group ? "its group and others"
                           : "others",
                   mode, (unsigned)facts->st_uid);
}

/** Who can replace these can replace the program, which is running already. */
static bool leads_to_program(const gb_trust *trust, const char *path) {
    return strlen(path) < strlen(trust->program_tree) &&
           on_one_way(path, trust->program_tree);
}

static gb_status judge(const gb_trust *trust, const char *path, int fd,
                       bool above, gb_trusted *found, gb_error *err) {
    struct stat facts;

    if (fstat(fd, &facts) != 0)
        return gb_fail_os(err, GB_ERR_IO, NULL, "cannot look at '%s'", path);
    if (!S_ISDIR(facts.st_mode) && !S_ISREG(facts.st_mode))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "'%s': expected a file or a folder, found another kind",
                       path);
    if (found->insecure.status != GB_OK ||
        (above && leads_to_program(trust, path)))
        return GB_OK;
    if (judge_owner(trust, path, &facts, &found->insecure) == GB_OK)
        (void)judge_mode(path, &facts, above, &found->insecure);
    return GB_OK;
}

/* --- the way from the root ------------------------------------------------ */

/* Never waits for a pipe's other end, never follows a link. */
#define LAST_FLAGS (O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
#define PATH_FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static gb_status fail_open(const char *path, gb_error *err) {
    const bool missing = errno == ENOENT || errno == ENOTDIR;

    return gb_fail_os(err, missing ? GB_ERR_NOT_FOUND : GB_ERR_IO,
                      errno == ELOOP ? "was it replaced just now?" : NULL,
                      "cannot open '%s'", path);
}

/** From the root to found->path, which is cut and mended on the way. */
static gb_status walk(const gb_trust *trust, gb_trusted *found, gb_error *err) {
    char *path = found->path;
    int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    gb_status status =
        fd >= 0 ? judge(trust, "/", fd, true, found, err) : fail_open("/", err);

    for (char *end = path;
         status == GB_OK && end[0] == '/' && end[1] != '\0';) {
        char *name = end + 1;
        end = name + strcspn(name, "/");
        const bool last = *end == '\0';
        *end = '\0';
        const int next = openat(fd, name, last ? LAST_FLAGS : PATH_FLAGS);
        status = next >= 0 ? judge(trust, path, next, !last, found, err)
                           : fail_open(path, err);
        close(fd);
        fd = next;
        if (!last)
            *end = '/';
    }
    if (status != GB_OK && fd >= 0)
        close(fd);
    found->fd = status == GB_OK ? fd : -1;
    return status;
}

gb_status gb_trust_open(const gb_trust *trust, const char *path,
                        gb_trusted *found, gb_error *err) {
    *found = (gb_trusted){.fd = -1, .path = realpath(path, NULL)};
    if (found->path == NULL)
        return fail_open(path, err);
    const gb_status status = walk(trust, found, err);
    if (status != GB_OK)
        gb_trusted_fini(found);
    return status;
}

gb_status gb_trust_open_in(const gb_trust *trust, const gb_trusted *folder,
                           const char *name, gb_trusted *found, gb_error *err) {
    gb_str text = {0};
    gb_str_addf(&text, "%s/%s", folder->path, name);
    *found = (gb_trusted){.fd = openat(folder->fd, name, LAST_FLAGS),
                          .insecure = folder->insecure,
                          .path = gb_str_take(&text)};
    gb_status status = GB_OK;

    if (found->path == NULL) {
        status = gb_fail_memory(err, "the path of a plugin");
    } else if (found->fd >= 0) {
        status = judge(trust, found->path, found->fd, false, found, err);
    } else if (errno == ELOOP) {
        gb_trusted target; /* where it leads is judged by itself */
        status = gb_trust_open(trust, found->path, &target, err);
        free(found->path);
        found->path = NULL;
        if (status != GB_OK)
            return status;
        if (folder->insecure.status != GB_OK)
            target.insecure = folder->insecure;
        *found = target;
        return GB_OK;
    } else {
        status = fail_open(found->path, err);
    }
    if (status != GB_OK)
        gb_trusted_fini(found);
    return status;
}

void gb_trusted_fini(gb_trusted *found) {
    if (found->fd >= 0)
        close(found->fd);
    free(found->path);
    found->fd = -1;
    found->path = NULL;
}
