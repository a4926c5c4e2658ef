"""Whatever is typed: no traceback, exit code 0 or 2, one line or more that says why, valid JSON.

``EVENTSTUDY_FUZZ=20000`` tries so many argument vectors, other ones each time.
"""

import contextlib
import io
import json
import os
import shlex
import traceback

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventstudy.cli.main import main

EXAMPLES = int(os.environ.get("EVENTSTUDY_FUZZ", "50"))

FILES = {
    "launches.csv": "date,kind,size\n2012-01-05,ballistic,1\n2012-01-07,cruise,2\n2012-03-01,ballistic,\n",
    "summits.csv": "name,start\na,2012-01-08\nb,2012-03-02\n",
    "two.csv": "start,end\n2012-01-05,2012-01-06\n2012-02-05,2012-02-06\n",
    "none.csv": "a,b\n1,2\n",
    "bad.csv": "date\n2012-01-05\n2012-02-30\n2012-03-05\n",
    "header.csv": "date\n",
    "empty.csv": "",
    "quote.csv": 'date,text\n2012-01-05,"open\n',
    "ragged.csv": "date,text\n2012-01-05\n2012-01-06,x,y\n",
    "formula.csv": "date,text\n2012-01-05,=1+1\n2012-01-06,@SUM(A1)\n",
    "ends.csv": "date\r2012-01-05\r\n2012-01-06\n",
    "late.csv": "date\n9999-12-31\n0001-01-01\n1677-01-01\n",
    "한글 é.csv": "날짜\n2012-01-05\n2012-01-06\n",
}

files = st.sampled_from(
    [*FILES, "launches.csv", "summits.csv", "launches.csv", "summits.csv", "missing.csv", ".", ""]
)
lags = st.one_of(
    st.sampled_from(["-14:0", "1:15", "-3:0", "0:1"]),
    st.builds("{}:{}".format, st.integers(-20, 5), st.integers(-5, 20)),
    st.builds("{}:{}".format, st.integers(-(10**7), 10**7), st.integers(-(10**20), 10**20)),
)
odd = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6),
    st.sampled_from(["-1", "1e400", "nan", "-", "--", "²"]),
)
number = st.one_of(st.integers(-3, 40).map(str), st.sampled_from(["99999999999999999999", "1.5"]), odd)
strata = st.sampled_from(
    [
        "year",
        "quarter",
        "month",
        "2012-02-01",
        "2012-02-01,2012-03-01",
        "2012-03-01,2012-02-01",
        "x",
        "",
        "2012-02-30",
        "2099-01-01",
    ]
)
queries = st.one_of(
    odd,
    st.sampled_from(
        [
            "kind == 'ballistic'",
            "size > 1",
            "size",
            "kind",
            "date > '2012-01-06'",
            "date.dt.year == 2012",
            "kind.str.contains('(')",
            "kind in ['cruise']",
            "`no such` == 1",
            "@x == 1",
            "__import__('os').system('true')",
            "kind.str.len() > 99",
            "size / 0 > 1",
            "index == 1",
            "True",
            "date + 1 == 2",
            "kind == kind and size == size",
            "~(kind == 'x')",
            "not kind == 'x'",
        ]
    ),
)
VALUES = {
    "--period": st.one_of(
        st.sampled_from(
            [
                "2012-01-01:2012-05-01",
                "2012:2014",
                "2012-01-01:2012-05-01",
                "2011:2015",
                "2012-01-05:2012-01-06",
                "2012-05-01:2012-01-01",
                "2012-02-30:2013",
                "2000:2100",
                "0001-01-01:0002-01-01",
                "9999-01-01:9999-12-31",
                "2012",
                ":",
                "a:b:c",
                "99999:999999",
                "1:2",
            ]
        ),
        odd,
    ),
    "--events-date": st.one_of(st.sampled_from(["date", "start", "end", "kind", "날짜"]), odd),
    "--anchors-date": st.one_of(st.sampled_from(["date", "start", "end", "name"]), odd),
    "--events-where": queries,
    "--anchors-where": queries,
    "--events-merge": number,
    "--anchors-merge": number,
    "--distinct": st.none(),
    "--window": lags,
    "--statistic": st.sampled_from(["count", "anchors-hit", "contrast", "nearest", "x"]),
    "--against": lags,
    "--side": st.sampled_from(["before", "after", "either", "x"]),
    "--null": st.sampled_from(
        ["uniform", "shift", "calendar", "jitter", "gaps", "poisson", "self-exciting", "x"]
    ),
    "--within": strata,
    "--by": strata,
    "--days": number,
    "--without": st.one_of(lags, st.just("none")),
    "--trend": st.sampled_from(["year", "smooth", "none", "x"]),
    "--harmonics": number,
    "--alternative": st.sampled_from(["greater", "less", "two-sided", "x"]),
    "--method": st.sampled_from(["auto", "exact", "monte-carlo", "x"]),
    "--n-resamples": number,
    "--seed": number,
    "--confidence-level": st.one_of(st.sampled_from(["0.9", "0", "1", "0.999999999", "1e-300"]), odd),
    "--lags": lags,
    "--bin-days": number,
    "--windows": st.builds(
        "{}={}".format, st.one_of(st.sampled_from(["before", "after", "7 d", "count", "year"]), odd), lags
    ),
    "--formula": st.one_of(
        odd,
        st.sampled_from(
            [
                "count ~ before",
                "count ~ before + after",
                "count ~ C(year)",
                "count ~ before + C(year) + sin1",
                "count ~ 0",
                "count ~ 1",
                "~ before",
                "before",
                "count ~ before * C(month)",
                "log(count) ~ before",
                "count ~ np.log(days)",
                "count ~ {before}",
                "count ~ before +",
                "count ~ poly(sin1, 99)",
                "count ~ bs(sin1, df=3)",
                "count ~ __import__('os')",
                "count ~ before / 0",
                "count ~ before ** 9",
                "year ~ before",
                "count ~ C(before, contr.treatment(base=7))",
                "count ~ before | after",
                "count ~ weekday:month",
                "start ~ before",
                "count ~ start",
            ]
        ),
    ),
    "--family": st.sampled_from(["poisson", "negative-binomial", "conditional", "x"]),
    "--covariance": st.sampled_from(["HAC", "model", "quasi", "HC0", "HC1", "HC3", "cluster", "x"]),
    "--max-lag": number,
    "--cluster": st.one_of(st.sampled_from(["year", "month", "before"]), odd),
    "--strata": st.one_of(st.sampled_from(["year", "year,month", "month,weekday"]), odd),
    "--freq": st.sampled_from(["D", "W", "M", "x"]),
    "--output": st.sampled_from(["-", "out.txt", "launches.csv", "no/folder.txt", ".", ""]),
    "--plot": st.sampled_from(["figure.svg", "figure.txt", "figure.png", "out.txt", ""]),
    "--json": st.none(),
    "--csv": st.none(),
}
PAIR = (
    "--period",
    "--events-date",
    "--anchors-date",
    "--events-where",
    "--anchors-where",
    "--events-merge",
    "--anchors-merge",
    "--distinct",
)
DRAWS = ("--alternative", "--method", "--n-resamples", "--seed")
NULL = ("--null", "--within", "--by", "--days", "--without", "--trend", "--harmonics")
OUT = ("--output", "--plot", "--json", "--csv")
USUAL = {
    "test": (
        ["--null", "shift", "--window=-14:0"],
        [*PAIR, "--window", "--statistic", "--against", "--side", *NULL, *DRAWS, "--confidence-level", *OUT],
    ),
    "profile": (
        ["--null", "shift"],
        [*PAIR, *NULL, *DRAWS, "--lags", "--bin-days", "--confidence-level", *OUT],
    ),
    "family": (
        ["--null", "shift", "--windows", "before=-14:0", "7 d=-7:0"],
        [*PAIR, *NULL, *DRAWS, "--windows", "--statistic", *OUT],
    ),
    "regress": (
        ["--windows", "before=-14:0", "--formula", "count ~ before"],
        [
            *PAIR,
            "--windows",
            "--formula",
            "--family",
            "--covariance",
            "--max-lag",
            "--cluster",
            "--strata",
            "--freq",
            "--confidence-level",
            *OUT,
        ],
    ),
}


@st.composite
def arguments(draw):
    """Mostly sensible, with up to six options changed or added, some of them of another command."""
    command = draw(st.sampled_from(sorted(USUAL)))
    usual, own = USUAL[command]
    options = list(usual) if draw(st.integers(0, 9)) else []
    if draw(st.integers(0, 9)):
        options += ["--period", "2012-01-01:2014-01-01"]
    if draw(st.booleans()):
        options += ["--seed", "1", "--n-resamples", "19"]
    for _ in range(draw(st.sampled_from([0, 1, 1, 1, 1, 2, 2, 5]))):
        name = draw(st.sampled_from(own if draw(st.integers(0, 19)) else sorted(VALUES)))
        value = draw(VALUES[name])
        options += [name] if value is None else [f"{name}={value}"]
    given = [draw(files), draw(files)] if draw(st.integers(0, 7)) == 0 else ["launches.csv", "summits.csv"]
    if not draw(st.integers(0, 30)):
        given = [*given, draw(odd)]
    return [command, *given, *options]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("fuzz")
    for name, text in FILES.items():
        (place / name).write_text(text, encoding="utf-8", newline="")
    return place


def outcome(vector):
    """Run the command line in this process; return exit code, stdout and stderr."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(vector)
    for stream in (out, err):
        stream.flush()
    return code, *(stream.buffer.getvalue().decode("utf-8") for stream in (out, err))


@given(arguments())
@settings(
    max_examples=EXAMPLES,
    derandomize="EVENTSTUDY_FUZZ" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_argument_vector_ends_in_a_traceback(folder, vector):
    with contextlib.chdir(folder):
        try:
            code, out, err = outcome(vector)
        except Exception:
            pytest.fail(f"eventstudy {shlex.join(vector)}\n{traceback.format_exc()}")
    assert code in (0, 2), vector
    assert "Traceback" not in err
    if code == 2:
        assert err.strip(), vector
        assert not out, vector
    elif "--json" in vector and not any(
        entry.startswith("--output") and entry != "--output=-" for entry in vector
    ):
        json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
