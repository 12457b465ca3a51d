"""Paired comparisons of a handful of seeds: Student's t and Holm's correction."""

import math


def t_two_sided(t, df):
    """P(|T| > t) for Student's T with an integer number of degrees of freedom.
    Abramowitz, Stegun. Handbook of Mathematical Functions, 26.7.3 and 26.7.4."""
    theta = math.atan(abs(t) / math.sqrt(df))
    sine, cosine = math.sin(theta), math.cos(theta)
    if df % 2 == 0:
        term = total = 1.0
        for k in range(1, df // 2):
            term *= (2 * k - 1) / (2 * k) * cosine**2
            total += term
        inside = sine * total
    else:
        total, term = 0.0, cosine
        for k in range(1, (df - 1) // 2 + 1):
            total += term
            term *= 2 * k / (2 * k + 1) * cosine**2
        inside = 2 / math.pi * (theta + sine * total)
    return max(0.0, 1.0 - inside)


def t_quantile(df, share=0.95):
    """The t with P(|T| <= t) = share, by bisection."""
    low, high = 0.0, 1000.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if t_two_sided(middle, df) > 1 - share else (low, middle)
    return low


class Paired:
    """Differences of pairs: mean, half the 95 % t interval, two-sided p value. With fewer
    than two pairs the last two are None."""

    def __init__(self, differences):
        self.n = len(differences)
        self.mean = sum(differences) / self.n if self.n else None
        self.half = self.p = None
        if self.n < 2:
            return
        spread = sum((d - self.mean) ** 2 for d in differences) / (self.n - 1)
        error = math.sqrt(spread / self.n)
        self.half = t_quantile(self.n - 1) * error
        same = self.mean == 0.0
        self.p = (1.0 if same else 0.0) if error == 0 else t_two_sided(self.mean / error,
                                                                       self.n - 1)


def holm(p_values):
    """Adjusted p values, in the order given; None stays None and counts for nothing.
    Holm. A simple sequentially rejective multiple test procedure. Scand. J. Statist. 1979."""
    known = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    adjusted = [None] * len(p_values)
    largest = 0.0
    for rank, (p, i) in enumerate(known):
        largest = max(largest, min(1.0, (len(known) - rank) * p))
        adjusted[i] = largest
    return adjusted


def check():
    """Against tables and by hand."""
    assert abs(t_quantile(4) - 2.776445) < 1e-5
    assert abs(t_quantile(3) - 3.182446) < 1e-5
    assert abs(t_quantile(1) - 12.706205) < 1e-4
    assert abs(t_two_sided(2.0, 2) - 0.183503) < 1e-5
    assert holm([0.01, 0.04, None, 0.03]) == [0.03, 0.06, None, 0.06]


check()
