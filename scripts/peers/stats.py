# SPDX-License-Identifier: Apache-2.0
"""The median of paired ratios and an interval for it."""
import math
import statistics


def median_interval(values, confidence=0.95):
    """(low, high, coverage): an interval for the median from order statistics,
    which assumes nothing about the distribution: the k-th smallest and k-th
    largest hold it with 1 - 2 P(Binomial(n, 1/2) < k). The narrowest that
    reaches the confidence; below six values none does, and it is the range.
    (H. A. David, H. N. Nagaraja, "Order Statistics", 3rd ed., section 7.1.)
    """
    ordered = sorted(values)
    n = len(ordered)

    def coverage(k):
        return 1.0 - 2.0 * sum(math.comb(n, i) for i in range(k)) / 2.0**n
    k = 1
    while 2 * (k + 1) <= n and coverage(k + 1) >= confidence:
        k += 1
    return ordered[k - 1], ordered[n - k], coverage(k)


def compare(ours, theirs, lower_is_better):
    """Ratios of pairs, above 1 where ours is better, summed up."""
    ratios = [t / o if lower_is_better else o / t
              for o, t in zip(ours, theirs)]
    low, high, coverage = median_interval(ratios)
    return {"ratio_median": statistics.median(ratios),
            "ratio_ci95": [low, high],
            "ci_coverage": coverage,
            "ratios": ratios}
