"""The null models side by side: what each keeps, what it breaks, and where it misleads."""

from __future__ import annotations

import pandas as pd

from eventstudy.nulls.base import ExactNullModel
from eventstudy.nulls.calendar_permutation import CalendarPermutation
from eventstudy.nulls.circular_shift import CircularShift
from eventstudy.nulls.jitter import Jitter
from eventstudy.nulls.poisson_intensity import PoissonIntensity
from eventstudy.nulls.self_exciting import SelfExciting
from eventstudy.nulls.shuffled_gaps import ShuffledGaps
from eventstudy.nulls.uniform_days import UniformDays
from eventstudy.windows import Window


def null_model_table() -> pd.DataFrame:
    """Return a table of the null models, in the words of the models themselves.

    Returns
    -------
    pandas.DataFrame
        A row for each model, as an example of it: ``null``, ``keeps``, ``breaks``, ``survives`` (trends
        that do not count as clustering), ``avoid`` (when not to use it) and ``exact`` (whether additive statistics have
        an exact distribution).

    Examples
    --------
    >>> table = null_model_table()
    >>> table.loc[~table["exact"], "null"].tolist()
    ['ShuffledGaps()', 'SelfExciting(window)']
    """
    window = Window(-14, 0)
    examples = {
        "UniformDays()": UniformDays(),
        "CircularShift()": CircularShift(),
        "CalendarPermutation(by='year')": CalendarPermutation(),
        "Jitter(days=30)": Jitter(30),
        "ShuffledGaps()": ShuffledGaps(),
        "PoissonIntensity(window)": PoissonIntensity(window),
        "SelfExciting(window)": SelfExciting(window),
    }
    return pd.DataFrame(
        {
            "null": list(examples),
            **{
                column: [getattr(null, column) for null in examples.values()]
                for column in ("keeps", "breaks", "survives", "avoid")
            },
            "exact": [isinstance(null, ExactNullModel) for null in examples.values()],
        }
    )
