"""``python -m launches``, in the folder of the notebooks: test the years to come when the tables reach their end."""

from __future__ import annotations

import sys
from pathlib import Path

from eventstudy.errors import EventStudyError
from eventstudy.study.plan import read_study
from launches.next import ask_next, check_known
from launches.plan import Plan


def main() -> int:
    """Print the test of the years to come, or why it does not run yet."""
    try:
        plan = read_study(Path(__file__).resolve().parents[1] / "plan.toml", Plan)
        check_known(plan)
        result = ask_next(plan, plan.events.read(plan.next.all_years), plan.anchors.read())
    except EventStudyError as error:
        print(error, file=sys.stderr)
        return 1
    print(result.summary())
    return 0


if __name__ == "__main__":
    sys.exit(main())
