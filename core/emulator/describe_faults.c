/* SPDX-License-Identifier: Apache-2.0 */
/* The `faults` of a machine, from YAML to a schedule. */
#include <stdlib.h>

#include "emulator/describe.h"

#define FAULTS_MAX 256

typedef struct fault_draft {
    gb_fault fault;
    double energy_j, seconds_s;
    bool has_kind;
} fault_draft;

static gb_status fault_kind(const gb_em_reader *in, const gb_yaml_node *value,
                            void *target) {
    fault_draft *draft = target;
    const char *names[GB_FAULT_KIND_COUNT];
    for (int i = 0; i < GB_FAULT_KIND_COUNT; i++)
        names[i] = gb_fault_kind_name((gb_fault_kind)i);
    draft->has_kind = true;
    if (value->kind != GB_YAML_SCALAR)
        return gb_em_unexpected(in, value, "fault", "a kind of fault", NULL);
    return gb_fault_kind_parse(value->text, &draft->fault.kind)
               ? GB_OK
               : gb_em_unknown_key(in, value, names, GB_FAULT_KIND_COUNT);
}

static const gb_em_field fault_fields[] = {
    GB_EM_FIELD_OWN("fault", fault_kind),
    GB_EM_FIELD_TEXT(fault_draft, "on", fault.target),
    GB_EM_FIELD(fault_draft, "at", GB_EM_DURATION, fault.at_ns, 0, 1e8),
    GB_EM_FIELD(fault_draft, "for", GB_EM_DURATION, fault.for_ns, 1e-3, 1e8),
    GB_EM_FIELD(fault_draft, "every", GB_EM_DURATION, fault.every_ns, 1e-3,
                1e8),
    GB_EM_FIELD(fault_draft, "energy_j", GB_EM_NUMBER, energy_j, -1e9, 1e9),
    GB_EM_FIELD(fault_draft, "seconds", GB_EM_NUMBER, seconds_s, 1e-3, 600),
};

static gb_status finish_fault(const gb_em_reader *in, const gb_yaml_node *node,
                              fault_draft *draft) {
    gb_fault *fault = &draft->fault;
    const bool instant =
        fault->kind == GB_FAULT_RESET || fault->kind == GB_FAULT_JUMP;
    if (!draft->has_kind || fault->target[0] == '\0')
        return gb_em_unexpected(in, node, "faults", "the keys 'fault' and 'on'",
                                NULL);
    if (fault->kind == GB_FAULT_JUMP && draft->energy_j == 0.0)
        return gb_em_unexpected(in, node, "jump", "the key 'energy_j'", NULL);
    if (fault->kind == GB_FAULT_SLOW && draft->seconds_s == 0.0)
        return gb_em_unexpected(in, node, "slow", "the key 'seconds'", NULL);
    if ((fault->kind != GB_FAULT_JUMP && draft->energy_j != 0.0) ||
        (fault->kind != GB_FAULT_SLOW && draft->seconds_s != 0.0))
        return gb_em_unexpected(in, node, "faults",
                                "energy_j only of a jump, seconds only of slow",
                                NULL);
    if (instant && fault->for_ns != 0)
        return gb_em_unexpected(in, gb_em_value_of(node, "for"), "for",
                                "no length: it happens at one instant", NULL);
    if (fault->every_ns > 0 && !instant &&
        (fault->for_ns == 0 || fault->for_ns >= fault->every_ns))
        return gb_em_unexpected(in, gb_em_value_of(node, "every"), "every",
                                "a period longer than 'for'", NULL);
    if (fault->for_ns == 0 && !instant)
        fault->for_ns = GB_FAULT_FOR_EVER;
    fault->amount =
        fault->kind == GB_FAULT_JUMP ? draft->energy_j : draft->seconds_s;
    return GB_OK;
}

gb_status gb_em_read_faults(const gb_em_reader *in, const gb_yaml_node *list,
                            void *target) {
    gb_em_machine *machine = target;
    if (list->kind != GB_YAML_LIST || list->count > FAULTS_MAX)
        return gb_em_unexpected(in, list, "faults", "a list of 256 at most",
                                NULL);
    free(machine->faults); /* those of a preset: one list replaces another */
    machine->fault_count = 0;
    machine->faults = calloc(list->count + 1, sizeof(*machine->faults));
    if (machine->faults == NULL)
        return gb_fail_memory(in->err, in->name);
    for (size_t i = 0; i < list->count; i++) {
        fault_draft draft = {0};
        gb_status status = gb_em_read_map(
            in, list->items[i], "a map such as {fault: eio, on: package-0}",
            fault_fields, GB_EM_COUNT_OF(fault_fields), &draft);
        if (status == GB_OK)
            status = finish_fault(in, list->items[i], &draft);
        if (status != GB_OK)
            return status;
        machine->faults[machine->fault_count++] = draft.fault;
    }
    return GB_OK;
}
