/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/meter_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#define TAIL_BYTES UINT64_C(65536)

/* O_NONBLOCK: a pipe without a writer must not hold up the opening, to be
 * refused. */
static int open_to_read(const char *path) {
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

gb_status gb_meter_file_open(const char *path, gb_meter_file *file,
                             gb_error *err) {
    static const char hint[] =
        "start the meter's daemon first, or give its program: "
        "external='!COMMAND'";
    struct stat seen;

    *file = (gb_meter_file){.fd = open_to_read(path)};
    gb_copy(file->path, sizeof(file->path), path);
    if (file->fd < 0)
        return gb_fail_os(err,
                          errno == EACCES   ? GB_ERR_PERMISSION
                          : errno == ENOENT ? GB_ERR_NOT_FOUND
                                            : GB_ERR_IO,
                          hint, "expected a meter's file, cannot open '%s'",
                          path);
    if (fstat(file->fd, &seen) == 0 && S_ISREG(seen.st_mode))
        return GB_OK;
    gb_meter_file_close(file);
    return gb_fail(err, GB_ERR_INVALID,
                   "for a pipe or a device: external='!cat PATH'",
                   "expected a regular file, got '%s'", path);
}

/* Is there another file at the path now, or less of this one? */
static bool begin_again(gb_meter_file *file) {
    struct stat here, there;

    if (fstat(file->fd, &here) == 0 && (uint64_t)here.st_size < file->at) {
        file->at = 0;
        gb_line_buffer_restart(&file->lines, false);
        return true;
    }
    /* Between the renaming of the old one and the making of the new one there
     * is none. */
    if (stat(file->path, &there) != 0 || !S_ISREG(there.st_mode) ||
        (there.st_dev == here.st_dev && there.st_ino == here.st_ino))
        return false;
    const int fd = open_to_read(file->path);
    if (fd < 0)
        return false;
    close(file->fd);
    file->fd = fd;
    file->at = 0;
    gb_line_buffer_restart(&file->lines, false);
    return true;
}

const char *gb_meter_file_next(gb_meter_file *file) {
    for (;;) {
        const char *line = gb_line_buffer_next(&file->lines);
        if (line != NULL)
            return line;
        size_t size;
        char *room = gb_line_buffer_room(&file->lines, &size);
        const ssize_t got = pread(file->fd, room, size, (off_t)file->at);
        if (got > 0) {
            gb_line_buffer_added(&file->lines, (size_t)got);
            file->at += (uint64_t)got;
        } else if (got < 0 || !begin_again(file)) {
            return NULL;
        }
    }
}

void gb_meter_file_skip(gb_meter_file *file) {
    struct stat seen;

    if (fstat(file->fd, &seen) != 0 ||
        (uint64_t)seen.st_size < file->at + TAIL_BYTES)
        return;
    file->at = (uint64_t)seen.st_size - TAIL_BYTES;
    gb_line_buffer_restart(&file->lines, true);
}

double gb_meter_file_age_s(const gb_meter_file *file) {
    struct stat seen;

    if (fstat(file->fd, &seen) != 0)
        return -1.0;
    /* The file's time is on this clock; it decides no duration that counts. */
    const double written_s =
        (double)seen.st_mtim.tv_sec + 1e-9 * (double)seen.st_mtim.tv_nsec;
    const double age_s = 1e-9 * (double)gb_clock_utc_ns() - written_s;
    return age_s > 0.0 ? age_s : 0.0;
}

void gb_meter_file_close(gb_meter_file *file) {
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}
