"""Expected events on new rows: against statsmodels, and refused where the fit says nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import ModelError

PERIOD = es.Period("2012-01-01", "2016-01-01")
WINDOW = es.Window(-14, 0)
_RNG = np.random.default_rng(5)
EVENTS = es.Events(_RNG.choice(PERIOD.days, 200), PERIOD)
ANCHORS = es.Events(_RNG.choice(PERIOD.days, 20, replace=False))
TABLE = es.count_table(EVENTS, ANCHORS, {"before": WINDOW})


def test_predictions_are_those_of_statsmodels():
    result = es.poisson_regression(TABLE, "count ~ before + C(month)", covariance="model")
    found = result.predict(TABLE.iloc[[3, 400, 800]])
    fitted = result.model.get_prediction(
        result.design.matrix[[3, 400, 800]], offset=np.zeros(3)
    ).summary_frame(alpha=0.05)
    assert found["expected"].to_numpy() == pytest.approx(fitted["mean"].to_numpy(), rel=1e-6)
    assert found["low"].to_numpy() == pytest.approx(fitted["mean_ci_lower"].to_numpy(), rel=1e-6)
    assert found["high"].to_numpy() == pytest.approx(fitted["mean_ci_upper"].to_numpy(), rel=1e-6)
    assert found.index.tolist() == [3, 400, 800]


@pytest.mark.parametrize(
    "formula",
    [
        "count ~ before",
        "count ~ before + C(month)",
        "count ~ before*C(year)",
        "count ~ before + poly(t, 2)",
        "count ~ center(t) + before",
        "count ~ before + sin1 + cos1",
    ],
)
def test_predictions_on_the_fitted_rows_are_the_fitted_values(formula):
    table = TABLE.assign(t=np.arange(len(TABLE)) / 365.25)
    result = es.poisson_regression(table, formula)
    some = table.iloc[100:160]
    assert result.predict(some)["expected"].to_numpy() == pytest.approx(result.fitted[100:160], rel=1e-6)


def test_longer_rows_have_more_events_and_counts_are_not_needed():
    result = es.poisson_regression(TABLE, "count ~ before")
    row = pd.DataFrame({"before": [0, 0], "days": [1.0, 10.0]})
    one, ten = result.predict(row).to_numpy()
    assert ten == pytest.approx(10.0 * one)
    assert one[1] < one[0] < one[2]


def test_a_hurdle_predicts_the_chance_of_a_day_and_the_size():
    result = es.hurdle_regression(TABLE, "count ~ before")
    row = pd.DataFrame({"before": [0, 1], "days": 1.0})
    chance, size = result.day.predict(row), result.size.predict(row)
    assert chance["expected"].between(0, 1).all()
    assert (size > 1).all().all()
    where = TABLE["before"].to_numpy().argmax()
    assert chance["expected"].iloc[1] == pytest.approx(result.day.fitted[where])
    busy = (TABLE["count"] > 0).to_numpy()
    first = np.flatnonzero(TABLE["before"].to_numpy()[busy] == 0)[0]
    assert size["expected"].iloc[0] == pytest.approx(result.size.fitted[first])


def test_rows_about_which_the_fit_says_nothing_are_refused():
    result = es.poisson_regression(TABLE, "count ~ before + C(year)")
    later = TABLE.iloc[:3].assign(year=[2012, 2020, 2013])
    with pytest.raises(es.EventStudyError, match="predict: row 2 has a level or a value outside"):
        result.predict(later)
    with pytest.raises(es.EventStudyError, match="no column 'before'"):
        result.predict(TABLE.drop(columns="before"))
    with pytest.raises(es.EventStudyError, match="at least one row"):
        result.predict(TABLE.iloc[:0])


def test_a_term_without_a_finite_estimate_is_refused_where_it_counts_alone():
    table = TABLE.assign(never=((TABLE["count"] == 0) & (np.arange(len(TABLE)) % 40 == 0)).astype(int))
    result = es.poisson_regression(table, "count ~ before + never")
    assert np.isneginf(result.estimates[result.terms.index("never")])
    with pytest.raises(es.EventStudyError, match="'never' has no finite estimate"):
        result.predict(table[table["never"] == 1])
    assert np.isfinite(result.predict(table[table["never"] == 0].head()).to_numpy()).all()


def test_inside_strata_only_ratios_are_known():
    result = es.conditional_poisson_regression(TABLE, "count ~ before", strata="month")
    with pytest.raises(es.EventStudyError, match="only ratios are identified"):
        result.predict(TABLE.head())


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (
            {"party": ["left", "centre"]},
            r"^predict: row 2 has .* outside what was fitted \(party centre\), about",
        ),
        ({"year": [2012, 2031]}, r"^predict: row 2 has .* \(year 2031\), about which the fit says nothing"),
        ({"party": ["left", None]}, r"^predict: column 'party' has a missing value in row 2; fill in"),
        (
            {"before": [np.nan, np.nan]},
            r"^predict: column 'before' has 2 missing values, the first in row 1;",
        ),
        ({"days": [1.0, 0.0]}, r"^predict: 'days' is 0 in row 2; leave out rows without exposure"),
    ],
)
def test_a_new_row_that_cannot_be_used_is_named_by_its_own_number_and_what_is_new_in_it(changed, text):
    table = TABLE.assign(party=np.where(TABLE["month"] % 2, "left", "right"))
    result = es.poisson_regression(table, "count ~ before + party + C(year)")
    rows = pd.DataFrame({"before": [0, 1], "party": "left", "year": 2012, "days": 1.0})
    assert len(result.predict(rows)) == 2
    with pytest.raises(ModelError, match=text):
        result.predict(rows.assign(**changed))


def test_new_rows_without_their_length_are_told_how_to_give_it():
    result = es.poisson_regression(TABLE, "count ~ before")
    with pytest.raises(ModelError, match=r"no column 'days'; add the length of each row in days, such as 1$"):
        result.predict(pd.DataFrame({"before": [0, 1]}))
