"""The same days, whatever their type, order or file, are the same events."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from metamorphic import (
    cases,
    date,
    examples,
    found,
)

import eventstudy as es
from eventstudy.errors import EventStudyError

FORMS = {
    "texts": list,
    "dates": lambda texts: [dt.date.fromisoformat(text) for text in texts],
    "datetimes": lambda texts: [dt.datetime.fromisoformat(f"{text}T13:45:00") for text in texts],
    "time zone": lambda texts: pd.to_datetime(pd.Series([f"{t}T23:30" for t in texts])).dt.tz_localize("Asia/Seoul"),
    "series of texts": pd.Series,
    "series of days": lambda texts: pd.Series(np.array(texts, "datetime64[s]")),
    "index": lambda texts: pd.DatetimeIndex(np.array(texts, "datetime64[s]")),
    "category": lambda texts: pd.Series(texts, dtype="category"),
    "objects": lambda texts: pd.Series([dt.date.fromisoformat(text) for text in texts], dtype=object),
    "frame": lambda texts: pd.DataFrame({"date": texts}),
    "days": lambda texts: np.array(texts, "datetime64[D]"),
    "seconds": lambda texts: np.array(texts, "datetime64[s]"),
    "arrow days": lambda texts: pa.array([dt.date.fromisoformat(text) for text in texts]),
    "arrow times": lambda texts: pa.array([dt.datetime.fromisoformat(text) for text in texts], pa.timestamp("us")),
    "arrow texts": pa.array,
    "arrow chunks": lambda texts: pa.chunked_array([pa.array(texts[:1]), pa.array(texts[1:], pa.string())]),
    "pandas arrow": lambda texts: pd.Series(map(dt.date.fromisoformat, texts), dtype=pd.ArrowDtype(pa.date32())),
    "compact": lambda texts: [text.replace("-", "") for text in texts],
    "compact numbers": lambda texts: [int(text.replace("-", "")) for text in texts],
    "written out": lambda texts: [dt.date.fromisoformat(text).strftime("%d %B %Y") for text in texts],
    "events": lambda texts: es.Events(texts),
}  # fmt: skip
REFUSED = {"compact numbers"}


@pytest.mark.parametrize("form", FORMS)
@examples(8)
@given(case=cases(), seed=st.integers(0, 99))
def test_dates_of_every_type_in_any_order_are_the_same_events(form, case, seed):
    events, _ = case.series()
    texts = np.random.default_rng(seed).permutation([date(day) for day in events.days]).tolist()
    if form in REFUSED:
        assert issubclass(found(lambda: es.Events(FORMS[form](texts), events.period)), EventStudyError)
        return
    again = es.Events(FORMS[form](texts), events.period, events.label)
    assert again.days.tolist() == events.days.tolist()
    assert again.provenance.data == events.provenance.data


FILES = ("csv", "semicolon", "tab", "csv.gz", "csv.xz", "zip", "xlsx", "parquet", "dta", "jsonl")


def write(frame, kind, folder):
    path = folder / f"x.{kind}"
    if kind == "parquet":
        frame.to_parquet(path)
    elif kind == "xlsx":
        frame.assign(date=frame["date"].dt.strftime("%Y-%m-%d")).to_excel(path, index=False)
    elif kind == "dta":
        frame.to_stata(path, write_index=False, convert_dates={"date": "td"})
    elif kind == "jsonl":
        frame.assign(date=frame["date"].dt.strftime("%Y-%m-%d")).to_json(path, orient="records", lines=True)
    else:
        path = path if "." in kind or kind in ("csv", "zip") else folder / "x.csv"
        between = {"semicolon": ";", "tab": "\t"}.get(kind, ",")
        frame.to_csv(path, index=False, sep=between, date_format="%Y-%m-%d")
    return path


WHERES = (
    None,
    "n > 2",
    "kind == 'a'",
    "kind != 'b' and n <= 4",
    "date >= '1950-01-01'",
    "kind in ['a', 'c'] or n == 0",
)


@pytest.mark.parametrize("kind", FILES)
@examples(6)
@given(case=cases(), seed=st.integers(0, 99), where=st.sampled_from(WHERES), doubt=st.booleans())
def test_a_table_in_every_format_and_in_memory_gives_the_same_events(
    tmp_path_factory, kind, case, seed, where, doubt
):
    folder = tmp_path_factory.mktemp("files")
    events, _ = case.series()
    rng = np.random.default_rng(seed)
    days = rng.permutation(events.days)
    frame = pd.DataFrame({
        "date": days.astype("datetime64[D]").astype("datetime64[s]"),
        "kind": rng.choice(["a", "b", "c"], days.size),
        "n": rng.integers(0, 6, days.size),
    })  # fmt: skip
    if doubt:
        frame["uncertainty"] = rng.integers(0, 4, days.size)
    half = es.Period.from_days(events.period.start, events.period.start + max(1, len(events.period) // 2))
    asked = {"date": "date", "where": where, "period": half, "label": "x"}
    memory = found(lambda: es.read_events(frame, **asked))
    read = found(lambda: es.read_events(write(frame, kind, folder), **asked))
    if isinstance(memory, type):
        assert read is memory
        return
    chosen = {
        None: np.ones(days.size, bool), WHERES[1]: frame["n"] > 2, WHERES[2]: frame["kind"] == "a",
        WHERES[3]: (frame["kind"] != "b") & (frame["n"] <= 4), WHERES[4]: days >= -7305,
        WHERES[5]: frame["kind"].isin(["a", "c"]) | (frame["n"] == 0),
    }[where]  # fmt: skip
    assert memory.days.tolist() == sorted(days[np.asarray(chosen) & half.inside(days)].tolist())
    assert memory.provenance.data == read.provenance.data
    assert [note for note in read.notes if "outside" in note] == [
        note for note in memory.notes if "outside" in note
    ]


@examples(40)
@given(case=cases(), gap=st.integers(0, 40))
def test_merging_is_done_once_and_keeps_the_first_day_of_each_run(case, gap):
    events, _ = case.series()
    merged = events.merged(gap)
    runs: list[int] = []
    last = None
    for day in sorted(events.days.tolist()):
        if last is None or day - last > gap:
            runs.append(day)
        last = day
    assert merged.days.tolist() == runs
    assert merged.merged(gap).days.tolist() == runs or gap > 0
    assert events.distinct().days.tolist() == events.merged(0).days.tolist()
