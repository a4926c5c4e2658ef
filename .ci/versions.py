"""Run tests with the lowest dependencies that pyproject.toml allows and with the newest, and under every Python found.

    python .ci/versions.py         # all of them; exit code 1 where a test fails or the bounds cannot be met together
    python .ci/versions.py lowest  # one of them

The lowest direct dependencies are installed for the oldest Python that the package allows, the newest for the newest
one found; Pythons between have a short run. The tests are those that meet what libraries do (files, dates, types of
columns, formulas, fits, figures, random numbers, command line); the whole suite runs with the locked versions. Runs go
side by side, one for each core. What cannot be had here (an interpreter, a registry) is said in one line and is no
failure.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MADE = ROOT / "build" / "versions"
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
INSTALL, TEST = 420, 900  # seconds, at most
TOOLS = ("hypothesis", "pytest", "formulaic")  # of the test group: what the tests below import
BUILD = ("editables", "hatchling")
SHORT = (
    "dates",
    "events",
    "windows",
    "statistics",
    "permutation",
    "nulls",
    "rates",
    "tables",
    "results",
    "cite",
)
LONG = (
    *SHORT, "io", "sources", "entrances", "known_defects", "formulas", "count_table", "regression",
    "negative_binomial", "hurdle", "randomization", "family", "coincidence", "panel", "numbers", "cli",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """One environment and the tests that are run in it."""

    name: str
    python: str
    lowest: bool
    tests: tuple[str, ...]


def interpreters() -> dict[str, str]:
    """Return the Pythons of this machine by version, those on the path before those of pyenv."""
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found: dict[str, str] = {}
    for version in PYTHONS:
        places = [
            shutil.which(f"python{version}"),
            *map(str, sorted(home.glob(f"{version}.*/bin/python{version}"))),
        ]
        for place in filter(None, places):
            asked = subprocess.run(
                [place, "-c", "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if asked.stdout.strip() == version:
                found[version] = place
                break
    return found


def requirements(lowest: bool) -> list[str]:
    """Return the direct dependencies, those of files and the tools of the tests, at their lower bounds if asked."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["files"]]
    tools = project["dependency-groups"]["test"]
    wanted += [one for one in tools if re.split(r"[^\w-]", one, maxsplit=1)[0] in TOOLS]
    if not lowest:
        return wanted
    return [re.sub(r"^([\w-]+)>=([\w.]+).*", r"\1==\2", one) for one in wanted]


def planned(found: dict[str, str]) -> list[Run]:
    """Return what is to be run: the lowest on the oldest Python, the newest on the newest, a short run between."""
    runs = [Run("lowest", found[PYTHONS[0]], True, LONG)] if PYTHONS[0] in found else []
    if found:
        *older, last = found
        runs += [
            Run(f"python{version}", found[version], False, SHORT)
            for version in older
            if version != PYTHONS[0]
        ]
        runs.append(Run("newest", found[last], False, LONG))
    return runs


def installed(run: Run) -> str | None:
    """Make the environment; return what is missing where it cannot be made, and exit where the bounds contradict."""
    folder = MADE / run.name
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    pip += ["--no-compile", "--only-binary", ":all:"]
    try:
        subprocess.run(
            [run.python, "-m", "venv", "--clear", str(folder)],
            check=True,
            capture_output=True,
            timeout=INSTALL,
        )
        asked = subprocess.run(
            [*pip, *requirements(run.lowest), *BUILD],
            capture_output=True,
            text=True,
            check=False,
            timeout=INSTALL,
        )
        own = [*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
        if not asked.returncode:
            subprocess.run(
                [word for word in own if word not in ("--only-binary", ":all:")], check=True, timeout=INSTALL
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__} while it was made"
    if not asked.returncode:
        return None
    last = [line for line in asked.stderr.splitlines() if line.startswith("ERROR")] or ["pip failed"]
    if "ResolutionImpossible" in asked.stderr or "conflicting dependencies" in asked.stderr:
        raise SystemExit(f".ci/versions.py: {run.name}: {last[0]}; raise the lower bound in pyproject.toml")
    return last[-1]


def tried(run: Run) -> tuple[bool, str]:
    """Make the environment and run the tests against the source; return whether none failed, and what is to be said."""
    missing = installed(run)
    if missing is not None:
        return True, f".ci/versions.py: {run.name} is not tried: {missing}"
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    files = [str(ROOT / "tests" / f"test_{name}.py") for name in run.tests]
    command = [str(MADE / run.name / "bin" / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-m", "not slow", *files]
    head = f".ci/versions.py: {run.name}, {run.python}"
    try:
        asked = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=TEST
        )
    except subprocess.TimeoutExpired:
        return False, f"{head}: the tests take over {TEST} seconds"
    lines = asked.stdout.strip().splitlines() or [asked.stderr]
    return not asked.returncode, "\n".join([head, *(lines if asked.returncode else lines[-1:])])


def main(names: list[str]) -> int:
    """Run all of them, or those of the names, the longest first."""
    found = interpreters()
    for version in PYTHONS[:3]:
        if version not in found:
            print(f".ci/versions.py: Python {version} is not on this machine, so it is not tried")
    runs = [run for run in planned(found) if not names or run.name in names]
    runs.sort(key=lambda run: len(run.tests), reverse=True)
    failed = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for run, (well, said) in zip(runs, pool.map(tried, runs), strict=True):
            print(said, flush=True)
            failed += [] if well else [run.name]
    for name in failed:
        print(
            f".ci/versions.py: {name}: tests fail or do not end; mend them, or raise the bound in pyproject.toml",
            file=sys.stderr,
        )
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
