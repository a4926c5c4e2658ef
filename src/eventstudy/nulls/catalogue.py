"""The null models side by side: what each keeps, what it breaks, and where it misleads."""

from __future__ import annotations

import pandas as pd

from eventstudy.declared import Listed
from eventstudy.errors import ExactUnavailableError, own_errors
from eventstudy.events import Events
from eventstudy.nulls.base import NullModel
from eventstudy.nulls.registry import listed
from eventstudy.periods import Period
from eventstudy.tables import Table
from eventstudy.windows import Window


@own_errors
def null_model_table() -> Table:
    """Return a table of the null models, in the words of the models themselves.

    Returns
    -------
    Table
        Shown with its whole text; ``frame`` is the DataFrame. A row for each model, as an example of it: ``null``,
        ``name`` (on the command line and in plans), ``keeps``, ``breaks``, ``survives`` (trends that do not count as
        clustering), ``avoid`` (when not to use it) and ``exact`` (whether additive statistics have an exact
        distribution).

    Examples
    --------
    >>> import eventstudy as es
    >>> table = es.null_model_table().frame
    >>> table.loc[~table["exact"], "null"].tolist()
    ['ShuffledGaps()', 'SelfExciting(window)']
    """
    models: list[tuple[Listed, NullModel]] = [(one, one.load().example()) for one in listed().values()]
    frame = pd.DataFrame(
        {
            "null": [_text(one, null) for one, null in models],
            "name": [one.name for one, _ in models],
            **{
                column: [getattr(null, column) for _, null in models]
                for column in ("keeps", "breaks", "survives", "avoid")
            },
            "exact": [_is_exact(null) for _, null in models],
        }
    )
    return Table(frame)


def _text(one: Listed, null: NullModel) -> str:
    """Return the example as one would type it, with the options that it must have."""
    values = [(option.name, getattr(null, option.name)) for option in one.options if option.required]
    typed = ("window" if isinstance(value, Window) else f"{name}={value!r}" for name, value in values)
    return f"{one.class_name}({', '.join(typed)})"


def _is_exact(null: NullModel) -> bool:
    """Tell whether the model has an exact distribution, by asking for one: six whole years that are whole weeks."""
    period = Period("2001-01-01", "2007-01-01")
    events, anchors = Events.from_days(period.days[5::40], period), Events.from_days(period.days[100::300])
    try:
        null.exact(events, anchors, Window(-14, 0).indicator(anchors, period))
    except ExactUnavailableError:
        return False
    return True
