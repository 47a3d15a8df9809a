"""Against worked figures, closed forms and another library.

The figures of a 100 MW mine are those of the worked example behind docs/reconciliation.md: class
0.5 meters at both ends read as a limit (0.5 %/√3), 2,400 MWh a day.
"""

import math
import random

import numpy as np
import pytest
from scipy import stats

from baseload.verify.reconciliation.results import yearly_share
from baseload.verify.reconciliation.statistics import (
    Part,
    cumulative,
    log_poisson_tail,
    log_tail,
    page_threshold,
    pages_test,
    poisson_detectable,
    poisson_limits,
    two_sided,
    whitened,
)

ONE_SIDED_5 = 0.10
"""Of which half lies on one side."""


@pytest.mark.parametrize(
    ("sigma", "of_day", "seen"),
    [
        (0.005 / math.sqrt(3), 9.80, 32.2),
        (0.0025, 8.49, 27.9),
        (0.005, 17.0, 55.8),
        (0.002, 6.79, 22.3),
        (0.001, 3.39, 11.2),
    ],
)
def test_two_meters_of_a_class_over_a_day(sigma, of_day, seen):
    found = cumulative([of_day], [Part(sigma**2, [2400.0])] * 2, [0.0], ONE_SIDED_5)
    assert found.statistic == pytest.approx(1.0, rel=0.002)
    assert found.detectable == pytest.approx(seen, rel=0.004)
    assert found.threshold == pytest.approx(1.645, abs=0.001)


def test_a_year_of_it_is_no_better_than_a_day():
    sigma = 0.005 / math.sqrt(3)
    meters = [Part(sigma**2, [2400.0] * 365)] * 2
    found = cumulative([0.0] * 365, meters, [0.0] * 365, ONE_SIDED_5)
    assert found.detectable / 365 == pytest.approx(32.2, rel=0.003)


@pytest.mark.parametrize(("looks", "z"), [(365, 3.63), (12, 2.63), (8760, 4.38)])
def test_thresholds_for_one_false_alarm_in_twenty_years(looks, z):
    assert two_sided(2 * yearly_share(0.05, looks)) == pytest.approx(z, abs=0.006)


@pytest.mark.parametrize(("k", "h"), [(0.25, 12.28), (0.5, 7.00), (1.0, 3.64)])
def test_thresholds_of_pages_test_for_five_percent_a_year(k, h):
    """By a Markov chain; Siegmund's closed form is near it."""
    assert page_threshold(0.05, 365, k) == pytest.approx(h, abs=0.2)


def test_the_run_length_of_the_textbook():
    """k = 0.5, h = 5: 930.9 observations to a false alarm."""
    looks = -math.log1p(-0.05) * 930.9
    assert page_threshold(0.05, looks) == pytest.approx(5.0, abs=0.02)


@pytest.mark.parametrize(
    ("mean", "share"), [(24.7, 0.56), (300.3, 0.183), (900.9, 0.107), (10_000, 0.033), (3e5, 0.006)]
)
def test_what_counting_blocks_and_shares_can_see(mean, share):
    assert poisson_detectable(mean, ONE_SIDED_5) == pytest.approx(share, rel=0.03)


@pytest.mark.parametrize("mean", [1e-3, 0.3, 5.0, 24.7, 300.0, 20_000.0, 9e5])
def test_poisson_tails_are_those_of_scipy(mean):
    for shift in (-20.0, -3.0, 0.0, 4.0, 20.0):
        count = max(0, int(mean + shift * mean**0.5))
        below = stats.poisson.logcdf(count, mean)
        above = stats.poisson.logsf(count - 1, mean)
        expected = min(0.0, math.log(2) + min(below, above))
        assert log_poisson_tail(count, mean) == pytest.approx(expected, rel=1e-8, abs=1e-8)


def test_tails_of_huge_counts_are_those_that_are_summed(monkeypatch):
    """Beyond what is summed, by the signed root of the deviance: to one part in its root."""
    for count in (10**7 - 20_000, 10**7 - 5_000, 10**7 + 4_000, 10**7 + 30_000):
        summed = log_poisson_tail(count, 1e7)
        with monkeypatch.context() as patch:
            patch.setattr("baseload.verify.reconciliation.statistics.SUMMED", 1.0)
            assert log_poisson_tail(count, 1e7) == pytest.approx(summed, rel=5e-4)


@pytest.mark.parametrize("mean", [0.001, 0.3, 3.4, 21.4, 1225.3])
def test_the_counts_between_the_limits_are_those_that_are_no_alarm(mean):
    counts = np.arange(int(3 * mean) + 60)
    p = 2 * np.minimum(stats.poisson.cdf(counts, mean), stats.poisson.sf(counts - 1, mean))
    allowed = counts[p >= 0.005]
    assert poisson_limits(mean, 0.005) == (allowed[0], allowed[-1])


def test_nothing_expected_and_something_found():
    assert (log_poisson_tail(0, 0.0), log_poisson_tail(1, 0.0)) == (0.0, -math.inf)
    assert poisson_detectable(1.0, 0.001) == 1.0


def test_tails_of_the_normal():
    for z in (0.0, 1.0, -1.96, 5.0, 29.9, 30.1, 38.0, 1000.0):
        assert log_tail(z) == pytest.approx(math.log(2) + stats.norm.logsf(abs(z)), rel=1e-10)


def test_probabilities_that_run_under_are_told_by_their_logarithm():
    """A year in which a tenth is missing: p is below the smallest number there is."""
    total = cumulative([1e9] * 365, [], [1e12] * 365, 0.05)
    assert total.p == 0.0
    assert total.log_p == pytest.approx(math.log(2) + stats.norm.logsf(total.statistic))
    change = pages_test([40.0] * 365, 0.05, 365)
    assert change.p == 0.0
    assert -math.inf < change.log_p < -1000.0
    assert log_poisson_tail(0, 20_000.0) == pytest.approx(math.log(2) - 20_000.0)


def test_whitening_is_the_inverse_of_the_cholesky_factor():
    rng = np.random.default_rng(3)
    noise, values = rng.uniform(0.1, 2, 40), rng.normal(size=40) * 5
    parts = [Part(variance, list(rng.uniform(1, 3, 40))) for variance in (0.7, 0.2, 0.05)]
    covariance = np.diag(noise)
    for part in parts:
        covariance += part.variance * np.outer(part.exposure, part.exposure)
    expected = np.linalg.solve(np.linalg.cholesky(covariance), values)
    assert whitened(list(values), parts, list(noise)) == pytest.approx(expected, rel=1e-8)


def test_the_sum_has_the_variance_of_the_covariance():
    parts, noise = [Part(0.04, [1.0, 2.0, 3.0]), Part(0.01, [0.0, 1.0, 1.0])], [0.5, 0.25, 0.125]
    found = cumulative([1.0, 1.0, 1.0], parts, noise, 0.05)
    variance = sum(noise) + 0.04 * 36 + 0.01 * 4
    assert found.statistic == pytest.approx(3 / math.sqrt(variance))
    assert found.p == pytest.approx(2 * stats.norm.sf(3 / math.sqrt(variance)))


def test_false_alarms_come_as_often_as_they_may():
    """Monte Carlo of honest years, within three standard errors and the closed form's own error."""
    chance, alpha, years, alarms = random.Random(7), 0.10, 1200, 0
    for _ in range(years):
        found = pages_test([chance.gauss(0, 1) for _ in range(365)], alpha, 365)
        alarms += found.statistic > found.threshold
    error = math.sqrt(alpha * (1 - alpha) / years)
    assert abs(alarms / years - alpha) < 3 * error + 0.1 * alpha


def test_a_change_is_seen_where_the_sum_is_not():
    """A shift of one standard deviation for two months: within 30 days at h = 7, 97 %."""
    chance, seen, runs = random.Random(8), 0, 300
    for _ in range(runs):
        values = [chance.gauss(0, 1) for _ in range(200)] + [chance.gauss(1, 1) for _ in range(60)]
        found = pages_test(values, 0.10, 365)
        seen += found.statistic > found.threshold
    assert seen / runs > 0.97


def test_no_stated_error_is_no_test():
    assert cumulative([0.0], [], [0.0], 0.05) is None
    assert cumulative([1.0], [Part(0.01, [0.0])], [0.0], 0.05) is None
    assert whitened([1.0], [], [0.0]) == [0.0]
