/* SPDX-License-Identifier: Apache-2.0 */
/* meters.ptd: a power analyser behind a daemon that speaks like SPEC's
 * PTDaemon, over TCP.
 *
 * Written from what is public of that protocol: MLCommons' power-dev
 * (ptd_client_server/lib/server.py, compliance/check.py) sends Hello, Identify,
 * Go, RL and Stop and shows their answers, and SPECjvm2008's PowerMeter.java
 * those of Identify. Tested with a server of our own alone, never with the real
 * product. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "greenbench/meter.h"

#define MS_NS       UINT64_C(1000000)
#define S_NS        UINT64_C(1000000000)
#define SAMPLES_MAX 100000u
/* Without a sample for so many intervals, and so long, it is dead. */
#define STALE_COUNTS   5u
#define STALE_LEAST_NS (2 * S_NS)

struct gb_meter_instance {
    const gb_meter_host *host;
    gb_meter_domain domain;
    const gb_meter_domain *domains[1];
    char address[256], port[16];
    uint64_t interval_ns, timeout_ns;

    int fd;            /* -1: not connected */
    bool began;        /* it was told to sample, on this link or an earlier */
    char buffer[8192]; /* what was received, [held] */
    size_t held;
    uint64_t milliwatts; /* of the latest sample */
    char complaint[160]; /* why it has no value; "": it has one */
    uint64_t sampled_ns; /* when it came; 0: none yet */
};

static const gb_param_decl params[] = {
    {"host", "name or address of the daemon's machine", NULL, NULL},
    {"port", "its TCP port", "8888", "1..65535"},
    {"scope", "what the analyser feeds", "node-ac", "node-ac|node-dc|other"},
    {"interval_ms", "from one sample to the next", "1000", "100..2000"},
    {"timeout_ms", "longest wait for an answer", "2000", "50..10000"},
    {"step_w", "smallest change it shows", "0.01", "0.001..100.0"},
    {"range_w", "full scale of its range; 0: not stated", "0", "0..1000000"},
    {"reading_percent", "accuracy, part of the reading", "0.0", "0.0..20.0"},
    {"range_percent", "accuracy, part of the range", "0.0", "0.0..20.0"},
};

/* --- bytes ---------------------------------------------------------------- */

static void disconnect(gb_meter_instance *self) {
    if (self->fd >= 0)
        close(self->fd);
    self->fd = -1;
    self->held = 0;
}

static gb_status fail_late(gb_meter_instance *self, const char *step) {
    return self->host->fail(self->host, GB_ERR_TIMEOUT,
                            "is the daemon alive? timeout_ms= waits longer",
                            "%s:%s: no answer to %s within %g s", self->address,
                            self->port, step, 1e-9 * (double)self->timeout_ns);
}

/* Until @p fd is ready or it is @p end_ns. */
static bool wait_for(gb_meter_instance *self, short events, uint64_t end_ns) {
    for (;;) {
        struct pollfd one = {.fd = self->fd, .events = events};
        const uint64_t now_ns = self->host->now_ns(self->host);
        if (now_ns >= end_ns)
            return false;
        const int got = poll(&one, 1, (int)((end_ns - now_ns) / MS_NS) + 1);
        if (got > 0)
            return true;
        if (got < 0 && errno != EINTR)
            return false;
    }
}

static gb_status send_line(gb_meter_instance *self, const char *line,
                           uint64_t end_ns) {
    char text[128];
    const int length = snprintf(text, sizeof(text), "%s\r\n", line);

    for (int sent = 0; sent < length;) {
        const ssize_t put =
            send(self->fd, text + sent, (size_t)(length - sent), MSG_NOSIGNAL);
        if (put > 0)
            sent += (int)put;
        else if (errno == EAGAIN && !wait_for(self, POLLOUT, end_ns))
            return fail_late(self, line);
        else if (errno != EAGAIN && errno != EINTR)
            return self->host->fail(self->host, GB_ERR_IO, NULL,
                                    "%s:%s: cannot send %s: %s", self->address,
                                    self->port, line, strerror(errno));
    }
    return GB_OK;
}

/* Take one line out of the buffer. False: there is no whole one. */
static bool take_line(gb_meter_instance *self, char *line, size_t size) {
    const char *end = memchr(self->buffer, '\n', self->held);

    if (end == NULL)
        return false;
    size_t length = (size_t)(end - self->buffer);
    const size_t taken = length + 1;
    if (length > 0 && self->buffer[length - 1] == '\r')
        length--;
    if (length >= size)
        length = size - 1;
    memcpy(line, self->buffer, length);
    line[length] = '\0';
    self->held -= taken;
    memmove(self->buffer, self->buffer + taken, self->held);
    return true;
}

/** One line, without its end. @param step  what it answers, for messages */
static gb_status receive_line(gb_meter_instance *self, const char *step,
                              char *line, size_t size, uint64_t end_ns) {
    while (!take_line(self, line, size)) {
        if (self->held == sizeof(self->buffer))
            return self->host->fail(
                self->host, GB_ERR_IO, "is that the daemon's port?",
                "%s:%s: expected lines in answer to %s, "
                "got %zu bytes without an end",
                self->address, self->port, step, self->held);
        const ssize_t got = recv(self->fd, self->buffer + self->held,
                                 sizeof(self->buffer) - self->held, 0);
        if (got > 0)
            self->held += (size_t)got;
        else if (got == 0)
            return self->host->fail(self->host, GB_ERR_IO,
                                    "does another client hold the analyser?",
                                    "%s:%s: it closed the connection instead "
                                    "of answering %s",
                                    self->address, self->port, step);
        else if (errno == EAGAIN && !wait_for(self, POLLIN, end_ns))
            return fail_late(self, step);
        else if (errno != EAGAIN && errno != EINTR)
            return self->host->fail(self->host, GB_ERR_IO, NULL,
                                    "%s:%s: cannot receive: %s", self->address,
                                    self->port, strerror(errno));
    }
    return GB_OK;
}

static uint64_t deadline_ns(const gb_meter_instance *self) {
    return self->host->now_ns(self->host) + self->timeout_ns;
}

/** @p line is what it answered; an error of its own is a failure. */
static gb_status ask(gb_meter_instance *self, const char *command, char *line,
                     size_t size) {
    const uint64_t end_ns = deadline_ns(self);
    gb_status status = send_line(self, command, end_ns);

    if (status == GB_OK)
        status = receive_line(self, command, line, size, end_ns);
    if (status == GB_OK && strncmp(line, "Error", 5) == 0)
        return self->host->fail(self->host, GB_ERR_IO, NULL,
                                "%s:%s: %s was refused: %.120s", self->address,
                                self->port, command, line);
    return status;
}

/* --- the link ------------------------------------------------------------- */

static gb_status connect_to(gb_meter_instance *self,
                            const struct addrinfo *where) {
    int error = 0;
    socklen_t length = sizeof(error);

    self->fd = socket(where->ai_family,
                      where->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                      where->ai_protocol);
    if (self->fd < 0)
        return self->host->fail(self->host, GB_ERR_IO, NULL,
                                "cannot make a socket: %s", strerror(errno));
    if (connect(self->fd, where->ai_addr, where->ai_addrlen) == 0)
        return GB_OK;
    if (errno != EINPROGRESS)
        error = errno;
    else if (!wait_for(self, POLLOUT, deadline_ns(self)))
        return fail_late(self, "a connection");
    else
        getsockopt(self->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error == 0)
        return GB_OK;
    return self->host->fail(self->host, GB_ERR_IO,
                            "is the daemon running, and the port right?",
                            "%s:%s: cannot connect: %s", self->address,
                            self->port, strerror(error));
}

static gb_status connect_any(gb_meter_instance *self) {
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    gb_status status = GB_ERR_IO;
    const int error = getaddrinfo(self->address, self->port, &wanted, &found);

    if (error != 0)
        return self->host->fail(
            self->host, GB_ERR_NOT_FOUND, "host= takes a name or an address",
            "cannot find '%s': %s", self->address, gai_strerror(error));
    for (const struct addrinfo *at = found; at != NULL && status != GB_OK;
         at = at->ai_next) {
        disconnect(self);
        status = connect_to(self, at);
    }
    freeaddrinfo(found);
    return status;
}

/* Connected, known for what it is, and sampling. */
static gb_status begin(gb_meter_instance *self) {
    char line[512], command[64];

    self->sampled_ns = 0;
    gb_status status = connect_any(self);
    if (status == GB_OK)
        status = ask(self, "Hello", line, sizeof(line));
    if (status == GB_OK && strstr(line, "PTDaemon") == NULL)
        status = self->host->fail(self->host, GB_ERR_INVALID,
                                  "is that the daemon's port?",
                                  "%s:%s: expected a PTDaemon's hello, got "
                                  "'%.80s'",
                                  self->address, self->port, line);
    if (status == GB_OK)
        status = ask(self, "Identify", line, sizeof(line));
    if (status == GB_OK) {
        line[strcspn(line, ",")] = '\0';
        self->host->note(self->host, "device", "%.40s", line);
        snprintf(command, sizeof(command), "Go,%u,0,greenbench",
                 (unsigned)(self->interval_ns / MS_NS));
        /* What a lost link began goes on. What others began is theirs. */
        if (self->began)
            (void)ask(self, "Stop", line, sizeof(line));
        status = ask(self, command, line, sizeof(line));
    }
    if (status == GB_OK)
        self->began = true;
    else
        disconnect(self);
    return status;
}

/* --- samples -------------------------------------------------------------- */

/* "231.4567" W -> 231457 mW. False: no number. */
static bool parse_milliwatts(const char *text, uint64_t *out) {
    uint64_t value = 0;
    unsigned decimals = 0;
    bool point = false, up = false;

    if (*text < '0' || *text > '9')
        return false;
    for (; (*text >= '0' && *text <= '9') || (*text == '.' && !point); text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        if (point && decimals >= 3) {
            up = up || (decimals == 3 && *text >= '5');
            decimals++;
            continue;
        }
        if (value > UINT64_MAX / 100)
            return false;
        value = value * 10 + (uint64_t)(*text - '0');
        decimals += point;
    }
    for (; decimals < 3; decimals++)
        value *= 10;
    *out = value + up;
    return *text == '\0' || *text == ',';
}

/* "Time,..,Watts,231.4567,Volts,.." */
static void take_sample(gb_meter_instance *self, const char *line) {
    const char *watts = strstr(line, "Watts,");
    const size_t size = sizeof(self->complaint);

    self->sampled_ns = self->host->now_ns(self->host);
    self->complaint[0] = '\0';
    if (watts == NULL || (watts != line && watts[-1] != ','))
        snprintf(self->complaint, size, "expected Watts in a sample, got '%s'",
                 line);
    else if (watts[6] == '-')
        snprintf(self->complaint, size,
                 "the analyser has no value: it shows %.20s W", watts + 6);
    else if (!parse_milliwatts(watts + 6, &self->milliwatts))
        snprintf(self->complaint, size,
                 "expected a number of watts, got '%.40s'", watts + 6);
}

/* RL: "Last 2 samples", and as many lines; those that were not read yet. */
static gb_status fetch(gb_meter_instance *self) {
    char line[512];
    unsigned count = 0;
    const uint64_t end_ns = deadline_ns(self);

    gb_status status = ask(self, "RL", line, sizeof(line));
    if (status == GB_OK &&
        (sscanf(line, "Last %u sample", &count) != 1 || count > SAMPLES_MAX))
        status = self->host->fail(self->host, GB_ERR_IO, NULL,
                                  "%s:%s: expected 'Last N samples', got "
                                  "'%.100s'",
                                  self->address, self->port, line);
    for (unsigned i = 0; i < count && status == GB_OK; i++) {
        status = receive_line(self, "RL", line, sizeof(line), end_ns);
        if (status == GB_OK && i + 1 == count)
            take_sample(self, line);
    }
    return status;
}

/* --- the calls ------------------------------------------------------------ */

static void ptd_close(gb_meter_instance *self) {
    const gb_meter_host *host = self->host;
    char line[512];

    if (self->fd >= 0)
        (void)ask(self, "Stop", line, sizeof(line));
    disconnect(self);
    host->free(host, self);
}

static void describe(const gb_meter_host *host, gb_meter_domain *domain) {
    const double reading = host->param_f64(host, "reading_percent");
    const double range = host->param_f64(host, "range_percent");

    *domain = (gb_meter_domain){
        .struct_size = sizeof(*domain),
        .name = "power",
        .scope = host->param_text(host, "scope"),
        .unit = GB_METER_WATT,
        .package = -1,
        .accuracy_form = reading + range > 0.0 ? GB_METER_ACCURACY_LIMITS
                                               : GB_METER_ACCURACY_UNKNOWN,
        .tick = 1e-3,
        .step = host->param_f64(host, "step_w"),
        .update_ns = host->param_u64(host, "interval_ms") * MS_NS,
        .average_ns = host->param_u64(host, "interval_ms") * MS_NS,
        .range_w = (double)host->param_u64(host, "range_w"),
        .accuracy_of_reading = reading / 100.0,
        .accuracy_of_range = range / 100.0,
    };
}

static gb_status take_address(gb_meter_instance *self) {
    const gb_meter_host *host = self->host;
    const char *address = host->param_text(host, "host");

    if (address[0] == '\0' || strlen(address) >= sizeof(self->address))
        return host->fail(host, GB_ERR_INVALID, "for example host=ptd.site",
                          "host: expected 1 to %zu characters, got %zu",
                          sizeof(self->address) - 1, strlen(address));
    snprintf(self->address, sizeof(self->address), "%s", address);
    snprintf(self->port, sizeof(self->port), "%s",
             host->param_text(host, "port"));
    if (host->param_f64(host, "range_percent") > 0.0 &&
        host->param_u64(host, "range_w") == 0)
        return host->fail(host, GB_ERR_INVALID, "give range_w= as well",
                          "range_percent: expected the range that it is of, "
                          "got none");
    return GB_OK;
}

/* The first sample is taken an interval after Go. */
static gb_status await_sample(gb_meter_instance *self) {
    const gb_meter_host *host = self->host;
    const uint64_t end_ns =
        host->now_ns(host) + 2 * self->interval_ns + self->timeout_ns;
    gb_status status = fetch(self);

    while (status == GB_OK && self->sampled_ns == 0 &&
           host->now_ns(host) < end_ns) {
        (void)poll(NULL, 0, 20);
        status = fetch(self);
    }
    if (status == GB_OK && self->sampled_ns == 0)
        return host->fail(
            host, GB_ERR_TIMEOUT, "look at the analyser itself",
            "%s:%s: it is sampling, but there was no sample in "
            "%g s",
            self->address, self->port,
            1e-9 * (double)(2 * self->interval_ns + self->timeout_ns));
    if (status != GB_OK)
        disconnect(self);
    return status;
}

static gb_status ptd_open(const gb_meter_host *host,
                          gb_meter_instance **self_out) {
    gb_meter_instance *self = host->alloc(host, sizeof(*self));

    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    self->host = host;
    self->fd = -1;
    self->interval_ns = host->param_u64(host, "interval_ms") * MS_NS;
    self->timeout_ns = host->param_u64(host, "timeout_ms") * MS_NS;
    describe(host, &self->domain);
    self->domains[0] = &self->domain;
    gb_status status = take_address(self);
    if (status == GB_OK)
        status = begin(self);
    if (status == GB_OK)
        status = await_sample(self);
    if (status != GB_OK) {
        ptd_close(self);
        return status;
    }
    *self_out = self;
    return GB_OK;
}

static const gb_meter_domain *const *ptd_domains(const gb_meter_instance *self,
                                                 size_t *count_out) {
    *count_out = 1;
    return self->domains;
}

static gb_status ptd_read(gb_meter_instance *self, gb_meter_reading *readings) {
    const gb_meter_host *host = self->host;
    gb_status status = self->fd >= 0 ? fetch(self) : GB_ERR_IO;

    /* A link that broke may come back: once in each call. */
    if (status != GB_OK) {
        disconnect(self);
        status = begin(self);
        if (status == GB_OK)
            status = fetch(self);
        if (status != GB_OK) {
            disconnect(self);
            return status;
        }
    }
    const uint64_t stale_ns = STALE_COUNTS * self->interval_ns;
    const uint64_t age_ns = host->now_ns(host) - self->sampled_ns;
    if (self->sampled_ns == 0 ||
        age_ns > (stale_ns > STALE_LEAST_NS ? stale_ns : STALE_LEAST_NS))
        readings[0].status =
            host->fail(host, GB_ERR_TIMEOUT, "look at the analyser itself",
                       "%s:%s: no new sample", self->address, self->port);
    else if (self->complaint[0] != '\0')
        readings[0].status =
            host->fail(host, GB_ERR_RANGE, "look at the analyser itself", "%s",
                       self->complaint);
    readings[0].ticks = self->milliwatts;
    return GB_OK;
}

const gb_meter greenbench_meter = {
    .struct_size = sizeof(gb_meter),
    .abi_major = GB_METER_ABI_MAJOR,
    .abi_minor = GB_METER_ABI_MINOR,
    .id = "meters.ptd",
    .version = "0.1.0",
    .summary = "a power analyser behind a daemon that speaks like PTDaemon",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .open = ptd_open,
    .domains = ptd_domains,
    .read = ptd_read,
    .close = ptd_close,
    .flags = GB_METER_SLOW,
};
