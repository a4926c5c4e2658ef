"""Damaged files and wild queries: an answer, or an error of ours in lines that name the file; never anything else.

For a longer run: ``PYTHONPATH=src python tests/test_fuzz_files.py SECONDS SEED [TARGET ...]``.
"""

from __future__ import annotations

import csv
import io
import random
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import eventstudy as es
from eventstudy.errors import EventStudyError
from eventstudy.io import SHOWN, read_raw, read_table
from eventstudy.queries import choose

FIXTURES = Path(__file__).parent / "fixtures"
SLOW = 10.0  # seconds; no small file takes that long
SCHEMA = {
    "fields": [
        {"name": "id", "type": "string", "constraints": {"required": True, "unique": True}},
        {"name": "start", "type": "date", "constraints": {"required": True}},
        {"name": "end", "type": "date"},
        {"name": "kind", "type": "string", "constraints": {"enum": ["near", "far"]}},
        {"name": "count", "type": "integer", "constraints": {"minimum": 1}},
    ]
}
EVENTS = (
    b"date,kind,n\n2012-01-05,a,1\n2012-01-07,b,2\n2013-05-01,a,3\n",
    b'\xef\xbb\xbfdate,kind,n\r\n5 January 2012,"a, b",1\r\n2012-01-07T10:00:00Z,,2.5\r\n',
    b'date,kind,n\r2012-01-05,"a\nb",1\r2012-01-07,b,\r',
)
TABLES = (b"id,start,end,kind,count\nA1,2012-01-01,2012-01-03,near,2\nB1,2012-02-29,,far,1\n",)
WHERES = (
    None, "n > 1", "kind == 'a'", "date >= '2012-06-01'", "kind.str.contains('a|b')", "n + 1 < 3 or kind in ['b']",
    "date.dt.year == 2012 and ~(kind == 'b')", "`kind` != '' and n.notna()",
)  # fmt: skip
NASTY = (
    b"\0", b'"', b'""', b"'", b",", b"\n", b"\r", b"\r\n", b"\t", b";", b"=cmd()", b"@", b"\xff", b"\xe9", b"\xc2\x85",
    b"\xe2\x80\xa8", b"\x0b", b"\x1c", b"\xef\xbb\xbf", b"9" * 30, b"1e400", b"-1", b"nan", b"NaT", b"0000-00-00",
    b"9999-12-31", b"99999-01-01", b"-0001-01-01", b"2012-02-30", b"03/04/2012", b"now", b"today", b"2012-W01-1",
    b"20120105", b"1e5", b"\xd9\xa1\xd9\xa2", b"True", b"inf", b" ", b"<!--", b"&x;", b"2012-01-05 24:00", b"T",
    b"2012-01-05T00:00:00+99:99", b"x" * 3000,
)  # fmt: skip
TOKENS = (
    "date", "kind", "n", "`kind`", "'a'", "'2012-01-05'", "'x'", "1", "2.5", "1e400", "9" * 40, "True", "None", "==",
    "!=", "<", ">=", "in", "not in", "and", "or", "not", "~", "-", "+", "*", "/", "//", "%", "**", "<<", "@", "&", "|",
    "^", "(", ")", "[", "]", ",", ".", ".str", ".dt", ".contains(", ".isin(", ".lower()", ".year", ".len()", ".upper()",
    ".between(", "__class__", ".__init__", "lambda:", "if", "else", ":=", "f'{n}'", "`", '"', "\\", "\n", "#", "index",
    "datetime", "Timestamp", "...", "b'a'", "1j", "'(a+)+$'", "9**9**9", "'a'*10", "regex=", "flags=", "*n", "**n", ";",
)  # fmt: skip


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Return bytes with one to six small damages."""
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        to = min(len(data), at + rng.choice((1, 1, 2, 5, 30)))
        change = rng.randrange(6)
        if change == 0:
            data = data[:at] + rng.choice(NASTY) + data[at:]
        elif change == 1:
            data = data[:at] + rng.choice(NASTY) + data[to:]
        elif change == 2:
            data = data[:at] + data[to:]
        elif change == 3:
            data = data[:at] + data[at:to] * 3 + data[to:]
        elif change == 4:
            data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
        else:
            data = data[:at] if rng.random() < 0.2 else data[:at] + data[to:to] + data[at:]
    return data


def damaged_workbook(rng: random.Random) -> bytes:
    """Return a workbook with damage to one of its parts, or to the archive."""
    whole = (FIXTURES / "cns.xlsx").read_bytes()
    if rng.random() < 0.3:
        return mutated(whole, rng)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        hit = rng.choice(
            [name for name in names if "sheet" in name or "shared" in name or "styles" in name] + names
        )
        for name in names:
            part = old.read(name)
            new.writestr(name, mutated(part, rng) if name == hit else part)
    return out.getvalue()


def wild_query(rng: random.Random) -> str:
    """Return a query, mostly nonsense."""
    if rng.random() < 0.3:
        return mutated(str(rng.choice(WHERES[1:])).encode(), rng).decode("utf-8", "replace")
    return rng.choice(("", " ")).join(rng.choice(TOKENS) for _ in range(rng.randint(1, 9)))


def parquet_bytes() -> bytes:
    out = io.BytesIO()
    days = pd.to_datetime(["2012-01-05", "2012-01-07", None])
    pd.DataFrame({"date": days, "kind": ["a", None, "b"], "n": [1, 2, 3]}).to_parquet(out)
    return out.getvalue()


FRAME = pd.DataFrame(
    {"date": pd.to_datetime(["2012-01-05", "2012-01-07"]), "kind": ["a", "b"], "n": [1.0, float("nan")]}
)


def one(target: str, rng: random.Random, folder: Path) -> None:
    """Try one input on a reader."""
    if target == "query":
        choose(FRAME, wild_query(rng), folder / "x.csv")
        return
    where = rng.choice(WHERES)
    path = folder / {"cns": "x.xlsx", "parquet": "x.parquet"}.get(target, "x.csv")
    seeds = {"acled": "acled.csv", "ged": "ged.csv", "csis": "csis.csv", "gdelt": "gdelt-2.export.CSV"}
    if target == "cns":
        path.write_bytes(damaged_workbook(rng))
        es.sources.CNSMissileTests(clock=rng.choice(("korea", "utc"))).read(path)
    elif target in seeds:
        path.write_bytes(mutated((FIXTURES / seeds[target]).read_bytes(), rng))
        reader = {
            "acled": es.sources.ACLED(imprecise=rng.choice(("uncertain", "leave out", "as dated"))),
            "ged": es.sources.UCDPGED(active_years=rng.random() < 0.5),
            "csis": es.sources.CSISProvocations(where=rng.choice((None, "event.str.contains('Fire')"))),
            "gdelt": es.sources.GDELT(date=rng.choice(("SQLDATE", "DATEADDED"))),
        }[target]
        reader.read(path)
    elif target == "table":
        path.write_bytes(mutated(rng.choice(TABLES), rng))
        read_table(path, SCHEMA)
    elif target == "parquet":
        path.write_bytes(mutated(parquet_bytes(), rng))
        es.read_events(path, date="date", where=where)
    else:
        path.write_bytes(mutated(rng.choice(EVENTS), rng))
        period = rng.choice((None, es.Period("2012-01-01", "2013-01-01")))
        es.read_events(path, date="date", where=where, period=period)


def assert_read_or_refused(read, *starts):
    """Tell whether something is read; if it is refused, it must be in few printable lines that say where."""
    try:
        read()
    except EventStudyError as error:
        lines = str(error).splitlines()
        assert len(lines) <= SHOWN + 1, lines
        assert all(line.startswith(tuple(map(str, starts))) for line in lines), lines
        assert all(line.isprintable() for line in lines), lines
        return "refused"
    return "read"


def checked(target: str, seed: int, folder: Path) -> str:
    """Try one input; return how it ended, and raise if it ended otherwise than it should."""
    start = time.perf_counter()
    ended = assert_read_or_refused(
        lambda: one(target, random.Random(seed), folder), folder, "CNSMissileTests"
    )
    assert time.perf_counter() - start < SLOW, (target, seed)
    return ended


TARGETS = ("events", "table", "acled", "ged", "gdelt", "csis", "cns", "query", "parquet")
# Inputs of longer runs that ended otherwise than they should.
FOUND = (
    ("table", 915), ("table", 1251), ("events", 1346), ("events", 1738), ("query", 281), ("query", 100131),
    ("query", 108027), ("parquet", 5000005), ("parquet", 5000262), ("parquet", 9167),
)  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_a_damaged_file_is_read_or_refused_in_lines_that_name_it(tmp_path, target):
    counts = Counter(checked(target, seed, tmp_path) for seed in range(25 if target != "query" else 300))
    assert counts["refused"] > 0


@pytest.mark.parametrize(("target", "seed"), FOUND)
def test_what_a_longer_run_found_is_refused_in_lines_that_name_it(tmp_path, target, seed):
    assert checked(target, seed, tmp_path) == "refused"


LETTERS = st.characters(exclude_characters="\0", exclude_categories=("Cs",))
AWKWARD = ["=1+1", "\r", "\r\n", "\n", '"', ",", "\u2028", "\x85", "\ufeff", " "]
CELLS = st.text(LETTERS, max_size=6) | st.sampled_from(AWKWARD)
QUICK = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],
)


@QUICK
@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5), st.sampled_from(["\n", "\r\n", "\r"])
)
def test_every_table_of_text_is_read_back_cell_by_cell(tmp_path, rows, line_end):
    path = tmp_path / "x.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        whole = csv.writer(file, lineterminator=line_end, quoting=csv.QUOTE_ALL)
        whole.writerows([("a", "b", "c"), *rows])
    assert [tuple(row) for row in read_raw(path).frame.to_numpy().tolist()] == rows


@QUICK
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_at_all_are_read_or_refused(tmp_path, content):
    path = tmp_path / "x.csv"
    path.write_bytes(b"date,n\n2012-01-05,1\n" + content)
    assert_read_or_refused(lambda: es.read_events(path, date="date", where="n == 1"), path)


def main(seconds: float, seed: int, targets: list[str]) -> None:
    """Try inputs for some time and count how they end."""
    counts: Counter[tuple[str, str]] = Counter()
    end = time.monotonic() + seconds
    with TemporaryDirectory() as folder:
        while time.monotonic() < end:
            for target in targets:
                seed += 1
                try:
                    counts[target, checked(target, seed, Path(folder))] += 1
                except Exception as error:  # the point of the run
                    counts[target, "WRONG"] += 1
                    print(f"{target} {seed}: {type(error).__name__}: {str(error)[:300]!r}", flush=True)
    for (target, ended), count in sorted(counts.items()):
        print(f"{target:<8} {ended:<8} {count:>8,}")


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] or list(TARGETS))
