/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernels for vectors of VECTOR_BYTES, named with the suffix ISA, compiled
 * with the attribute TARGET. Included once for each instruction set: no guard.
 */
#define JOIN_(a, b) a##_##b
#define JOIN(a, b)  JOIN_(a, b)
#define NAME(x)     JOIN(x, ISA)
#define LANES       (VECTOR_BYTES / sizeof(double))
#define vec         NAME(vec)
#define bits        NAME(bits)
/* gcc does not inline across different targets, so each has its own. */
#define INLINE static inline __attribute__((always_inline)) TARGET

typedef double vec __attribute__((vector_size(VECTOR_BYTES)));
typedef int64_t bits __attribute__((vector_size(VECTOR_BYTES)));

INLINE vec NAME(load)(const double *from) {
    vec v;

    memcpy(&v, from, sizeof(v)); /* rows start anywhere */
    return v;
}

INLINE void NAME(store)(double *to, vec v) {
    memcpy(to, &v, sizeof(v));
}

/** The larger of each; @p a where @p b is no number. */
INLINE vec NAME(larger)(vec a, vec b) {
    const bits pick = b > a;

    return (vec)((pick & (bits)b) | (~pick & (bits)a));
}

/** One column; K is a constant in every caller. @return largest magnitude */
INLINE double NAME(column_rows)(double *block, size_t ld, size_t begin,
                                size_t end, const size_t k, const double *u,
                                double scale) {
    const bits magnitude_bits = (bits){0} + INT64_MAX;
    double *target = block + k * ld;
    vec most = (vec){0} - 1.0;
    size_t i = begin;

    for (; i + LANES <= end; i += LANES) {
        vec value = NAME(load)(target + i);
        for (size_t c = 0; c + 1 < k; c++)
            value -= NAME(load)(block + c * ld + i) * u[c];
        if (k > 0) {
            double *before = block + (k - 1) * ld + i;
            const vec scaled = NAME(load)(before) * scale;
            NAME(store)(before, scaled);
            value -= scaled * u[k - 1];
        }
        NAME(store)(target + i, value);
        most = NAME(larger)(most, (vec)((bits)value & magnitude_bits));
    }
    double best = -1.0;
    for (size_t l = 0; l < LANES; l++)
        best = most[l] > best ? most[l] : best;
    for (; i < end; i++) {
        double value = target[i];
        for (size_t c = 0; c + 1 < k; c++)
            value -= block[c * ld + i] * u[c];
        if (k > 0) {
            block[(k - 1) * ld + i] *= scale;
            value -= block[(k - 1) * ld + i] * u[k - 1];
        }
        target[i] = value;
        best = fabs(value) > best ? fabs(value) : best;
    }
    return best;
}

static TARGET double NAME(column_part)(double *block, size_t ld, size_t begin,
                                       size_t end, size_t k, const double *u,
                                       double scale) {
    switch (k) {
#define CASE(K)                                                                \
    case K:                                                                    \
        return NAME(column_rows)(block, ld, begin, end, K, u, scale);
        CASE(0)
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
        CASE(5)
        CASE(6)
#undef CASE
    default:
        return NAME(column_rows)(block, ld, begin, end, 7, u, scale);
    }
}

/* The place of the maximum is looked for in the one part that holds it. */
static size_t NAME(column)(double *block, size_t ld, size_t rows, size_t k,
                           const double *u, double scale,
                           double *magnitude_out) {
    double best = -1.0;
    size_t best_part = 0;

    for (size_t part = 0; part < rows; part += PART_ROWS) {
        const size_t end = part + PART_ROWS < rows ? part + PART_ROWS : rows;
        const double most =
            NAME(column_part)(block, ld, part, end, k, u, scale);
        if (most > best) {
            best = most;
            best_part = part;
        }
    }
    *magnitude_out = best;
    for (size_t i = best_part; i < rows && i < best_part + PART_ROWS; i++)
        if (fabs(block[k * ld + i]) == best)
            return i;
    return 0;
}

/** ROWS vectors x COLUMNS of C; both constants in every caller. */
INLINE void NAME(tile)(double *c, const double *a, size_t ld, size_t k,
                       const double *u, size_t ldu, const size_t vectors,
                       const size_t columns) {
    vec sum[2][4];

    for (size_t n = 0; n < columns; n++)
        for (size_t v = 0; v < vectors; v++)
            sum[v][n] = NAME(load)(c + n * ld + v * LANES);
    for (size_t p = 0; p < k; p++)
        for (size_t v = 0; v < vectors; v++) {
            const vec left = NAME(load)(a + p * ld + v * LANES);
            for (size_t n = 0; n < columns; n++)
                sum[v][n] -= left * u[n * ldu + p];
        }
    for (size_t n = 0; n < columns; n++)
        for (size_t v = 0; v < vectors; v++)
            NAME(store)(c + n * ld + v * LANES, sum[v][n]);
}

static TARGET void NAME(update)(double *c, const double *a, size_t ld,
                                size_t rows, size_t n, size_t k,
                                const double *u, size_t ldu) {
    size_t i = 0;

    for (; i + 2 * LANES <= rows; i += 2 * LANES) {
        size_t j = 0;
        for (; j + 4 <= n; j += 4)
            NAME(tile)(c + j * ld + i, a + i, ld, k, u + j * ldu, ldu, 2, 4);
        for (; j < n; j++)
            NAME(tile)(c + j * ld + i, a + i, ld, k, u + j * ldu, ldu, 2, 1);
    }
    for (; i < rows; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = c[j * ld + i];
            for (size_t p = 0; p < k; p++)
                sum -= a[p * ld + i] * u[j * ldu + p];
            c[j * ld + i] = sum;
        }
}

#undef JOIN_
#undef JOIN
#undef NAME
#undef LANES
#undef vec
#undef bits
#undef INLINE
