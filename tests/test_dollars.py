"""Labels with dollars are drawn as they are written, in every plot of a result."""

from __future__ import annotations

import inspect
import io

import matplotlib
import numpy as np
import pytest

import eventstudy as es
from eventstudy.charts import timeline
from eventstudy.citation import Citable
from eventstudy.draw import as_written

matplotlib.use("Agg")
EVIL = "A$ _{ US$ ($^$)"
EVENTS = es.Events(np.arange(400, 1400, 23), es.Period(365, 1461), f"deals in {EVIL}")
ANCHORS = es.Events(np.arange(430, 1400, 77), label=f"visits {EVIL}")
WINDOW = es.Window(-9, 0)


def table():
    made = es.count_table(EVENTS, ANCHORS, {"before": WINDOW})
    return made.assign(**{EVIL: made["sin1"]})


RESULTS = {
    "test": lambda: es.permutation_test(EVENTS, ANCHORS, es.WindowCount(WINDOW), es.CircularShift()),
    "family": lambda: es.permutation_family(
        EVENTS, ANCHORS, {EVIL: es.WindowCount(WINDOW)}, es.CircularShift()
    ),
    "profile": lambda: es.lag_profile(EVENTS, ANCHORS, es.CircularShift()),
    "coincidence": lambda: es.coincidence_rates(EVENTS, ANCHORS, WINDOW),
    "ratio": lambda: es.rate_ratio(EVENTS, ANCHORS, WINDOW),
    "regression": lambda: es.poisson_regression(table(), f"count ~ `{EVIL}`", covariance="HC0"),
    "leads": lambda: es.lead_lag_regression(EVENTS, ANCHORS, leads=2, lags=2, controls="C(year)"),
    "influence": lambda: es.leave_one_out(
        EVENTS, ANCHORS, es.WindowCount(WINDOW), es.CircularShift(within="year"), by="year"
    ),
}


@pytest.mark.filterwarnings("ignore::eventstudy.errors.OverdispersionWarning")
@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("ending", ["svg", "pdf", "png"])
def test_a_label_is_drawn_as_it_stands(name, ending):
    result = RESULTS[name]()
    ax = result.plot()
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        ax.figure.savefig(buffer, format=ending)
    texts = [text.get_text() for text in ax.figure.findobj(matplotlib.text.Text)]
    assert not [text for text in texts if r"\$" in text]
    if ending == "svg":
        drawn = buffer.getvalue().decode()
        for text in {text for text in texts if EVIL in text and "\n" not in text}:
            assert text in drawn
    matplotlib.pyplot.close("all")


def test_a_timeline_shows_dollars_too():
    timeline(EVENTS, ANCHORS, WINDOW).savefig(io.BytesIO())
    matplotlib.pyplot.close("all")


def test_a_logarithmic_axis_keeps_its_powers_of_ten():
    ax = matplotlib.pyplot.subplots()[1]
    ax.set_xscale("log")
    ax.set_xlim(1e-3, 1e3)
    labels = [text for text in as_written(lambda: ax)().get_xticklabels() if text.get_text()]
    assert labels
    assert all(text.get_parse_math() for text in labels)
    matplotlib.pyplot.close("all")


def test_every_plot_of_a_result_is_drawn_so():
    waiting, plots = [Citable], []
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        plots += [method for name, method in vars(kind).items() if name.startswith("plot")]
    assert len(plots) > 10
    assert all(inspect.unwrap(method) is not method for method in plots)
