"""What is typed says what the library says: the same numbers, or the same refusal."""

from __future__ import annotations

import contextlib
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from metamorphic import (
    ALTERNATIVES,
    DRAWS,
    cases,
    date,
    examples,
    found,
    null_models,
    null_of,
    statistic_of,
    statistics,
    withins,
)

import eventstudy as es
from eventstudy.cli.main import main

TYPED = {"count": "count", "hit": "anchors-hit", "contrast": "contrast", "before": "nearest", "after": "nearest",
         "either": "nearest"}  # fmt: skip


@examples(40)
@given(
    case=cases(),
    statistic=statistics.filter(lambda spec: spec[0] in TYPED),
    null=null_models(withins),
    alternative=st.sampled_from(ALTERNATIVES),
    method=st.sampled_from(["auto", "exact", "monte-carlo"]),
)
def test_the_command_line_says_what_the_library_says(
    tmp_path_factory, case, statistic, null, alternative, method
):
    folder = tmp_path_factory.mktemp("typed")
    events, anchors = case.series()
    for name, days in (("launches", events.days), ("summits", anchors.days)):
        text = "\n".join(["date", *map(date, days), ""])
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    kind, first, second, _ = statistic
    typed = [
        "test",
        "launches.csv",
        "summits.csv",
        "--json",
        f"--statistic={TYPED[kind]}",
        f"--null={null[0]}",
    ]
    typed += [f"--period={date(events.period.start)}:{date(events.period.stop)}", "--seed=20120101"]
    typed += [f"--alternative={alternative}", f"--method={method}", f"--n-resamples={DRAWS}"]
    if TYPED[kind] == "nearest":
        typed.append(f"--side={kind}")
    else:
        typed.append("--window={}:{}".format(*first))
    if kind == "contrast":
        typed.append("--against={}:{}".format(*second))
    typed += typed_null(case, null)
    with contextlib.chdir(folder), contextlib.redirect_stderr(io.StringIO()) as said:
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with contextlib.redirect_stdout(out):
            code = main(typed)
        out.flush()
    result = found(lambda: es.permutation_test(
        events, anchors, statistic_of(case, statistic), null_of(case, null), alternative=alternative, method=method,
        n_resamples=DRAWS, rng=20120101,
    ))  # fmt: skip
    if isinstance(result, type):
        assert code == 2, said.getvalue()
        return
    assert code == 0, said.getvalue()
    entry = json.loads(out.buffer.getvalue())["results"][0]
    expected = json.loads(result.to_frame().to_json(orient="records", double_precision=15))[0]
    assert set(entry["rows"][0]) == set(expected)
    for name, value in expected.items():
        typed_value = entry["rows"][0][name]
        if isinstance(value, float):
            assert typed_value == pytest.approx(value, rel=1e-12, abs=1e-14), name
        else:
            assert typed_value == value, name
    assert entry["data"] == dict(result.provenance.data)


def typed_null(case, spec):
    """Return the options of a null model as they are typed."""
    kind, *rest = spec
    if kind in ("poisson", "self-exciting"):
        without, trend, waves = rest
        window = "none" if without is None else "{}:{}".format(*without)
        return [f"--without={window}", f"--trend={trend or 'none'}", f"--harmonics={waves}"]
    strata = case.strata(rest[0])
    more = [f"--days={rest[1]}"] if kind == "jitter" else []
    flag = "by" if kind == "calendar" else "within"
    if strata is None:
        return more
    return [*more, f"--{flag}={strata if isinstance(strata, str) else ','.join(strata)}"]
