/* SPDX-License-Identifier: Apache-2.0 */
/* gb_play_tree TREE OUT_DIR --rate HZ [--dt S] [--start FRACTION]
 *              [--before-wrap SECONDS]
 *
 * Bring a saved machine to life: copy TREE/t0 to OUT_DIR and advance each
 * energy counter there in real time, at its own mean power between TREE/t0 and
 * TREE/t1, until killed. Prints "ready" once the counters run.
 *
 * Counters are kept as the kernel keeps them: a 32-bit count of integer
 * nanojoule units, shown as count * unit / 1000 (drivers/powercap/
 * intel_rapl_common.c), so that steps and wraps are those of the machine. Files
 * are written in place: a reader that keeps its descriptor sees the changes, as
 * it does in sysfs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_BYTES   4096
#define MAX_COUNTERS 512
#define COUNT_STATES 4294967296.0 /* of a 32-bit counter */

typedef struct played_counter {
    int fd;
    uint64_t unit_nj;   /* 0: a 64-bit counter in microjoules */
    double start_count; /* units, or microjoules, when play begins */
    double rate;        /* of either, per second */
    uint64_t shown_uj;
    size_t shown_length;
} played_counter;

typedef struct tree_player {
    const char *tree, *out;
    double rate_hz, dt_s, start, before_wrap_s;
    played_counter counters[MAX_COUNTERS];
    size_t count;
} tree_player;

static volatile sig_atomic_t stopped;

static void stop(int signal_number) {
    (void)signal_number;
    stopped = 1;
}

static void die(const char *what, const char *path) {
    fprintf(stderr, "gb_play_tree: %s '%s': %s\n", what, path, strerror(errno));
    exit(1);
}

static void join(char *path, const char *dir, const char *name) {
    if (snprintf(path, PATH_BYTES, "%s/%s", dir, name) >= PATH_BYTES) {
        errno = ENAMETOOLONG;
        die("cannot use", dir);
    }
}

/* --- copying -------------------------------------------------------------- */

static void copy_file(const char *from, const char *to) {
    char text[65536];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ssize_t length;

    if (in < 0 || out < 0)
        die("cannot copy", from);
    while ((length = read(in, text, sizeof(text))) > 0)
        if (write(out, text, (size_t)length) != length)
            die("cannot write", to);
    close(in);
    close(out);
}

static void copy_tree(const char *from, const char *to) {
    struct dirent *entry;
    DIR *dir = opendir(from);

    if (!dir || (mkdir(to, 0755) != 0 && errno != EEXIST))
        die("cannot copy", from);
    while ((entry = readdir(dir)) != NULL) {
        char source[PATH_BYTES], target[PATH_BYTES], link[PATH_BYTES];
        struct stat status;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        join(source, from, entry->d_name);
        join(target, to, entry->d_name);
        if (lstat(source, &status) != 0)
            die("cannot look at", source);
        if (S_ISDIR(status.st_mode)) {
            copy_tree(source, target);
        } else if (S_ISLNK(status.st_mode)) {
            ssize_t length = readlink(source, link, sizeof(link) - 1);
            if (length < 0)
                die("cannot read link", source);
            link[length] = '\0';
            unlink(target);
            if (symlink(link, target) != 0)
                die("cannot link", target);
        } else {
            copy_file(source, target);
        }
    }
    closedir(dir);
}

/* --- counters ------------------------------------------------------------- */

static bool read_u64(const char *path, uint64_t *value) {
    FILE *file = fopen(path, "re");
    bool ok = file && fscanf(file, "%" SCNu64, value) == 1;

    if (file)
        fclose(file);
    return ok;
}

/* The counter in OUT_DIR/@p below, whose other state is TREE/t1/@p below. */
static void add_counter(tree_player *player, const char *below,
                        const char *name) {
    char file[PATH_BYTES], path[PATH_BYTES], later[PATH_BYTES];
    uint64_t t0_uj, t1_uj, range_uj = 0;
    played_counter counter = {0};

    join(file, below, name);
    join(path, player->out, file);
    snprintf(later, sizeof(later), "%.2000s/t1%.2000s", player->tree, file);
    if (!read_u64(path, &t0_uj) || !read_u64(later, &t1_uj))
        return; /* a broken counter stays as it is */
    join(file, below, "max_energy_range_uj");
    snprintf(later, sizeof(later), "%.2000s%.2000s", player->out, file);
    if (strcmp(name, "energy_uj") == 0 &&
        (!read_u64(later, &range_uj) || range_uj == 0))
        return;

    double units = 1; /* microjoules in one count */
    double delta_uj = (double)t1_uj - (double)t0_uj;
    if (range_uj) {
        counter.unit_nj =
            (uint64_t)llround((double)range_uj * 1000 / (COUNT_STATES - 1));
        units = (double)counter.unit_nj / 1000;
        if (delta_uj < 0)
            delta_uj += units * COUNT_STATES;
    }
    counter.rate = delta_uj / units / player->dt_s;
    counter.start_count =
        round((double)t0_uj / units) + floor(player->start * delta_uj / units);
    if (range_uj && player->before_wrap_s >= 0)
        counter.start_count =
            COUNT_STATES - ceil(counter.rate * player->before_wrap_s);
    counter.fd = open(path, O_RDWR | O_CLOEXEC);
    if (counter.fd < 0)
        die("cannot open", path);
    if (player->count == MAX_COUNTERS) {
        errno = ENOSPC;
        die("too many counters at", path);
    }
    player->counters[player->count++] = counter;
}

static bool is_counter(const char *name) {
    int channel, end = 0;

    return strcmp(name, "energy_uj") == 0 ||
           (sscanf(name, "energy%d_input%n", &channel, &end) == 1 && end &&
            name[end] == '\0');
}

/* Links are not followed: each counter is found where it lives, once. */
static void find_counters(tree_player *player, const char *below) {
    char path[PATH_BYTES];
    struct dirent *entry;

    join(path, player->out, below);
    DIR *dir = opendir(path);
    if (!dir)
        die("cannot list", path);
    while ((entry = readdir(dir)) != NULL) {
        char deeper[PATH_BYTES];

        if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
            strcmp(entry->d_name, "..") != 0) {
            join(deeper, below, entry->d_name);
            find_counters(player, deeper);
        } else if (entry->d_type == DT_REG && is_counter(entry->d_name)) {
            add_counter(player, below, entry->d_name);
        }
    }
    closedir(dir);
}

/* Show the counter's value after @p played_s seconds. */
static void advance(played_counter *counter, double played_s) {
    double count = counter->start_count + floor(counter->rate * played_s);
    char text[64];
    uint64_t uj;

    if (counter->unit_nj)
        uj = (uint64_t)fmod(count, COUNT_STATES) * counter->unit_nj / 1000;
    else
        uj = (uint64_t)count;
    if (uj == counter->shown_uj && counter->shown_length)
        return;

    int length = snprintf(text, sizeof(text), "%" PRIu64 "\n", uj);
    size_t shown = (size_t)length;
    /* A shorter number is followed by newlines over the old digits, in the same
     * write, so that no reader takes them for part of it. */
    while (shown < counter->shown_length)
        text[shown++] = '\n';
    if (pwrite(counter->fd, text, shown, 0) != (ssize_t)shown ||
        (shown > (size_t)length && ftruncate(counter->fd, length) != 0))
        die("cannot advance", "counter");
    counter->shown_uj = uj;
    counter->shown_length = (size_t)length;
}

/* --- playing -------------------------------------------------------------- */

static double seconds_since(const struct timespec *begin) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begin->tv_sec) +
           (double)(now.tv_nsec - begin->tv_nsec) * 1e-9;
}

static void play(tree_player *player) {
    const int64_t second_ns = 1000000000;
    int64_t period_ns = llround((double)second_ns / player->rate_hz);
    struct timespec begin, next;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    next = begin;
    for (size_t i = 0; i < player->count; i++) {
        struct stat status;
        fstat(player->counters[i].fd, &status);
        player->counters[i].shown_length = (size_t)status.st_size;
        advance(&player->counters[i], 0);
    }
    puts("ready");
    fflush(stdout);
    while (!stopped) {
        int64_t ns = next.tv_nsec + period_ns;

        next.tv_sec += ns / second_ns;
        next.tv_nsec = ns % second_ns;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
        for (size_t i = 0; i < player->count; i++)
            advance(&player->counters[i], seconds_since(&begin));
    }
}

/* "dt_s" of TREE/expected.json: the time between the two states. */
static double read_dt_s(const char *tree) {
    char path[PATH_BYTES], text[65536];
    const char *at;

    join(path, tree, "expected.json");
    FILE *file = fopen(path, "re");
    size_t length = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
    if (file)
        fclose(file);
    text[length] = '\0';
    at = strstr(text, "\"dt_s\":");
    return at ? strtod(at + strlen("\"dt_s\":"), NULL) : 0;
}

static void usage(void) {
    fputs("usage: gb_play_tree TREE OUT_DIR [--rate HZ] [--dt SECONDS] "
          "[--start FRACTION] [--before-wrap SECONDS]\n",
          stderr);
    exit(2);
}

static double option_value(int argc, char **argv, int at) {
    char *end = NULL;
    double value = at + 1 < argc ? strtod(argv[at + 1], &end) : -1;

    if (!end || *end || end == argv[at + 1] || !(value >= 0))
        usage();
    return value;
}

int main(int argc, char **argv) {
    static tree_player player;
    char t0[PATH_BYTES];

    if (argc < 3)
        usage();
    player.tree = argv[1];
    player.out = argv[2];
    player.rate_hz = 1000;
    player.dt_s = read_dt_s(player.tree);
    player.before_wrap_s = -1;
    for (int i = 3; i < argc; i += 2) {
        double value = option_value(argc, argv, i);
        if (strcmp(argv[i], "--rate") == 0)
            player.rate_hz = value;
        else if (strcmp(argv[i], "--dt") == 0)
            player.dt_s = value;
        else if (strcmp(argv[i], "--start") == 0)
            player.start = value;
        else if (strcmp(argv[i], "--before-wrap") == 0)
            player.before_wrap_s = value;
        else
            usage();
    }
    if (!(player.rate_hz > 0) || !(player.dt_s > 0)) {
        fputs("gb_play_tree: expected --rate > 0, and --dt > 0 or dt_s in "
              "TREE/expected.json\n",
              stderr);
        return 2;
    }

    /* A test that dies must not leave its machine running. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    join(t0, player.tree, "t0");
    copy_tree(t0, player.out);
    find_counters(&player, "");
    play(&player);
    return 0;
}
