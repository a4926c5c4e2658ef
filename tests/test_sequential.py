"""Stopping early: a p-value that stays valid, the draws of the full test up to there, silence where nobody looks."""

import io
import itertools
import sys
import tracemalloc
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from joblib import parallel_config
from scipy import optimize, stats

import eventstudy as es
from eventstudy import parallel
from eventstudy.errors import OptionError
from eventstudy.evaluation.draws import null_values
from eventstudy.evaluation.values import evaluation
from eventstudy.numeric.sequential import Stop
from eventstudy.numeric.tails import Tail, Tails, rounding

PERIOD = es.Period("2012-01-01", "2017-01-01")
RNG = np.random.default_rng(7)
LAUNCHES = es.Events(RNG.integers(PERIOD.start, PERIOD.stop, 70), PERIOD, "launches")
SUMMITS = es.Events(RNG.integers(PERIOD.start, PERIOD.stop, 25), label="summits")
HIT = es.AnchorsHit(es.Window(-14, 0))
SIDES = ("greater", "less")


def drawn_test(**options):
    return es.permutation_test(LAUNCHES, SUMMITS, HIT, es.UniformDays(), **({"rng": 4} | options))


def besag_clifford(draws, observed, side, number, most):
    """Draw by draw: h / l at the h-th extreme draw, else (g + 1) / (n + 1)."""
    extreme = 0
    for made, value in enumerate(draws[:most], start=1):
        extreme += value >= observed if side == "greater" else value <= observed
        if extreme == number:
            return Fraction(number, made), made, True
    return Fraction(extreme + 1, most + 1), most, False


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("number", [1, 5, 60, 2_000])
def test_a_sequential_test_is_the_full_one_up_to_where_it_stops(side, number):
    most = 5_000
    full = drawn_test(n_resamples=most, alternative=side)
    pvalue, made, stopped = besag_clifford(full.null_distribution, full.observed, side, number, most)
    result = drawn_test(n_resamples=most, alternative=side, sequential=number)
    assert result.pvalue == float(pvalue)
    assert result.n_resamples == made
    assert result.stopped == stopped
    assert np.array_equal(result.null_distribution, full.null_distribution[:made])
    assert np.isnan(result.pvalue_two_sided)
    assert np.isnan(result.pvalue_less if side == "greater" else result.pvalue_greater)


@pytest.mark.parametrize("number", [1, 5, 60, 2_000])
def test_two_sided_waits_for_both_tails(number):
    most = 5_000
    full = drawn_test(n_resamples=most)
    tails = [besag_clifford(full.null_distribution, full.observed, side, number, most) for side in SIDES]
    result = drawn_test(n_resamples=most, alternative="two-sided", sequential=number)
    assert (result.pvalue_greater, result.pvalue_less) == tuple(float(pvalue) for pvalue, _, _ in tails)
    assert result.pvalue == float(min(Fraction(1), 2 * min(pvalue for pvalue, _, _ in tails)))
    assert result.n_resamples == max(made for _, made, _ in tails)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_pvalue_is_valid(number):
    """Under H0 the tail probability is uniform: s of 7 extreme draws in a given order have chance s! (7 - s)! / 8!."""
    most = 7
    chance: dict[float, Fraction] = {}
    for flags in itertools.product([0.0, 1.0], repeat=most):
        extreme = int(sum(flags))
        pvalue = Stop(number, "greater", 1.0, 0.0).tails(np.array(flags)).greater.pvalue
        chance[pvalue] = chance.get(pvalue, Fraction(0)) + Fraction(1, (most + 1) * comb(most, extreme))
    assert sum(chance.values()) == 1
    for level in chance:
        below = sum(share for pvalue, share in chance.items() if pvalue <= level)
        assert below == Fraction(level).limit_denominator(100)


@pytest.mark.parametrize(("h", "made"), [(1, 1), (1, 7), (5, 5), (5, 30), (20, 900)])
@pytest.mark.parametrize("level", [0.95, 0.5])
def test_the_interval_after_stopping_is_that_of_inverse_sampling(h, made, level):
    """At the limits the h-th extreme draw comes that early, or that late, with probability (1 - level) / 2."""
    low, high = Tail(h, made, True).interval(level)
    late = stats.nbinom  # draws before the h-th extreme one, without the extreme ones
    for end, chance in (
        (low, lambda p: late.cdf(made - h, h, p)),
        (high, lambda p: late.sf(made - h - 1, h, p)),
    ):
        if end == 1.0:
            assert made == h
        else:
            root = optimize.brentq(lambda p, f=chance: f(p) - (1 - level) / 2, 1e-9, 1 - 1e-9, xtol=1e-14)
            assert end == pytest.approx(root, rel=1e-6)


def test_a_tail_that_did_not_stop_keeps_the_usual_pvalue_and_interval():
    tail = Tail(3, 99, False)
    assert tail.pvalue == 0.04
    assert tail.interval(0.95) == pytest.approx((stats.beta.ppf(0.025, 3, 97), stats.beta.ppf(0.975, 4, 96)))


def test_a_draw_without_a_value_counts_on_both_sides():
    tails = Stop(2, "two-sided", 1.0, 0.0).tails(np.array([0.0, np.nan, 2.0, 0.0, 2.0]))
    assert tails == Tails(Tail(2, 3, True), Tail(2, 2, True))


def test_rounding_does_not_decide_about_a_tie():
    values, slack = np.array([0.1 + 0.2, 0.4, 0.2]), rounding(0.3)
    assert Stop(2, "greater", 0.3, slack).tails(values).greater == Tail(2, 2, True)
    assert Stop(2, "less", 0.1 + 0.2, slack).tails(np.array([0.3, 0.4, 0.2])).less == Tail(2, 3, True)


@pytest.mark.parametrize("statistic", [HIT, es.WindowCount(es.Window(-14, 0))])
def test_workers_change_nothing(statistic):
    results = []
    for n_jobs in (1, 2):
        with parallel_config("loky", n_jobs=n_jobs):
            results.append(
                es.permutation_test(
                    LAUNCHES, SUMMITS, statistic, es.CircularShift(within="year"), method="monte-carlo",
                    n_resamples=6_000, rng=1, sequential=900,
                )
            )  # fmt: skip
    assert results[0].n_resamples == results[1].n_resamples > 1_024  # more than a block
    assert np.array_equal(results[0].null_distribution, results[1].null_distribution)


def test_the_drawing_ends_soon_after_enough_is_seen():
    """The values up to the end are those of the full drawing, whenever the question is asked."""
    seen = []

    def enough(values):
        seen.append(values.size)
        return values.size > 2_000

    common = {"n_resamples": 50_000}
    hit = evaluation(LAUNCHES, [(HIT, SUMMITS)])
    full = null_values(hit, es.CircularShift(), rng=np.random.default_rng(2), **common)
    part = null_values(hit, es.CircularShift(), rng=np.random.default_rng(2), enough=enough, **common)
    assert seen == [1_024, 3_072]
    assert np.array_equal(part, full[:3_072])


def test_the_summary_says_that_it_stopped_and_when():
    stopped = drawn_test(n_resamples=9_999, sequential=10)
    assert f"{stopped.n_resamples} draws" in stopped.summary()
    assert "stopped at 10 draws as extreme as observed (Besag-Clifford)" in " ".join(
        stopped.summary().split()
    )
    assert "two-sided" not in stopped.summary()
    assert "sequential=10" in stopped.provenance.call
    went_on = drawn_test(n_resamples=50, sequential=50)
    assert not went_on.stopped
    assert "would have stopped at 50 draws" in went_on.summary()
    assert "Besag" not in drawn_test(n_resamples=50).summary()


def test_an_exact_test_draws_nothing_so_there_is_nothing_to_stop():
    count = es.WindowCount(es.Window(-14, 0))
    plain = es.permutation_test(LAUNCHES, SUMMITS, count, es.CircularShift())
    result = es.permutation_test(LAUNCHES, SUMMITS, count, es.CircularShift(), sequential=5)
    assert (result.method, result.pvalue, result.sequential) == ("exact", plain.pvalue, None)


@pytest.mark.parametrize("number", [0, -3, 100])
def test_a_number_that_cannot_be_reached_is_refused(number):
    with pytest.raises(
        OptionError, match=r"sequential=.* does not lie between 1 and n_resamples=99; give the number"
    ):
        drawn_test(n_resamples=99, sequential=number)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_progress_bar_shows_on_a_terminal_only(monkeypatch):
    monkeypatch.setattr(parallel, "PATIENCE", 0.0)
    for screen, shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stderr", screen)
        drawn_test(n_resamples=3_000)
        assert ("draws" in screen.getvalue()) == shown
    monkeypatch.setattr(parallel, "PATIENCE", 60.0)  # short work stays silent everywhere
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    drawn_test(n_resamples=3_000)
    assert screen.getvalue().strip() == ""


def test_results_come_in_the_order_of_the_arguments():
    jobs = [(number, 2) for number in range(20)]
    for backend in ("threading", "sequential"):
        with parallel_config(backend, n_jobs=2):
            assert list(parallel.in_order(pow, jobs, [1] * 20, "numbers")) == [
                number**2 for number in range(20)
            ]


def test_an_interrupt_ends_the_bar_and_the_work(monkeypatch):
    monkeypatch.setattr(parallel, "PATIENCE", 0.0)
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    asked = []

    def job(number):
        asked.append(number)
        if number == 3:
            raise KeyboardInterrupt
        return number

    with pytest.raises(KeyboardInterrupt):
        list(parallel.in_order(job, [(number,) for number in range(9)], [1] * 9, "numbers"))
    assert asked == [0, 1, 2, 3]
    assert screen.getvalue().endswith("\r")  # wiped out
    given = parallel.in_order(job, [(0,)] * 9, [1] * 9, "numbers")
    next(given)
    given.close()
    assert len(asked) == 5


def test_jupyter_has_a_bar_though_its_stderr_is_no_terminal(monkeypatch):
    class Shell:
        kernel = None

    class Jupyter:
        get_ipython = Shell

    monkeypatch.setitem(sys.modules, "IPython", Jupyter)
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    assert parallel._bar(nested=False)[1] is False
    assert parallel._bar(nested=True)[1] is True
    monkeypatch.setenv("TQDM_DISABLE", "1")
    assert parallel._bar(nested=False)[1] is True


@pytest.mark.slow
def test_memory_does_not_grow_with_the_days_of_all_draws():
    """200,000 draws of 70 days would take 112 MB; their values take 1.6 MB."""
    drawn_test(n_resamples=10)
    tracemalloc.start()
    drawn_test(n_resamples=200_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40e6
