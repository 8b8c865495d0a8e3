/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_JSON_BUNDLE_H
#define GB_CODEC_JSON_BUNDLE_H

/**
 * @file codec/json_bundle.h
 * What a bundle says of itself: to greenbench, and to catalogues of research
 * data.
 */
#include "base/error.h"
#include "model/bundle.h"

/** "greenbench.bundle/1"; pretty, ends in a newline. Its own digest is 64
 *  zeros, as in gb_json_manifest(). */
char *gb_json_bundle(const gb_bundle *bundle);

/** Names that lead out of the bundle, that come twice or are not in order are
 *  refused.
 *  @param[out] bundle_out  gb_bundle_fini() it; files have no source
 *  @retval GB_ERR_INVALID */
gb_status gb_json_read_bundle(const char *text, gb_bundle *bundle_out,
                              gb_error *err);

/** ro-crate-metadata.json by RO-Crate 1.1: JSON-LD, pretty, ends in a newline.
 *  Of @p bundle all files but this one. */
char *gb_json_crate(const gb_bundle *bundle, const gb_bundle_notice *notice);

#endif /* GB_CODEC_JSON_BUNDLE_H */
