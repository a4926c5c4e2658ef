"""Two releases of a table: what was added, removed and changed."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eventstudy as es
from eventstudy.errors import OptionError

OLD = pd.DataFrame({"id": ["A", "B", "C"], "day": ["2022-01-05", "2022-01-11", "2022-01-14"], "n": [1, 2, 3]})
NEW = pd.DataFrame(
    {
        "n": [3, 2, 1, 4],
        "id": ["C", "D", "A", "B"],
        "day": ["2022-01-14", "2022-02-01", "2022-01-06", "2022-01-12"],
    }
)


def test_every_difference_is_found_by_the_key():
    found = es.compare_tables(OLD, NEW, key="id")
    assert found.added["id"].tolist() == ["D"]
    assert len(found.removed) == 0
    assert found.changed.to_dict("list") == {
        "row_old": [0, 1, 1],
        "row_new": [2, 3, 3],
        "key": ["A", "B", "B"],
        "column": ["day", "day", "n"],
        "old": ["2022-01-05", "2022-01-11", "2"],
        "new": ["2022-01-06", "2022-01-12", "4"],
    }
    assert (found.same, found.n_changed, found.n_old, found.n_new) == (False, 2, 3, 4)


def test_without_a_key_a_changed_row_is_removed_and_added_and_doubles_count():
    old = pd.DataFrame({"day": ["2022-01-05", "2022-01-05", "2022-01-11"]})
    new = pd.DataFrame({"day": ["2022-01-11", "2022-01-05", "2022-01-12"]})
    found = es.compare_tables(old, new)
    assert found.removed["day"].to_dict() == {1: "2022-01-05"}  # the first of two equal rows meets the one
    assert found.added["day"].tolist() == ["2022-01-12"]
    assert len(found.changed) == 0


def test_another_order_of_rows_and_columns_is_no_change():
    found = es.compare_tables(OLD, OLD.iloc[::-1][["n", "day", "id"]], key="id")
    assert found.same
    assert es.compare_tables(OLD, OLD.iloc[::-1]).same
    assert found.summary().startswith("The tables are the same")


def test_cells_are_compared_by_what_they_say():
    """2 equals 2.0, a date equals its text, a missing cell equals an empty one."""
    old = pd.DataFrame({"id": ["A", "B"], "n": [2, 3], "day": ["2022-01-05", ""]})
    new = pd.DataFrame({"id": ["A", "B"], "n": [2.0, 3.0], "day": pd.to_datetime(["2022-01-05", None])})
    assert es.compare_tables(old, new, key="id").same


def test_columns_that_came_or_went_are_named_and_the_others_compared():
    new = OLD.rename(columns={"n": "count"})
    found = es.compare_tables(OLD, new, key="id")
    assert (found.columns_added, found.columns_removed) == (("count",), ("n",))
    assert not found.same
    assert len(found.changed) == len(found.added) == len(found.removed) == 0
    assert "new columns" in found.summary()


def test_a_key_of_two_columns_tells_rows_apart_that_one_does_not():
    old = pd.DataFrame({"day": ["2022-01-05"] * 2, "site": ["X", "Y"], "n": [1, 2]})
    new = old.assign(n=[1, 3])
    found = es.compare_tables(old, new, key=["day", "site"])
    assert found.changed["key"].tolist() == ["2022-01-05 | Y"]
    with pytest.raises(OptionError, match=r"in the old table the rows 0, 1 have the same key.*2 rows in all"):
        es.compare_tables(old, new, key="day")


def test_a_key_that_is_not_there_is_refused():
    with pytest.raises(OptionError, match="the new table has no column 'id'; its columns are n, day"):
        es.compare_tables(OLD, NEW[["n", "day"]], key="id")


def test_the_long_table_holds_every_cell_of_added_and_removed_rows():
    frame = es.compare_tables(OLD, NEW.drop(index=0), key="id").to_frame()
    assert frame[["change", "row_old", "row_new", "key", "column", "old", "new"]].to_numpy().tolist() == [
        ["removed", "2", "", "C", "id", "C", ""],
        ["removed", "2", "", "C", "day", "2022-01-14", ""],
        ["removed", "2", "", "C", "n", "3", ""],
        ["added", "", "1", "D", "n", "", "2"],
        ["added", "", "1", "D", "id", "", "D"],
        ["added", "", "1", "D", "day", "", "2022-02-01"],
        ["changed", "0", "2", "A", "day", "2022-01-05", "2022-01-06"],
        ["changed", "1", "3", "B", "day", "2022-01-11", "2022-01-12"],
        ["changed", "1", "3", "B", "n", "2", "4"],
    ]


def test_of_many_differences_the_first_twenty_are_printed():
    many = pd.DataFrame({"id": range(100), "n": 0})
    text = es.compare_tables(many, many.assign(n=1), key="id").summary()
    assert text.count("is now") == 20
    assert "and 80 more" in text


cells = st.sampled_from(["", "a", "b", "1"])
tables = st.dictionaries(st.integers(0, 8), st.tuples(cells, cells), max_size=8).map(
    lambda rows: pd.DataFrame([(str(k), *v) for k, v in rows.items()], columns=["id", "x", "y"], dtype="str")
)


@settings(max_examples=25)
@given(tables, tables, st.randoms(use_true_random=False))
def test_the_differences_turn_the_old_table_into_the_new_one(old, new, random):
    order = list(range(len(new)))
    random.shuffle(order)
    found = es.compare_tables(old, new.iloc[order].reset_index(drop=True), key="id")
    rebuilt = {row["id"]: row for row in old.to_dict("records")}
    for key in found.removed["id"]:
        del rebuilt[key]
    for change in found.changed.itertuples():
        assert rebuilt[change.key][change.column] == change.old
        rebuilt[change.key][change.column] = change.new
    rebuilt |= {row["id"]: row for row in found.added.to_dict("records")}
    assert rebuilt == {row["id"]: row for row in new.to_dict("records")}
    back = es.compare_tables(new, old, key="id")
    assert (len(back.added), len(back.removed), len(back.changed)) == (
        len(found.removed),
        len(found.added),
        len(found.changed),
    )
