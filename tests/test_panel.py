"""Panels: each group as if alone, the corrections by hand, shared moves by enumeration, and runs that are killed."""

from __future__ import annotations

import json
import os
import pickle
import shlex
import signal
import subprocess
import sys
import time
import tracemalloc

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

import eventstudy as es
from eventstudy.cli import panel as command
from eventstudy.cli.main import main
from eventstudy.errors import DataError, EventsError, ExactUnavailableError, OptionError, RandomnessError
from eventstudy.numeric.tails import holm
from eventstudy.panel import partition

PERIOD = es.Period("2015-01-01", "2018-01-01")
COUNT = es.WindowCount(es.Window(-14, 0))
ANCHORS = es.Events(["2015-02-06", "2016-03-07", "2017-03-04", "2017-07-12", "2018-01-03"], label="summits")
EXACT = [
    es.CircularShift(),
    es.CircularShift("year"),
    es.UniformDays("year"),
    es.CalendarPermutation(),
    es.Jitter(30),
]


def long_table(groups=12, events=400, seed=1):
    """Events of pairs of countries on random days, some days twice."""
    rng = np.random.default_rng(seed)
    pair = rng.integers(groups, size=events)
    return pd.DataFrame(
        {
            "a": np.char.add("country ", (pair % 4).astype(str)),
            "b": pair // 4,
            "date": PERIOD.dates[rng.integers(len(PERIOD), size=events)].strftime("%Y-%m-%d"),
        }
    )


def panel(table=None, anchors=ANCHORS, statistic=COUNT, null=es.CircularShift("year"), **options):  # noqa: B008
    table = long_table() if table is None else table
    return es.panel_test(table, anchors, statistic, null, **{"by": ["a", "b"], "period": PERIOD} | options)


def as_bytes(result):
    return result.to_frame().to_csv(index=False).encode() + pickle.dumps(result.provenance)


@pytest.mark.parametrize("null", EXACT, ids=repr)
@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_a_group_gets_the_numbers_of_a_permutation_test_of_its_own(null, alternative):
    table = long_table()
    found = panel(table, null=null, alternative=alternative).to_frame()
    assert len(found) == 12
    for row in found.to_dict("records"):
        dates = table.loc[(table["a"] == row["a"]) & (table["b"].astype(str) == row["b"]), "date"]
        alone = es.permutation_test(es.Events(dates, PERIOD), ANCHORS, COUNT, null, alternative=alternative)
        assert row["pvalue"] == pytest.approx(alone.pvalue, rel=1e-12)
        assert row["expected"] == pytest.approx(alone.expected, rel=1e-12)
        assert (row["observed"], row["n_events"], row["n_anchors"]) == (
            alone.observed, alone.n_events, alone.n_anchors,
        )  # fmt: skip
        assert (row["method"], row["note"]) == ("exact", "")


@pytest.mark.parametrize("within", [None, "year", "month", ["2015-01-03", "2016-06-01", "2017-12-31"]])
@pytest.mark.parametrize("widest", [8_192, 1])
def test_shifts_of_many_series_at_once_are_those_of_each(within, widest, monkeypatch):
    monkeypatch.setattr("eventstudy.numeric.distributions.WIDEST_TABLE", widest)
    rng, null = np.random.default_rng(3), es.CircularShift(within)
    series = [es.Events(rng.choice(PERIOD.days, n), PERIOD) for n in (1, 2, 40, 700)]
    for scores in (COUNT.scores(PERIOD, ANCHORS), rng.integers(-3, 4, len(PERIOD))):
        for events, chance in zip(series, null.exact_each(series, [ANCHORS] * 4, scores), strict=True):
            alone = null.exact(events, ANCHORS, scores).trimmed()
            assert chance.low == alone.low
            assert chance.probabilities == pytest.approx(alone.probabilities, rel=1e-11)


def test_each_group_meets_its_own_anchors():
    """Ten days, window of three before: one pair's anchor lies right after its events, the other's right before."""
    events = pd.DataFrame({"pair": ["A", "A", "B", "B"], "day": [4, 6, 4, 6]})
    anchors = pd.DataFrame({"pair": ["B", "A"], "when": [3, 7]})
    found = es.panel_test(
        events, anchors, es.WindowCount(es.Window(-3, 0)), es.CircularShift(), by="pair", date="day",
        anchor_date="when", period=es.Period(0, 10),
    ).to_frame()  # fmt: skip
    assert found["observed"].tolist() == [2.0, 0.0]
    assert found["pvalue"].tolist() == [0.1, 1.0]
    assert found["pvalue_holm"].tolist() == [0.2, 1.0]
    assert found["pvalue_bh"].tolist() == [0.2, 1.0]


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_agrees_with_statsmodels(pvalues):
    assert holm(np.array(pvalues)) == pytest.approx(multipletests(pvalues, method="holm")[1], rel=1e-12)


def test_corrections_of_the_table_are_those_of_its_pvalues():
    found = panel().to_frame()
    assert found["pvalue_holm"].tolist() == multipletests(found["pvalue"], method="holm")[1].tolist()
    assert found["pvalue_bh"].tolist() == pytest.approx(
        multipletests(found["pvalue"], method="fdr_bh")[1], rel=1e-12
    )
    assert (found["pvalue_bh"] >= found["pvalue"]).all()


def test_a_group_without_event_or_anchor_has_p_1_and_says_why():
    events = pd.DataFrame({"g": ["only events", "both"], "date": [1, 2]})
    anchors = pd.DataFrame({"g": ["only anchors", "both"], "date": [1, 3]})
    result = es.panel_test(
        events, anchors, es.WindowCount(es.Window(-2, 0)), es.UniformDays(), by="g", period=es.Period(0, 8), maxt=True,
        rng=1, n_resamples=99,
    )  # fmt: skip
    found = result.to_frame().set_index("g")
    assert found["note"].to_dict() == {
        "both": "", "only anchors": "not tested: no event", "only events": "not tested: no anchor",
    }  # fmt: skip
    columns = ["pvalue", "pvalue_holm", "pvalue_bh", "pvalue_maxt"]
    assert (found.loc[["only anchors", "only events"], columns].to_numpy() == 1).all()
    assert found.loc["both", "pvalue"] == pytest.approx(2 / 8)
    assert found.loc["both", "pvalue_holm"] == pytest.approx(3 * 2 / 8)  # the others count as tests
    assert "2 not tested, p = 1" in result.summary()


def test_a_group_with_too_little_for_a_fitted_model_does_not_stop_the_others():
    """The only event of the second group lies in the window, so there is no rate outside to compare with."""
    rng, window = np.random.default_rng(1), es.Window(-9, 0)
    table = pd.DataFrame({"g": ["many"] * 60 + ["one"], "date": np.append(rng.integers(0, 1_000, 60), 95)})
    found = es.panel_test(
        table, es.Events([100, 400, 900]), es.WindowCount(window), es.PoissonIntensity(window, trend=None), by="g",
        period=es.Period(0, 1_000), rng=1, n_resamples=19,
    ).to_frame()  # fmt: skip
    assert found["method"].tolist() == ["exact", "none"]
    assert found["note"][1].startswith("not tested: PoissonIntensity")
    assert (found["observed"][1], found["pvalue"][1]) == (1.0, 1.0)


# --- draws


def test_draws_of_a_group_do_not_depend_on_the_other_groups_or_the_order_of_rows():
    table = long_table()
    options = {
        "statistic": es.AnchorsHit(es.Window(-14, 0)),
        "null": es.UniformDays(),
        "n_resamples": 199,
        "rng": 7,
    }
    found = panel(table, **options).to_frame()
    assert set(found["method"]) == {"monte-carlo"}
    mixed = panel(table.sample(frac=1, random_state=3), **options).to_frame()
    assert mixed["pvalue"].tolist() == found["pvalue"].tolist()
    few = panel(table[table["a"] == "country 1"], **options).to_frame()
    assert few["pvalue"].tolist() == found.loc[found["a"] == "country 1", "pvalue"].tolist()
    other = panel(table, **options | {"rng": 8}).to_frame()
    assert other["pvalue"].tolist() != found["pvalue"].tolist()


def test_groups_with_the_same_events_have_draws_of_their_own():
    table = pd.concat([long_table(groups=1).assign(a=name) for name in "xyz"])
    options = {
        "statistic": es.AnchorsHit(es.Window(-14, 0)),
        "null": es.UniformDays(),
        "n_resamples": 999,
        "rng": 7,
    }
    assert panel(table, **options).to_frame()["expected"].nunique() == 3


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_workers_do_not_change_a_byte(backend):
    def run():
        drawn = panel(
            statistic=es.AnchorsHit(es.Window(-14, 0)), null=es.UniformDays(), n_resamples=99, rng=7
        )
        return as_bytes(drawn), as_bytes(panel(long_table(groups=80), maxt=True, n_resamples=99, rng=7))

    alone = run()
    with joblib.parallel_config(backend, n_jobs=2):
        assert run() == alone


# --- max-T over moves that all groups make together


def step_down_by_definition(values, observed):
    """Westfall and Young's step-down max-T: for each statistic the maximum over those that are not above it."""
    sd = values.std(axis=1)
    t, t0 = (values - values.mean(axis=1)[:, None]) / sd[:, None], (observed - values.mean(axis=1)) / sd
    order = np.argsort(-t0)
    p, worst = np.empty(t0.size), 0.0
    for rank, j in enumerate(order):
        worst = max(worst, np.mean(t[order[rank:]].max(axis=0) >= t0[j] - 1e-9))
        p[j] = worst
    return p


def test_max_t_under_all_shifts_is_that_of_the_definition():
    """Every shift of three series together, the counts of each made by hand."""
    period, window = es.Period(0, 40), es.Window(-5, 0)
    days = {"a": [3, 4, 20], "b": [3, 5, 21], "c": [11, 30]}
    anchors = [6, 22]
    inside = {d % 40 for anchor in anchors for d in range(anchor - 5, anchor)}
    values = np.array(
        [[sum((d + s) % 40 in inside for d in own) for s in range(40)] for own in days.values()]
    )
    table = pd.DataFrame([(g, d) for g, own in days.items() for d in own], columns=["g", "date"])
    found = es.panel_test(
        table,
        es.Events(anchors),
        es.WindowCount(window),
        es.CircularShift(),
        by="g",
        period=period,
        maxt=True,
    )
    expected = np.maximum(
        step_down_by_definition(values.astype(float), values[:, 0]), (values >= values[:, :1]).mean(1)
    )
    assert found.to_frame()["pvalue_maxt"].to_numpy() == pytest.approx(expected, rel=1e-12)
    assert (found.n_moves, found.provenance.seed) == (40, None)


def test_series_that_move_as_one_cost_nothing_to_correct():
    """Ten groups with the same events are one test; Holm takes them for ten."""
    days = [3, 4, 20, 33]
    table = pd.DataFrame([(str(g), d) for g in range(10) for d in days], columns=["g", "date"])
    for null in (
        es.CircularShift(),
        es.CircularShift([20]),
        es.UniformDays(),
        es.CalendarPermutation([10, 20, 30]),
    ):
        found = es.panel_test(
            table, es.Events([5]), es.WindowCount(es.Window(-3, 0)), null, by="g", period=es.Period(0, 40), maxt=True,
            n_resamples=4_999, rng=1,
        ).to_frame()  # fmt: skip
        p = found["pvalue"][0]
        assert found["pvalue_maxt"].to_numpy() == pytest.approx(
            p, abs=5 * np.sqrt(p * (1 - p) / 5_000) + 1e-12
        )
        assert found["pvalue_holm"].to_numpy() == pytest.approx(min(1, 10 * p))


@pytest.mark.parametrize(
    "null",
    [es.CircularShift([12]), es.UniformDays(), es.UniformDays([12]), es.CalendarPermutation([8, 16])],
    ids=repr,
)
def test_moves_of_all_groups_are_draws_of_the_null_model_for_each(null):
    """The share of moves at each value of the statistic against its exact distribution, for two groups."""
    from eventstudy.panel.joint import joint_sums

    period, anchors = es.Period(0, 24), es.Events([6, 15])
    scores = COUNT_3.scores(period, anchors)
    series = [(es.Events(days, period), scores) for days in ([3, 3, 13], [4, 11, 20, 22])]
    moved = joint_sums(null.move(period), series, seed=1, n_resamples=19_999)
    for (events, _), values in zip(series, moved, strict=True):
        exact = null.exact(events, anchors, scores)
        share = np.bincount(values, minlength=5) / values.size
        chance = np.zeros(5)
        chance[exact.support] = exact.probabilities
        assert share == pytest.approx(chance, abs=5 * 0.5 / np.sqrt(20_000))
        assert values[0] == scores[events.days].sum()


COUNT_3 = es.WindowCount(es.Window(-3, 0))


def test_a_permutation_of_the_days_keeps_events_of_one_day_together():
    """Two groups on the same days have the same sums in every move, and on other days not."""
    from eventstudy.panel.joint import joint_sums

    period, anchors = es.Period(0, 24), es.Events([6, 15])
    scores = COUNT_3.scores(period, anchors)
    series = [(es.Events(days, period), scores) for days in ([3, 13], [3, 13], [4, 14])]
    moved = joint_sums(es.UniformDays().move(period), series, seed=1, n_resamples=999)
    assert (moved[0] == moved[1]).all()
    assert (moved[0] != moved[2]).any()


@pytest.mark.slow
def test_max_t_keeps_the_level_where_groups_share_their_days():
    """20 groups with mostly the same days: some false find in at most 5 % of panels, and more often than by Holm."""
    rng, n = np.random.default_rng(5), 100
    some, some_holm = 0, 0
    for _ in range(n):
        common = rng.integers(0, 400, 12)
        table = pd.DataFrame(
            [(g, d) for g in range(20) for d in (common + rng.integers(0, 2, 12)) % 400],
            columns=["g", "date"],
        )
        found = es.panel_test(
            table, es.Events(rng.choice(400, 8, replace=False)), es.WindowCount(es.Window(-10, 0)), es.CircularShift(),
            by="g", period=es.Period(0, 400), maxt=True,
        ).to_frame()  # fmt: skip
        some += (found["pvalue_maxt"] <= 0.05).any()
        some_holm += (found["pvalue_holm"] <= 0.05).any()
    assert some <= 15  # 5 expected at most; 16 or more come once in 30,000
    assert some > some_holm


# --- files


def written(table, tmp_path, kind):
    path = tmp_path / f"événements.{kind}"
    if kind == "csv":
        table.to_csv(path, index=False)
    else:
        table.assign(date=pd.to_datetime(table["date"])).to_parquet(path, row_group_size=50)
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_gives_what_its_table_gives(kind, tmp_path, monkeypatch):
    monkeypatch.setattr("eventstudy.io.frames.BLOCK", 37)
    monkeypatch.setattr("eventstudy.io.parquet.BLOCK", 37)
    monkeypatch.setattr("eventstudy.io.delimited.BLOCK", 37)  # many pieces
    monkeypatch.setattr(partition, "BUCKETS", 3)
    table = long_table()
    assert as_bytes(panel(written(table, tmp_path, kind))) == as_bytes(panel(table))
    anchors = long_table(events=40, seed=2)
    assert as_bytes(panel(table, written(anchors, tmp_path, kind))) == as_bytes(panel(table, anchors))


def test_every_bad_cell_is_named_by_its_line(tmp_path, monkeypatch):
    monkeypatch.setattr("eventstudy.io.delimited.BLOCK", 2)
    path = tmp_path / "events.csv"
    path.write_text('a,b,date\nx,1,2015-02-30\n"y\nz",1,2016-01-01\n\n,2,2019-01-01\nx,1,2016-05-05\nx,1,\n')
    with pytest.raises(DataError) as caught:
        panel(path)
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        f"{path}:2:date", f"{path}:6:a", f"{path}:8:date",
    ]  # fmt: skip
    assert "is not a day of the calendar; write YYYY-MM-DD" in lines[0]
    assert "the cell is empty; fill it in" in lines[1]
    assert (caught.value.row, caught.value.column) == (2, "date")


def test_twenty_bad_cells_are_shown_and_the_others_counted(tmp_path):
    table = long_table()
    table["date"] = [f"{1600 + place}-02-30" for place in range(len(table))]
    with pytest.raises(
        DataError, match="events: 380 more problems of this kind; correct these first"
    ) as caught:
        panel(table)
    assert len(str(caught.value).splitlines()) == 21


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("events.csv", None, "there is no such file; check the path"),
        ("events.csv", b"", "the file is empty; it needs a header"),
        ("events.csv", b"a,b\n1,2\n", "there is no such column; the columns are a, b"),
        ("events.csv", b"a,b,date\n1,2,2015-01-01,4\n", "it has 4 fields and the header 3; quote fields"),
        ("events.csv", b"a,b,date\n\xff,2,2015-01-01\n", "the text is not UTF-8; save the file as UTF-8"),
        (
            "events.parquet",
            b"PAR1 and nothing else PAR1",
            "cannot be read as Parquet .*; check that it is one",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_line(name, content, message, tmp_path):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        panel(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"by": []}, OptionError, "does not name columns, each once; give one or more"),
        ({"by": ["a", "a"]}, OptionError, "does not name columns, each once"),
        ({"by": ["a", "date"]}, OptionError, "'date' has the name of the dates"),
        ({"by": ["nobody"]}, DataError, "events:nobody: there is no such column; the columns are a, b, date"),
        ({"table": 3}, OptionError, "events is a int; give a DataFrame or the path"),
        ({"table": long_table()[:0]}, EventsError, "the tables hold no row"),
        ({"anchors": es.Events([])}, EventsError, "a panel needs at least one anchor"),
        ({"alternative": "more"}, OptionError, "alternative='more' is not known"),
        ({"method": "guess"}, OptionError, "panel_test: method='guess' is not known"),
        ({"rng": np.random.default_rng(1)}, RandomnessError, "rng is a Generator; give a whole number from 0"),
        ({"maxt": True}, RandomnessError, "moves are drawn for max-T and rng is missing; pass a seed"),
        ({"maxt": True, "null": es.Jitter(30)}, OptionError, "max-T is not defined; use CircularShift"),
        ({"maxt": True, "null": es.ShuffledGaps()}, OptionError, "max-T is not defined; use CircularShift"),
        ({"maxt": True, "statistic": es.AnchorsHit(es.Window(-3, 0))}, OptionError, "is not a sum of scores"),
        ({"maxt": True, "rng": 1, "n_resamples": 10**8}, OptionError, "do not fit into 1 GiB; use n_resamples="),
        ({"null": es.UniformDays(), "statistic": es.AnchorsHit(es.Window(-3, 0))}, RandomnessError, "rng is missing"),
        ({"null": es.ShuffledGaps(), "method": "exact"}, ExactUnavailableError, "panel_test: group country"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_with_a_way_out(changed, error, message):
    with pytest.raises(error, match=message):
        panel(**changed)


def test_a_full_disk_is_one_clear_line(monkeypatch):
    def full(*_):
        raise OSError("400 requested and 0 written")

    monkeypatch.setattr("eventstudy.panel.run.partition", full)
    with pytest.raises(
        DataError, match=r"the rows cannot be sorted there .*0 written.*; make room, or set TMPDIR"
    ):
        panel()


# --- checkpoints

PROGRAM = """
import sys
import eventstudy as es
from tests.test_panel import panel, long_table
table = long_table(groups=160, events=1_600)
result = panel(table, statistic=es.AnchorsHit(es.Window(-14, 0)), null=es.ShuffledGaps("year"), n_resamples=200, rng=3,
               checkpoint=sys.argv[1])
sys.stdout.write(result.to_frame().to_csv(index=False))
"""


def start(folder):
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    path = os.pathsep.join([root, os.path.join(root, "src")])
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_and_gives_the_same_bytes(tmp_path):
    whole = start(tmp_path / "whole")
    folder = tmp_path / "killed"
    killed = start(folder)
    deadline = time.monotonic() + 60
    while len(list(folder.glob("part-*.npz"))) < 3 and killed.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    done = {path: path.stat().st_mtime_ns for path in folder.glob("part-*.npz")}
    assert 3 <= len(done) < 10
    again = start(folder)
    resumed, errors = again.communicate(timeout=120)
    assert again.returncode == 0, errors
    expected, errors = whole.communicate(timeout=120)
    assert whole.returncode == 0, errors
    assert resumed == expected
    assert {path: path.stat().st_mtime_ns for path in done} == done  # what was done was not done again
    for path in (tmp_path / "whole").iterdir():
        assert (folder / path.name).read_bytes() == path.read_bytes()


def test_an_unreadable_part_is_computed_anew(tmp_path):
    expected = as_bytes(panel(checkpoint=tmp_path, maxt=True, n_resamples=99, rng=1))
    (part,) = tmp_path.glob("part-*.npz")
    kept = part.read_bytes()
    flipped = bytearray(kept)
    flipped[len(kept) // 2] ^= 255
    for content in (b"", kept[: len(kept) // 2], b"no archive", bytes(flipped)):
        part.write_bytes(content)
        assert as_bytes(panel(checkpoint=tmp_path, maxt=True, n_resamples=99, rng=1)) == expected
        assert part.read_bytes() == kept


def test_a_finished_run_is_read_and_not_made_again(tmp_path, monkeypatch):
    expected = as_bytes(panel(checkpoint=tmp_path))
    monkeypatch.setattr("eventstudy.panel.run.found_in_groups", None)
    assert as_bytes(panel(checkpoint=tmp_path)) == expected


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"null": es.CircularShift("month")}, r"null: CircularShift\(within='year'\) there, CircularShift"),
        ({"statistic": es.WindowCount(es.Window(-7, 0))}, "statistic"),
        ({"table": long_table(seed=2)}, "events"),
        ({"anchors": es.Events(["2016-01-01"])}, "anchors"),
        ({"rng": 9}, "seed: None there, 9 here"),
        ({"alternative": "less"}, "alternative"),
    ],
)
def test_the_checkpoint_of_another_question_is_refused(changed, name, tmp_path):
    panel(checkpoint=tmp_path)
    with pytest.raises(DataError, match=f"belongs to another question \\({name}") as caught:
        panel(checkpoint=tmp_path, **changed)
    assert "\n" not in str(caught.value)


def test_a_checkpoint_that_cannot_be_used_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="the checkpoint cannot be used"):
        panel(checkpoint=tmp_path / "file")
    (tmp_path / "question.json").write_text("{")
    with pytest.raises(DataError, match="belong to no known question; give a new folder"):
        panel(checkpoint=tmp_path)

    def statistic(events, anchors):
        return events.sum(axis=-1)

    with pytest.raises(OptionError, match="cannot be identified by its text"):
        panel(statistic=statistic, rng=1, checkpoint=tmp_path / "new")


def test_the_checkpoint_keeps_the_question_to_read(tmp_path):
    panel(checkpoint=tmp_path)
    question = json.loads((tmp_path / "question.json").read_text())
    assert question["null"] == "CircularShift(within='year')"
    assert question["by"] == "a, b"


# --- what is shown, and what it costs


def test_the_summary_counts_finds_and_lists_the_smallest_pvalues():
    table = pd.concat(
        [long_table(), pd.DataFrame({"a": "country 1", "b": 9, "date": ANCHORS.dates[:4].astype(str)})]
    )
    table.loc[table["b"] == 9, "date"] = (ANCHORS.dates[:4] - pd.Timedelta(days=3)).astype(str)
    result = panel(table, maxt=True, rng=1, n_resamples=999)
    text = result.summary()
    assert "Panel of 13 groups by a, b" in text
    assert "1 alone; corrected 1 by Holm, 1 by Benjamini-Hochberg, 1 by max-T" in text
    assert text.splitlines()[-12].split() == [
        "events",
        "observed",
        "expected",
        "p",
        "alone",
        "p",
        "max-T",
        "p",
        "BH",
    ]
    assert text.splitlines()[-11].startswith("  country 1 / 9       4         4")
    assert text.endswith("and 3 groups more, see to_frame()")
    assert result.names[6] == "country 1 / 9"


def test_the_figure_names_the_groups_that_are_found():
    from matplotlib.figure import Figure

    days = ANCHORS.days[:4] - 3
    table = pd.concat(
        [long_table(), pd.DataFrame({"a": "found", "b": 1, "date": es.Events(days).dates.astype(str)})]
    )
    ax = panel(table).plot(Figure().subplots())
    names = [text.get_text() for text in ax.texts if text.get_text()]
    assert names == ["found / 1"]
    assert ax.get_xlabel() == "rank of the p-value / 13 groups\n(smallest p on the right)"


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(tmp_path, monkeypatch):
    """300,000 rows would take 5 MB as days and 30 MB as text."""
    monkeypatch.setattr("eventstudy.io.parquet.BLOCK", 20_000)
    rng = np.random.default_rng(1)
    path = tmp_path / "events.parquet"
    pd.DataFrame(
        {
            "a": rng.integers(0, 9, 300_000),
            "b": rng.integers(0, 9, 300_000),
            "date": PERIOD.dates[rng.integers(0, len(PERIOD), 300_000)],
        }
    ).to_parquet(path, row_group_size=20_000)
    panel(long_table())  # what is imported on the way
    tracemalloc.start()
    found = panel(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.to_frame()["n_events"].sum() == 300_000
    assert peak < 8e6


# --- the command line


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Files as the help names them: pairs in two columns, and in one; anchors of all groups."""
    monkeypatch.chdir(tmp_path)
    table = long_table().assign(date=lambda t: pd.to_datetime(t["date"]))
    table.rename(columns={"a": "country_a", "b": "country_b"}).to_parquet("events.parquet")
    table.assign(pair=table["a"] + "-" + table["b"].astype(str)).to_csv("events.csv", index=False)
    ANCHORS.to_frame()[["date"]].to_csv("anchors.csv", index=False)
    return tmp_path


def examples():
    text = command.EXAMPLES.replace("\\\n", " ").replace("2012-01-01:2025-01-01", "2015-01-01:2018-01-01")
    text = text.replace("--workers 4", "--workers 1")
    return [shlex.split(line)[1:] for line in text.splitlines() if line.startswith("  eventstudy ")]


def test_the_examples_of_help_run_and_write_what_they_say(folder, capsys):
    first, second = examples()
    assert main(first) == 0
    written = pd.read_csv(folder / "panel.csv", dtype=str, keep_default_na=False)
    found = panel().to_frame()
    assert list(map(float, written["pvalue"])) == found["pvalue"].tolist()
    assert (folder / "parts" / "question.json").exists()
    assert main(second) == 0
    out, err = capsys.readouterr()
    assert "Panel of 12 groups by pair" in out
    assert "so all groups share these anchors" in err
    assert (folder / "panel.svg").stat().st_size > 1_000


def test_anchors_with_the_group_columns_belong_to_the_groups(folder, capsys):
    long_table(events=40, seed=2).to_csv("own.csv", index=False)
    assert main(["panel", "events.csv", "own.csv", "--by", "a, b", *TYPED, "--csv"]) == 0
    found = panel(anchors=long_table(events=40, seed=2)).to_frame()
    assert capsys.readouterr().out == found.to_csv(index=False, lineterminator="\n")


TYPED = ["--window=-14:0", "--null", "shift", "--within", "year", "--period", "2015-01-01:2018-01-01"]


def test_anchors_without_the_group_column_are_answered_with_how_all_groups_share_them(tmp_path):
    strikes = pd.DataFrame({"date": ["2015-03-01", "2015-04-01"], "region": ["a", "b"]})
    elections = pd.DataFrame({"date": ["2015-03-05"]})
    elections.to_csv(tmp_path / "elections.csv", index=False)
    question = {
        "by": "region",
        "statistic": es.WindowCount(es.Window(-14, 0)),
        "null": es.CircularShift(),
        "period": es.Period("2015-01-01", "2016-01-01"),
    }
    for source, read in (
        (tmp_path / "elections.csv", r"es\.read_events\('.*elections\.csv', \.\.\.\)"),
        (elections, r"es\.Events\(\.\.\.\)"),
    ):
        said = (
            rf"region: there is no such column; .*; if all groups share these anchors, give them as {read}$"
        )
        with pytest.raises(DataError, match=said):
            es.panel_test(strikes, source, **question)
    shared = es.read_events(tmp_path / "elections.csv", date="date")
    assert es.panel_test(strikes, shared, **question).table["n_anchors"].tolist() == [1, 1]
    with pytest.raises(DataError, match=r"the columns are date, region$"):
        es.panel_test(strikes, strikes, **question, date="day")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--by", "pair", *TYPED[:5]], "events.csv: the days under observation are not given; add --period"),
        (
            ["--by", "pair,date", *TYPED],
            "anchors.csv: it has the group column 'date' but not 'pair'; give all of them",
        ),
        (
            ["--by", "nobody", *TYPED],
            "events.csv:1:nobody: there is no such column; the columns are a, b, date, pair",
        ),
        (["--by", "pair", *TYPED, "--max-t"], "--seed: p-values come from draws here"),
        (
            ["--by", "pair", *TYPED[:1], "--null", "gaps", *TYPED[5:], "--max-t", "--seed", "1"],
            "leave max-T out",
        ),
    ],
)
def test_a_slip_on_the_command_line_is_one_line(folder, capsys, arguments, line):
    code = main(["panel", "events.csv", "anchors.csv", *arguments])
    err = [text for text in capsys.readouterr().err.splitlines() if "note:" not in text]
    assert (code, len(err)) == (2, 1)
    assert line in err[0]
