"""What can go wrong, each said as ``where: what is wrong; the fix``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Found = TypeVar("Found")

# functions that others call, whose errors begin with their name
CALLED = frozenset([
    "count_table", "negative_binomial_regression", "permutation_family", "permutation_test", "plant",
    "poisson_regression", "power_curve", "rate_ratio",
])  # fmt: skip


# what other packages call an argument: of these names here, the first that the function has; and a reason to add
OTHER_ARGUMENTS: dict[str, tuple[str, ...]] = {
    "seed": ("rng",),
    "random_state": ("rng",),
    "n_permutations": ("n_resamples",),
    "n_perm": ("n_resamples",),
    "B": ("n_resamples",),
    "alpha": ("level", "confidence_level"),
    "conf_level": ("confidence_level",),
    "cov_type": ("covariance",),
    "dayfirst": ("date_format",),
}
REASONS = {
    ("alpha", "confidence_level"): ", which is 1 - alpha",
    ("dayfirst", "date_format"): ", such as '%d.%m.%Y'",
}
IN_TABLES = {
    "conf_level": "the limits have the confidence_level of the result; give it where the result is made",
    "conf_int": "conf_low and conf_high are always there; leave it out",
}


class EventStudyError(Exception):
    """Base class of every error that the package raises on purpose."""


def own_errors(function: Callable[Arguments, Found]) -> Callable[Arguments, Found]:
    """Let the errors of a function name it, not another one that it calls; answer keywords that it does not have."""

    @functools.wraps(function)
    def named(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Found:
        try:
            return function(*args, **kwargs)
        except EventStudyError as error:
            where, colon, text = str(error).partition(":")
            if where in CALLED:
                error.args = (f"{function.__name__}{colon}{text}",)
            raise
        except TypeError:
            if said := _unknown_keyword(function, kwargs):
                raise KeywordError(f"{function.__name__}: {said}") from None
            raise

    return named


def _unknown_keyword(function: Callable[..., object], given: Iterable[str]) -> str:
    """Return what to write in place of a keyword that a function does not have; "" if it has all."""
    import inspect  # rarely needed, and slow to import

    parameters = inspect.signature(function).parameters
    has = [name for name in parameters if name != "self"]
    name = next((name for name in given if name not in has), None)
    if name is None or any(item.kind is item.VAR_KEYWORD for item in parameters.values()):
        return ""
    here = next((other for other in OTHER_ARGUMENTS.get(name, ()) if other in has), "")
    if here:
        fix = f"write {here}{REASONS.get((name, here), '')}"
    elif name == "data" and has:
        fix = f"give it as the first argument, {has[0]}"
    elif function.__name__ == "tidy" and name in IN_TABLES:
        fix = IN_TABLES[name]
    else:
        fix = near(name, has) or (f"the arguments are {', '.join(has)}" if has else "leave it out")
    return f"{name} is not an argument here; {fix}"


def near(name: str, known: Iterable[str]) -> str:
    """Return the advice to write the known name that is most like another one; "" if none is like it."""
    import difflib  # likewise

    found = difflib.get_close_matches(name, known, n=1)
    return f"write {found[0]}" if found else ""


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


class NoRatioError(OptionError, UndefinedError):
    """No event, or no day, lies where a rate outside the window could be compared."""


class RandomnessError(EventStudyError, TypeError):
    """Draws are requested without a seed or generator."""


class KeywordError(EventStudyError, TypeError):
    """A function is called with a keyword that it does not have."""


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
