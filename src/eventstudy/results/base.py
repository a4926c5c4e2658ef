"""The common base of results: how they are shown, copied, compared, cited and put into tables."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from eventstudy.citation import Citable
from eventstudy.errors import own_errors
from eventstudy.frozen import Frozen
from eventstudy.printing import Text, shown
from eventstudy.provenance import Provenance
from eventstudy.results.other_names import name_here
from eventstudy.results.text import About, Part, Rows

LONGEST = 120  # characters of a call in a repr


class Result(Frozen, Citable, ABC):
    """Base of every result: a frozen dataclass that adds its fields, its parts of a summary and its tables.

    Arrays are read-only, in copies too; two results are equal if they hold the same numbers from the same call.
    """

    __slots__ = ()
    _estimate: ClassVar[str] = "estimate"  # what `estimate` of `tidy` is, where it is not a logarithm
    _regressions: ClassVar[tuple[str, ...]] = ()  # attributes that hold regressions
    if TYPE_CHECKING:

        @property
        def provenance(self) -> Provenance:
            """Where the numbers come from."""
    else:  # a type checker would take every name for an attribute

        def __getattr__(self, name):
            """Say what a name of another package is called here."""
            public = not name.startswith("_")
            if public and (reason := self._without(name)):
                raise AttributeError(f"{type(self).__name__}: {reason}")
            parts = {part: type(object.__getattribute__(self, part)) for part in self._regressions}
            if public and (here := name_here(type(self), name, parts)):
                raise AttributeError(f"{type(self).__name__}: {name} is not a name here; write {here}")
            more = (
                "; .model is the same regression, fitted by statsmodels, with model-based standard errors, "
                "whatever `covariance` is here"
                if hasattr(type(self), "model")
                else ""
            )
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r}{more}", name=name, obj=self
            )

    @abstractmethod
    def _parts(self) -> Sequence[Part]:
        """Return the pieces of the summary, from which text and HTML are made."""

    @abstractmethod
    def to_frame(self) -> pd.DataFrame:
        """Return a table of unrounded numbers."""

    @abstractmethod
    def _terms(self) -> pd.DataFrame:
        """Return the table of `tidy`, coefficients on the scale of the model."""

    @own_errors
    def tidy(self) -> pd.DataFrame:
        """Return a row per term with the column names of the R package broom; nan where the result has no such number.

        Returns
        -------
        pandas.DataFrame
            term, estimate, std_error, statistic, p_value, conf_low, conf_high; unrounded. For a regression the estimate
            is the coefficient, the logarithm of the rate ratio; for a test observed over expected, and `statistic`
            the observed value; p-values of a family or panel are corrected.
        """
        return self._terms()

    def _about(self) -> About:
        """Return the entries for this result in a table of several results."""
        anchors = getattr(self, "n_anchors", None)
        if isinstance(anchors, Mapping):  # by window
            anchors = next(iter(anchors.values())) if len(set(anchors.values())) == 1 else None
        null, errors = getattr(self, "null", None), getattr(self, "covariance", None)
        return About(
            events=getattr(self, "n_events", None),
            anchors=anchors,
            rows=getattr(self, "n", None),
            method=self._method(),
            null_model=None if null is None else shown(null),
            errors=None if errors is None else re.split(r" \(|[,:]", errors)[0],
            seed=self.provenance.seed,
            confidence_level=getattr(self, "confidence_level", None),
        )

    def _row(self, *names: str) -> pd.DataFrame:
        """Return one row with some of the attributes."""
        return pd.DataFrame({name: [getattr(self, name)] for name in names})

    def _main_terms(self) -> Sequence[str]:
        """Return the terms that a table of several results shows by default."""
        return list(self._terms()["term"])

    def _method(self) -> str:
        """Return in a few words how the numbers were computed."""
        return self.provenance.call.partition("(")[0].replace("_", " ")

    def summary(self) -> str:
        """Return the result in words: what H0 was, then the numbers."""
        return Text("\n".join(part.text() for part in self._all_parts()))

    def _without(self, name: str) -> str:
        """Return why the result does not have an attribute of its class; "" if it has it."""
        return ""

    def _all_parts(self) -> Sequence[Part]:
        """Return the pieces of the summary, with notes on how the data were read in the first."""
        first, *others = self._parts()
        notes = [("note", text) for text in self.provenance.notes]
        if not notes or not isinstance(first, Rows):
            return [first, *others]
        return [Rows(first.title, [*first.rows, *notes]), *others]

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        call = self.provenance.call
        return f"<{type(self).__name__}: {call if len(call) <= LONGEST else f'{call[:LONGEST]} ...'}>"

    def _repr_html_(self) -> str:
        return "".join(part.html() for part in self._all_parts())

    def __hash__(self) -> int:
        return hash((type(self), self.provenance.call, self.provenance.seed))


class Coefficients(Result):
    """Base of results whose estimates are logarithms of rate ratios."""

    __slots__ = ()
    _estimate = "rate ratio"

    @own_errors
    def tidy(self, *, exponentiate: bool = False) -> pd.DataFrame:
        """Return a row per term with the column names of the R package broom; nan where the result has no such number.

        Parameters
        ----------
        exponentiate : bool, default False
            Whether estimates and limits are rate ratios instead of their logarithms; `std_error` is that of the
            logarithm in both.

        Returns
        -------
        pandas.DataFrame
            term, estimate, std_error, statistic, p_value, conf_low, conf_high; unrounded.
        """
        terms = self._terms()
        if exponentiate:
            limits = ["estimate", "conf_low", "conf_high"]
            terms[limits] = np.exp(terms[limits])
        return terms


def tidy_frame(
    term: Sequence[str],
    estimate: ArrayLike = np.nan,
    *,
    std_error: ArrayLike = np.nan,
    statistic: ArrayLike = np.nan,
    p_value: ArrayLike = np.nan,
    conf_low: ArrayLike = np.nan,
    conf_high: ArrayLike = np.nan,
) -> pd.DataFrame:
    """Return the table of :meth:`Result.tidy`; each column has one value per term, or one for all."""
    columns: dict[str, ArrayLike] = {
        "estimate": estimate,
        "std_error": std_error,
        "statistic": statistic,
        "p_value": p_value,
        "conf_low": conf_low,
        "conf_high": conf_high,
    }
    size = len(term)
    numbers = {name: np.broadcast_to(np.asarray(value, float), size) for name, value in columns.items()}
    return pd.DataFrame({"term": pd.Series(list(term), dtype="str"), **numbers})
