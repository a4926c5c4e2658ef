"""Several results in one table: a column for each result, a row for each number of a term."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from eventstudy.errors import OptionError, own_errors
from eventstudy.printing import print_number, print_pvalue, print_value
from eventstudy.results.base import Coefficients, Result
from eventstudy.tables import Printed, Table

STARS = (0.05, 0.01, 0.001)
STAR = r"\*"  # in Markdown
NUMBERS = ["estimate", "std_error", "p_value", "conf_low", "conf_high"]
EMPTY = Printed("", "")
FOOT = ("events", "anchors", "rows", "method", "null_model", "errors", "seed")


@own_errors
def results_table(
    results: Sequence[Result] | Mapping[str, Result],
    labels: Sequence[str] | None = None,
    *,
    terms: Sequence[str] | Mapping[str, str] | None = None,
    errors: bool = False,
    stars: bool | Sequence[float] = False,
) -> Table:
    """Put several results of any kind side by side, as a table for a paper.

    Parameters
    ----------
    results : sequence of results, or mapping of str to result
        Of tests, rates and regressions, in any combination. A mapping gives the header of each column.
    labels : sequence of str, optional
        The header of each column of a sequence; "(1)", "(2)" and so on by default.
    terms : sequence of str or mapping of str to str, optional
        The terms to show, by their names in ``tidy()``, in this order; a mapping also gives the name of each in the
        table, such as ``{"before": "14 days before"}``. By default all but the intercept
        and the calendar (factors of year, quarter, month and weekday, and harmonics).
    errors : bool, default False
        Whether regressions show coefficients with standard errors, in place of rate ratios with intervals.
    stars : bool or sequence of float, default False
        Whether estimates carry stars for p-values below 0.05, 0.01 and 0.001, or below other levels, such as
        ``(0.1, 0.05, 0.01)``: one star for the largest. The note says which.

    Returns
    -------
    Table
        For each term its estimate, interval or error, and p-value; below, numbers of events, anchors and rows,
        method, null model, errors and seed, where a result has them. A notebook shows it;
        ``to_markdown()``, ``to_latex()``, ``to_html()`` and ``to_csv()`` (with unrounded numbers) return it as
        text, or write it to a path or an open file; ``to_docx(path)`` writes a native table of Word.

    Raises
    ------
    OptionError
        If there is no result, an entry is not a result, the labels do not match the results, no result has a term, or
        two terms would have the same name, or stars are no levels between 0 and 1.

    Examples
    --------
    >>> import eventstudy as es
    >>> events, anchors = es.Events([1, 3, 4, 6], es.Period(0, 10)), es.Events([5, 8])
    >>> rate = es.rate_ratio(events, anchors, es.Window(-2, 0))
    >>> test = es.permutation_test(events, anchors, es.WindowCount(es.Window(-2, 0)), es.CircularShift())
    >>> print(es.results_table([rate, test], ["rate", "shift"]).to_csv().splitlines()[1])
    rate ratio,rate ratio,4.5,
    """
    if isinstance(results, Mapping):
        if labels is not None:
            raise OptionError("results_table: a mapping names the columns; leave labels out")
        labels, results = list(results), list(results.values())
    names = _checked(results, labels)
    renamed, levels = _renamed(terms), _levels(stars)
    chosen = None if terms is None else list(terms)
    rows: dict[tuple[str, str], dict[str, Printed]] = {}
    for name, result in zip(names, results, strict=True):
        for key, cell in _cells(result, chosen, errors, levels):
            rows.setdefault(key, {})[name] = cell
    if chosen is not None:
        found = {term for term, _ in rows}
        if missing := [term for term in chosen if term not in found]:
            known = dict.fromkeys(term for result in results for term in result.tidy()["term"])
            if of_it := [term for term in known if term.startswith(f"{missing[0]}[")]:
                raise OptionError(
                    f"results_table: {missing[0]!r} is a factor of {len(of_it)} terms; give the terms, such as "
                    f"{of_it[0]!r}, or test them together by joint_test({missing[0]!r})"
                )
            raise OptionError(
                f"results_table: no result has a term {missing[0]!r}; terms are {', '.join(known)}"
            )
    order = list(dict.fromkeys(term for term, _ in rows)) if chosen is None else chosen
    # stable, so that the numbers of a term stay in order
    keys = sorted(rows, key=lambda key: order.index(key[0]))
    table = [
        _row(key, before, rows[key], names, renamed) for before, key in zip([None, *keys], keys, strict=False)
    ]
    about = [result._about() for result in results]
    for what in FOOT:
        values = [getattr(one, what) for one in about]
        if any(value is not None for value in values):
            table.append([what.replace("_", " "), "", *map(_about, values)])
    frame = pd.DataFrame(table, columns=["term", "", *names], dtype=object)
    note = ", ".join(STAR * number + f" p < {level:g}" for number, level in enumerate(levels, 1))
    return Table(frame, p=(), note=note)


def _checked(results: Sequence[Result], labels: Sequence[str] | None) -> list[str]:
    """Return the labels, having checked that there is one for each result."""
    if isinstance(results, Result) or not len(results):
        raise OptionError("results_table: give a list of results, such as [first, second]")
    for result in results:
        if not isinstance(result, Result):
            raise OptionError(
                f"results_table: a {type(result).__name__} is not a result; give what a test or a regression returns"
            )
    names = [f"({number})" for number in range(1, len(results) + 1)] if labels is None else list(labels)
    if isinstance(labels, str) or len(names) != len(results):
        raise OptionError(
            f"results_table: labels is {labels!r}; give a list with a label for each of {len(results)} results"
        )
    if twice := [name for name in names if names.count(name) > 1]:
        raise OptionError(f"results_table: two results are called {twice[0]!r}; give each its own label")
    if taken := {"term", ""} & set(names):
        raise OptionError(
            f"results_table: a label is {taken.pop()!r}, the header of another column; rename it"
        )
    return names


def _levels(stars: bool | Sequence[float]) -> list[float]:
    """Return the levels of p-values below which there is one star, two, ..., from the largest on."""
    if isinstance(stars, bool):
        return list(STARS) if stars else []
    levels = [] if isinstance(stars, (str, Mapping)) or not isinstance(stars, Iterable) else list(stars)
    if not levels or not all(isinstance(level, float) and 0.0 < level < 1.0 for level in levels):
        raise OptionError(
            f"results_table: stars={stars!r} is neither True nor levels; give such as (0.05, 0.01, 0.001)"
        )
    return sorted(set(levels), reverse=True)


def _renamed(terms: Sequence[str] | Mapping[str, str] | None) -> Mapping[str, str]:
    """Return the names that terms have in the table where these are not their own, having checked the terms."""
    if isinstance(terms, str) or not (terms is None or isinstance(terms, Iterable)):
        raise OptionError(
            f"results_table: terms is {terms!r}; give a list of terms, such as ['before', 'after']"
        )
    if not isinstance(terms, Mapping):
        return {}
    if wrong := [name for name in terms.values() if not isinstance(name, str) or not name.strip()]:
        raise OptionError(
            f"results_table: terms names a row {wrong[0]!r}; give each a text that is not empty"
        )
    if len(set(terms.values())) < len(terms):
        raise OptionError("results_table: terms gives two rows the same name; give each its own")
    return terms


def _cells(
    result: Result, terms: Sequence[str] | None, errors: bool, levels: Sequence[float]
) -> list[tuple[tuple[str, str], Printed]]:
    """Return the cells of one column, each with its term and what it is."""
    logs = errors and isinstance(result, Coefficients)
    tidy = result.tidy(exponentiate=not logs) if isinstance(result, Coefficients) else result.tidy()
    level = result._about().confidence_level
    interval = "interval" if level is None else f"{level:.0%} interval"
    chosen = result._main_terms() if terms is None else terms
    cells: list[tuple[tuple[str, str], Printed]] = []
    shown = tidy[tidy["term"].isin(chosen)]
    for term, numbers in zip(shown["term"].astype(str), shown[NUMBERS].to_numpy(float).tolist(), strict=True):
        estimate, error, pvalue, low, high = numbers
        if not math.isnan(estimate):
            mark = "*" * sum(pvalue < level for level in levels)
            cells.append(((term, "coefficient" if logs else result._estimate), _number(estimate, mark)))
        if logs and not math.isnan(error):
            cells.append(((term, "standard error"), _number(error)))
        elif not math.isnan(low):
            cells.append(((term, interval), Printed(print_value((low, high), ".2f"), (low, high))))
        if not math.isnan(pvalue):
            cells.append(((term, "p"), Printed(print_pvalue(pvalue), pvalue)))
    return cells


def _number(value: float, mark: str = "") -> Printed:
    return Printed(print_number(value, ".2f") + mark, value)


def _about(value: int | str | None) -> Printed:
    """Return a cell of the foot of a table."""
    if value is None:
        return EMPTY
    return Printed(f"{value:,}", value) if isinstance(value, int) else Printed(value)


def _row(
    key: tuple[str, str],
    before: tuple[str, str] | None,
    cells: dict[str, Printed],
    names: Sequence[str],
    renamed: Mapping[str, str],
) -> list[str]:
    term, what = key
    shown = "" if before is not None and before[0] == term else renamed.get(term, term)
    return [shown, what, *(cells.get(name, EMPTY) for name in names)]
