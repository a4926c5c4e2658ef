"""What can go wrong, each said as ``where: what is wrong; the fix``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Found = TypeVar("Found")

# functions that others call, whose errors begin with their name
CALLED = frozenset([
    "count_table", "negative_binomial_regression", "permutation_family", "permutation_test", "plant",
    "poisson_regression", "power_curve", "rate_ratio",
])  # fmt: skip


class EventStudyError(Exception):
    """Base class of every error that the package raises on purpose."""


def own_errors(function: Callable[Arguments, Found]) -> Callable[Arguments, Found]:
    """Let the errors of a function name it, not another one that it calls and the user did not."""

    @functools.wraps(function)
    def named(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Found:
        try:
            return function(*args, **kwargs)
        except EventStudyError as error:
            where, colon, text = str(error).partition(":")
            if where in CALLED:
                error.args = (f"{function.__name__}{colon}{text}",)
            raise

    return named


class DateError(EventStudyError, ValueError):
    """A value is not one whole day of the calendar."""


class PeriodError(EventStudyError, ValueError):
    """A period is empty, missing, or unsuited to the request."""


class EventsError(EventStudyError, ValueError):
    """A series of events cannot be used as given."""


class WindowError(EventStudyError, ValueError):
    """A window holds no day, or cannot be read."""


class ReachError(WindowError, EventsError):
    """No anchor reaches the period of the events, so no event can lie near one."""


class StrataError(EventStudyError, ValueError):
    """A period cannot be cut as asked."""


class OptionError(EventStudyError, ValueError):
    """An argument has a value that the function does not accept."""


class UndefinedError(EventStudyError, ValueError):
    """The data leave a statistic without a value."""


class RandomnessError(EventStudyError, TypeError):
    """Draws are requested without a seed or generator."""


class ExactUnavailableError(EventStudyError, ValueError):
    """No exact distribution is available for this statistic under this null model."""


class ModelError(EventStudyError, ValueError):
    """A regression cannot be fitted as specified."""


class PlanError(EventStudyError, ValueError):
    """An analysis plan has an unknown, missing or unreadable entry."""


class ReportError(EventStudyError, RuntimeError):
    """A report cannot be built."""


class FontError(EventStudyError, ValueError):
    """A name holds a character that no font here can draw."""


class DataError(EventStudyError, ValueError):
    """A data file cannot be read as specified.

    Parameters
    ----------
    message : str
        The whole text, one line for each problem.
    path : str or pathlib.Path
        The file.
    row : int, optional
        Physical line of the first problem; the header is line 1.
    column : str, optional
        Column of the first problem.
    """

    def __init__(
        self, message: str, *, path: str | Path, row: int | None = None, column: str | None = None
    ) -> None:
        super().__init__(message)
        self.path = Path(path)
        self.row = row
        self.column = column


class OverdispersionWarning(UserWarning):
    """The counts vary more than the fitted model allows."""
