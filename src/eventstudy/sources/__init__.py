"""Readers for published data sets, each with its layout, codes and choices documented.

A reader is a frozen set of choices; ``read`` returns the events and a record of how they were made::

    reading = es.sources.ACLED(where="country == 'Kenya'").read("acled.csv")
    reading.events.within(es.Period("2012-01-01", "2024-01-01"))
"""

from eventstudy.sources.acled import ACLED
from eventstudy.sources.base import SourceReading
from eventstudy.sources.cns import CNSMissileTests
from eventstudy.sources.csis import CSISProvocations
from eventstudy.sources.gdelt import GDELT
from eventstudy.sources.ucdp import UCDPGED

__all__ = ["ACLED", "GDELT", "UCDPGED", "CNSMissileTests", "CSISProvocations", "SourceReading"]
