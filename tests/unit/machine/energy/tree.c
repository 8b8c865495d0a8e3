/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"

/* @p second is nullable. posix_spawn() takes its arguments without const. */
static void run(const char *program, const char *option, const char *first,
                const char *second) {
    extern char **environ;
    char words[4][512];
    char *argv[5] = {words[0], words[1], words[2], second ? words[3] : NULL};
    pid_t pid;
    int status;

    gb_copy(words[0], sizeof(words[0]), program);
    gb_copy(words[1], sizeof(words[1]), option);
    gb_copy(words[2], sizeof(words[2]), first);
    gb_copy(words[3], sizeof(words[3]), second ? second : "");
    assert_int_equal(posix_spawnp(&pid, program, NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static uint64_t now_ns(void *ctx) {
    return ((test_tree *)ctx)->now_ns;
}

static void sleep_until(void *ctx, uint64_t deadline_ns) {
    test_tree *tree = ctx;

    if (deadline_ns > tree->now_ns)
        tree->now_ns = deadline_ns;
    if (tree->on_sleep)
        tree->on_sleep(tree);
}

static void read_cpu(test_tree *tree) {
    char text[4096];
    const char *at;

    if (gb_sysroot_read_text(tree->root, "/proc/cpuinfo", text, sizeof(text),
                             NULL) != GB_OK)
        return;
    at = strstr(text, "vendor_id\t: ");
    if (at)
        sscanf(at, "vendor_id\t: %23s", tree->node.cpu_vendor);
    at = strstr(text, "cpu family\t: ");
    if (at)
        sscanf(at, "cpu family\t: %" SCNu32, &tree->node.cpu_family);
    at = strstr(text, "model\t\t: ");
    if (at)
        sscanf(at, "model\t\t: %" SCNu32, &tree->node.cpu_model);
    at = strstr(text, "stepping\t: ");
    if (at)
        sscanf(at, "stepping\t: %" SCNu32, &tree->node.cpu_stepping);
}

void tree_open(test_tree *tree, const char *fixture, const char *state) {
    char from[320];
    gb_error err = {0};

    *tree = (test_tree){.now_ns = 1000 * S};
    snprintf(tree->fixture, sizeof(tree->fixture), "%s/%s", GB_TEST_FIXTURES,
             fixture);
    snprintf(from, sizeof(from), "%s/%s/.", tree->fixture, state);
    gb_copy(tree->dir, sizeof(tree->dir), "/tmp/gb-test-tree-XXXXXX");
    assert_non_null(mkdtemp(tree->dir));
    run("cp", "-a", from, tree->dir);
    if (gb_sysroot_open(tree->dir, &tree->root, &err) != GB_OK)
        fail_msg("%s", err.what);
    read_cpu(tree);
    tree->clock = (gb_clock){now_ns, sleep_until, tree};
    tree->env = (gb_energy_env){
        .root = tree->root, .clock = &tree->clock, .node = &tree->node};
}

void tree_close(test_tree *tree) {
    gb_sysroot_close(tree->root);
    run("rm", "-rf", tree->dir, NULL);
}

/* nftw() passes no context. */
static const test_tree *becoming;
static size_t becoming_prefix;

static int overwrite(const char *path, const struct stat *status, int kind,
                     struct FTW *where) {
    char text[8192];

    (void)status;
    (void)where;
    if (kind != FTW_F)
        return 0;
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[length] = '\0';
    tree_write(becoming, path + becoming_prefix, text);
    return 0;
}

void tree_become(test_tree *tree, const char *state) {
    char from[320];

    snprintf(from, sizeof(from), "%s/%s", tree->fixture, state);
    becoming = tree;
    becoming_prefix = strlen(from);
    assert_int_equal(nftw(from, overwrite, 16, FTW_PHYS), 0);
}

void tree_write(const test_tree *tree, const char *path, const char *text) {
    char full[512];
    int fd;

    snprintf(full, sizeof(full), "%s%s", tree->dir, path);
    fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

void tree_write_u64(const test_tree *tree, const char *path, uint64_t value) {
    char text[32];

    snprintf(text, sizeof(text), "%" PRIu64 "\n", value);
    tree_write(tree, path, text);
}

void tree_remove(const test_tree *tree, const char *path) {
    char full[512];

    snprintf(full, sizeof(full), "%s%s", tree->dir, path);
    run("rm", "-r", full, NULL);
}

int tree_fault(void *fault, const char *path) {
    const test_fault *injected = fault;

    return gb_glob_match(injected->pattern, path) ? injected->os_errno : 0;
}

void assert_near_at(double got, double expected, double margin,
                    const char *what, const char *file, int line) {
    if (fabs(got - expected) <= margin)
        return;
    print_error("%s: expected %.15g, got %.15g\n", what, expected, got);
    _fail(file, line);
}

size_t domain_named(const gb_energy_domain *domains, size_t count,
                    const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(domains[i].name, name) == 0)
            return i;
    for (size_t i = 0; i < count; i++)
        print_error("  have '%s'\n", domains[i].name);
    fail_msg("no domain '%s'", name);
    return 0;
}

test_source source_open(test_tree *tree, const gb_energy_source_ops *ops) {
    test_source opened = {.ops = ops};
    gb_error err = {0};

    if (ops->open(&tree->env, &opened.source, &err) != GB_OK)
        fail_msg("%s: %s", ops->name, err.what);
    opened.domains = ops->domains(opened.source, &opened.count);
    return opened;
}

void source_close(test_source *source) {
    source->ops->close(source->source);
}
