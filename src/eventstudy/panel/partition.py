"""Sorting rows by group on disk, so that no table has to fit into memory.

Every row goes to one of a few files by a hash of its group; each file is small enough to be sorted, and the sorted
days are written group by group. Memory holds a piece of the table, one of these files, and the
names of the groups.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.panel.tables import Key, LongTable
from eventstudy.periods import Period

BUCKETS = 64  # files open at once, for each table
RECORD = np.dtype([("group", "<i4"), ("day", "<i4")])


@dataclass(frozen=True, slots=True, eq=False)
class GroupedDays:
    """Days in a file, group by group, rising within a group.

    - `first`, shape (groups + 1,): place of each group's first day in the file, and the end.
    - `digest`: SHA-256 of names and days; the order of the rows does not matter.
    - `outside`, `undated`: rows left out as they lie outside the period, and by the query as they have no
      date.
    """

    path: Path
    first: NDArray[np.int64]
    digest: str
    outside: int
    undated: int

    @property
    def filled(self) -> NDArray[np.bool_]:
        """Which groups have a day, shape (groups,)."""
        return np.diff(self.first) > 0

    def read(self, begin: int, end: int) -> list[Days]:
        """Return the days of the groups with the numbers from `begin` to before `end`."""
        first = self.first[begin : end + 1]
        days = np.fromfile(self.path, "<i4", int(first[-1] - first[0]), offset=4 * int(first[0])).astype(
            np.int64
        )
        return [days[a:b] for a, b in pairwise((first - first[0]).tolist())]


def partition(
    tables: Mapping[str, LongTable], period: Period, folder: Path
) -> tuple[list[Key], dict[str, GroupedDays]]:
    """Sort the rows of tables by group and day.

    `tables`: of "events" those outside the period are left out. `folder`: for the files; 8 bytes a row, twice
    that briefly.

    Returns the groups of all tables.
    """
    number: dict[Key, tuple[int, int]] = {}  # the number of each group, and its bucket
    left_out = {
        role: _scatter(table, period if role == "events" else None, number, folder, role)
        for role, table in tables.items()
    }
    buckets = np.array([bucket for _, bucket in number.values()], np.int64)
    names = list(number)
    members = [
        sorted(np.flatnonzero(buckets == bucket).tolist(), key=lambda i: names[i])
        for bucket in range(BUCKETS)
    ]
    keys = [names[i] for group in members for i in group]
    return keys, {role: _sorted_days(folder, role, names, members, left_out[role]) for role in tables}


def _bucket(key: Key) -> int:
    return key_words(key)[0] % BUCKETS


def key_words(key: Key) -> list[int]:
    """Return four 32-bit numbers that identify a group, the same on every machine."""
    digest = hashlib.blake2b(json.dumps(key).encode(), digest_size=16).digest()
    return np.frombuffer(digest, "<u4").tolist()


def _scatter(
    table: LongTable, period: Period | None, number: dict[Key, tuple[int, int]], folder: Path, role: str
) -> tuple[int, int]:
    """Write each row's group and day to the file of its bucket; number the groups as they come."""
    outside = undated = 0
    with ExitStack() as stack:
        files: list[BinaryIO] = [
            stack.enter_context(open(_file(folder, role, bucket), "wb")) for bucket in range(BUCKETS)
        ]
        for rows in table.pieces(period):
            outside, undated = outside + rows.outside, undated + rows.undated
            for key in rows.keys:
                if key not in number:
                    number[key] = (len(number), _bucket(key))
            own, home = np.array([number[key] for key in rows.keys], np.int64).reshape(-1, 2).T
            bucket = home[rows.group]
            order = np.argsort(bucket, kind="stable")
            records = np.empty(rows.group.size, RECORD)
            records["group"], records["day"] = own[rows.group][order], rows.days[order]
            ends = np.searchsorted(bucket[order], np.arange(BUCKETS + 1)).tolist()
            for file, (a, b) in zip(files, pairwise(ends), strict=True):
                records[a:b].tofile(file)
    return outside, undated


def _sorted_days(
    folder: Path, role: str, names: list[Key], members: list[list[int]], left_out: tuple[int, int]
) -> GroupedDays:
    """Sort one bucket after the other into a single file."""
    digest, path, counts = hashlib.sha256(), folder / f"{role}.days", []
    rank = np.zeros(len(names), np.int64)
    with open(path, "wb") as file:
        for bucket, group in enumerate(members):
            source = _file(folder, role, bucket)
            records = np.fromfile(source, RECORD)
            source.unlink()
            rank[group] = np.arange(len(group))
            home = rank[records["group"]]
            days = records["day"][np.lexsort((records["day"], home))]
            days.tofile(file)
            counts.append(np.bincount(home, minlength=len(group)))
            digest.update(json.dumps([names[i] for i in group]).encode())
            digest.update(counts[-1].astype("<i8").tobytes())
            digest.update(days.tobytes())
    first = np.concatenate(([0], np.cumsum(np.concatenate(counts)))).astype(np.int64)
    return GroupedDays(path, first, digest.hexdigest(), *left_out)


def _file(folder: Path, role: str, bucket: int) -> Path:
    return folder / f"{role}-{bucket:02d}.rows"
