/* SPDX-License-Identifier: Apache-2.0 */
/* One meter and what is lent to it. Its ops are this file's hooks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "machine/plugin/meter.h"

struct gb_meter_instance {
    const gb_meter_host *host;
};

static gb_meter_instance instance;
static struct hooks {
    gb_status (*open)(const gb_meter_host *host);
    gb_status (*read)(const gb_meter_host *host, gb_meter_reading *readings);
    void (*close)(const gb_meter_host *host);
    size_t domain_count;
    int closed;
    bool no_instance;
} hooks;

static gb_meter_domain domains[3];
static const gb_meter_domain *const list[] = {&domains[0], &domains[1],
                                              &domains[2]};

static gb_status op_open(const gb_meter_host *host,
                         gb_meter_instance **self_out) {
    const gb_status status = hooks.open != NULL ? hooks.open(host) : GB_OK;
    instance.host = host;
    if (status == GB_OK && !hooks.no_instance)
        *self_out = &instance;
    return status;
}
static const gb_meter_domain *const *op_domains(const gb_meter_instance *self,
                                                size_t *count_out) {
    (void)self;
    *count_out = hooks.domain_count;
    return list;
}
static gb_status op_read(gb_meter_instance *self, gb_meter_reading *readings) {
    readings[0].ticks = 17;
    return hooks.read != NULL ? hooks.read(self->host, readings) : GB_OK;
}
static void op_close(gb_meter_instance *self) {
    hooks.closed++;
    if (hooks.close != NULL)
        hooks.close(self->host);
}

static const gb_param_decl params[] = {
    {"host", "name of the PDU", NULL, NULL},
    {"outlet", "its number", "1", "1..48"},
    {"gain", "of its transformer", "auto", "auto|0.5..2.0"},
};
static gb_meter meter;

static uint64_t clock_now(void *ctx) {
    (void)ctx;
    return 4711;
}
static const gb_clock at_4711 = {.now_ns = clock_now};
static const gb_meter_env env = {&at_4711, "node17", "/tmp/machine"};
static const gb_plugin_identity identity = {"acme.pdu", "1.2.3", "abc"};

static gb_meter_run *run;
static gb_error err;

static gb_status make(const char *options) {
    gb_meter_setting setting;

    err = (gb_error){0};
    assert_int_equal(gb_meter_options_parse(options, "node17", &setting, &err),
                     GB_OK);
    return gb_meter_run_open(&meter, &identity, NULL, &setting, &env, &run,
                             &err);
}

static int begin(void **state) {
    (void)state;
    hooks = (struct hooks){.domain_count = 1};
    for (size_t i = 0; i < 3; i++)
        domains[i] = (gb_meter_domain){
            .struct_size = sizeof(gb_meter_domain),
            .name = i == 0   ? "a"
                    : i == 1 ? "b"
                             : "c",
            .scope = "node-ac",
            .unit = GB_METER_WATT,
            .package = -1,
            .tick = 0.1,
            .step = 0.1,
            .update_ns = 1000000000,
        };
    meter = (gb_meter){
        .struct_size = sizeof(gb_meter),
        .abi_major = GB_METER_ABI_MAJOR,
        .abi_minor = GB_METER_ABI_MINOR,
        .id = "acme.pdu",
        .version = "1.2.3",
        .summary = "a PDU",
        .params = params,
        .param_count = sizeof(params) / sizeof(params[0]),
        .open = op_open,
        .domains = op_domains,
        .read = op_read,
        .close = op_close,
    };
    run = NULL;
    return 0;
}
static int end(void **state) {
    (void)state;
    gb_meter_run_close(run);
    run = NULL;
    return 0;
}

static void expect_text(const char *text, const char *part) {
    if (strstr(text, part) == NULL)
        fail_msg("expected '%s' in '%s'", part, text);
}

/* --- the descriptor ------------------------------------------------------- */

static void expect_refused(gb_plugin_part part, gb_status status,
                           const char *what) {
    gb_meter copy;
    gb_plugin_part failed = GB_PART_FILE;

    assert_int_equal(
        gb_meter_check(&meter, "/x/acme.pdu.so", &copy, &failed, &err), status);
    assert_int_equal(failed, part);
    expect_text(err.what, what);
}

static void a_descriptor_is_checked_part_by_part(void **state) {
    static const gb_param_decl bad[] = {{"n", "a number", "12", "1..9"}};
    gb_meter copy;
    gb_plugin_part failed = GB_PART_FILE;

    (void)state;
    assert_int_equal(
        gb_meter_check(&meter, "/x/acme.pdu.so", &copy, &failed, &err), GB_OK);
    assert_int_equal(failed, GB_PART_ALL);
    meter.params = bad;
    meter.param_count = 1;
    expect_refused(GB_PART_DEFAULTS, GB_ERR_INVALID, "parameter 'n': default");
    meter.param_count = 0;
    meter.id = "acme.wall";
    expect_refused(GB_PART_ID, GB_ERR_INVALID, "a file named 'acme.wall.so'");
    meter.summary = "";
    expect_refused(GB_PART_TEXTS, GB_ERR_INVALID, "a text for 'summary'");
    meter.domains = NULL;
    expect_refused(GB_PART_OPS, GB_ERR_INVALID, "the op domains(), got null");
    meter.struct_size = 24;
    expect_refused(GB_PART_ABI, GB_ERR_ABI, "of 80 bytes or more, got 24");
    expect_text(err.hint, "sizeof(gb_meter)");
    meter.abi_major = 7;
    expect_refused(GB_PART_ABI, GB_ERR_ABI, "expected meter ABI 1, got 7");
}

static void a_larger_one_is_taken_and_an_older_ones_tail_is_zero(void **state) {
    struct {
        gb_meter known;
        char unknown[64];
    } larger = {.known = meter};
    gb_meter copy;
    gb_plugin_part failed = GB_PART_FILE;

    (void)state;
    larger.known.struct_size = sizeof(larger);
    larger.known.abi_minor = 9;
    larger.known.flags = GB_METER_SLOW;
    assert_int_equal(
        gb_meter_check(&larger, "/x/acme.pdu.so", &copy, &failed, &err), GB_OK);
    assert_int_equal(copy.flags, GB_METER_SLOW);
    larger.known.struct_size = offsetof(gb_meter, flags);
    assert_int_equal(
        gb_meter_check(&larger, "/x/acme.pdu.so", &copy, &failed, &err), GB_OK);
    assert_int_equal(copy.flags, 0);
}

/* --- what the user says --------------------------------------------------- */

static gb_status look_at_values(const gb_meter_host *host) {
    assert_string_equal(host->param_text(host, "host"), "pdu7");
    assert_int_equal(host->param_u64(host, "outlet"), 3);
    assert_true(host->param_f64(host, "gain") == 1.5);
    assert_string_equal(host->node_name, "node17");
    assert_string_equal(host->root, "/tmp/machine");
    assert_int_equal(host->now_ns(host), 4711);
    return GB_OK;
}

static void values_reach_the_plugin(void **state) {
    (void)state;
    hooks.open = look_at_values;
    assert_int_equal(make("host=pdu7;outlet=3;gain=1.5"), GB_OK);
    assert_string_equal(gb_meter_run_facts(run)->plugin.sha256, "abc");
}

static gb_status must_not_be_called(const gb_meter_host *host) {
    (void)host;
    fail();
    return GB_OK;
}

static void bad_settings_never_reach_it(void **state) {
    static const struct {
        const char *options, *what, *hint;
    } cases[] = {
        {"", "acme.pdu: expected host=VALUE, got none", "name of the PDU"},
        {"host=a;outlet=49", "outlet: expected 1..48, got '49'",
         "nearest is 48"},
        {"host=a;oulet=1", "options host, outlet, gain, got 'oulet'",
         "did you mean 'outlet'?"},
        {"host=a;colour=red", "got 'colour'", "greenbench list"},
    };
    (void)state;
    hooks.open = must_not_be_called;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(make(cases[i].options), GB_ERR_INVALID);
        expect_text(err.what, cases[i].what);
        expect_text(err.hint, cases[i].hint);
    }
}

/* --- failures and broken promises ----------------------------------------- */

/* (host->fail), as cmocka has a macro of that name. */
static gb_status cannot_connect(const gb_meter_host *host) {
    return (host->fail)(host, GB_ERR_IO, "is it on?", "cannot connect to %s",
                        host->param_text(host, "host"));
}
static gb_status fails_silently(const gb_meter_host *host) {
    (void)host;
    return GB_ERR_IO;
}
static gb_status unknown_status(const gb_meter_host *host) {
    (void)host;
    return 4711;
}
static gb_status asks_undeclared(const gb_meter_host *host) {
    (void)host->param_u64(host, "colour");
    return GB_OK;
}

static void each_failure_of_open_has_its_words(void **state) {
    static const struct {
        gb_status (*open)(const gb_meter_host *host);
        gb_status status;
        const char *what;
    } cases[] = {
        {cannot_connect, GB_ERR_IO, "acme.pdu: cannot connect to pdu7"},
        {fails_silently, GB_ERR_IO, "open() failed without a reason"},
        {unknown_status, GB_ERR_INTERNAL, "unknown status 4711"},
        {asks_undeclared, GB_ERR_INTERNAL, "'colour', which it does not"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        hooks.open = cases[i].open;
        assert_int_equal(make("host=pdu7"), cases[i].status);
        expect_text(err.what, cases[i].what);
    }
    hooks.open = NULL;
    hooks.no_instance = true;
    assert_int_equal(make("host=pdu7"), GB_ERR_INTERNAL);
    expect_text(err.what, "without an instance");
    hooks.no_instance = false;
    hooks.domain_count = 0;
    assert_int_equal(make("host=pdu7"), GB_ERR_INTERNAL);
    expect_text(err.what, "expected 1 to 256 domains, got 0");
    hooks.domain_count = 1;
    domains[0].struct_size = 24;
    assert_int_equal(make("host=pdu7"), GB_ERR_INTERNAL);
    expect_text(err.what, "structs of 136 bytes or more, got 24");
    assert_int_equal(hooks.closed, 3); /* what failed in open() was not open */
}

static void domains_that_are_not_sound_are_listed_with_the_reason(
    void **state) {
    (void)state;
    hooks.domain_count = 3;
    domains[1].scope = "rack";
    domains[2].name = "a";
    assert_int_equal(make("host=pdu7"), GB_OK);
    const gb_meter_facts *facts = gb_meter_run_facts(run);
    assert_int_equal(facts->domain_count, 3);
    assert_int_equal(facts->domains[0]->status, GB_OK);
    assert_int_equal(facts->domains[1]->status, GB_ERR_INVALID);
    expect_text(facts->domains[1]->reason, "got 'rack'");
    assert_int_equal(facts->domains[2]->status, GB_ERR_INVALID);
    expect_text(facts->domains[2]->reason, "'a' twice");
}

static void an_accuracy_is_whole_or_not_at_all(void **state) {
    static const struct {
        uint32_t form;
        double reading, range, watts, k, range_w;
        const char *what; /* null: sound */
    } cases[] = {
        {GB_METER_ACCURACY_UNKNOWN, 0, 0, 0, 0, 0, NULL},
        {GB_METER_ACCURACY_LIMITS, 0.001, 0.0005, 0.2, 0, 1500, NULL},
        {GB_METER_ACCURACY_EXPANDED, 0.001, 0, 0, 2, 0, NULL},
        {GB_METER_ACCURACY_UNKNOWN, 0.001, 0, 0, 0, 0, "an accuracy alone"},
        {GB_METER_ACCURACY_LIMITS, 0, 0, 0, 0, 0, "a form alone"},
        {GB_METER_ACCURACY_LIMITS, 0.1, 0.1, 0, 0, 0, "got none"},
        {GB_METER_ACCURACY_LIMITS, 5, 0, 0, 0, 0, "a fraction, got 5"},
        {GB_METER_ACCURACY_LIMITS, -0.1, 0, 0, 0, 0, "a fraction, got -0.1"},
        {GB_METER_ACCURACY_EXPANDED, 0.001, 0, 0, 0, 0, "expected the k"},
        {3, 0.001, 0, 0, 0, 0, "form of 0 to 2, got 3"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_meter_domain domain = domains[0];
        domain.accuracy_form = cases[i].form;
        domain.accuracy_of_reading = cases[i].reading;
        domain.accuracy_of_range = cases[i].range;
        domain.accuracy_w = cases[i].watts;
        domain.accuracy_k = cases[i].k;
        domain.range_w = cases[i].range_w;
        err = (gb_error){0};
        const gb_status status = gb_meter_check_domain(&domain, &err);
        assert_int_equal(status, cases[i].what ? GB_ERR_INVALID : GB_OK);
        if (cases[i].what)
            expect_text(err.what, cases[i].what);
    }
}

/* --- reading and the end -------------------------------------------------- */

static gb_status reads_nothing(const gb_meter_host *host,
                               gb_meter_reading *readings) {
    readings[0].ticks = 3;
    return (host->fail)(host, GB_ERR_TIMEOUT, NULL, "no answer");
}
static gb_status reads_one(const gb_meter_host *host,
                           gb_meter_reading *readings) {
    readings[1].status =
        (host->fail)(host, GB_ERR_IO, NULL, "outlet b is switched off");
    return GB_OK;
}

static void a_reading_without_a_value_says_why(void **state) {
    gb_meter_reading readings[2];

    (void)state;
    hooks.domain_count = 2;
    assert_int_equal(make("host=pdu7"), GB_OK);
    readings[1].status = 99;
    assert_int_equal(gb_meter_run_read(run, readings, &err), GB_OK);
    assert_int_equal(readings[0].ticks, 17);
    assert_int_equal(readings[1].status, GB_OK); /* zeroed by the host */
    hooks.read = reads_one;
    assert_int_equal(gb_meter_run_read(run, readings, &err), GB_OK);
    assert_int_equal(readings[0].status, GB_OK);
    assert_int_equal(readings[1].status, GB_ERR_IO);
    expect_text(err.what, "outlet b is switched off");
    hooks.read = reads_nothing;
    assert_int_equal(gb_meter_run_read(run, readings, &err), GB_ERR_TIMEOUT);
    assert_int_equal(readings[0].status, GB_ERR_TIMEOUT);
    assert_int_equal(readings[1].status, GB_ERR_TIMEOUT);
}

static gb_status takes_and_notes(const gb_meter_host *host) {
    unsigned char *block = host->alloc(host, 64);

    for (size_t i = 0; i < 64; i++)
        assert_int_equal(block[i], 0);
    host->note(host, "device", "%s serial %d", "PX3", 17);
    host->note(host, "firmware", "4.1");
    host->note(host, "device", "PX3 serial %d", 18);
    return GB_OK;
}
static void frees_a_stranger(const gb_meter_host *host) {
    int own = 0;

    host->free(host, NULL);
    host->free(host, &own);
}

static void what_it_keeps_is_counted_and_taken_back(void **state) {
    (void)state;
    hooks.open = takes_and_notes;
    hooks.close = frees_a_stranger;
    assert_int_equal(make("host=pdu7"), GB_OK);
    assert_string_equal(gb_meter_run_facts(run)->notes,
                        "device=PX3 serial 18 firmware=4.1");
    assert_int_equal(gb_meter_run_end(run, &err), GB_ERR_INTERNAL);
    expect_text(err.what, "expected a block from alloc()");
    assert_int_equal(gb_meter_run_leaked_bytes(run), 64);
    assert_int_equal(gb_meter_run_end(run, &err), GB_OK);
    assert_int_equal(hooks.closed, 1);
}

#define METER_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        METER_TEST(a_descriptor_is_checked_part_by_part),
        METER_TEST(a_larger_one_is_taken_and_an_older_ones_tail_is_zero),
        METER_TEST(values_reach_the_plugin),
        METER_TEST(bad_settings_never_reach_it),
        METER_TEST(each_failure_of_open_has_its_words),
        METER_TEST(domains_that_are_not_sound_are_listed_with_the_reason),
        METER_TEST(an_accuracy_is_whole_or_not_at_all),
        METER_TEST(a_reading_without_a_value_says_why),
        METER_TEST(what_it_keeps_is_counted_and_taken_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
