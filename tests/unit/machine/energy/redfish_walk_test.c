/* SPDX-License-Identifier: Apache-2.0 */
/* Services made up of a few documents; and, where GB_REDFISH_DUMP names a
 * directory that holds redfish/v1/, a recorded one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "machine/energy/redfish_walk.h"

typedef struct document {
    const char *path, *text;
    gb_status status; /* of get(), if not OK */
} document;

typedef struct service {
    const document *documents; /* ends with a null path */
    int requests;
} service;

static gb_status get(void *ctx, const char *path, const char **text_out,
                     gb_error *err) {
    service *self = ctx;

    self->requests++;
    for (const document *at = self->documents; at->path; at++) {
        if (strcmp(at->path, path) != 0)
            continue;
        if (at->status != GB_OK)
            return gb_fail(err, at->status, NULL, "'%s' as told", path);
        *text_out = at->text;
        return GB_OK;
    }
    return gb_fail(err, GB_ERR_NOT_FOUND, NULL, "no '%s'", path);
}

static gb_redfish_found found;

static gb_status walk_to(const document *documents, const char *path) {
    service self = {.documents = documents};
    const gb_redfish_server server = {get, &self};
    const gb_status status = gb_redfish_walk(&server, path, &found, NULL);

    assert_true(self.requests < 40);
    return status;
}

static const gb_redfish_candidate *first_usable(void) {
    for (size_t i = 0; i < found.count; i++)
        if (found.items[i].reading.refused[0] == '\0')
            return &found.items[i];
    return NULL;
}

#define LINK(key, path) "\"" key "\": {\"@odata.id\": \"" path "\"}"

#define ONE_SYSTEM                                                                   \
    {"/redfish/v1/",                                                                 \
     "{" LINK("Systems", "/redfish/v1/Systems") "," LINK(                            \
         "Chassis", "/redfish/v1/Chassis") "}",                                      \
     GB_OK},                                                                         \
        {"/redfish/v1/Systems",                                                      \
         "{\"Members\": [{\"@odata.id\": \"/redfish/v1/Systems/1\"}]}",              \
         GB_OK},                                                                     \
    {                                                                                \
        "/redfish/v1/Systems/1",                                                     \
            "{\"Links\": {\"Chassis\": [{\"@odata.id\": \"/redfish/v1/Chassis/A\"}," \
            "{\"@odata.id\": \"/redfish/v1/Chassis/B\"}]}}",                         \
            GB_OK                                                                    \
    }

static void the_only_system_leads_to_its_chassis(void **state) {
    static const document documents[] = {
        ONE_SYSTEM,
        {"/redfish/v1/Chassis/A", "{\"Id\": \"riser\"}", GB_OK},
        {"/redfish/v1/Chassis/B", "{" LINK("Power", "/B/Power") "}", GB_OK},
        {"/B/Power", "{\"PowerControl\": [{\"PowerConsumedWatts\": 221}]}",
         GB_OK},
        {NULL, NULL, GB_OK}};
    static const char *const paths[] = {"", "/redfish/v1/Systems/1",
                                        "/redfish/v1/Chassis/B", "/B/Power"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(walk_to(documents, paths[i]), GB_OK);
        assert_int_equal(found.count, 1);
        assert_string_equal(found.items[0].path, "/B/Power");
        assert_int_equal((int)found.items[0].reading.value, 221);
        assert_false(found.items[0].shared);
    }
    assert_int_equal(walk_to(documents, "/redfish/v1/Chassis/C"),
                     GB_ERR_NOT_FOUND);
}

static void a_sensor_in_full_replaces_its_excerpt(void **state) {
    static const char environment[] =
        "{\"PowerWatts\": {\"Reading\": 374, \"DataSourceUri\": \"/S/P\"}}";
    static const document documents[] = {
        {"/C", "{" LINK("EnvironmentMetrics", "/C/E") "}", GB_OK},
        {"/C/E", environment, GB_OK},
        {"/S/P",
         "{\"Reading\": 375, \"ReadingUnits\": \"W\","
         " \"SensingInterval\": \"PT1S\"}",
         GB_OK},
        {NULL, NULL, GB_OK}};
    static const document sensors[] = {
        {"/S/P", "{\"Reading\": 7, \"ReadingUnits\": \"J\"}", GB_OK},
        {"/S/P", "{\"Reading\": null, \"ReadingUnits\": \"W\"}", GB_OK},
        {"/S/P", "not JSON", GB_OK},
        {"/S/P", NULL, GB_ERR_PERMISSION},
        {"/S/none", "{}", GB_OK},
    };

    (void)state;
    assert_int_equal(walk_to(documents, "/C"), GB_OK);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.items[0].path, "/S/P");
    assert_string_equal(found.items[0].reading.property, "Reading");
    /* One that is not it, or not there, leaves the excerpt. */
    for (size_t i = 0; i < sizeof(sensors) / sizeof(sensors[0]); i++) {
        const document others[] = {
            documents[0], documents[1], sensors[i], {NULL, NULL, GB_OK}};
        assert_int_equal(walk_to(others, "/C"), GB_OK);
        assert_int_equal(found.count, 1);
        assert_string_equal(found.items[0].path, "/C/E");
        assert_string_equal(found.items[0].reading.property,
                            "PowerWatts.Reading");
        assert_int_equal((int)found.items[0].reading.value, 374);
    }
}

#define TWO_SERVED                                                             \
    "\"Links\": {\"ComputerSystems\": [{\"@odata.id\": \"/s/1\"},"             \
    "{\"@odata.id\": \"/s/2\"}]}"

static void what_several_nodes_share_is_marked(void **state) {
    static const document documents[] = {
        {"/redfish/v1/",
         "{" LINK("Systems", "/s") "," LINK("Chassis", "/c") "}", GB_OK},
        {"/s",
         "{\"Members\": [{\"@odata.id\": \"/s/1\"}, {\"@odata.id\": \"/s/2\"}]}",
         GB_OK},
        {"/c",
         "{\"Members\": [{\"@odata.id\": \"/c/own\"},"
         " {\"@odata.id\": \"/c/all\"}]}",
         GB_OK},
        {"/c/own",
         "{" LINK("Power", "/c/own/p") ", \"Links\": {\"ComputerSystems\":"
                                       " [{\"@odata.id\": \"/s/1\"}]}}",
         GB_OK},
        {"/c/own/p", "{\"PowerControl\": [{\"PowerConsumedWatts\": 300}]}",
         GB_OK},
        {"/c/all", "{" LINK("Power", "/c/all/p") "," TWO_SERVED "}", GB_OK},
        {"/c/all/p",
         "{\"PowerControl\": [{\"PowerConsumedWatts\": 900},"
         " {\"PowerConsumedWatts\": 310, \"RelatedItem\":"
         "  [{\"@odata.id\": \"/s/2\"}]}]}",
         GB_OK},
        {"/s/2", "{\"Links\": {\"Chassis\": [{\"@odata.id\": \"/c/all\"}]}}",
         GB_OK},
        {NULL, NULL, GB_OK}};

    (void)state;
    /* Nobody said which node: one's own power may be another's. */
    assert_int_equal(walk_to(documents, ""), GB_OK);
    assert_int_equal(found.systems, 2);
    assert_non_null(first_usable());
    assert_string_equal(first_usable()->path, "/c/all/p");
    assert_int_equal((int)first_usable()->reading.value, 900);
    assert_true(first_usable()->shared);
    /* Its own control within what is shared is its own. */
    assert_int_equal(walk_to(documents, "/s/2"), GB_OK);
    assert_int_equal((int)first_usable()->reading.value, 310);
    assert_false(first_usable()->shared);
    assert_int_equal(walk_to(documents, "/c/all"), GB_OK);
    assert_int_equal((int)first_usable()->reading.value, 900);
    assert_true(first_usable()->shared);
    assert_int_equal(walk_to(documents, "/c/own"), GB_OK);
    assert_false(first_usable()->shared);
}

static void failures_are_passed_on(void **state) {
    static const gb_status statuses[] = {GB_ERR_PERMISSION, GB_ERR_INTERRUPTED,
                                         GB_ERR_IO, GB_ERR_RANGE};

    (void)state;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        const document documents[] = {
            ONE_SYSTEM,
            {"/redfish/v1/Chassis/A", NULL, statuses[i]},
            {NULL, NULL, GB_OK}};
        assert_int_equal(walk_to(documents, ""), statuses[i]);
    }
    const document broken[] = {{"/redfish/v1/", "{\"Systems\": ", GB_OK},
                               {NULL, NULL, GB_OK}};
    assert_int_equal(walk_to(broken, ""), GB_ERR_INVALID);
    const document empty[] = {{"/redfish/v1/", "{}", GB_OK},
                              {NULL, NULL, GB_OK}};
    assert_int_equal(walk_to(empty, ""), GB_OK);
    assert_int_equal(found.count, 0);
}

/* A service whose links go round, and one with no end of chassis. */
static void walks_end(void **state) {
    static const document round[] = {
        {"/redfish/v1/Systems/1",
         "{\"Links\": {\"Chassis\": [{\"@odata.id\": "
         "\"/redfish/v1/Systems/1\"}]}," LINK("EnvironmentMetrics",
                                              "/redfish/v1/Systems/1") "}",
         GB_OK},
        {NULL, NULL, GB_OK}};
    char many[4096] = "{\"Links\": {\"Chassis\": [";

    (void)state;
    assert_int_equal(walk_to(round, "/redfish/v1/Systems/1"), GB_OK);
    assert_int_equal(found.count, 0);
    for (int i = 0; i < 60; i++)
        sprintf(many + strlen(many), "%s{\"@odata.id\": \"/x\"}", i ? "," : "");
    strcat(many, "]}}");
    const document endless[] = {{"/s", many, GB_OK},
                                {"/x", "{" LINK("Power", "/x/p") "}", GB_OK},
                                {"/x/p", "{}", GB_OK},
                                {NULL, NULL, GB_OK}};
    assert_int_equal(walk_to(endless, "/s"), GB_OK);
}

/* --- a recorded service --------------------------------------------------- */

static gb_status get_file(void *ctx, const char *path, const char **text_out,
                          gb_error *err) {
    static char text[65536];
    char file_path[1024];

    snprintf(file_path, sizeof(file_path), "%s%s/index.json", (const char *)ctx,
             path);
    FILE *file = fopen(file_path, "re");
    if (!file)
        return gb_fail(err, GB_ERR_NOT_FOUND, NULL, "no '%s'", file_path);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    *text_out = text;
    return GB_OK;
}

/* DMTF's public-rackmount1: 374 W by its sensor, 344 W by Power, which are
 * different properties; 325 W of a supply is neither. */
static void a_recorded_service_has_one_answer(void **state) {
    char *dump = getenv("GB_REDFISH_DUMP");

    (void)state;
    if (!dump || dump[0] == '\0') {
        print_message("GB_REDFISH_DUMP is not set: nothing recorded to walk\n");
        skip();
    }
    const gb_redfish_server server = {get_file, dump};
    assert_int_equal(
        gb_redfish_walk(&server, "/redfish/v1/Chassis/1U", &found, NULL),
        GB_OK);
    bool watts_374 = false, watts_344 = false;
    for (size_t i = 0; i < found.count; i++) {
        const gb_redfish_reading *reading = &found.items[i].reading;
        if (reading->energy || reading->refused[0] != '\0')
            continue;
        watts_374 = watts_374 || reading->value == 374;
        watts_344 = watts_344 || reading->value == 344;
        assert_true(reading->value == 374 || reading->value == 344);
        if (reading->value == 344)
            assert_true(watts_374); /* the sensor first */
    }
    assert_true(watts_374);
    assert_true(watts_344);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_only_system_leads_to_its_chassis),
        cmocka_unit_test(a_sensor_in_full_replaces_its_excerpt),
        cmocka_unit_test(what_several_nodes_share_is_marked),
        cmocka_unit_test(failures_are_passed_on),
        cmocka_unit_test(walks_end),
        cmocka_unit_test(a_recorded_service_has_one_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
