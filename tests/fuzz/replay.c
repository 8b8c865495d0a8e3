/* SPDX-License-Identifier: Apache-2.0 */
/* Gives every file of a corpus to a fuzz target, without libFuzzer: any
 * compiler can tell whether an old finding is back. Usage: replay FOLDER... */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int replay_file(const char *path) {
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(1u << 22);
    if (file == NULL || bytes == NULL) {
        fprintf(stderr, "cannot read '%s'\n", path);
        exit(1);
    }
    const size_t size = fread(bytes, 1, 1u << 22, file);
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    return 1;
}

int main(int argc, char **argv) {
    int count = 0;
    for (int i = 1; i < argc; i++) {
        struct dirent **found = NULL;
        const int names = scandir(argv[i], &found, NULL, alphasort);
        for (int k = 0; k < names; k++) {
            char path[4096];
            snprintf(path, sizeof(path), "%s/%s", argv[i], found[k]->d_name);
            if (found[k]->d_name[0] != '.')
                count += replay_file(path);
            free(found[k]);
        }
        free(found);
    }
    printf("%d inputs\n", count);
    return count > 0 ? 0 : 1; /* an empty corpus tests nothing */
}
