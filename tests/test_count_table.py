"""The count table: rows, windows, calendar terms, covariates, history, and its summary."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eventstudy as es
from eventstudy.errors import EventsError, ModelError, OptionError, PeriodError

PERIOD = es.Period("2019-12-20", "2021-02-10")


def example(**more):
    events = es.Events(["2019-12-21", "2020-02-29", "2020-02-29", "2021-02-09"], PERIOD, "launches")
    summits = es.Events(["2019-12-19", "2020-03-02", "2021-02-20"], label="summits")
    return es.count_table(events, summits, {"before": es.Window(-14, 0), "after": es.Window.after(3)}, **more)


def test_days_are_rows_with_windows_of_all_anchors_even_those_outside():
    table = example().set_index("start")
    assert len(table) == len(PERIOD)
    assert table["count"].sum() == 4
    assert table.loc["2020-02-29", "count"] == 2
    # by hand: 17 February to 1 March, and 6 to 9 February of the summit after the end
    assert table["before"].sum() == 14 + 4
    assert table.loc["2020-02-17":"2020-03-01", "before"].eq(1).all()
    # after the summit before the start only 20 to 22 December are inside
    assert list(table.index[table["after"] == 1].strftime("%m-%d")) == [
        "12-20", "12-21", "12-22", "03-03", "03-04", "03-05",
    ]  # fmt: skip


def test_calendar_terms_follow_the_formula_at_known_dates():
    table = example().set_index("start")
    row = table.loc["2020-12-31"]  # day 366 of a leap year
    angle = 2 * np.pi * 365 / 365.25
    assert [row["sin1"], row["cos1"], row["sin2"], row["cos2"]] == pytest.approx(
        [np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)]
    )
    assert list(table.loc["2020-01-01", ["sin1", "cos1", "year", "month", "weekday"]]) == [0, 1, 2020, 1, 2]


@pytest.mark.parametrize(("freq", "rule"), [("W", "W-SUN"), ("M", "M")])
def test_weeks_and_months_are_means_of_the_daily_table(freq, rule):
    """Against the grouping of pandas, by periods rather than by places."""
    ferien = [("2020-07-01", "2020-07-16"), ("2020-12-24", "2021-01-02")]
    daily, rows = example(covariates={"x": ferien}), example(freq=freq, covariates={"x": ferien})
    groups = daily.groupby(daily["start"].dt.to_period(rule))
    assert rows["count"].tolist() == groups["count"].sum().tolist()
    assert rows["days"].tolist() == groups.size().tolist()
    assert rows["start"].tolist() == groups["start"].min().tolist()
    for name in ("before", "after", "x", "sin1", "cos2"):
        np.testing.assert_allclose(rows[name], groups[name].mean(), atol=1e-15)


def test_windows_may_lie_around_other_anchors_or_be_intervals():
    summits = pd.DataFrame({"start": ["2020-01-10", "2020-01-12"], "end": ["2020-01-11", "2020-01-14"]})
    events = es.Events(["2020-01-10"], es.Period("2020-01-01", "2020-02-01"))
    table = es.count_table(
        events,
        es.Events(summits["start"]),
        {
            "before": es.Window(-2, 0),
            "during": summits,
            "after": (es.Window.after(2), es.Events(summits["end"])),
            "pairs": [("2019-12-01", "2020-01-02"), ("2020-03-01", "2020-03-02")],
        },
    )
    days = {
        name: table.index[table[name] == 1].to_numpy() + 1 for name in ("before", "during", "after", "pairs")
    }
    assert {name: list(value) for name, value in days.items()} == {
        "before": [8, 9, 10, 11],
        "during": [10, 11, 12, 13, 14],
        "after": [12, 13, 15, 16],
        "pairs": [1, 2],
    }
    assert table.attrs["eventstudy"]["n_anchors"] == {"before": 2, "during": 2, "after": 2, "pairs": 1}


def test_covariates_are_days_intervals_or_daily_values():
    values = pd.Series(
        np.arange(len(PERIOD) + 9.0), index=pd.date_range("2019-12-15", periods=len(PERIOD) + 9)
    )
    table = example(covariates={"holiday": ["2020-01-01", "2022-01-01"], "price": values}).set_index("start")
    assert list(table.index[table["holiday"] == 1]) == [pd.Timestamp("2020-01-01")]
    assert table.loc["2019-12-20", "price"] == 5.0
    assert example(covariates={"none": []})["none"].sum() == 0


@given(
    st.lists(st.integers(0, 59), min_size=1, max_size=12),
    st.tuples(st.integers(1, 20), st.integers(0, 15)).map(lambda t: (t[0], t[0] + t[1])),
)
@settings(max_examples=60, deadline=None)
def test_history_says_whether_an_event_lies_so_many_days_back(days, lags):
    table = es.count_table(es.Events(days, es.Period(0, 60)), es.Events([0]), {}, history={"past": lags})
    by_hand = [int(any(lags[0] <= day - event <= lags[1] for event in days)) for day in range(60)]
    assert table["past"].tolist() == by_hand


def test_summary_by_hand():
    table = pd.DataFrame(
        {
            "start": pd.date_range("2020-01-01", periods=8),
            "days": 1,
            "count": [0, 1, 2, 0, 0, 0, 1, 0],
            "year": 2020,
            "a": [1, 1, 1, 1, 0, 0, 0, 0],
            "b": [1, 1, 1, 0, 0, 0, 0, 1],
            "twice_a": [2, 2, 2, 2, 0, 0, 0, 0],
        }
    )
    two = es.count_table_summary(table.drop(columns="twice_a"))
    assert two.loc["a", ["days", "share", "events", "rate_ratio", "with"]].tolist() == [4, 0.5, 3, 3.0, "b"]
    assert two.loc["a", "correlation"] == pytest.approx(0.5)  # (3 - 8 * 0.25) / (8 * 0.25)
    assert two.loc["a", "vif"] == pytest.approx(1 / (1 - 0.5**2))
    three = es.count_table_summary(table)
    assert np.isinf(three.loc["a", "vif"])
    assert three.loc["a", "with"] == "twice_a"
    assert np.isnan(three.loc["twice_a", "rate_ratio"])


def test_the_inflation_of_variance_counts_years_and_harmonics_in():
    """By a regression on all of them, written out with a dummy for each year."""
    rng = np.random.default_rng(9)
    period = es.Period("2018-01-01", "2021-01-01")
    events = es.Events(rng.integers(period.start, period.stop, 60), period)
    drills = [(f"{year}-03-01", f"{year}-04-10") for year in (2018, 2019, 2020)]
    table = es.count_table(
        events, es.Events(rng.integers(period.start, period.stop, 9)), {"before": es.Window(-14, 0)},
        covariates={"drill": drills},
    )  # fmt: skip
    years = (table["year"].to_numpy()[:, None] == np.array([2018, 2019, 2020])).astype(float)
    others = np.concatenate(
        [years, table[["before", "sin1", "cos1", "sin2", "cos2"]].to_numpy(float)], axis=1
    )
    own = table["drill"].to_numpy(float)
    left = own - others @ np.linalg.lstsq(others, own, rcond=None)[0]
    expected = ((own - own.mean()) ** 2).sum() / (left @ left)
    found = es.count_table_summary(table).loc["drill", "vif"]
    assert found == pytest.approx(expected)
    assert found > 1.2


def test_a_million_days_are_counted():
    rng = np.random.default_rng(7)
    period = es.Period(0, 1_000_000)
    events, anchors = (
        es.Events(rng.integers(0, 1_000_000, 16_000), period),
        es.Events(rng.integers(0, 1_000_000, 6_000), period),
    )
    table = es.count_table(events, anchors, {"before": es.Window(-14, 0)}, history={"past": (1, 7)})
    assert len(table) == 1_000_000
    assert table["before"].sum() == es.Window(-14, 0).exposure(anchors, period)
    assert table["count"].sum() == 16_000


@pytest.mark.parametrize(
    ("more", "error", "message"),
    [
        ({"freq": "Y"}, OptionError, "freq='Y' is not known; give 'D' (days), 'W' (weeks) or 'M' (months)"),
        ({"freq": "W", "history": {"p": (1, 7)}}, OptionError, "history needs a row per day, not per week"),
        ({"history": {"p": (0, 7)}}, OptionError, "(0, 7) are not lags back from the day; the past week is (1, 7)"),
        ({"covariates": {"sin1": []}}, ModelError, "'sin1' is a column of every count table; choose another name"),
        ({"covariates": {"a b": []}}, ModelError, "'a b' cannot be used in a formula; use letters, digits and _"),
        ({"covariates": {"before": []}}, ModelError, "'before' names two columns; choose another name for one"),
        (
            {"covariates": {"x": [("2020-01-02", "2020-01-01")]}},
            OptionError,
            "interval 1 ends on 2020-01-01, before it starts on 2020-01-02; swap its ends",
        ),
        (
            {"covariates": {"x": pd.DataFrame({"start": ["2020-01-02"], "stop": ["2020-01-03"]})}},
            OptionError,
            "the frame has no column 'end'; intervals need the columns 'start' and 'end'",
        ),
        (
            {"covariates": {"x": pd.Series(1.0, index=pd.date_range("2019-12-20", "2021-02-01"))}},
            PeriodError,
            "8 of 418 days have no value, the first 2021-02-02; fill them or shorten the period",
        ),
        (
            {"covariates": {"x": pd.Series([1.0, 2.0], index=pd.DatetimeIndex(["2020-01-01"] * 2))}},
            OptionError,
            "2020-01-01 appears twice; keep one",
        ),
    ],
)  # fmt: skip
def test_errors_name_the_place_and_the_fix(more, error, message):
    with pytest.raises(error) as caught:
        example(**more)
    assert message in str(caught.value)
    assert str(caught.value).startswith("count_table: ")


def test_anchors_windows_and_summary_refuse_what_they_cannot_read():
    events = es.Events([1], es.Period(0, 5))
    with pytest.raises(EventsError, match="anchors: got a list; wrap the dates as Events"):
        es.count_table(events, [3], {})
    with pytest.raises(OptionError, match=r"windows\['w'\]: cannot read int 14; give a Window, a pair"):
        es.count_table(events, es.Events([3]), {"w": 14})
    with pytest.raises(ModelError, match="no window and no covariate; name some in count_table"):
        es.count_table_summary(es.count_table(events, es.Events([3]), {}))


def test_the_inputs_stay_as_they_were():
    covariates = {"x": [("2020-07-01", "2020-07-16")]}
    example(covariates=covariates)
    assert covariates == {"x": [("2020-07-01", "2020-07-16")]}


def daily_values():
    rng = np.random.default_rng(1)
    return pd.Series(rng.normal(size=len(PERIOD)), index=pd.date_range("2019-12-20", periods=len(PERIOD)))


@pytest.mark.parametrize("freq", ["D", "W", "M"])
def test_covariates_as_a_frame_are_those_of_its_columns(freq):
    x = daily_values()
    by_name = example(freq=freq, covariates={"x": x, "y": 2 * x})
    pd.testing.assert_frame_equal(by_name, example(freq=freq, covariates=pd.DataFrame({"x": x, "y": 2 * x})))
    with pytest.raises(OptionError, match=r"covariates is a Series; give them by name, such as \{'price'"):
        example(freq=freq, covariates=x)


@pytest.mark.parametrize("freq", ["D", "W", "M"])
def test_a_value_for_each_month_holds_on_all_of_its_days(freq):
    """A Series of values 0 to 14 by months was taken for the first days of 1970."""
    months = pd.period_range("2019-12", "2021-02", freq="M")
    values = pd.Series(np.arange(15.0), index=months)
    days = pd.date_range("2019-12-20", periods=len(PERIOD))
    spread = pd.Series(days.to_period("M").map(values).to_numpy(float), index=days)
    table = example(freq=freq, covariates={"x": values})
    pd.testing.assert_frame_equal(table, example(freq=freq, covariates={"x": spread}))
    with pytest.raises(PeriodError, match=r"'x'\]: 9 of 418 days have no value, the first 2021-02-01"):
        example(freq=freq, covariates={"x": values[:-1]})
    with pytest.raises(OptionError, match="its values are complex128; give a number for each day"):
        example(freq=freq, covariates={"x": values + 1j})
    with pytest.raises(OptionError, match="2020-01 appears twice; keep one"):
        example(freq=freq, covariates={"x": pd.concat([values, values[1:2]])})
    with pytest.raises(OptionError, match="its numbers have no dates; give the Series an index of dates"):
        example(freq=freq, covariates={"x": values.reset_index(drop=True)})


@pytest.mark.parametrize("freq", ["D", "W", "M"])
def test_dates_and_durations_are_no_values_of_a_covariate(freq):
    """They were counted in microseconds, or whatever unit the column had."""
    days = pd.date_range("2019-12-20", periods=len(PERIOD))
    for values in (days, days - days[0], days.tz_localize("Asia/Seoul")):
        with pytest.raises(
            OptionError, match=r"'x'\]: its values are (datetime|timedelta)64.*; give a number for"
        ):
            example(freq=freq, covariates={"x": pd.Series(values, index=days)})


def test_a_value_dated_on_a_day_of_each_month_is_that_of_the_row_in_a_table_of_months():
    firsts = pd.Series(np.arange(15.0), index=pd.date_range("2019-12-01", periods=15, freq="MS"))
    assert example(freq="M", covariates={"x": firsts})["x"].tolist() == list(range(15))
    turned = firsts.set_axis(firsts.index + pd.offsets.MonthEnd())[::-1]
    assert example(freq="M", covariates={"x": turned})["x"].tolist() == list(range(15))
    with pytest.raises(PeriodError, match="days have no value"):
        example(freq="M", covariates={"x": firsts[1:]})
    with pytest.raises(PeriodError, match="days have no value"):
        example(covariates={"x": firsts})


@pytest.mark.parametrize(
    "changed",
    [
        lambda table: table.assign(
            count=table["count"].astype(object), before=table["before"].astype(object)
        ),
        lambda table: table.assign(start=table["start"].dt.strftime("%Y-%m-%d")),
        lambda table: table.assign(start=[day.date() for day in table["start"]]),
        lambda table: table.assign(start=table["start"].dt.tz_localize("Asia/Seoul")),
        lambda table: table.convert_dtypes(dtype_backend="pyarrow"),
    ],
)
def test_a_table_that_has_been_through_a_file_gives_the_same_fit(changed):
    asked = {"covariance": "HAC", "max_lag": 14}
    table = example()
    fit = es.poisson_regression(table, "count ~ before", **asked).tidy()
    pd.testing.assert_frame_equal(
        es.poisson_regression(changed(table), "count ~ before", **asked).tidy(), fit
    )


def test_a_fitted_rate_takes_covariates_as_a_frame_and_by_month():
    events = es.Events(PERIOD.start + np.arange(0, 418, 7), PERIOD)
    x, window = daily_values(), es.Window(-14, 0)
    anchors = es.Events(["2020-06-01"])
    by_name = es.PoissonIntensity(window, covariates={"x": x})
    frame = es.PoissonIntensity(window, covariates=pd.DataFrame({"x": x}))
    assert repr(by_name) == repr(frame)
    assert (by_name.fitted(events, anchors).rates == frame.fitted(events, anchors).rates).all()
    with pytest.raises(OptionError, match="PoissonIntensity: covariates is a list; give them by name"):
        es.PoissonIntensity(window, covariates=[x])


@pytest.mark.parametrize(
    "values",
    [np.arange(366.0), np.arange(366) + 16_800, pd.Series(np.arange(366)), 3, ["2015-12-31", "2017-01-01"]],
)
def test_values_that_no_date_index_places_are_refused_and_not_read_as_dates(values):
    """Numbers for each day, such as prices, were read as day numbers, and the column was 0 almost everywhere."""
    events = es.Events(["2016-02-29", "2016-05-01"], es.Period("2016-01-01", "2017-01-01"))
    with pytest.raises(
        OptionError, match=r"covariates\['price'\]: got .*; give dates of the period, or values as a Series"
    ):
        es.count_table(events, events, {"before": es.Window(-3, 0)}, covariates={"price": values})


@pytest.mark.parametrize("lags", [(1,), 3, es.Window(1, 3), (0, 7), (7, 1), "17", (1, 2, 3)])
def test_history_is_a_pair_of_lags(lags):
    events = es.Events([3, 8], es.Period(0, 20))
    with pytest.raises(OptionError, match=r"history\['past'\]"):
        es.count_table(events, events, {"before": es.Window(-3, 0)}, history={"past": lags})


@pytest.mark.parametrize("kind", ["str", "object", "category"])
def test_text_by_day_is_a_factor_of_the_formula(kind):
    """Two categories give the coefficient of their 0 and 1."""
    party = pd.Series("left", index=PERIOD.dates).where(PERIOD.dates < "2020-06-01", "right")
    fits = [
        es.poisson_regression(example(covariates={"party": values}), "count ~ party").to_frame()[
            "coefficient"
        ]
        for values in (party.astype(kind).sample(frac=1, random_state=1), (party == "right").astype(int))
    ]
    np.testing.assert_allclose(*fits, rtol=1e-9)
    months = pd.Series(["left"] * 6 + ["right"] * 9, index=pd.period_range("2019-12", periods=15, freq="M"))
    pd.testing.assert_frame_equal(example(covariates={"party": months}), example(covariates={"party": party}))


@pytest.mark.parametrize(
    ("values", "freq", "error", "message"),
    [
        (lambda text: text, "W", OptionError, "give a number for each day, such as 0 and 1 in a column for each"),
        (lambda text: text.iloc[3:], "D", PeriodError, "3 of 418 days have no value, the first 2019-12-20"),
        (lambda text: text.where(text.index != "2020-02-01"), "D", PeriodError, "1 of 418 days have no value"),
        (lambda text: pd.concat([text, text[:1]]), "D", OptionError, "2019-12-20 appears twice; keep one"),
        (lambda text: text.tolist(), "D", OptionError, "its entries are no dates; give values as a Series with a date"),
        (lambda text: text.where(text.index.day > 1, 5), "D", OptionError, "its values are object; give a number"),
    ],
)  # fmt: skip
def test_text_that_is_no_factor_is_refused_with_the_fix(values, freq, error, message):
    text = pd.Series("a", index=PERIOD.dates, dtype=object)
    with pytest.raises(error, match=rf"^count_table: covariates\['party'\]: .*{re.escape(message)}"):
        example(freq=freq, covariates={"party": values(text)})
