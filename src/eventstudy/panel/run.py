"""One test for each group of a long table: sorted by group, tested in parts, corrected together."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.arguments import quoted
from eventstudy.dates import Days
from eventstudy.errors import (
    DataError,
    EventsError,
    OptionError,
    RandomnessError,
    ReachError,
    own_errors,
)
from eventstudy.evaluation.draws import LARGEST_RESULT
from eventstudy.evaluation.moves import all_choices
from eventstudy.events import Events
from eventstudy.io.events import check_format, date_columns
from eventstudy.nulls.base import NullModel, checked_null
from eventstudy.numeric.tails import Alternative
from eventstudy.panel.checkpoint import Checkpoint
from eventstudy.panel.corrections import corrected_result
from eventstudy.panel.groups import Found, GroupTest, found_in_groups
from eventstudy.panel.joint import GROUPS_TOGETHER, checked_move
from eventstudy.panel.partition import GroupedDays, partition
from eventstudy.panel.tables import Columns, Key, anchor_table, long_table
from eventstudy.parallel import in_order
from eventstudy.periods import Period, checked_period
from eventstudy.questions import Options, checked_statistic
from eventstudy.results.panel import PanelResult
from eventstudy.statistics import FunctionStatistic, Statistic

GROUPS = 16  # in a part: one piece of parallel work, and one file of a checkpoint

Part = tuple[int, int]  # first group, and the one after the last


@own_errors
def panel_test(
    events: pd.DataFrame | str | Path,
    anchors: Events | pd.DataFrame | str | Path,
    statistic: Statistic,
    null: NullModel,
    *,
    by: str | Sequence[str],
    period: Period,
    date: str | Sequence[str] = "date",
    anchor_date: str | Sequence[str] | None = None,
    where: str | None = None,
    anchor_where: str | None = None,
    date_format: str | None = None,
    anchor_format: str | None = None,
    alternative: Alternative = "greater",
    method: str = "auto",
    n_resamples: int = 9_999,
    rng: int | None = None,
    maxt: bool = False,
    checkpoint: str | Path | None = None,
) -> PanelResult:
    """Test each group of a long table, with p-values corrected for multiple testing.

    H0 of a group: given what `null` keeps, the days of its events are unrelated to its anchors.

    Parameters
    ----------
    events : DataFrame, or path of a file
        A row per event, with its group and date. A file is read in pieces and need not fit into memory.
    anchors : Events, or DataFrame or path as for `events`
        One list for all groups, or a row per anchor with the same group columns.
    statistic : Statistic
    null : NullModel
        What is fixed and what is random under H0.
    by : str or sequence of str
        The columns that name a group, such as ``["country_a", "country_b"]``; text or whole numbers. They are
        compared as text.
    period : Period
        The days under observation, the same for all groups. Events outside are left out, and counted in the notes.
    date, anchor_date : str or sequence of str
        The columns of dates, or those of year, month and day; by default the anchors' column has the name of the
        events'.
    where, anchor_where : str, optional
        Which rows, as in :func:`eventstudy.read_events`.
    date_format, anchor_format : str, optional
        Such as "%d/%m/%Y", as in :func:`eventstudy.read_events`.
    alternative : {"greater", "less", "two-sided"}, default "greater"
    method : {"auto", "exact", "monte-carlo"}, default "auto"
        As in :func:`eventstudy.permutation_test`, group by group.
    n_resamples : int, default 9999
        Draws where a group has no exact distribution, and moves for `maxt`.
    rng : int, optional
        Needed where draws are made. The draws of a group depend on this seed and the group's name alone.
    maxt : bool, default False
        Correct by max-T as well, over moves shared by all groups.
    checkpoint : str or Path, optional
        A folder for finished parts. A killed run continues from there and gives the same bytes.

    Returns
    -------
    PanelResult

    Raises
    ------
    DataError
        If a table cannot be read, naming each cell; or the checkpoint belongs to another question.
    EventsError, ReachError
        If there is no row, no group has both events and anchors, or none of their anchors reaches the period. If
        all groups share anchors that do not reach it, each row says that it is not tested.
    OptionError
        If an option is not known, or max-T is not defined for the null model or the statistic.
    RandomnessError
        If draws are made and `rng` is missing.

    Notes
    -----
    The groups are all those named in either table. A group without an event or without an anchor cannot be
    tested: its p-value is 1, `note` says so, and it counts among the tests in the correction.
    The same holds for a group with too few events for a null model with parameters.

    Holm's p-values [1]_ are valid under any dependence between groups. Those of Benjamini and Hochberg [2]_ bound the
    false discovery rate if the tests are independent or positively dependent.

    Max-T [3]_ takes the dependence between groups from the draws, and is then less conservative than Holm. It needs
    draws that keep this dependence, so a draw moves the events of all groups alike: by the same shift of each
    stratum (`CircularShift`), the same matching of strata (`CalendarPermutation`), the same permutation of the days
    (`UniformDays`), or whatever rule a null model has for all days; events of one day in two groups stay together.
    Each single group is still drawn from the null model. More is assumed than for each group
    alone: the series of the groups without an effect may be moved jointly without changing their joint
    distribution given all anchors. If so, the probability of any false rejection is at most the level, whichever other
    groups have an effect. Other null models move each event separately, so that groups cannot share a
    draw; they are refused. With `CircularShift` over the whole period all shifts are made and no seed is needed.
    The statistics are
    studentised by mean and standard deviation over the moves, and no p-value falls below the group's own.

    Memory holds 50,000 rows of a table, one of 64 pieces of the sorted table, the parts being computed, the names of
    the groups and the result; with max-T also the statistic of every group under every move. The disk holds
    8 bytes a row, twice that briefly.

    References
    ----------
    .. [1] Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of
       Statistics 6(2), 65-70.
    .. [2] Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal
       Statistical Society B 57(1), 289-300.
    .. [3] Westfall, P. H. & Young, S. S. (1993). Resampling-Based Multiple Testing. Wiley.

    Examples
    --------
    Two pairs of countries, ten days: of the ten shifts one puts both events of the first pair before the anchor.

    >>> import eventstudy as es
    >>> import pandas as pd
    >>> table = pd.DataFrame({"pair": ["A-B", "A-B", "A-C"], "date": [4, 6, 1]})
    >>> result = es.panel_test(
    ...     table,
    ...     es.Events([7]),
    ...     es.WindowCount(es.Window(-3, 0)),
    ...     es.CircularShift(),
    ...     by="pair",
    ...     period=es.Period(0, 10),
    ... )
    >>> result.to_frame()[["pair", "n_events", "observed", "pvalue", "pvalue_holm"]]
      pair  n_events  observed  pvalue  pvalue_holm
    0  A-B         2       2.0     0.1          0.2
    1  A-C         1       0.0     1.0          1.0
    """
    columns = _columns(by, date, where, date_format)
    question = _question(statistic, null, period, alternative, method, n_resamples, rng, maxt)
    tables = {"events": long_table(events, columns, "events", period)}
    if isinstance(anchors, Events):
        given = {"anchor_date": anchor_date, "anchor_where": anchor_where, "anchor_format": anchor_format}
        if unread := [name for name, value in given.items() if value is not None]:
            raise OptionError(
                f"panel_test: {unread[0]} is for a table of anchors, and these are Events; leave it out"
            )
        if not len(anchors) or anchors.n_uncertain:
            raise EventsError(
                f"{anchors.anchors_label}: a panel needs at least one anchor, with certain dates; use as_dated() to "
                "use uncertain ones as given"
            )
    else:
        own = _columns(by, anchor_date or date, anchor_where, anchor_format)
        tables["anchors"] = anchor_table(anchors, own, period)
    with tempfile.TemporaryDirectory(prefix="eventstudy-") as folder:
        try:
            keys, grouped = partition(tables, period, Path(folder))
        except OSError as error:  # tofile gives no reason, only how much it could not write
            raise DataError(
                f"{folder}: the rows cannot be sorted there ({error}); make room, or set TMPDIR to another folder",
                path=folder,
            ) from None
        if not keys:
            raise EventsError("panel_test: the tables hold no row; give a row for each event")
        notes = _notes(keys, grouped, columns.by)
        data = {role: days.digest for role, days in grouped.items()}
        if isinstance(anchors, Events):
            ((_, data["anchors"]),) = anchors.provenance.data.items()
        store = (
            None if checkpoint is None else Checkpoint.opened(checkpoint, _asked(question, columns.by, data))
        )
        found = _found(question, keys, grouped, anchors if isinstance(anchors, Events) else None, store)
    if found.out_of_reach.any() and not found.tested.any():
        lost = f"no anchor of any group with events reaches {period}"
        if "anchors" in grouped:  # rows of two tables: one of them may be read as another kind of date
            raise ReachError(
                f"panel_test: {lost}; give anchors of that time, and check that both tables are read as the same kind "
                "of date"
            )
        notes = (*notes, f"{lost}, so no group is tested")
    return corrected_result(question, columns.by, keys, found, data, notes)


def _columns(
    by: str | Sequence[str], date: str | Sequence[str], where: str | None, date_format: str | None
) -> Columns:
    columns = (by,) if isinstance(by, str) else tuple(by) if isinstance(by, (list, tuple)) else ()
    dates = date_columns(date, "panel_test")
    check_format(date_format, "panel_test")
    taken = {*([dates] if isinstance(dates, str) else dates), *PanelResult.COLUMNS}
    if not columns or len(set(columns)) < len(columns) or not all(isinstance(name, str) for name in columns):
        raise OptionError(f"panel_test: by={quoted(by)} does not name columns, each once; give one or more")
    clash = [name for name in columns if name in taken]
    if clash:
        raise OptionError(
            f"panel_test: the group column '{clash[0]}' has the name of the dates or of a column of the result; "
            "rename it"
        )
    return Columns(columns, dates, where, date_format)


def _notes(keys: Sequence[Key], grouped: dict[str, GroupedDays], by: tuple[str, ...]) -> tuple[str, ...]:
    """Return which rows were left out and how many groups have anchors, as sentences.

    Raises EventsError if no group has both events and anchors: the column may mean something else in each
    table.
    """
    found = []
    for role, days in grouped.items():
        if days.outside:
            total = days.outside + int(days.first[-1])
            found.append(f"{days.outside:,} of {total:,} {role} lie outside the period and are left out")
        if days.undated:
            found.append(f"{days.undated:,} rows of {role} have no date and are left out by the query")
    if "anchors" not in grouped:
        return tuple(found)
    have = {role: days.filled for role, days in grouped.items()}
    both = have["events"] & have["anchors"]
    if have["events"].any() and not both.any():
        each = " and ".join(
            f"{role} have {int(filled.sum()):,}, such as '{' / '.join(keys[int(np.argmax(filled))])}'"
            for role, filled in have.items()
            if filled.any()
        )
        raise EventsError(
            f"panel_test: no group by {', '.join(by)} has both events and anchors: {each}; give anchors of the same "
            "groups, or, for anchors that all groups share, Events or a file without the column"
        )
    found.append(
        f"{int(both.sum()):,} of {len(keys):,} groups have both events and anchors, matched by {', '.join(by)}"
    )
    return tuple(found)


def _question(
    statistic: Statistic,
    null: NullModel,
    period: Period,
    alternative: Alternative,
    method: str,
    n_resamples: int,
    rng: int | None,
    maxt: bool,
) -> GroupTest:
    """Check the options and keep them."""
    checked_period(period, "panel_test")
    statistic, null = checked_statistic(statistic, "panel_test"), checked_null(null, "panel_test")
    options = Options.of("panel_test", alternative=alternative, method=method, n_resamples=n_resamples)
    if rng is not None and (isinstance(rng, bool) or not isinstance(rng, (int, np.integer)) or rng < 0):
        raise RandomnessError(
            f"panel_test: rng is a {type(rng).__name__}; give a whole number from 0, from which each group's draws are "
            "seeded"
        )
    if not isinstance(maxt, (bool, np.bool_)):
        raise OptionError(f"panel_test: maxt={quoted(maxt)} is neither True nor False; give one of them")
    if maxt:
        move = checked_move(statistic, null, period)
        if rng is None and all_choices(move) is None:
            raise RandomnessError(
                "panel_test: moves are drawn for max-T and rng is missing; pass a seed, such as rng=20120101"
            )
    seed = None if rng is None else int(rng)
    return GroupTest(
        statistic, null, period, options.alternative, options.method, options.n_resamples, seed, maxt
    )


def _asked(question: GroupTest, by: tuple[str, ...], data: dict[str, str]) -> dict[str, str]:
    """Return the question as text, by which a checkpoint recognises it."""
    from eventstudy import __version__

    asked = {field.name: repr(getattr(question, field.name)) for field in fields(question)}
    for name in ("statistic", "null"):
        if " at 0x" in asked[name] or isinstance(getattr(question, name), FunctionStatistic):
            raise OptionError(
                f"panel_test: {asked[name]} cannot be identified by its text, as a checkpoint requires; make it a "
                "frozen dataclass"
            )
    return {"version": __version__, "by": ", ".join(by), **asked, **data}


def _found(
    question: GroupTest,
    keys: Sequence[Key],
    grouped: dict[str, GroupedDays],
    anchors: Events | None,
    store: Checkpoint | None,
) -> Found:
    """Test all parts that are not done yet, and join all parts."""
    size = GROUPS_TOGETHER if question.maxt else GROUPS
    parts = [(begin, min(begin + size, len(keys))) for begin in range(0, len(keys), size)]
    if question.maxt:
        listed = all_choices(question.move)
        moves = question.n_resamples + 1 if listed is None else len(listed)
        if moves * len(keys) > LARGEST_RESULT:
            raise OptionError(
                f"panel_test: {moves:,} moves of {len(keys):,} groups do not fit into 1 GiB; use n_resamples="
                f"{max(1, LARGEST_RESULT // len(keys) - 1)} at most, or leave maxt out"
            )
    done = {} if store is None else {i: store.part(i, end - begin) for i, (begin, end) in enumerate(parts)}
    missing = [i for i in range(len(parts)) if done.get(i) is None]
    amounts = [parts[i][1] - parts[i][0] for i in missing]
    jobs = _jobs(question, keys, grouped, anchors, [parts[i] for i in missing])
    for i, found in zip(missing, in_order(found_in_groups, jobs, amounts, "groups"), strict=True):
        if store is not None:
            store.keep(i, found)
        done[i] = found
    together = [done[i] for i in range(len(parts))]
    width = max(part.moved.shape[1] for part in together if part is not None)
    return Found(
        **{
            field.name: np.concatenate(
                [_widened(getattr(part, field.name), field.name, width) for part in together]
            )
            for field in fields(Found)
        }
    )


def _widened(column: NDArray[Any], name: str, width: int) -> NDArray[Any]:
    """Give a part in which no group was moved, and so the number of moves is not known, rows of zeros."""
    if name != "moved" or column.shape[1] == width:
        return column
    return np.zeros((len(column), width), np.int16)


def _jobs(
    question: GroupTest,
    keys: Sequence[Key],
    grouped: dict[str, GroupedDays],
    anchors: Events | None,
    parts: Sequence[Part],
) -> Iterator[tuple[GroupTest, Sequence[Key], list[Days], list[Days] | Events]]:
    """Read the days part by part, as workers become free."""
    for begin, end in parts:
        own = grouped["anchors"].read(begin, end) if anchors is None else anchors
        yield question, keys[begin:end], grouped["events"].read(begin, end), own
