/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers that go into the transform, and whether the right ones came out.
 *
 * Round trip: the backward transform of the result must be the input again,
 * within the tolerance of HPC Challenge's MPIFFT, max |x - x0| < 16 u ln n with
 * the unit roundoff u (https://hpcchallenge.org, FFT/mpifft.c). Any pair of
 * inverse maps would pass that, so some bins are also compared with the
 * definition, X[k] = sum of x[j] exp(-2 pi i j k / n).
 */
#include <float.h>
#include <math.h>

#include "fft.h"

#define UNIT_ROUNDOFF (DBL_EPSILON / 2.0)
#define THRESHOLD     16.0 /* HPCC's */
/* exp(i a) is multiplied up for so many steps, which costs as many roundings,
 * before it is taken afresh. */
#define RUN     32u
#define HALF_PI 1.57079632679489661923

__extension__ typedef unsigned __int128 wide;

/** Uniform in [-0.5, 0.5), the same for the same @p key everywhere. */
static double random_value(uint64_t key) {
    /* splitmix64: https://prng.di.unimi.it/splitmix64.c (public domain) */
    uint64_t z = key * 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return (double)(int64_t)z * 0x1p-64;
}

static void value_at(const gb_instance *self, size_t i, double value[2]) {
    const uint64_t key = (self->seed << 48) + 2u * (self->first + i);

    value[0] = random_value(key);
    value[1] = random_value(key + 1u);
}

static void fill_part(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;
    const size_t end = fft_share(self->count, thread + 1, thread_count);

    for (size_t i = fft_share(self->count, thread, thread_count); i < end; i++)
        value_at(self, i, self->in[i]);
}

void fft_fill(gb_instance *self) {
    self->team->run(self->team, fill_part, self);
}

/* --- the definition --------------------------------------------------------
 */

/** Place of bin @p b in the result, another for each seed. */
static uint64_t bin_place(const gb_instance *self, unsigned b) {
    const double unit =
        random_value(~(self->seed * FFT_BINS + (uint64_t)b)) + 0.5;
    const uint64_t place = (uint64_t)(unit * (double)self->points);

    return place < self->points ? place : self->points - 1u;
}

/** j k mod n, summed over the dimensions: the phase of bin @p k at number
 *  @p j, in n-ths of a turn. */
static uint64_t phase_of(const gb_instance *self, uint64_t k, uint64_t j) {
    const uint64_t n = self->n;

    if (!self->three_d)
        return (uint64_t)((wide)k * j % n);
    return (k % n * (j % n) + k / n % n * (j / n % n) +
            k / n / n * (j / n / n)) %
           n;
}

/** exp(-2 pi i @p phase / @p n). Quarters are exact: a whole turn as an angle
 *  would be off by some roundings of 6.28, and add_run() takes it to the power
 *  of RUN, in the same direction for all terms. */
static void turn_by(uint64_t phase, uint64_t n, double w[2]) {
    const uint64_t quarter = (4u * phase + n / 2u) / n;
    const double rest =
        (double)((int64_t)(4u * phase) - (int64_t)(quarter * n));
    const double angle = HALF_PI * (rest / (double)n);
    const double c = cos(angle), s = sin(angle);
    const double turns[4][2] = {{c, -s}, {-s, -c}, {-c, s}, {s, c}};

    w[0] = turns[quarter % 4u][0];
    w[1] = turns[quarter % 4u][1];
}

/** Numbers [@p begin, @p end) of one row times the turns of bin @p k. */
static void add_run(const gb_instance *self, uint64_t k, size_t begin,
                    size_t end, const double step[2], double sum[2]) {
    double w[2];

    turn_by(phase_of(self, k, self->first + begin), self->n, w);
    for (size_t i = begin; i < end; i++) {
        const double *x = self->in[i];
        const double real = w[0] * step[0] - w[1] * step[1];
        sum[0] += x[0] * w[0] - x[1] * w[1];
        sum[1] += x[0] * w[1] + x[1] * w[0];
        w[1] = w[0] * step[1] + w[1] * step[0];
        w[0] = real;
    }
}

/** Kahan's: the sum of very many terms, rounded as if they were few. */
static void add_exactly(double *sum, double *lost, double term) {
    const double corrected = term - *lost;
    const double next = *sum + corrected;

    *lost = (next - *sum) - corrected;
    *sum = next;
}

static void sum_bin(const gb_instance *self, unsigned b, size_t begin,
                    size_t end, double bin[2]) {
    const uint64_t k = bin_place(self, b);
    double step[2], lost[2] = {0.0, 0.0};

    turn_by(k % self->n, self->n, step); /* along a row */
    bin[0] = bin[1] = 0.0;
    for (size_t i = begin; i < end;) {
        const uint64_t row_left = self->n - (self->first + i) % self->n;
        size_t next = i + RUN < end ? i + RUN : end;
        double sum[2] = {0.0, 0.0};
        if (next - i > row_left)
            next = i + (size_t)row_left;
        add_run(self, k, i, next, step, sum);
        add_exactly(&bin[0], &lost[0], sum[0]);
        add_exactly(&bin[1], &lost[1], sum[1]);
        i = next;
    }
}

static void sum_part(void *arg, uint32_t thread, uint32_t thread_count) {
    const gb_instance *self = arg;
    const size_t begin = fft_share(self->count, thread, thread_count);
    const size_t end = fft_share(self->count, thread + 1, thread_count);
    fft_sum *sum = &self->sums[thread];

    *sum = (fft_sum){.wrong = self->count};
    for (size_t i = begin; i < end; i++) {
        const double *x = self->in[i];
        double want[2];
        value_at(self, i, want);
        if (x[0] != want[0] || x[1] != want[1]) {
            sum->wrong = i;
            return;
        }
        sum->squares += x[0] * x[0] + x[1] * x[1];
    }
    for (unsigned b = 0; b < FFT_BINS; b++)
        sum_bin(self, b, begin, end, sum->bins[b]);
}

/** All ranks take part to the end, for the sums need all of them. */
static gb_status check_bins(gb_instance *self) {
    const gb_host *host = self->host;
    double total[2u * FFT_BINS + 1u] = {0.0};
    gb_status status = GB_OK;

    self->team->run(self->team, sum_part, self);
    for (uint32_t t = 0; t < self->team->thread_count; t++) {
        const fft_sum *sum = &self->sums[t];
        if (sum->wrong < self->count && status == GB_OK)
            status = host->fail(host, GB_ERR_VERIFY, NULL,
                                "input %zu of rank %d has changed", sum->wrong,
                                (int)self->rank);
        for (unsigned i = 0; i < 2u * FFT_BINS; i++)
            total[i] += sum->bins[i / 2u][i % 2u];
        total[2u * FFT_BINS] += sum->squares;
    }
    const gb_status summed =
        fft_sum_ranks(self, total, (int)(2u * FFT_BINS + 1u));
    if (status != GB_OK || summed != GB_OK)
        return status != GB_OK ? status : summed;
    const double tolerance =
        (THRESHOLD * log((double)self->points) + 2.0 * RUN) * UNIT_ROUNDOFF *
        sqrt(total[2u * FFT_BINS]);
    for (unsigned b = 0; b < FFT_BINS; b++) {
        const uint64_t k = bin_place(self, b);
        if (k < self->first || k - self->first >= self->count)
            continue; /* another rank's */
        const double *want = &total[2u * b];
        const double *got = self->out[k - self->first];
        const double off = hypot(got[0] - want[0], got[1] - want[1]);
        if (!(off <= tolerance)) /* true for NaN as well */
            return host->fail(host, GB_ERR_VERIFY, NULL,
                              "bin %llu: expected %.17g%+.17gi within %.2g, "
                              "got %.17g%+.17gi",
                              (unsigned long long)k, want[0], want[1],
                              tolerance, got[0], got[1]);
    }
    return GB_OK;
}

/* --- the round trip --------------------------------------------------------
 */

static double error_at(const gb_instance *self, size_t i) {
    const double scale = 1.0 / (double)self->points;
    double want[2];

    value_at(self, i, want);
    return hypot(self->in[i][0] * scale - want[0],
                 self->in[i][1] * scale - want[1]);
}

static void trip_part(void *arg, uint32_t thread, uint32_t thread_count) {
    const gb_instance *self = arg;
    const size_t end = fft_share(self->count, thread + 1, thread_count);
    const double most = THRESHOLD * UNIT_ROUNDOFF * log((double)self->points);
    size_t i = fft_share(self->count, thread, thread_count);

    while (i < end && error_at(self, i) < most) /* false for NaN as well */
        i++;
    self->sums[thread].wrong = i < end ? i : self->count;
}

static gb_status check_trip(gb_instance *self) {
    const gb_host *host = self->host;

    fft_library_backward(self);
    self->team->run(self->team, trip_part, self);
    for (uint32_t t = 0; t < self->team->thread_count; t++) {
        const size_t i = self->sums[t].wrong;
        if (i < self->count)
            return host->fail(
                host, GB_ERR_VERIFY, NULL,
                "round trip, number %zu of rank %d: expected an error below "
                "%.2g, got %.2g",
                i, (int)self->rank,
                THRESHOLD * UNIT_ROUNDOFF * log((double)self->points),
                error_at(self, i));
    }
    return GB_OK;
}

gb_status fft_verify(gb_instance *self) {
    const gb_status bins = check_bins(self);
    const gb_status trip = check_trip(self);

    /* Another input, of which the result that lies here is not the transform.
     */
    self->seed++;
    fft_fill(self);
    return bins != GB_OK ? bins : trip;
}
