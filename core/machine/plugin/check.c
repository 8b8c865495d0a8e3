/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/plugin/check.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "machine/plugin/plugin.h"
#include "model/accepts.h"

/* Above this a count is taken for garbage rather than for a long list. */
#define PARAMS_MAX 256u
#define NEEDS_MAX  64u
#define RANKS_MAX  (1u << 24)

/** What every host since ABI 1.0 calls: the descriptor must reach past it. */
#define REQUIRED_BYTES                                                         \
    (offsetof(gb_plugin, destroy) + sizeof(((gb_plugin *)NULL)->destroy))

gb_status gb_check_prefix(const void *descriptor, const char *path,
                          const gb_descriptor_kind *kind, void *copy_out,
                          gb_error *err) {
    struct {
        uint32_t struct_size;
        uint16_t abi_major, abi_minor;
    } prefix;

    memcpy(&prefix, descriptor, sizeof(prefix));
    if (prefix.abi_major != kind->abi_major)
        return gb_fail(err, GB_ERR_ABI,
                       "rebuild it with this installation's headers",
                       "'%s': expected %s ABI %u, got %u", path, kind->word,
                       kind->abi_major, (unsigned)prefix.abi_major);
    if (prefix.struct_size < kind->required_bytes) {
        char hint[64];
        snprintf(hint, sizeof(hint), "set .struct_size = sizeof(%s)",
                 kind->type);
        return gb_fail(err, GB_ERR_ABI, hint,
                       "'%s': expected a descriptor of %zu bytes or more, "
                       "got %u",
                       path, kind->required_bytes,
                       (unsigned)prefix.struct_size);
    }
    memset(copy_out, 0, kind->size);
    memcpy(copy_out, descriptor,
           prefix.struct_size < kind->size ? prefix.struct_size : kind->size);
    return GB_OK;
}

gb_status gb_check_ops(const gb_required *ops, size_t count, const char *path,
                       const char *hint, gb_error *err) {
    for (size_t i = 0; i < count; i++)
        if (!ops[i].present)
            return gb_fail(err, GB_ERR_INVALID, hint,
                           "'%s': expected the op %s(), got null", path,
                           ops[i].name);
    return GB_OK;
}

static gb_status check_ops(const gb_plugin *plugin, const char *path,
                           gb_error *err) {
    const gb_required ops[] = {
        {"create", plugin->create != NULL},
        {"prepare", plugin->prepare != NULL},
        {"run", plugin->run != NULL},
        {"destroy", plugin->destroy != NULL},
    };

    return gb_check_ops(ops, sizeof(ops) / sizeof(ops[0]), path,
                        "only verify() may be left out of the descriptor", err);
}

static bool has_text(const char *text) {
    return text != NULL && text[0] != '\0';
}

gb_status gb_check_texts(const gb_required *texts, size_t count,
                         const char *path, gb_error *err) {
    for (size_t i = 0; i < count; i++)
        if (!texts[i].present)
            return gb_fail(err, GB_ERR_INVALID, "fill it in in the descriptor",
                           "'%s': expected a text for '%s', got none", path,
                           texts[i].name);
    return GB_OK;
}

static gb_status check_texts(const gb_plugin *plugin, const char *path,
                             gb_error *err) {
    const gb_required texts[] = {
        {"id", has_text(plugin->id)},
        {"version", has_text(plugin->version)},
        {"summary", has_text(plugin->summary)},
        {"work_unit", has_text(plugin->work_unit)},
    };

    return gb_check_texts(texts, sizeof(texts) / sizeof(texts[0]), path, err);
}

static gb_status check_ranks(const gb_plugin *plugin, const char *path,
                             gb_error *err) {
    if (plugin->ranks_min > RANKS_MAX || plugin->ranks_multiple > RANKS_MAX)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "'%s': expected ranks_min and ranks_multiple up to %u, "
                       "got %u and %u",
                       path, RANKS_MAX, plugin->ranks_min,
                       plugin->ranks_multiple);
    return GB_OK;
}

gb_status gb_check_id(const char *id, const char *path, gb_error *err) {
    const char *slash = strrchr(path, '/');
    const char *file = slash != NULL ? slash + 1 : path;
    const size_t length = strlen(id);

    if (!gb_is_id(id))
        return gb_fail(err, GB_ERR_INVALID,
                       "words of [a-z0-9_] joined by '.', at most "
                       "63 characters",
                       "'%s': expected an id such as 'memory.triad', got '%s'",
                       path, id);
    if (strncmp(file, id, length) != 0 || strcmp(file + length, ".so") != 0)
        return gb_fail(err, GB_ERR_INVALID,
                       "rename the file, or change the id in its descriptor",
                       "'%s': expected a file named '%s.so' for id '%s', got "
                       "'%s'",
                       path, id, id, file);
    return GB_OK;
}

static gb_status check_id(const gb_plugin *plugin, const char *path,
                          gb_error *err) {
    return gb_check_id(plugin->id, path, err);
}

static bool is_param_name(const char *name) {
    return has_text(name) &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
               strlen(name);
}

static gb_status check_param(const gb_param_decl *params, size_t index,
                             const char *path, gb_error *err) {
    const gb_param_decl *param = &params[index];
    gb_error cause = {0};

    if (!is_param_name(param->name))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "'%s': parameter %zu: expected a name of [a-z0-9_], "
                       "got '%s'",
                       path, index, param->name != NULL ? param->name : "");
    for (size_t i = 0; i < index; i++)
        if (strcmp(params[i].name, param->name) == 0)
            return gb_fail(err, GB_ERR_INVALID, "name each parameter once",
                           "'%s': expected different parameter names, got "
                           "'%s' twice",
                           path, param->name);
    if (!has_text(param->help))
        return gb_fail(err, GB_ERR_INVALID, "say in one line what it sets",
                       "'%s': parameter '%s': expected a help text, got none",
                       path, param->name);
    if (gb_accepts_check(param->accepts, &cause) != GB_OK)
        return gb_fail(err, GB_ERR_INVALID, cause.hint,
                       "'%s': parameter '%s': accepts: %s", path, param->name,
                       cause.what);
    return GB_OK;
}

static gb_status check_default(const gb_param_decl *param, bool may_lack,
                               const char *path, gb_error *err) {
    gb_plan_param value = {0};
    gb_error cause = {0};

    if (param->default_text == NULL && may_lack)
        return GB_OK;
    if (param->default_text == NULL)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "'%s': parameter '%s': expected a default, got none",
                       path, param->name);
    if (gb_accepts_parse(param->accepts, param->default_text, &value, &cause) !=
        GB_OK)
        return gb_fail(err, GB_ERR_INVALID,
                       "the default must be one of the values it accepts",
                       "'%s': parameter '%s': default: %s", path, param->name,
                       cause.what);
    return GB_OK;
}

gb_status gb_check_params(const gb_param_decl *params, size_t count,
                          const char *path, gb_error *err) {
    if (count > PARAMS_MAX)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "'%s': expected at most %u parameters, got %zu", path,
                       PARAMS_MAX, count);
    if (count > 0 && params == NULL)
        return gb_fail(err, GB_ERR_INVALID, "set .params, or .param_count = 0",
                       "'%s': expected %zu parameters, got a null list", path,
                       count);
    for (size_t i = 0; i < count; i++) {
        const gb_status status = check_param(params, i, path, err);
        if (status != GB_OK)
            return status;
    }
    return GB_OK;
}

static gb_status check_params(const gb_plugin *plugin, const char *path,
                              gb_error *err) {
    return gb_check_params(plugin->params, plugin->param_count, path, err);
}

gb_status gb_check_defaults(const gb_param_decl *params, size_t count,
                            bool may_lack, const char *path, gb_error *err) {
    gb_status status = GB_OK;

    for (size_t i = 0; i < count && status == GB_OK; i++)
        status = check_default(&params[i], may_lack, path, err);
    return status;
}

static gb_status check_defaults(const gb_plugin *plugin, const char *path,
                                gb_error *err) {
    return gb_check_defaults(plugin->params, plugin->param_count, false, path,
                             err);
}

static gb_status check_needs(const gb_plugin *plugin, const char *path,
                             const char *const *extensions, gb_error *err) {
    for (size_t i = 0; plugin->needs != NULL && plugin->needs[i] != NULL; i++) {
        bool offered = false;
        gb_str offer = {0};

        if (i == NEEDS_MAX)
            return gb_fail(
                err, GB_ERR_INVALID, "end the list of needs with a null",
                "'%s': expected at most %u needs, got more", path, NEEDS_MAX);
        for (size_t k = 0; extensions[k] != NULL && !offered; k++) {
            offered = strcmp(extensions[k], plugin->needs[i]) == 0;
            gb_str_addf(&offer, "%s%s", k > 0 ? ", " : "", extensions[k]);
        }
        if (!offered)
            gb_fail(err, GB_ERR_UNSUPPORTED,
                    strncmp(plugin->needs[i], "greenbench.mpi/", 15) == 0
                        ? "build greenbench with MPI: install an MPI library "
                          "and configure with -DGREENBENCH_WITH_MPI=ON"
                        : "use a greenbench that offers it",
                    "'%s': needs the extension '%s', this host offers %s", path,
                    plugin->needs[i], offer.length > 0 ? offer.text : "none");
        gb_str_fini(&offer);
        if (!offered)
            return GB_ERR_UNSUPPORTED;
    }
    return GB_OK;
}

gb_status gb_plugin_check(const void *descriptor, const char *path,
                          const char *const *extensions, gb_plugin *copy_out,
                          gb_plugin_part *failed_out, gb_error *err) {
    static const struct {
        gb_plugin_part part;
        gb_status (*check)(const gb_plugin *, const char *, gb_error *);
    } checks[] = {
        {GB_PART_OPS, check_ops},       {GB_PART_TEXTS, check_texts},
        {GB_PART_ID, check_id},         {GB_PART_RANKS, check_ranks},
        {GB_PART_PARAMS, check_params}, {GB_PART_DEFAULTS, check_defaults},
    };
    static const gb_descriptor_kind kind = {
        .word = "plugin",
        .type = "gb_plugin",
        .abi_major = GB_PLUGIN_ABI_MAJOR,
        .required_bytes = REQUIRED_BYTES,
        .size = sizeof(gb_plugin),
    };
    gb_plugin copy;
    gb_status status = gb_check_prefix(descriptor, path, &kind, &copy, err);

    *failed_out = GB_PART_ABI;
    for (size_t i = 0;
         i < sizeof(checks) / sizeof(checks[0]) && status == GB_OK; i++) {
        *failed_out = checks[i].part;
        status = checks[i].check(&copy, path, err);
    }
    if (status == GB_OK) {
        *failed_out = GB_PART_NEEDS;
        status = check_needs(&copy, path, extensions, err);
    }
    if (status != GB_OK)
        return status;
    *failed_out = GB_PART_ALL;
    if (copy.ranks_min == 0)
        copy.ranks_min = 1;
    if (copy.ranks_multiple == 0)
        copy.ranks_multiple = 1;
    *copy_out = copy;
    return GB_OK;
}
