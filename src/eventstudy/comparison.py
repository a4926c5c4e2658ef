"""Two releases of a table compared: which rows were added, removed or changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from eventstudy.errors import OptionError, own_errors
from eventstudy.io.cells import as_text
from eventstudy.provenance import Provenance
from eventstudy.results.comparison import TableComparison, key_text


@own_errors
def compare_tables(
    old: pd.DataFrame, new: pd.DataFrame, *, key: str | Sequence[str] | None = None
) -> TableComparison:
    """Compare two releases of a table row by row.

    Parameters
    ----------
    old, new : DataFrame
        Cells are compared as text: a date as YYYY-MM-DD, 2 equals 2.0, and a missing cell equals an empty one.
        Another order of rows or columns is no difference.
    key : str or sequence of str, optional
        The columns that identify a row in both tables; no two rows of a table may agree in them. Without a
        key whole rows are compared: a row that appears twice in one table and once in the other is a difference, and
        a row with a changed cell counts as removed and added.

    Returns
    -------
    TableComparison

    Raises
    ------
    OptionError
        If a column of the key is missing, or two rows have the same key.

    Examples
    --------
    >>> import eventstudy as es
    >>> import pandas as pd
    >>> old = pd.DataFrame({"id": ["A", "B"], "day": ["2022-01-05", "2022-01-11"]})
    >>> new = pd.DataFrame({"id": ["C", "A"], "day": ["2022-02-01", "2022-01-06"]})
    >>> found = es.compare_tables(old, new, key="id")
    >>> len(found.added), len(found.removed), len(found.changed)
    (1, 1, 1)
    """
    names = () if key is None else (key,) if isinstance(key, str) else tuple(key)
    before, after = old.apply(as_text), new.apply(as_text)
    for which, table in (("old", before), ("new", after)):
        _check_key(table, names, which)
    shared = [name for name in before.columns if name in after.columns]
    by = list(names) if names else shared
    matched_old, matched_new = _matches(before, after, by)
    rows = []
    for name in [name for name in shared if name not in by]:
        one, other = before[name].to_numpy()[matched_old], after[name].to_numpy()[matched_new]
        for place in np.flatnonzero(one != other):
            i, j = matched_old[place], matched_new[place]
            rows.append((before.index[i], after.index[j], i, name, one[place], other[place]))
    keys = key_text(before, names).to_numpy()
    changed = pd.DataFrame(
        [(row_old, row_new, keys[i], name, was, now) for row_old, row_new, i, name, was, now in rows],
        columns=["row_old", "row_new", "key", "column", "old", "new"],
    ).sort_values("row_new", kind="stable", ignore_index=True)
    return TableComparison(
        key=names,
        n_old=len(before),
        n_new=len(after),
        columns_added=tuple(name for name in after.columns if name not in before.columns),
        columns_removed=tuple(name for name in before.columns if name not in after.columns),
        added=after.drop(index=after.index[matched_new]),
        removed=before.drop(index=before.index[matched_old]),
        changed=changed,
        provenance=Provenance(
            f"compare_tables(old, new, key={names or None!r})",
            {"old": _text_checksum(before), "new": _text_checksum(after)},
        ),
    )


def _text_checksum(table: pd.DataFrame) -> str:
    """Return the SHA-256 of a table of text as CSV."""
    return hashlib.sha256(table.to_csv(lineterminator="\n").encode()).hexdigest()


def _matches(before: pd.DataFrame, after: pd.DataFrame, by: list[str]) -> tuple[list[int], list[int]]:
    """Return the positions of the rows that both tables have; among equal rows, the first is matched with the first."""
    places: dict[tuple[str, ...], list[int]] = {}
    for place, row in enumerate(before[by].itertuples(index=False, name=None)):
        places.setdefault(row, []).append(place)
    for found in places.values():
        found.reverse()
    pairs = [
        (places[row].pop(), place)
        for place, row in enumerate(after[by].itertuples(index=False, name=None))
        if places.get(row)
    ]
    return [i for i, _ in pairs], [j for _, j in pairs]


def _check_key(table: pd.DataFrame, key: tuple[str, ...], which: str) -> None:
    """Refuse a key that is missing, or that two rows share."""
    missing = [name for name in key if name not in table.columns]
    if missing:
        raise OptionError(
            f"compare_tables: the {which} table has no column {missing[0]!r}; "
            f"its columns are {', '.join(map(str, table.columns))}"
        )
    if not table.index.is_unique:
        raise OptionError(f"compare_tables: the index of the {which} table has doubles; use reset_index()")
    double = table[table.duplicated(list(key), keep=False)] if key else table[:0]
    if len(double):
        first = double.iloc[0]
        rows = double.index[(double[list(key)] == first[list(key)]).all(axis=1)]
        raise OptionError(
            f"compare_tables: in the {which} table the rows {', '.join(map(str, rows[:5]))} have the same key "
            f"({', '.join(f'{name} {first[name]!r}' for name in key)}), and {len(double)} rows in all share one; "
            "add a column that tells them apart, or compare without a key"
        )
