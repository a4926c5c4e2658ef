"""Files to tables and events, every problem of a file reported at once.

The place of a problem is given as ``path:row:column``. The row is the physical line of a text file, the row of an Excel
sheet, or the number of a record in a Parquet file.
"""

from eventstudy.io.contract import read_raw, read_table
from eventstudy.io.events import read_events
from eventstudy.io.problems import SHOWN

__all__ = ["SHOWN", "read_events", "read_raw", "read_table"]
