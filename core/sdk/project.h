/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_SDK_PROJECT_H
#define GB_SDK_PROJECT_H

/**
 * @file sdk/project.h
 * A new project for a plugin: a copy of a whole one that is built and checked
 * with greenbench itself, under the name that its author chose.
 */
#include "base/error.h"

/** The languages there are templates for, null-terminated. */
extern const char *const gb_sdk_languages[];
/** The kinds of plugins, null-terminated. */
extern const char *const gb_sdk_kinds[];

/**
 * Write the project @p id to @p folder.
 *
 * @param templates  the folder of templates: `common`, `benchmark` with one for
 *                   each language, and `meter`
 * @param kind       one of gb_sdk_kinds
 * @param language   one of gb_sdk_languages; of a meter "c"
 * @param id         "acme.spmv": a vendor and a name
 * @param folder     is made; it may exist if it is empty
 * @retval GB_ERR_INVALID   no such kind or language, an id that will not do, or
 * a folder that holds something
 * @retval GB_ERR_IO        cannot read a template or write the project
 * @retval GB_ERR_NOT_FOUND the templates are not installed
 */
gb_status gb_sdk_project_new(const char *templates, const char *kind,
                             const char *language, const char *id,
                             const char *folder, gb_error *err);

/** @p text with the template's names, "acme.axpy" and its parts, replaced by
 *  those of @p id; malloc'ed, null: out of memory. Pure. */
char *gb_sdk_project_rename(const char *text, const char *id);

#endif /* GB_SDK_PROJECT_H */
