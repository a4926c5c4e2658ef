"""Compare the outputs in reports/ with published ones, as `make verify` compares a fresh build with them.

    python .ci/published.py FOLDER  # the published ones; a line for whatever differs

The exit code is 1 for more than last digits of coordinates. Run right after `make report` from nothing: that build is
then compared, and no second one is needed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from eventstudy.report.checksums import differences, read_checksums

ROOT = Path(__file__).resolve().parents[1]


def main(published: Path) -> int:
    """Compare and return the exit code."""
    count = len(read_checksums(published))
    found = differences(published, ROOT / "reports")
    for line in (*found.last_digits, *found.changed):
        print(f"published: reports/{line}")
    same = count - len(found.last_digits) - len(found.changed)
    print(f"published: {same} of {count} outputs are the same, byte for byte")
    if found.changed or not count:
        print(
            ".ci/published.py: the report is not as published; commit what make report writes",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
