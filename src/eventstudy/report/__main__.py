"""Build a report: ``python -m eventstudy.report [folder]``, the same as ``eventstudy report [folder]``."""

from __future__ import annotations

import argparse
import sys

from eventstudy.errors import EventStudyError
from eventstudy.printing import printable
from eventstudy.report.command import add_arguments, run
from eventstudy.signals import ENDED, Terminated, heeded, open_closed_streams, silence_stdout


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 2 with one clear line where the report cannot be built."""
    parser = argparse.ArgumentParser(
        prog="python -m eventstudy.report", description="Build the report of a folder."
    )
    add_arguments(parser)
    open_closed_streams()
    try:
        with heeded():
            run(parser.parse_args(arguments))
    except EventStudyError as error:
        print(printable(str(error)), file=sys.stderr)
        return 2
    except BrokenPipeError:
        silence_stdout()
        return 141
    except Terminated:
        print("ended; finished parts are kept, run it again to continue", file=sys.stderr)
        return ENDED
    except KeyboardInterrupt:
        print("stopped; finished parts are kept, run it again to continue", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
