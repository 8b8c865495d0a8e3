/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what follows "meter=" in --energy: what is taken is sound and
 * can be written down and taken again, what is not says why, and a password is
 * neither taken nor repeated. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/meter_setting.h"

#define NODE   "node17"
#define SECRET "Kanarienvogel"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void demand(bool truth) {
    if (!truth)
        abort();
}

static bool holds(const char *text, size_t size) {
    return memchr(text, '\0', size) != NULL;
}

static void check_setting(const gb_meter_setting *setting) {
    demand(setting->option_count <= GB_METER_OPTIONS_MAX);
    for (size_t i = 0; i < setting->option_count; i++) {
        const gb_meter_option *option = &setting->options[i];
        demand(holds(option->name, sizeof(option->name)) &&
               holds(option->value, sizeof(option->value)));
        demand(option->name[0] != '\0' && !gb_meter_is_secret(option->name));
        for (size_t k = 0; k < i; k++)
            demand(strcmp(setting->options[k].name, option->name) != 0);
    }
}

/** "acme.pdu;host=pdu7": taken again, it is the same setting. */
static void check_again(const gb_meter_setting *setting, char separator) {
    gb_meter_setting again;
    gb_str text = {0};

    gb_str_add(&text, setting->id);
    for (size_t i = 0; i < setting->option_count; i++)
        gb_str_addf(&text, "%c%s=%s", separator, setting->options[i].name,
                    setting->options[i].value);
    char *said = gb_str_take(&text);
    demand(said != NULL);
    demand(gb_meter_setting_parse(said, strlen(said), "other", &again, NULL) ==
           GB_OK);
    demand(strcmp(again.id, setting->id) == 0 &&
           again.option_count == setting->option_count);
    for (size_t i = 0; i < again.option_count; i++)
        demand(strcmp(again.options[i].name, setting->options[i].name) == 0 &&
               strcmp(again.options[i].value, setting->options[i].value) == 0);
    free(said);
}

/** Whatever stands before it: a password is refused, and not repeated. */
static void check_secret(const char *text, size_t size) {
    static const char secret[] = ";password=" SECRET;
    gb_meter_setting setting;
    gb_error err = {0};
    char *whole = malloc(size + sizeof(secret));

    demand(whole != NULL);
    memcpy(whole, text, size);
    memcpy(whole + size, secret, sizeof(secret));
    demand(gb_meter_setting_parse(whole, size + strlen(secret), NODE, &setting,
                                  &err) == GB_ERR_INVALID);
    demand(err.what[0] != '\0' && strstr(err.what, SECRET) == NULL &&
           strstr(err.hint, SECRET) == NULL);
    free(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    gb_meter_setting setting;
    gb_error err = {0};
    char *text = malloc(size + 1);

    if (text == NULL)
        return 0;
    memcpy(text, bytes, size);
    text[size] = '\0';
    if (gb_meter_setting_parse(text, size, NODE, &setting, &err) == GB_OK) {
        demand(gb_is_id(setting.id));
        check_setting(&setting);
        check_again(&setting, memchr(text, ';', size) != NULL ? ';' : '+');
    } else {
        demand(err.what[0] != '\0');
    }
    if (gb_meter_options_parse(text, NODE, &setting, &err) == GB_OK)
        check_setting(&setting);
    check_secret(text, size);
    free(text);
    return 0;
}
