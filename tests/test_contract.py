"""The contract of null models and statistics: one method to write, all else follows, and nobody asks for the class."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import statistics
from eventstudy.credibility.specifications import Specification
from eventstudy.errors import EventStudyError, ExactUnavailableError, OptionError
from eventstudy.evaluation.draws import null_values
from eventstudy.evaluation.values import evaluation
from eventstudy.events import NO_EVENT
from eventstudy.nulls.moves import EachDay
from eventstudy.nulls.registry import homes, listed
from eventstudy.nulls.rings import Shift
from eventstudy.strata import cut

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "eventstudy"
PERIOD = es.Period("2001-01-01", "2007-01-01")  # six whole years, and 313 whole weeks
RNG = np.random.default_rng(20120101)
EVENTS = es.Events(RNG.choice(PERIOD.days, 40, replace=False), PERIOD, "launches")
ANCHORS = es.Events(RNG.choice(PERIOD.days, 15, replace=False), PERIOD, "summits")
BEFORE = es.Window(-14, 0)
COUNT = es.WindowCount(BEFORE)
NULLS = [one.load().example() for one in listed().values()]


def of_class(kind):
    """Return a statistic of a class, its windows those before and after."""
    windows = iter([BEFORE, es.Window(1, 15)])
    needed = [field for field in dataclasses.fields(kind) if field.default is dataclasses.MISSING]
    return kind(*(next(windows) for _ in needed))


STATISTICS = [
    of_class(kind)
    for _, kind in inspect.getmembers(statistics, inspect.isclass)
    if issubclass(kind, es.Statistic)
    and not inspect.isabstract(kind)
    and kind is not statistics.FunctionStatistic
]


# --- the lists --------------------------------------------------------------------------------------


def names_in(path):
    """Return every name that a module uses: imported, called, or as an attribute."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name


def test_no_class_of_null_model_is_named_outside_its_folder():
    classes = {name for name in homes() if issubclass(getattr(es.nulls, name), es.NullModel)} - {"NullModel"}
    assert {"CircularShift", "GivenExcitation"} <= classes
    used = {
        f"{path.relative_to(SOURCE)}: {name}"
        for path in SOURCE.rglob("*.py")
        if path.parent.name != "nulls"
        for name in set(names_in(path)) & classes
    }
    assert used == set()


def test_every_null_model_that_is_not_given_its_parameters_is_listed():
    found = {
        name
        for name in homes()
        if issubclass(getattr(es.nulls, name), es.NullModel) and not name.startswith("Given")
    }
    assert found - {"NullModel"} == {one.class_name for one in listed().values()}
    assert len(listed()) == len(es.null_model_table().frame) >= 7


@pytest.mark.parametrize("one", listed().values(), ids=list(listed()))
def test_a_null_model_that_is_forgotten_in_a_list_is_named(one):
    model = one.load()
    stub = (SOURCE / "__init__.pyi").read_text(encoding="utf-8")
    pictures = (ROOT / "docs" / "ideas" / "null-models.md").read_text(encoding="utf-8")
    commands = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    assert f"import {one.class_name}" in stub
    assert f'"{one.class_name}"' in stub
    assert re.search(rf":caption: {one.class_name}\(.*\n(.*\n)?draws\(", pictures), "no picture"
    assert f"| `{one.name}` | `{one.class_name}` |" in commands
    assert one.about.endswith(".")
    assert all(option.about for option in one.options), "an option without a word in the docstring"
    fields = {field.name: field for field in dataclasses.fields(model)}
    assert list(fields) == [option.name for option in one.options]
    for option in one.options:
        assert option.required == (fields[option.name].default is dataclasses.MISSING)
    for words in ("survives", "avoid"):
        assert len(getattr(model, words)) > 20


def test_the_null_models_of_the_readme_are_there():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)\(.*?\)` \|", text, re.MULTILINE)
    assert len(rows) >= 4
    assert set(rows) <= {one.class_name for one in listed().values()}


@pytest.mark.parametrize("name", es.__all__)
def test_every_public_name_stands_in_a_page_of_the_reference(name):
    """In the overview, or on a page of its own; null models get there from their list."""
    if name in {one.class_name for one in listed().values()} | {"datasets", "sources"}:
        return
    pages = "".join(
        page.read_text(encoding="utf-8")
        for page in (ROOT / "docs" / "api").glob("*.md")
        if page.stem != "more"
    )
    assert re.search(rf"(:: eventstudy\.{name}\n|^   {name}\n)", pages, re.MULTILINE)


# --- every statistic under every null model ---------------------------------------------------------


@pytest.mark.parametrize("statistic", STATISTICS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("null", NULLS, ids=lambda one: one.name)
def test_draws_agree_with_the_exact_distribution_where_there_is_one(null, statistic):
    drawn = es.permutation_test(
        EVENTS, ANCHORS, statistic, null, method="monte-carlo", n_resamples=999, rng=3
    )
    assert drawn.method == "monte-carlo"
    try:
        exact = es.permutation_test(EVENTS, ANCHORS, statistic, null, method="exact")
    except ExactUnavailableError:
        said = es.permutation_test(EVENTS, ANCHORS, statistic, null, n_resamples=9, rng=3).method_note
        assert len(said) > 20
        return
    error = 5 * np.sqrt(exact.pvalue * (1 - exact.pvalue) / 999) + 2 / 999
    assert abs(exact.pvalue - drawn.pvalue) <= error
    assert exact.expected == pytest.approx(drawn.expected, abs=5 * drawn.null_distribution.std() / 31 + 1e-9)


# --- null models of one's own -----------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Own(es.NullModel):
    """Draws by a function, and nothing else."""

    drawn: object
    keeps = "what the function keeps"
    breaks = "what it breaks"

    def sample(self, events, anchors, *, rng, size):
        return self.drawn(events, np.random.default_rng(rng), size)


@dataclasses.dataclass(frozen=True)
class Kept(Own):
    """The same, and it says that no event is lost."""

    keeps_number = True


def anywhere(events, rng, size):
    return rng.choice(events.period.days, (size, len(events)))


BAD = {
    "a day before": (lambda e, r, n: anywhere(e, r, n) - 2_000, r"returned a day outside the period, 199\d"),
    "a day after": (lambda e, r, n: anywhere(e, r, n) + 2_000, r"returned a day outside the period, 201\d"),
    "one row": (lambda e, r, n: anywhere(e, r, n)[0], r"returned shape \(40,\) for 9 draws of 40 events"),
    "unequal rows": (
        lambda e, r, n: [[int(e.days[0])] * (1 + k % 2) for k in range(n)],
        r"returned shape \(0,\)",
    ),
    "masked days": (
        lambda e, r, n: np.ma.masked_less(anywhere(e, r, n), e.days[9]),
        r"returned masked days; declare",
    ),
    "few rows": (lambda e, r, n: anywhere(e, r, n)[:5], r"returned shape \(5, 40\) for 9 draws"),
    "halves": (lambda e, r, n: anywhere(e, r, n) + 0.5, "returned float64; return whole days"),
    "text": (lambda e, r, n: anywhere(e, r, n).astype(str), "return whole days"),
}


@pytest.mark.parametrize("model", [Own, Kept])
@pytest.mark.parametrize(("drawn", "message"), BAD.values(), ids=list(BAD))
@pytest.mark.parametrize("statistic", [COUNT, es.AnchorsHit(BEFORE)], ids=str)
def test_draws_that_are_none_are_refused(model, drawn, message, statistic):
    with pytest.raises(OptionError, match=message):
        es.permutation_test(EVENTS, ANCHORS, statistic, model(drawn), n_resamples=9, rng=1)


def test_a_model_that_loses_events_is_not_believed_to_keep_their_number():
    def thinned(events, rng, size):
        days = anywhere(events, rng, size)
        days[rng.random(days.shape) < 0.3] = NO_EVENT
        return days

    found = es.permutation_test(EVENTS, ANCHORS, COUNT, Own(thinned), n_resamples=99, rng=1)
    assert 0 < found.expected < 0.9 * found.null_distribution.max()
    with pytest.raises(OptionError, match="left out an event, though keeps_number is True"):
        es.permutation_test(EVENTS, ANCHORS, COUNT, Kept(thinned), n_resamples=99, rng=1)
    short = Kept(lambda e, r, n: anywhere(e, r, n)[:, 1:])
    with pytest.raises(
        OptionError, match=r"shape \(99, 39\) for 99 draws of 40 events; return shape \(99, 40\)"
    ):
        es.permutation_test(EVENTS, ANCHORS, COUNT, short, n_resamples=99, rng=1)


def test_a_mean_under_a_model_whose_number_varies_is_drawn():
    """The model offers a distribution of sums, but the mean is a sum over a number that differs from draw to draw."""

    class Varying(Own):
        def exact(self, events, anchors, scores):
            raise AssertionError("not asked")

    found = es.permutation_test(EVENTS, ANCHORS, es.NearestLag(), Varying(anywhere), n_resamples=99, rng=1)
    assert found.method_note.startswith("drawn because under Varying the number of events varies")


def test_what_is_no_null_model_is_refused_in_words():
    class Alike:
        keeps = breaks = "alike"

        def sample(self, events, anchors, *, rng, size):
            return anywhere(events, rng, size)

    class Silent(es.NullModel):
        def sample(self, events, anchors, *, rng, size):
            return anywhere(events, rng, size)

    for null, message in (
        ("shift", "'shift' is not a null model; give one, such as CircularShift"),
        (es.CircularShift, r"is the class CircularShift; make one, CircularShift\(\.\.\.\)"),
        (Alike(), "derive your own class from eventstudy.NullModel"),
        (Silent(), "^Silent: keeps is missing; say in words"),
    ):
        with pytest.raises(OptionError, match=message):
            es.permutation_test(EVENTS, ANCHORS, COUNT, null, n_resamples=9, rng=1)


# --- a null model dropped in: whole weeks ------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Weeks(es.NullModel):
    """All events slide by whole weeks round the period, or round strata."""

    within: object = None
    keeps = "every gap between events, and their weekdays"
    breaks = "which week"
    keeps_number = True

    def move(self, period):
        return Shift(cut(period, self.within), step=7)

    def sample(self, events, anchors, *, rng, size):
        move = self.move(events.period)
        return move.moved(events, move.draw(np.random.default_rng(rng), size))


LENGTH = len(PERIOD)


def weekly(days, score):
    """Return the sum of a score of days for every shift by whole weeks."""
    place = np.asarray(days) - PERIOD.start
    return np.array([score[(place + step) % LENGTH].sum() for step in range(0, LENGTH, 7)])


def test_a_model_with_a_move_is_exact_in_every_entrance():
    score = COUNT.scores(PERIOD, ANCHORS)
    values = weekly(EVENTS.days, score)
    test = es.permutation_test(EVENTS, ANCHORS, COUNT, Weeks())
    assert (test.method, test.expected) == ("exact", pytest.approx(values.mean()))
    assert test.pvalue == pytest.approx((values >= values[0]).mean())
    hit = es.permutation_test(EVENTS, ANCHORS, es.AnchorsHit(BEFORE), Weeks())
    assert hit.method == "exact"
    family = es.permutation_family(
        EVENTS, ANCHORS, {"14 d": COUNT, "7 d": es.WindowCount(es.Window(-7, 0))}, Weeks()
    )
    assert family.pvalue[0] == pytest.approx(test.pvalue)
    assert es.lag_profile(EVENTS, ANCHORS, Weeks()).n_curves == LENGTH // 7
    halves = es.permutation_test(EVENTS, ANCHORS, COUNT, Weeks(["2004-01-05"]))
    middle = es.Events(["2004-01-05"]).days[0]
    sums = []
    for start, stop in ((PERIOD.start, middle), (middle, PERIOD.stop)):
        own = EVENTS.days[(EVENTS.days >= start) & (EVENTS.days < stop)] - start
        shifted = [start + (own + step) % (stop - start) for step in range(0, stop - start, 7)]
        sums.append(np.array([score[days - PERIOD.start].sum() for days in shifted]))
    together = np.add.outer(*sums)
    assert halves.pvalue == pytest.approx((together >= together[0, 0]).mean())
    drawn = es.permutation_test(EVENTS, ANCHORS, COUNT, Weeks(), method="monte-carlo", n_resamples=999, rng=1)
    assert set(drawn.null_distribution) <= set(values)


def test_a_ring_of_weeks_closes_without_whole_weeks_and_no_draw_lies_in_them():
    gone = es.Period("2003-03-05", "2003-04-02")  # four weeks
    left = EVENTS.days[~gone.inside(EVENTS.days)]
    own = es.Events(left, PERIOD)
    score, kept = COUNT.scores(PERIOD, ANCHORS), ~gone.inside(PERIOD.days)
    place, joined = np.flatnonzero(np.isin(PERIOD.days[kept], left)), score[kept]
    sums = [joined[(place + step) % kept.sum()].sum() for step in range(0, kept.sum(), 7)]
    without = Weeks().leaving_out(PERIOD, gone)
    found = without.exact(own, ANCHORS, score)
    assert found.mean == pytest.approx(np.mean(sums))
    assert found.support.max() == max(sums)
    assert not gone.inside(without.sample(own, ANCHORS, rng=1, size=99)).any()


def test_a_model_with_a_move_moves_groups_and_specifications_together():
    table = pd.DataFrame({"g": ["a", "b"] * 20, "date": EVENTS.days})
    panel = es.panel_test(table, ANCHORS, COUNT, Weeks(), by="g", period=PERIOD, maxt=True)
    assert panel.n_moves == LENGTH // 7
    one, two = (EVENTS.days[k::2] for k in (0, 1))
    score = COUNT.scores(PERIOD, ANCHORS)
    sums = np.stack([weekly(one, score), weekly(two, score)])
    z = (sums - sums.mean(axis=1, keepdims=True)) / sums.std(axis=1, keepdims=True)
    single = [(z.max(axis=0) >= value - 1e-9).mean() for value in z[:, 0]]
    assert panel.to_frame()["pvalue_maxt_single"].tolist() == pytest.approx(
        np.maximum(single, panel.to_frame()["pvalue"]).tolist()
    )
    made = [
        Specification({"window": f"{k}"}, EVENTS, ANCHORS, es.WindowCount(es.Window(-k, 0))) for k in (7, 14)
    ]
    curve = es.specification_curve(made, Weeks(), n_resamples=99, rng=1)
    assert curve.table["pvalue"].min() > 0
    assert curve.pvalues[0] >= 1 / 100


def test_a_model_with_a_move_moves_the_windows_of_a_regression():
    windows = {"before": BEFORE}
    found = es.randomization_test(EVENTS, ANCHORS, windows, "count ~ before", "before", Weeks())
    every = es.randomization_test(EVENTS, ANCHORS, windows, "count ~ before", "before", es.CircularShift())
    assert found.exhaustive
    assert found.n_resamples == LENGTH // 7
    np.testing.assert_allclose(found.null_distribution, every.null_distribution[::7], atol=1e-9)
    assert "the windows" in found.moves


def test_what_a_dropped_in_model_cannot_do_it_refuses_with_its_own_reason():
    with pytest.raises(
        OptionError, match=r"leave_one_out: Weeks\(.*: 2001.* its 365 days are not a multiple of 7"
    ):
        es.leave_one_out(EVENTS, ANCHORS, COUNT, Weeks())
    with pytest.raises(EventStudyError, match=r"the 365 days from 2001-01-01 on are not a multiple of 7"):
        es.permutation_test(EVENTS, ANCHORS, COUNT, Weeks("year"))
    plain = Kept(anywhere)
    options = {"n_resamples": 9, "rng": 1}
    with pytest.raises(
        OptionError, match="draws each event separately and does not know which days are missing"
    ):
        es.leave_one_out(EVENTS, ANCHORS, COUNT, plain, **options)
    one = Specification({"a": "b"}, EVENTS, ANCHORS, COUNT)
    with pytest.raises(OptionError, match=r"has no rule that moves all days, .* joint test is not defined"):
        es.specification_curve([one], plain, **options)
    table = pd.DataFrame({"g": ["a", "b"] * 20, "date": EVENTS.days})
    with pytest.raises(OptionError, match=r"has no rule that moves all days, .* max-T is not defined"):
        es.panel_test(table, ANCHORS, COUNT, plain, by="g", period=PERIOD, maxt=True, **options)
    found = es.randomization_test(
        EVENTS, ANCHORS, {"before": BEFORE}, "count ~ before", "before", plain, **options
    )
    assert found.moves.startswith("the events")


def test_a_model_told_by_where_its_draws_put_each_day_moves_windows_and_groups():
    @dataclasses.dataclass(frozen=True)
    class Reversed(es.NullModel):
        """The period runs backwards, or it does not."""

        keeps, breaks, keeps_number = "all gaps", "the direction of time", True

        def move(self, period):
            return EachDay(cut(period, None), self.sample)

        def sample(self, events, anchors, *, rng, size):
            back = np.random.default_rng(rng).random((size, 1)) < 0.5
            mirrored = events.period.start + events.period.stop - 1 - events.days
            return np.where(back, mirrored, events.days)

    windows = {"before": BEFORE}
    found = es.randomization_test(
        EVENTS, ANCHORS, windows, "count ~ before", "before", Reversed(), rng=1, n_resamples=40
    )
    assert len(np.unique(found.null_distribution.round(9))) == 2
    table = pd.DataFrame({"g": ["a", "b"] * 20, "date": EVENTS.days})
    panel = es.panel_test(
        table, ANCHORS, COUNT, Reversed(), by="g", period=PERIOD, maxt=True, n_resamples=40, rng=1
    )
    assert panel.n_moves == 41


# --- statistics of one's own ------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Studentised(es.Statistic):
    """Excess in the window over the square root of its variance: made from two sums of scores."""

    whole: bool = True
    window: es.Window = BEFORE

    def scores(self, period, anchors):
        inside = self.window.indicator(anchors, period)
        share = inside.mean()
        scale = len(period) if self.whole else 1.0
        both = np.stack([(inside - share) * scale, np.full(len(period), share * (1 - share) * scale**2)])
        return np.rint(both).astype(np.int64) if self.whole else both

    def value(self, sums, observed=None):
        return sums[..., 0] / np.sqrt(sums[..., 1])

    def __call__(self, events, anchors):
        days = es.Events(np.ravel(events), PERIOD).days
        return self.value(self.scores(PERIOD, es.Events(anchors))[:, days - PERIOD.start].sum(axis=1))


@pytest.mark.parametrize("whole", [True, False])
def test_a_statistic_of_two_sums_is_exact_where_all_arrangements_can_be_gone_through(whole):
    statistic = Studentised(whole)
    scores = statistic.scores(PERIOD, ANCHORS)
    observed = statistic.value(scores[:, EVENTS.days - PERIOD.start].sum(axis=1))
    years = cut(PERIOD, "year")
    tables = np.zeros((2, 6, 6))
    for day in EVENTS.dates:
        home = day.year - 2001
        for other in range(6):
            try:
                met = day.replace(year=2001 + other)
            except ValueError:
                met = day.replace(year=2001 + other, day=28)
            place = es.Events([met]).days[0] - PERIOD.start
            tables[:, home, other] += scores[:, place]
    sums = np.array([tables[:, range(6), order].sum(axis=1) for order in permutations(range(6))])
    values = statistic.value(sums)
    assert len(years) == 6
    test = es.permutation_test(EVENTS, ANCHORS, statistic, es.CalendarPermutation())
    assert test.method == "exact"
    assert test.observed == pytest.approx(observed)
    assert test.pvalue == pytest.approx((values >= observed - 1e-9).mean())
    family = es.permutation_family(EVENTS, ANCHORS, {"z": statistic, "n": COUNT}, es.CalendarPermutation())
    assert (family.method, family.pvalue[0]) == ("exact", pytest.approx(test.pvalue))


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("null", NULLS, ids=lambda one: one.name)
def test_a_statistic_of_two_sums_is_that_of_the_days_drawn(null, whole):
    statistic = Studentised(whole)
    drawn = null_values(
        evaluation(EVENTS, [(statistic, ANCHORS)]), null, rng=np.random.default_rng(4), n_resamples=30
    )
    days = null.sample(EVENTS, ANCHORS, rng=np.random.default_rng(4).spawn(1)[0], size=30)
    by_hand = [statistic(row[row != NO_EVENT], ANCHORS.days) for row in days]
    np.testing.assert_allclose(drawn, by_hand, rtol=1e-9)


def test_a_statistic_that_is_no_number_is_refused():
    class Lost(es.Statistic):
        def __call__(self, events, anchors):
            first = np.asarray(events).min(axis=-1)
            return np.where(first > EVENTS.days[0], np.nan, first)

    options = {"n_resamples": 99, "rng": 1}
    with pytest.raises(OptionError, match=r"Lost.*: it is not a number \(nan\) on \d+ of 99 draws"):
        es.permutation_test(EVENTS, ANCHORS, Lost(), es.CircularShift("year"), **options)

    def nothing(events, anchors):
        return np.nan

    with pytest.raises(OptionError, match=r"nothing: it is not a number \(nan\)"):
        es.permutation_test(EVENTS, ANCHORS, nothing, es.UniformDays(), **options)


def test_classes_that_are_no_dataclasses_are_called_by_their_name_in_messages():
    class Loud(es.Statistic):
        def __call__(self, events, anchors):
            return np.zeros(3)

    class Early(es.NullModel):
        keeps = breaks = "nothing"

        def sample(self, events, anchors, *, rng, size):
            return np.zeros((size, len(events)), dtype=int)

    events, anchors = es.Events([1, 5], es.Period(1, 9)), es.Events([3])
    with pytest.raises(OptionError, match=r"^[\w.]+\.<locals>\.Loud: it returned shape \(3,\)"):
        es.permutation_test(events, anchors, Loud(), es.UniformDays(), rng=1)
    with pytest.raises(OptionError, match=r"^[\w.]+\.<locals>\.Early: sample returned a day outside"):
        es.permutation_test(events, anchors, es.NearestLag(), Early(), rng=1)


def test_a_function_gives_the_same_whether_it_takes_one_series_or_rows():
    def one(events, anchors):
        return float(np.min(np.abs(np.subtract.outer(events, anchors))))

    def rows(events, anchors):
        return np.abs(np.subtract.outer(events, anchors)).min(axis=(-1, -2))

    for null in (es.UniformDays(), es.PoissonIntensity(None)):
        found = [
            es.permutation_test(EVENTS, ANCHORS, f, null, alternative="less", n_resamples=99, rng=1)
            for f in (one, rows)
        ]
        assert found[0].null_distribution.tolist() == found[1].null_distribution.tolist()
        assert found[0].null_distribution.max() < LENGTH  # what fills up short rows is no day


@pytest.mark.parametrize("statistic", [BEFORE, "count", 14, es.WindowCount], ids=str)
def test_what_is_no_statistic_is_refused_in_words(statistic):
    with pytest.raises(OptionError, match="is not a statistic; give one, such as WindowCount"):
        es.permutation_test(EVENTS, ANCHORS, statistic, es.CircularShift())


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (np.ones(3), r"scores has shape \(3,\) for the 2191 days"),
        (np.ones((2, LENGTH)), "for several of them define `value`"),
        (np.full(LENGTH, np.nan), "a score is nan or infinite"),
    ],
)
def test_scores_that_are_none_are_refused(scores, message):
    class Wrong(es.Statistic):
        def __call__(self, events, anchors):
            return np.zeros(np.shape(events)[:-1])

        def scores(self, period, anchors):
            return scores

    with pytest.raises(OptionError, match=message):
        es.permutation_test(EVENTS, ANCHORS, Wrong(), es.CircularShift())


# --- subclasses of models and statistics that have closed forms ---------------------------------------


@pytest.mark.parametrize("kind", [type(null) for null in NULLS], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("statistic", [COUNT, es.AnchorsHit(BEFORE), es.NearestLag()], ids=str)
def test_a_subclass_with_its_own_draws_is_tested_on_these_and_not_on_those_of_its_parent(kind, statistic):
    class FirstDays(kind):
        def sample(self, events, anchors, *, rng, size):
            return np.tile(events.period.days[: len(events)], (size, 1))

    example = kind.example()
    null = FirstDays(**{field.name: getattr(example, field.name) for field in dataclasses.fields(kind)})
    found = es.permutation_test(EVENTS, ANCHORS, statistic, null, n_resamples=9, rng=1)
    first = es.Events(PERIOD.days[: len(EVENTS)], PERIOD)
    assert found.method == "monte-carlo"
    expected = statistic(first if isinstance(statistic, es.NearestLag) else first.days, ANCHORS.days)
    assert np.allclose(found.null_distribution, expected)


@pytest.mark.parametrize("kind", STATISTICS, ids=lambda one: type(one).__name__)
def test_a_subclass_with_its_own_call_is_not_judged_by_the_scores_of_its_parent(kind):
    class Mondays(type(kind)):
        def __call__(self, events, anchors):
            return ((np.asarray(events) + 3) % 7 == 0).sum(axis=-1)

    own = Mondays(**{field.name: getattr(kind, field.name) for field in dataclasses.fields(kind)})
    found = es.permutation_test(EVENTS, ANCHORS, own, es.CircularShift(), n_resamples=99, rng=1)
    assert found.observed == ((EVENTS.days + 3) % 7 == 0).sum()


def test_a_subclass_that_adds_only_a_field_keeps_the_closed_form_of_its_parent():
    @dataclasses.dataclass(frozen=True, slots=True)
    class Named(es.CircularShift):
        title: str = "shift"

    test = es.permutation_test(EVENTS, ANCHORS, COUNT, Named())
    assert test.method == "exact"
    assert test.pvalue == es.permutation_test(EVENTS, ANCHORS, COUNT, es.CircularShift()).pvalue
