/* SPDX-License-Identifier: Apache-2.0 */
/* Detached signatures of the manifest, by ssh-keygen: SSH keys are what people
 * of clusters have, and their servers publish who owns which. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive/files.h"
#include "archive/rundir.h"
#include "archive/validate.h"
#include "archive/validate_parts.h"
#include "base/text.h"

enum { OUTPUT_MAX = 16384, WORDS_MAX = 200, WORDS_OF_IT = 16 };

static const char install_hint[] =
    "install OpenSSH's client programs (Debian: openssh-client), 8.2 or later";

/* --- ssh-keygen ----------------------------------------------------------- */

/* What it printed, both streams; more is dropped. */
static void read_all(int fd, char *out, size_t size) {
    size_t length = 0;

    for (;;) {
        char rest[512];
        const bool full = length + 1 >= size;
        const ssize_t got = read(fd, full ? rest : out + length,
                                 full ? sizeof(rest) : size - 1 - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        length += full ? 0 : (size_t)got;
    }
    out[length] = '\0';
}

/* Its last line that says something. */
static void last_words(char *output, char *out, size_t size) {
    size_t length = strlen(output);

    while (length > 0 && (unsigned char)output[length - 1] <= ' ')
        output[--length] = '\0';
    const char *line = strrchr(output, '\n');
    gb_copy(out, size, line != NULL ? line + 1 : output);
}

static gb_status wait_for(pid_t child, const char *words, char *output,
                          gb_error *err) {
    char last[WORDS_MAX];
    int status = 0;

    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return gb_fail_os(err, GB_ERR_IO,
                              "does something here wait for all children?",
                              "%s: cannot learn how it ended", words);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return GB_OK;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127 && output[0] == '\0')
        return gb_fail(err, GB_ERR_NOT_FOUND, install_hint,
                       "expected the program ssh-keygen, found none");
    last_words(output, last, sizeof(last));
    return gb_fail(err, GB_ERR_INVALID, NULL, "%s: %s", words,
                   last[0] != '\0' ? last : "it failed without a word");
}

/**
 * Run ssh-keygen without a shell.
 * @param argv    [.. null], fewer than WORDS_OF_IT
 * @param words   for messages: "ssh-keygen -Y sign"
 * @param input   file for its standard input
 * @param output  [OUTPUT_MAX] what it printed
 */
static gb_status run_keygen(const char *const *argv, const char *words,
                            const char *input, char *output, gb_error *err) {
    posix_spawn_file_actions_t actions;
    char *words_of_it[WORDS_OF_IT] = {0};
    int ends[2];
    pid_t child = -1;

    /* It takes them as if it might change them. */
    for (size_t i = 0; argv[i] != NULL; i++)
        memcpy(&words_of_it[i], &argv[i], sizeof(argv[i]));
    output[0] = '\0';
    if (pipe2(ends, O_CLOEXEC) != 0)
        return gb_fail_os(err, GB_ERR_IO, NULL, "cannot start ssh-keygen");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY,
                                     0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    const int failed = posix_spawnp(&child, "ssh-keygen", &actions, NULL,
                                    words_of_it, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    gb_status status = GB_OK;
    if (failed == ENOENT) {
        status = gb_fail(err, GB_ERR_NOT_FOUND, install_hint,
                         "expected the program ssh-keygen, found none");
    } else if (failed != 0) {
        errno = failed;
        status = gb_fail_os(err, GB_ERR_IO, NULL, "cannot start ssh-keygen");
    } else {
        read_all(ends[0], output, OUTPUT_MAX);
        status = wait_for(child, words, output, err);
    }
    close(ends[0]);
    return status;
}

/* --- signing -------------------------------------------------------------- */

gb_status gb_sign_manifest(const char *dir_path, const char *key,
                           gb_error *err) {
    char manifest[PATH_MAX], output[OUTPUT_MAX];
    gb_path_join(manifest, sizeof(manifest), dir_path, "manifest.json");
    const char *const argv[] = {
        "ssh-keygen",           "-Y", "sign", "-f", key, "-n",
        GB_SIGNATURE_NAMESPACE, NULL};

    if (access(manifest, R_OK) != 0)
        return gb_fail_os(err, GB_ERR_NOT_FOUND, NULL, "cannot read '%s'",
                          manifest);
    gb_status status =
        run_keygen(argv, "ssh-keygen -Y sign", manifest, output, err);
    if (status != GB_OK)
        return status;
    /* "Signing data on standard input" goes before it. */
    const char *signature = strstr(output, "-----BEGIN SSH SIGNATURE-----");
    if (signature == NULL)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected a signature from ssh-keygen, got none");
    return gb_rundir_write(dir_path, GB_SIGNATURE_FILE, signature, err);
}

/* --- verifying ------------------------------------------------------------ */

static void refused(gb_validation *out, const char *code, const char *expected,
                    const char *found) {
    const gb_violation_kind kind = {GB_CHECK_SIGNATURE, GB_SEVERITY_ERROR, code,
                                    GB_SIGNATURE_FILE};

    gb_violate(out, &kind, "", expected, found);
}

/* Who of @p signers has the key: the first name that ssh-keygen finds. */
static gb_status find_signer(const char *signature, const char *signers,
                             char *name_out, size_t size, gb_error *err) {
    char output[OUTPUT_MAX];
    const char *const argv[] = {"ssh-keygen", "-Y", "find-principals", "-s",
                                signature,    "-f", signers,           NULL};
    const gb_status status = run_keygen(argv, "ssh-keygen -Y find-principals",
                                        "/dev/null", output, err);

    if (status != GB_OK)
        return status;
    output[strcspn(output, ",\n")] = '\0';
    gb_copy(name_out, size, output);
    return GB_OK;
}

gb_status gb_validate_signature(const char *dir_path, const char *signers,
                                gb_validation *out, gb_error *err) {
    char manifest[PATH_MAX], signature[PATH_MAX], name[WORDS_MAX] = "";
    char output[OUTPUT_MAX];
    struct stat seen;

    gb_path_join(manifest, sizeof(manifest), dir_path, "manifest.json");
    gb_path_join(signature, sizeof(signature), dir_path, GB_SIGNATURE_FILE);
    if (access(signers, R_OK) != 0)
        return gb_fail_os(err, GB_ERR_NOT_FOUND,
                          "ALLOWED SIGNERS in ssh-keygen(1) says what is in it",
                          "cannot read the file of signers '%s'", signers);
    if (lstat(signature, &seen) != 0 || !S_ISREG(seen.st_mode)) {
        gb_validation_skip(out, GB_CHECK_SIGNATURE, "there is none");
        refused(out, "signature.missing", "a signature of the manifest",
                "none: 'greenbench validate RUNDIR --sign KEY' makes one");
        return GB_OK;
    }
    const char *code = "signature.signer";
    const char *expected = "a key that the file of signers names";
    gb_status status = find_signer(signature, signers, name, sizeof(name), err);
    if (status == GB_OK) {
        const char *const argv[] = {
            "ssh-keygen", "-Y",      "verify",
            "-f",         signers,   "-I",
            name,         "-n",      GB_SIGNATURE_NAMESPACE,
            "-s",         signature, NULL};
        code = "signature.bad";
        expected = "a signature of this manifest";
        status =
            run_keygen(argv, "ssh-keygen -Y verify", manifest, output, err);
    }
    if (status != GB_OK && status != GB_ERR_INVALID)
        return status;
    if (status == GB_ERR_INVALID)
        refused(out, code, expected, err->what);
    gb_validation_done(out, GB_CHECK_SIGNATURE, "manifest.json, by %s",
                       name[0] != '\0' ? name : "nobody known");
    return GB_OK;
}
