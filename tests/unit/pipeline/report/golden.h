/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TEST_GOLDEN_H
#define GB_TEST_GOLDEN_H

#include "base/text.h"

/** Compare @p text with tests/fixtures/golden/@p name, and fail at the first
 *  line that differs. GREENBENCH_UPDATE_GOLDEN=1 rewrites the file instead.
 *  Takes @p text over. */
void golden_check(const char *name, gb_str *text);

/** No line wider than 80 columns, no "nan", "inf" or escape sequence as a word
 *  of its own, and the text ends in a newline. */
void golden_check_shape(const char *name, const gb_str *text, bool lines_fit);

#endif /* GB_TEST_GOLDEN_H */
