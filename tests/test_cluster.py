"""Work on several processes of a cluster, one of which is lost in the middle: the same bytes as in one process."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import cloudpickle
import joblib
import numpy as np
import pandas as pd
import pytest

import eventstudy as es

distributed = pytest.importorskip("distributed")
cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import this file

WORKERS = 4  # three are lost on the way, and nobody waits until they are replaced
PATIENCE = 60  # seconds until a test gives up
PERIOD = es.Period("2012-01-01", "2018-01-01")
WINDOW = es.Window(-14, 0)
RNG = np.random.default_rng(1)
EVENTS = es.Events(RNG.choice(PERIOD.days, 120, replace=False), PERIOD)
ANCHORS = es.Events(RNG.choice(PERIOD.days, 40, replace=False), label="anchors")
TABLE = pd.DataFrame({"group": RNG.integers(0, 160, 1_600), "date": RNG.choice(PERIOD.days, 1_600)})


@dataclass(frozen=True)
class Watched(es.Statistic):
    """Anchors hit, or with scores events in the window: slow enough to be lost, and each process leaves its number."""

    folder: Path | None
    window: es.Window = WINDOW
    has_ratio: ClassVar[bool] = True

    def __repr__(self):
        return "Watched"  # the folder is no part of the question

    def mark(self):
        if self.folder is not None:
            (self.folder / str(os.getpid())).touch()
            time.sleep(0.01)

    def __call__(self, events, anchors):
        self.mark()
        return es.AnchorsHit(self.window)(events, anchors)


@dataclass(frozen=True, repr=False)
class WatchedCount(Watched):
    """The same for a sum of scores."""

    def scores(self, period, anchors):
        self.mark()
        return es.WindowCount(self.window).scores(period, anchors)


def permutation(folder):
    return es.permutation_test(
        EVENTS, ANCHORS, Watched(folder), es.UniformDays("year"), n_resamples=20_000, rng=1
    )


def specifications(folder):
    made = [
        es.Specification(
            {"days": str(days), "last": str(last)},
            EVENTS,
            ANCHORS,
            WatchedCount(folder, es.Window(-days, -last)),
        )
        for days in range(11, 26)
        for last in range(10)
    ]
    return es.specification_curve(made, es.CircularShift("year"), n_resamples=199, rng=1)


def panel(folder):
    return es.panel_test(
        TABLE,
        ANCHORS,
        Watched(folder),
        es.UniformDays("year"),
        by="group",
        period=PERIOD,
        n_resamples=99,
        rng=1,
    )


def as_bytes(result):
    values = getattr(result, "null_distribution", np.empty(0))
    return (
        result.to_frame().to_csv(index=False).encode()
        + np.asarray(values).tobytes()
        + pickle.dumps(result.provenance)
    )


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=WORKERS,
            processes=True,
            threads_per_worker=1,
            dashboard_address=":0",
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.wait_for_workers(WORKERS, timeout=PATIENCE)
        yield client


def workers_seen(folder):
    """The processes that have worked, without the one that asks: it computes the observed value itself."""
    return sorted({int(path.name) for path in folder.iterdir()} - {os.getpid()})


class Killer(threading.Thread):
    """Kills the first of the processes that is seen at work, once two are."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.killed = folder, None

    def run(self):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            seen = workers_seen(self.folder)
            if len(seen) >= 2:
                os.kill(seen[0], signal.SIGKILL)
                self.killed = seen[0]
                return
            time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.parametrize("work", [permutation, specifications, panel])
def test_a_lost_worker_does_not_change_a_byte(work, client, tmp_path):
    expected = as_bytes(work(None))
    killer = Killer(tmp_path)
    killer.start()
    with joblib.parallel_config("dask"):
        found = as_bytes(work(tmp_path))
    killer.join(PATIENCE)
    assert killer.killed is not None
    assert found == expected


def calibration():
    series = es.SimulatedSeries(es.Period(0, 1_000), 40, 10)
    statistics = [es.AnchorsHit(WINDOW)]
    return es.type_one_error(
        [series], [es.UniformDays()], statistics, n_simulations=25, n_resamples=49, rng=10
    ).to_frame()


def power():
    curve = es.power_curve(
        EVENTS, ANCHORS, es.AnchorsHit(WINDOW), es.UniformDays(), ratios=(1, 1.5), n_simulations=45, n_resamples=49,
        rng=9,
    )  # fmt: skip
    return curve.to_frame()


def uncertain_dates():
    doubtful = es.Events(EVENTS.days, PERIOD, uncertainty=3)
    return es.permutation_test(
        doubtful, ANCHORS, es.WindowCount(WINDOW), es.UniformDays(), n_resamples=400, rng=2
    ).to_frame()


@pytest.mark.slow
@pytest.mark.parametrize("work", [calibration, power, uncertain_dates])
def test_the_cluster_gives_what_one_process_gives(work, client):
    expected = work()
    with joblib.parallel_config("dask"):
        found = work()
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
