"""Compare the outputs in reports/ with those of the last commit, as `make verify` compares a fresh build with them.

    python .ci/published.py  # a line for whatever differs; exit code 1 for more than last digits of coordinates

Run right after `make report` from nothing: that build is then compared, and no second one is needed.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from eventstudy.report.checksums import differences, read_checksums

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Unpack what is published, compare, and return the exit code."""
    command = ["git", "archive", "HEAD", "reports"]
    archive = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            packed.extractall(folder, filter="data")
        published = Path(folder) / "reports"
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
    raise SystemExit(main())
