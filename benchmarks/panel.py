"""Print time and memory of panels: many groups, long Parquet files, one worker and two.

PYTHONPATH=src python -m benchmarks.panel [EVENTS GROUPS]
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import joblib
import numpy as np

import eventstudy as es
from benchmarks.measure import python

PERIOD = es.Period("2012-01-01", "2025-01-01")
STATISTIC = es.WindowCount(es.Window(-14, 0))
PIECE = 1_000_000  # rows written at once
SEED = 20_120_101
CASES = {
    "all shifts within years": (es.CircularShift("year"), {}),
    "permuted days within years": (es.UniformDays("year"), {}),
    "permuted days (999 draws where too long)": (es.UniformDays(), {"n_resamples": 999, "rng": 1}),
    "all shifts within years, max-T of 999 moves": (
        es.CircularShift("year"),
        {"maxt": True, "n_resamples": 999, "rng": 1},
    ),
}


def write(path: Path, events: int, groups: int) -> None:
    """Write events of pairs of countries, in no order: some pairs have many, most have few."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(SEED)
    side = int(np.ceil(np.sqrt(groups)))
    share = rng.gamma(1.0, size=groups)
    share /= share.sum()
    names = pa.array([f"country {i:03d}" for i in range(side)])
    with pq.ParquetWriter(
        path, pa.schema([("a", pa.string()), ("b", pa.string()), ("date", pa.date32())])
    ) as file:
        for done in range(0, events, PIECE):
            group = rng.choice(groups, size=min(PIECE, events - done), p=share)
            days = rng.integers(PERIOD.start, PERIOD.stop, group.size).astype(np.int32)
            columns = [
                names.take(pa.array(group // side)),
                names.take(pa.array(group % side)),
                pa.array(days).cast(pa.date32()),
            ]
            file.write_table(pa.table(columns, names=["a", "b", "date"]), row_group_size=PIECE // 4)


def peak() -> float:
    """Return the most memory that this process has had, in MiB; that of getrusage may be its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def run(path: str, case: str, workers: int) -> None:
    """Run one panel in this process and print wall time, processor time and peak memory."""
    null, options = CASES[case]
    anchors = es.Events(np.random.default_rng(SEED).choice(PERIOD.days, 60, replace=False), label="anchors")
    before = peak()
    begin = time.perf_counter()
    with joblib.parallel_config(n_jobs=workers):
        result = es.panel_test(path, anchors, STATISTIC, null, by=["a", "b"], period=PERIOD, **options)
    wall = time.perf_counter() - begin
    if workers > 1:
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown(wait=True)  # so that the time of the workers is known
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    processor = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
    methods = result.to_frame()["method"].value_counts().to_dict()
    print(
        f"| {case} | {len(result.to_frame()):,} | {result.to_frame()['n_events'].sum():,} | {workers} | {wall:.0f} | "
        f"{processor:.0f} | {peak():.0f} ({peak() - before:.0f}) | "
        f"{others.ru_maxrss / 1024 if workers > 1 else 0:.0f} | {methods} |"
    )


def main() -> None:
    """Make the file, then run every case in a process of its own."""
    events, groups = (int(word) for word in sys.argv[1:3]) if len(sys.argv) > 2 else (10_000_000, 10_000)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        write(path, events, groups)
        print(f"{path.stat().st_size / 2**20:.0f} MiB of Parquet")
        print("| null model | groups | events | workers | wall, s | processor, s | peak, MiB (above start) | "
              "a worker, MiB | how |")  # fmt: skip
        print("|---|---|---|---|---|---|---|---|---|")
        for case in CASES:
            for workers in (1, 2):
                program = f"from benchmarks.panel import run; run({str(path)!r}, {case!r}, {workers})"
                print(python("-c", program), end="", flush=True)


if __name__ == "__main__":
    main()
