"""The example on releases after NumPy: its tables, its plan, what its README says, and its answer by another road."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import re
import runpy
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.study.new import NOTEBOOKS, new_study
from eventstudy.study.plan import read_study
from eventstudy.study.sources import Source

EXAMPLE = Path(__file__).parents[1] / "examples" / "releases-after-numpy"
RAW = EXAMPLE / "data" / "raw"
YEARS = range(2018, 2026)


def words(path):
    """The text of a page, its lines joined."""
    return " ".join(path.read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def releases():
    return pd.read_csv(RAW / "releases.csv", dtype=str)


@pytest.fixture(scope="module")
def feature_releases():
    return pd.read_csv(RAW / "numpy.csv", dtype=str)


@pytest.fixture(scope="module")
def study():
    plan = read_study(EXAMPLE / "notebooks" / "plan.toml")
    return plan, plan.events.read(plan.period), plan.anchors.read(), es.CalendarPermutation()


@pytest.fixture(scope="module")
def program():
    return runpy.run_path(str(EXAMPLE / "make_releases.py"))


def test_the_readme_of_the_data_counts_the_rows_of_the_files(releases, feature_releases):
    text = (RAW / "README.md").read_text(encoding="utf-8")
    for file, table in (("releases.csv", releases), ("numpy.csv", feature_releases)):
        digest = hashlib.sha256((RAW / file).read_bytes()).hexdigest()
        row = f"| {len(table)} | `date` | {table['date'].min()} | {table['date'].max()} | `{digest}` |"
        assert row in text, file
    listed = re.findall(r"^\| (\w+) \| [^|]+ \| (\d+) \| (\S+) \| (\S+) \| [^|]+ \|$", text, re.MULTILINE)
    counted = releases.groupby("package")["date"].agg(["size", "min", "max"])
    assert listed == [(name, str(row["size"]), row["min"], row["max"]) for name, row in counted.iterrows()]


def test_each_release_stands_once_and_is_no_candidate(releases):
    assert not releases.duplicated(["package", "version"]).any()
    assert releases["version"].str.fullmatch(r"\d+(\.\d+)+").all()
    assert set(releases["date"].str[:4].astype(int)) == set(YEARS)


def test_the_feature_releases_of_numpy_are_consecutive_and_in_order(feature_releases):
    versions = [tuple(map(int, version.split("."))) for version in feature_releases["version"]]
    assert versions == [(1, minor, 0) for minor in range(14, 27)] + [(2, minor, 0) for minor in range(5)]
    assert feature_releases["date"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("package", "notes", "found"),
    [
        ("astropy", "Version 3.2 (2019-06-10)\n===\nVersion 3.2rc1 (2019-05-01)\n", ("2019-06-10", "3.2")),
        ("bottleneck", "Bottleneck 1.3.0\n----\n\n*Release date: 2019-11-12*\n", ("2019-11-12", "1.3.0")),
        ("healpy", "Release 1.12.4, 25 Ago 2018\n", ("2018-08-25", "1.12.4")),
        ("healpy", "Release 1.20.0b1 29 May 2025\nRelease 1.17.3 15 July 2024\n", ("2024-07-15", "1.17.3")),
        ("nibabel", "5.1.0 (Monday 3 April 2023)\n", ("2023-04-03", "5.1.0")),
        ("rasterio", "1.3.8.post1 (2023-10-09)\n1.3.8 (2023-06-28)\n", ("2023-06-28", "1.3.8")),
        ("xarray", "v2022.10.0 (Oct 14 2022)\nv0.10.0 (20 November 2017)\n", ("2022-10-14", "2022.10.0")),
        ("xarray", "v2023.12.0 (2023 Dec 08)\n", ("2023-12-08", "2023.12.0")),
    ],
)
def test_the_program_reads_the_headings_of_release_notes(program, releases, package, notes, found):
    """Each heading stands in the notes, and its row in the table."""
    date, version = found
    assert program["releases"](package, notes) == [(datetime.date.fromisoformat(date), package, version)]
    assert ((releases["package"] == package) & (releases["date"] == date)).any()


def test_the_program_refuses_a_heading_without_a_day(program):
    with pytest.raises(ValueError, match=r"July 2024.*names no day"):
        program["day"]("July 2024")


def test_the_program_writes_the_rows_it_reads(program, tmp_path):
    for package, (file, _) in program["NOTES"].items():
        path = tmp_path / package / file
        path.parent.mkdir(parents=True)
        path.write_text("v0.19.0 (23 July 2021)\n" if package == "xarray" else "", encoding="utf-8")
    program["main"](tmp_path, tmp_path)
    assert (tmp_path / "releases.csv").read_text(encoding="utf-8") == (
        "date,package,version\n2021-07-23,xarray,0.19.0\n"
    )


def test_the_folder_is_as_the_command_writes_it_but_for_words(tmp_path):
    """No choice of the plan differs from the proposal; its reasons do."""
    made = tmp_path / "releases-after-numpy"
    new_study(
        made,
        Source(RAW / "releases.csv", date="date", label="new releases"),
        Source(RAW / "numpy.csv", date="date", label="NumPy feature releases"),
        es.Window(1, 29),
        today=datetime.date(2026, 11, 28),
        title="Do packages follow NumPy?",
        author="The eventstudy developers",
    )
    for name in (*NOTEBOOKS, "report.toml"):
        assert (EXAMPLE / "notebooks" / name).read_text(encoding="utf-8") == (
            made / "notebooks" / name
        ).read_text(encoding="utf-8"), name
    theirs, ours = (
        tomllib.loads((folder / "notebooks" / "plan.toml").read_text(encoding="utf-8"))
        for folder in (made, EXAMPLE)
    )
    assert ours.pop("question") != theirs.pop("question")
    for table in ("events", "anchors", "primary"):
        assert ours[table].pop("why") != theirs[table].pop("why")
    assert ours == theirs


def test_the_answer_by_all_matchings_of_the_eight_years(releases, feature_releases, study):
    """Every one of the 8! matchings, with pandas alone: count, statistics, p-values and expected count."""
    days = pd.date_range("2018-01-01", "2025-12-31")
    inside = np.zeros(len(days), dtype=bool)
    for anchor in pd.to_datetime(feature_releases["date"]):
        inside |= (days > anchor) & (days <= anchor + pd.Timedelta(days=28))
    window = pd.Series(inside, index=days)
    dates = pd.DatetimeIndex(releases["date"].unique())
    assert window[dates].sum() == 40

    def placed(year, other):
        """Days of the releases of a year, in another year."""
        texts = [date.strftime(f"{other}-%m-%d") for date in dates[dates.year == year]]
        return pd.DatetimeIndex([text if pd.Timestamp(other, 1, 1).is_leap_year else text.replace("02-29", "02-28")
                                 for text in texts])  # fmt: skip

    orders = np.array(list(itertools.permutations(range(len(YEARS)))))
    plan, events, anchors, null = study
    results = {}
    for within, key in (("quarter", days.to_period("Q")), ("month", days.to_period("M"))):
        share = window.groupby(key).mean()
        sums = np.zeros((3, len(YEARS), len(YEARS)))
        for (i, year), (j, other) in itertools.product(enumerate(YEARS), repeat=2):
            moved = placed(year, other)
            shares = share[moved.to_period(within[0].upper())].to_numpy()
            hits = window[moved].to_numpy()
            sums[:, i, j] = hits.sum(), hits.sum() - shares.sum(), (shares * (1 - shares)).sum()
        count, excess, variance = sums[:, np.arange(len(YEARS)), orders].sum(axis=-1)
        z = excess / np.sqrt(variance)
        test = es.permutation_test(events, anchors, es.WindowExcess(plan.primary.window, within), null)
        assert test.observed == pytest.approx(z[0], abs=1e-9)
        assert test.pvalue == pytest.approx((z >= z[0] - 1e-9).mean(), abs=1e-12)
        results[within] = (z >= z[0] - 1e-9).mean()
    plain = es.permutation_test(events, anchors, es.WindowCount(plan.primary.window), null)
    assert plain.pvalue == pytest.approx((count >= count[0]).mean(), abs=1e-12)
    assert plain.expected == pytest.approx(count.mean(), abs=1e-9)
    text = words(EXAMPLE / "README.md")
    assert f"p = {results['quarter']:.3f} with quarters" in text
    assert f"p = {results['month']:.3f} with months" in text
    assert f"where {count.mean():.1f} would be expected" in text
    page = words(EXAMPLE.parents[1] / "docs" / "your-own-study.md")
    assert f"40 days with releases where {count.mean():.1f} would be expected" in page


def test_the_readme_says_what_the_tests_find(study, releases):
    plan, events, anchors, null = study
    window = plan.primary.window
    count = es.permutation_test(events, anchors, es.WindowCount(window), null)
    text = words(EXAMPLE / "README.md")
    assert f"The {len(releases)} releases of 2018 to 2025" in text
    assert f"{count.observed:.0f} of {len(events)} days" in text
    for within in plan.primary.strata:
        ratio = es.rate_ratio(
            events,
            anchors,
            window,
            null=null,
            within=within,
            excluded=plan.primary.excluded_ratio,
            rng=plan.seed,
        )
        assert f"{ratio.ratio:.2f} ({ratio.interval_text()}) with {within}s" in text
        assert ratio.excluded_pvalue < plan.primary.level
    naive = es.permutation_test(events, anchors, es.WindowCount(window), es.UniformDays(), rng=plan.seed)
    assert f"expects {naive.expected:.1f} and gives p = {naive.pvalue:.3f}" in text
    by_year = releases["date"].drop_duplicates().str[:4].value_counts()
    assert f"from {by_year['2018']} in 2018 to {by_year['2025']} in 2025" in text


def test_the_naive_test_finds_links_between_series_that_share_none(study):
    """The last kind of series of the plan: growth, a season and bursts in both."""
    plan, events, anchors, null = study
    truth = plan.credibility.truths[-1]
    assert truth.label.startswith("both simulated: growth")
    tests = [
        (es.WindowCount(plan.primary.window), es.UniformDays()),
        *((es.WindowExcess(plan.primary.window, within), null) for within in plan.primary.strata),
    ]
    naive, *planned = (
        es.type_one_error(
            [truth.build(events, anchors)],
            [model],
            [statistic],
            levels=0.05,
            n_simulations=200,
            rng=plan.seed,
        )
        .to_frame()["rate"]
        .item()
        for statistic, model in tests
    )
    assert naive > 0.5
    assert max(planned) < 0.1
    text = words(EXAMPLE / "README.md")
    assert (
        "the naive test finds a link in more than half, each test of the plan in fewer than one in ten"
        in text
    )
