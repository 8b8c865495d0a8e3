/* SPDX-License-Identifier: Apache-2.0 */
/* ro-crate-metadata.json: a bundle as data catalogues know it. RO-Crate 1.1,
 * https://w3id.org/ro/crate/1.1: a flat list of entities that name each other
 * by "@id". */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_bundle.h"
#include "codec/json_parts.h"

/* A graph that is being made. */
typedef struct crate {
    gb_json_out out;
    json_t *graph;
    const gb_bundle *bundle;
} crate;

/* --- entities ------------------------------------------------------------- */

static json_t *reference(crate *of, const char *id) {
    json_t *o = gb_json_object(&of->out);

    gb_json_put(&of->out, o, "@id", gb_json_text(&of->out, id));
    return o;
}

/* A further entity of the graph; borrowed. */
static json_t *entity(crate *of, const char *id, const char *type,
                      const char *name) {
    json_t *o = reference(of, id);

    gb_json_put(&of->out, o, "@type", gb_json_text(&of->out, type));
    if (name != NULL)
        gb_json_put(&of->out, o, "name", gb_json_text(&of->out, name));
    gb_json_append(&of->out, of->graph, o);
    return of->out.failed ? NULL : o;
}

static void put_text(crate *of, json_t *object, const char *key,
                     const char *text) {
    gb_json_put(&of->out, object, key, gb_json_text(&of->out, text));
}

/* A file's name as a URI path (RFC 3986). */
static void encode(const char *name, char *out, size_t size) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
                                "uvwxyz0123456789-._~/";
    size_t used = 0;

    for (const char *at = name; *at != '\0' && used + 4 < size; at++) {
        if (strchr(plain, *at) != NULL)
            out[used++] = *at;
        else
            used += (size_t)snprintf(out + used, 4, "%%%02X",
                                     (unsigned)(unsigned char)*at);
    }
    out[used] = '\0';
}

enum { ID_SIZE = 3 * 1000 + 8 };

static json_t *file_reference(crate *of, const char *name) {
    char id[ID_SIZE];

    encode(name, id, sizeof(id));
    return reference(of, id);
}

static void add_file(crate *of, const gb_bundle_file *file) {
    char id[ID_SIZE], size[24];

    encode(file->name, id, sizeof(id));
    json_t *o = entity(of, id, "File", file->name);
    snprintf(size, sizeof(size), "%" PRIu64, file->size_bytes);
    put_text(of, o, "contentSize", size);
    put_text(of, o, "encodingFormat", gb_bundle_media_type(file->name));
    put_text(of, o, "sha256", file->sha256);
}

/* --- people and terms ----------------------------------------------------- */

/* "Anna <https://orcid.org/..>": the address is who that is. */
static json_t *add_author(crate *of, const char *author) {
    char name[200], id[200] = "#author";
    const char *address = strstr(author, " <http");

    gb_copy(name, sizeof(name), author);
    if (address != NULL && gb_ends_with(author, ">")) {
        snprintf(name, sizeof(name), "%.*s", (int)(address - author), author);
        snprintf(id, sizeof(id), "%.*s", (int)strlen(address) - 3, address + 2);
    }
    (void)entity(of, id, "Person", name);
    return reference(of, id);
}

static json_t *add_license(crate *of, const char *license) {
    char id[300];

    snprintf(id, sizeof(id), "%s%s",
             strstr(license, "://") == NULL ? "https://spdx.org/licenses/" : "",
             license);
    (void)entity(of, id, "CreativeWork", license);
    return reference(of, id);
}

/* --- what was done -------------------------------------------------------- */

/* What the verdicts were made from: claims, runs and inputs. */
static json_t *objects_of(crate *of) {
    json_t *list = gb_json_array(&of->out);

    for (size_t i = 0; i < of->bundle->count; i++) {
        const gb_bundle_file *file = &of->bundle->files[i];
        if (strcmp(file->role, GB_BUNDLE_ROLE_RUN) != 0 &&
            strcmp(file->role, GB_BUNDLE_ROLE_VERDICTS) != 0)
            gb_json_append(&of->out, list, file_reference(of, file->name));
    }
    for (size_t i = 0; i < of->bundle->run_count; i++) {
        char folder[ID_SIZE];
        snprintf(folder, sizeof(folder), "%s/", of->bundle->runs[i].folder);
        gb_json_append(&of->out, list, file_reference(of, folder));
    }
    return list;
}

static void add_action(crate *of) {
    const gb_bundle *bundle = of->bundle;
    char version[128];
    json_t *tool =
        entity(of, "#greenbench", "SoftwareApplication", "greenbench");

    snprintf(version, sizeof(version), "%s%s%s%s", bundle->tool_version,
             bundle->tool_git[0] != '\0' ? " (" : "", bundle->tool_git,
             bundle->tool_git[0] != '\0' ? ")" : "");
    put_text(of, tool, "softwareVersion", version);
    json_t *action = entity(of, "#verdicts", "CreateAction",
                            "The claims were decided with these runs");
    gb_json_put(&of->out, action, "instrument", reference(of, "#greenbench"));
    gb_json_put(&of->out, action, "object", objects_of(of));
    gb_json_put(&of->out, action, "result",
                file_reference(of, GB_BUNDLE_VERDICTS));
}

/* --- together ------------------------------------------------------------- */

static void add_run(crate *of, const gb_bundle_run *run) {
    char folder[1008], id[ID_SIZE];
    json_t *parts = gb_json_array(&of->out);

    snprintf(folder, sizeof(folder), "%s/", run->folder);
    encode(folder, id, sizeof(id));
    json_t *o = entity(of, id, "Dataset", run->run_id);
    put_text(of, o, "description",
             "One run of greenbench: what was planned, recorded and reported");
    for (size_t i = 0; i < of->bundle->count; i++)
        if (gb_starts_with(of->bundle->files[i].name, folder))
            gb_json_append(&of->out, parts,
                           file_reference(of, of->bundle->files[i].name));
    gb_json_put(&of->out, o, "hasPart", parts);
}

/* The root has what is in no run, and the runs. */
static json_t *parts_of(crate *of) {
    json_t *parts = gb_json_array(&of->out);

    gb_json_append(&of->out, parts, file_reference(of, GB_BUNDLE_MANIFEST));
    for (size_t i = 0; i < of->bundle->count; i++)
        if (strcmp(of->bundle->files[i].role, GB_BUNDLE_ROLE_RUN) != 0)
            gb_json_append(&of->out, parts,
                           file_reference(of, of->bundle->files[i].name));
    for (size_t i = 0; i < of->bundle->run_count; i++) {
        char folder[1008];
        snprintf(folder, sizeof(folder), "%s/", of->bundle->runs[i].folder);
        gb_json_append(&of->out, parts, file_reference(of, folder));
    }
    return parts;
}

static void add_root(crate *of, const gb_bundle_notice *notice) {
    gb_json_out *out = &of->out;
    json_t *root = entity(of, "./", "Dataset", "Evidence for claims");

    put_text(of, root, "description",
             "Claims about an HPC system, the runs and meters that they were "
             "decided with, and the verdicts");
    gb_json_put(out, root, "datePublished",
                gb_json_utc(out, of->bundle->date_utc_ns));
    if (notice->author != NULL)
        gb_json_put(out, root, "author", add_author(of, notice->author));
    if (notice->license != NULL)
        gb_json_put(out, root, "license", add_license(of, notice->license));
    gb_json_put(out, root, "hasPart", parts_of(of));
    gb_json_put(out, root, "mentions", reference(of, "#verdicts"));
}

static void add_manifest(crate *of) {
    json_t *o = entity(of, GB_BUNDLE_MANIFEST, "File", GB_BUNDLE_MANIFEST);

    put_text(of, o, "description", "Every file with its SHA-256");
    put_text(of, o, "encodingFormat", gb_bundle_media_type(GB_BUNDLE_MANIFEST));
}

/* RO-Crate's context of 1.1 is older than schema.org's sha256. */
static json_t *context_of(crate *of) {
    json_t *list = gb_json_array(&of->out), *more = gb_json_object(&of->out);

    gb_json_append(
        &of->out, list,
        gb_json_text(&of->out, "https://w3id.org/ro/crate/1.1/context"));
    gb_json_put(&of->out, more, "sha256",
                gb_json_text(&of->out, "https://schema.org/sha256"));
    gb_json_append(&of->out, list, more);
    return list;
}

char *gb_json_crate(const gb_bundle *bundle, const gb_bundle_notice *notice) {
    crate of = {.bundle = bundle};
    json_t *document = gb_json_object(&of.out);

    of.graph = gb_json_array(&of.out);
    json_t *itself =
        entity(&of, GB_BUNDLE_METADATA, "CreativeWork", "RO-Crate metadata");
    gb_json_put(&of.out, itself, "conformsTo",
                reference(&of, "https://w3id.org/ro/crate/1.1"));
    gb_json_put(&of.out, itself, "about", reference(&of, "./"));
    add_root(&of, notice);
    add_action(&of);
    add_manifest(&of);
    for (size_t i = 0; i < bundle->run_count; i++)
        add_run(&of, &bundle->runs[i]);
    for (size_t i = 0; i < bundle->count; i++)
        add_file(&of, &bundle->files[i]);
    gb_json_put(&of.out, document, "@context", context_of(&of));
    gb_json_put(&of.out, document, "@graph", of.graph);
    return gb_json_pretty(&of.out, document);
}
