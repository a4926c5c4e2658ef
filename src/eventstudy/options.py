"""Arguments that many functions take."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from eventstudy.errors import OptionError


def whole_number(value: Any, where: str) -> int:
    """Return a whole number, also from a float that is one, such as 1e4.

    Parameters
    ----------
    value : int or float
    where : str
        What it is, for the error text.

    Raises
    ------
    OptionError
        If it is no whole number.

    Examples
    --------
    >>> whole_number(1e4, "permutation_test: n_resamples")
    10000
    """
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return int(value)
    try:
        if not isinstance(value, (bool, np.bool_)):
            return operator.index(value)
    except TypeError:
        pass
    raise OptionError(f"{where} is {value!r}; give a whole number")
