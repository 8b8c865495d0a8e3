/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_PAGE_H
#define GB_CLI_PAGE_H

/**
 * @file cli/page.h
 * --html and --lang: results as files for a browser.
 */
#include "cli/args.h"
#include "cli/decide.h"
#include "cli/outcome.h"
#include "model/comparison.h"

/** The rows of a command's table of flags. */
#define GB_PAGE_FLAGS                                                          \
    {"html", 0, "FILE",                                                        \
     "write charts and tables as one HTML file; '-' for stdout"},              \
    {                                                                          \
        "lang", 0, "en|zh", "the language the HTML file opens in, default en"  \
    }

/** Of a page about a run: claims that it decides. */
#define GB_PAGE_CLAIM_FLAGS                                                    \
    {"claims", 0, "FILE",                                                      \
     "in the HTML file: decide these claims (docs/claims.md)"},                \
        {"beside", 0, "RUNDIR",                                                \
         "another run that the claims need, in order; repeatable"},            \
        GB_CLAIM_INPUT_MAP(GB_CLAIM_INPUT_FLAG)

/** True if the page goes to stdout, which then takes nothing else. */
bool gb_page_is_output(const gb_args *args);

/** Write the page that --html asks for, if it does.
 *  @return the exit code: 0 if there is nothing to do */
int gb_page_deliver(const gb_args *args, const gb_outcome *outcome);
int gb_page_deliver_comparison(const gb_args *args,
                               const gb_comparison *comparison);

/** Before anything is read: --lang, --claims and what goes with them.
 *  @retval GB_ERR_INVALID */
gb_status gb_page_check(const gb_args *args, gb_error *err);

#endif /* GB_CLI_PAGE_H */
