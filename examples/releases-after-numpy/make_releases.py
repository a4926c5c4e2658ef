"""Write the table of events of this example: the dated releases in the release notes of seven packages.

Run as ``python make_releases.py SOURCES FOLDER``, where SOURCES holds the unpacked source distribution of each
package under the package's name.
"""

from __future__ import annotations

import csv
import datetime
import re
import sys
from pathlib import Path

FIRST, STOP = datetime.date(2018, 1, 1), datetime.date(2026, 1, 1)
VERSION = r"(\d+(?:\.\d+)+)"  # numbers alone: no alpha, beta, candidate or post-release
NOTES = {  # file, and how a heading names version and day
    "astropy": ("CHANGES.rst", rf"^Version {VERSION} \((.+)\)$"),
    "bottleneck": ("RELEASE.rst", rf"^Bottleneck {VERSION}\n[=-]+\n\n?\*Release date:? (.+)\*$"),
    "healpy": ("CHANGELOG.rst", rf"^Release {VERSION},? (\d+ \w+ \d{{4}})"),
    "nibabel": ("Changelog", rf"^{VERSION} \(\w+ (\d+ \w+ \d{{4}})\)$"),
    "photutils": ("CHANGES.rst", rf"^{VERSION} \((.+)\)$"),
    "rasterio": ("CHANGES.txt", rf"^{VERSION} \((\d{{4}}-\d\d-\d\d)\)$"),
    "xarray": ("doc/whats-new.rst", rf"^v{VERSION} \((.+)\)$"),
}
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTHS_IN_ITALIAN = {"ago": "aug", "giu": "jun"}  # as healpy has them in 2018


def day(text: str) -> datetime.date:
    """Return the day that a heading names: ``2019-07-10``, ``10 July 2019``, ``July 10, 2019``, ``2019 Jul 10``."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return datetime.date.fromisoformat(text)
    year, number = re.search(r"\b\d{4}\b", text), re.search(r"\b(\d{1,2})(?:th)?\b", text)
    name = re.search(r"[A-Z][a-z]+", text)
    if year is None or number is None or name is None:
        raise ValueError(f"{text!r}: names no day")
    month = name[0][:3].lower()
    return datetime.date(int(year[0]), MONTHS.index(MONTHS_IN_ITALIAN.get(month, month)) + 1, int(number[1]))


def releases(package: str, text: str) -> list[tuple[datetime.date, str, str]]:
    """Return day, package and version of each release of the period in the notes of a package."""
    found = [(day(date), package, version) for version, date in re.findall(NOTES[package][1], text, re.M)]
    return [row for row in found if FIRST <= row[0] < STOP]


def main(sources: Path, folder: Path) -> None:
    """Write ``releases.csv`` into the folder."""
    rows = [
        row
        for package, (file, _) in NOTES.items()
        for row in releases(package, (sources / package / file).read_text(encoding="utf-8"))
    ]
    with (folder / "releases.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["date", "package", "version"])
        writer.writerows(sorted(rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
