/* SPDX-License-Identifier: Apache-2.0 */
/* What a saved machine must give, and what it gave. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_parts.h"

static void read_wrong(gb_json_in *in, const json_t *root,
                       gb_expected *expected) {
    /* jansson's iteration wants a mutable object, and changes nothing. */
    json_t *answers = json_object_get(root, "wrong_answers");
    const char *key;
    json_t *value;

    if (answers == NULL)
        return;
    if (!json_is_object(answers)) {
        gb_json_mistake(in, "wrong_answers", "an object", answers);
        return;
    }
    json_object_foreach(answers, key, value) {
        if (!json_is_number(value)) {
            gb_json_mistake(in, key, "a number", value);
            return;
        }
        if (expected->wrong_count == GB_WRONG_MAX)
            return;
        gb_wrong_total *one = &expected->wrong[expected->wrong_count++];
        gb_copy(one->mistake, sizeof(one->mistake), key);
        one->value = json_number_value(value);
    }
}

static void read_cpus(gb_json_in *in, const json_t *root,
                      gb_expected *expected) {
    const json_t *cpus = gb_json_get_array(in, root, "open_on_cpus");
    size_t length = 0;

    for (size_t i = 0; cpus != NULL && i < json_array_size(cpus); i++) {
        const int more = snprintf(expected->open_on_cpus + length,
                                  sizeof(expected->open_on_cpus) - length,
                                  "%s%" JSON_INTEGER_FORMAT, i > 0 ? ", " : "",
                                  json_integer_value(json_array_get(cpus, i)));
        if (more < 0 ||
            (size_t)more >= sizeof(expected->open_on_cpus) - length) {
            gb_json_mistake(in, "open_on_cpus", "a few numbers", cpus);
            return;
        }
        length += (size_t)more;
    }
}

static void read_printed(gb_json_in *in, const json_t *root,
                         gb_expected *expected) {
    const json_t *list = gb_json_get_array(in, root, "printed");

    if (json_array_size(list) > GB_PRINTED_MAX) {
        gb_json_mistake(in, "printed", "at most 8 files", list);
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        gb_printed *to = &expected->printed[expected->printed_count++];
        gb_json_get_text(in, one, "file", to->file, sizeof(to->file));
        to->power_w = gb_json_get_real(in, one, "watts");
    }
}

gb_status gb_json_read_expected(const char *text, gb_expected *expected_out,
                                gb_error *err) {
    gb_json_in in = {.err = err};
    gb_expected expected = {0};
    char word[24];
    json_t *root = gb_json_parse(text, err);

    if (root == NULL)
        return GB_ERR_INVALID;
    expected.dt_s = gb_json_get_real(&in, root, "dt_s");
    expected.node_joules = gb_json_get_real(&in, root, "node_joules");
    expected.node_watts = gb_json_get_real(&in, root, "node_watts");
    const json_t *zones = json_object_get(root, "energy_zones");
    expected.no_energy = (zones != NULL && json_integer_value(zones) == 0) ||
                         json_is_null(json_object_get(root, "node_joules"));
    gb_json_get_text(&in, root, "status", word, sizeof(word));
    expected.has_status = word[0] != '\0';
    if (expected.has_status &&
        !gb_domain_status_from_name(word, &expected.status))
        gb_json_mistake(&in, "status", "a status such as stuck",
                        json_object_get(root, "status"));
    expected.true_joules = gb_json_get_real(&in, root, "true_joules");
    gb_json_get_text(&in, root, "suspect", expected.suspect,
                     sizeof(expected.suspect));
    read_printed(&in, root, &expected);
    read_wrong(&in, root, &expected);
    read_cpus(&in, root, &expected);
    json_decref(root);
    if (in.status == GB_OK)
        *expected_out = expected;
    return in.status;
}

static json_t *case_of(gb_json_out *out, const gb_selftest_case *one) {
    json_t *o = gb_json_object(out), *wrong = gb_json_array(out);

    for (size_t i = 0; i < one->wrong_count; i++) {
        json_t *answer = gb_json_object(out);
        gb_json_put(out, answer, "mistake",
                    gb_json_text(out, one->wrong[i].mistake));
        gb_json_put(out, answer, "value",
                    gb_json_real(out, one->wrong[i].value));
        gb_json_put(out, answer, "rejected",
                    gb_json_bool(out, one->wrong[i].rejected));
        gb_json_append(out, wrong, answer);
    }
    gb_json_put(out, o, "machine", gb_json_text(out, one->machine));
    gb_json_put(out, o, "right", gb_json_bool(out, one->right));
    gb_json_put(out, o, "expected", gb_json_text(out, one->expected));
    gb_json_put(out, o, "got", gb_json_text(out, one->got));
    gb_json_put(out, o, "why", gb_json_fact(out, one->why));
    gb_json_put(out, o, "wrong_answers", wrong);
    return o;
}

char *gb_json_selftest(const gb_selftest *selftest) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *cases = gb_json_array(out);

    for (size_t i = 0; i < selftest->count; i++)
        gb_json_append(out, cases, case_of(out, &selftest->cases[i]));
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.selftest/1"));
    gb_json_put(out, o, "right", gb_json_bool(out, selftest->right));
    gb_json_put(out, o, "wrong_rejected",
                gb_json_u64(out, selftest->wrong_rejected));
    gb_json_put(out, o, "took_s", gb_json_real(out, selftest->took_s));
    gb_json_put(out, o, "machines", cases);
    return gb_json_pretty(out, o);
}
