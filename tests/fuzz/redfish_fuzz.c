/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a Redfish resource: what is usable is a plausible number with a
 * name, and no link leaves the server. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/redfish.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_link(const char *uri) {
    if (uri[0] != '\0' && (uri[0] != '/' || uri[1] == '/'))
        abort();
}

static void check_reading(const gb_redfish_resource *resource,
                          const gb_redfish_reading *reading) {
    check_link(reading->sensor);
    if (reading->property[0] == '\0')
        abort();
    if (reading->refused[0] != '\0')
        return;
    if (!(reading->value >= 0 && reading->value <= 0x1p53) ||
        !(reading->step > 0))
        abort();
    if (!reading->energy && !(reading->value > 0 && reading->value < 20000))
        abort();
    if (!isnan(reading->u_rel) && !(reading->u_rel > 0 && reading->u_rel < 1))
        abort();
    if (gb_redfish_find(resource, reading->property) == NULL)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static gb_redfish_resource resource;
    gb_error err = {0};
    char *text = malloc(size + 1);

    if (text == NULL)
        return 0;
    memcpy(text, bytes, size);
    text[size] = '\0';
    if (gb_redfish_parse(text, "/redfish/v1/Systems/1", &resource, &err) !=
        GB_OK) {
        if (err.what[0] == '\0')
            abort();
        free(text);
        return 0;
    }
    check_link(resource.chassis);
    check_link(resource.systems);
    check_link(resource.environment);
    check_link(resource.power);
    for (size_t i = 0; i < resource.members.count; i++)
        check_link(resource.members.uri[i]);
    for (size_t i = 0; i < resource.reading_count; i++)
        check_reading(&resource, &resource.readings[i]);
    free(text);
    return 0;
}
