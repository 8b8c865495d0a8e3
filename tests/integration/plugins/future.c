/* SPDX-License-Identifier: Apache-2.0 */
/* compute.future: built for a plugin ABI that does not exist yet. */
#include "greenbench/plugin.h"

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = 99,
    .id = "compute.future",
};
