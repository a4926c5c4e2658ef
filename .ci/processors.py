"""Compute every number, table and drawing of the report under other BLAS kernels and compare with what is published.

    python .ci/processors.py            # compares; a line for whatever differs, and exit code 1
    python .ci/processors.py FILE NAME  # writes what this process's kernel computes, without the notebook of that name

OpenBLAS picks its kernel by the processor, and kernels round in different orders. OPENBLAS_CORETYPE picks it by hand,
so one machine can stand for others. A machine's own kernel is that of `make verify`. The longest notebook runs under
the first of the other kernels alone.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "reports"
# without fused multiplication; an older one with other blocks; with AVX2; with AVX-512
KERNELS = {"Prescott": "pni", "Nehalem": "sse4_2", "Haswell": "avx2", "SkylakeX": "avx512f"}
WANTED = 2  # besides the machine's own
LONGEST = "04-robustness"
KERNEL = "kernel in use"


def usable() -> list[str]:
    """Return the kernels that this processor can run, the least like its own first."""
    if platform.machine() != "x86_64" or platform.system() != "Linux":
        return []
    flags = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    return [kernel for kernel, flag in KERNELS.items() if flag in flags][:-1]


def kernel_in_use() -> str:
    """Return the kernel of NumPy's OpenBLAS, as OpenBLAS calls it."""
    import numpy.linalg  # noqa: F401

    maps = Path("/proc/self/maps").read_text(encoding="utf-8").split()
    library = ctypes.CDLL(next(name for name in maps if "openblas" in name))
    for name in ("scipy_openblas_get_corename64_", "openblas_get_corename"):
        if hasattr(library, name):
            get = getattr(library, name)
            get.restype = ctypes.c_char_p
            return str(get().decode())
    raise SystemExit(
        ".ci/processors.py: NumPy's OpenBLAS does not say its kernel; look for the name of the call"
    )


def compute(file: Path, without: str = "") -> None:
    """Run the notebooks under this process's kernel and write what they show."""
    from dataclasses import replace

    from eventstudy.report.convert import convert
    from eventstudy.report.project import open_project
    from eventstudy.report.run import run_notebooks

    project, kernel = open_project(ROOT), kernel_in_use()
    project = replace(project, notebooks=tuple(path for path in project.notebooks if path.stem != without))
    with tempfile.TemporaryDirectory() as scratch:
        notebooks = run_notebooks(project, Path(scratch), lambda line: print(f"{kernel}: {line}", flush=True))
    sections = [convert(nb, path) for nb, path in zip(notebooks, project.notebooks, strict=True)]
    shown = {KERNEL: kernel}
    for section in sections:
        shown |= {f"number {name}": _number(record) for name, record in section.numbers.items()}
        shown |= {f"figures/{one.name}.svg": one.svg for one in section.exhibits if one.svg}
        shown |= {f"tables/{one.name}.csv": one.csv for one in section.exhibits if one.csv}
    file.write_text(json.dumps(shown), encoding="utf-8")


def published() -> dict[str, str]:
    """Return what the report shows, by the same names."""
    numbers = json.loads((REPORTS / "numbers.json").read_text(encoding="utf-8"))
    files = [*(REPORTS / "figures").glob("*.svg"), *(REPORTS / "tables").glob("*.csv")]
    return {f"number {name}": _number(record) for name, record in numbers.items()} | {
        path.relative_to(REPORTS).as_posix(): path.read_text(encoding="utf-8") for path in files
    }


def _number(record: dict[str, object]) -> str:
    return json.dumps({key: record[key] for key in ("value", "text", "seed")})


def main() -> int:
    """Compare other kernels with the published report and return the exit code."""
    from eventstudy.report.drawings import same_but_for_last_digits

    kernels = usable()[:WANTED]
    if len(kernels) < WANTED:
        print("processors: this machine runs no other kernels; nothing compared")
        return 0
    expected, found, wrong, used = published(), {}, 0, {kernel_in_use()}
    with tempfile.TemporaryDirectory() as folder:
        for kernel in kernels:
            file = Path(folder) / kernel
            environment = os.environ | {"OPENBLAS_CORETYPE": kernel, "OPENBLAS_NUM_THREADS": "1"}
            without = LONGEST if found else ""
            subprocess.run([sys.executable, __file__, str(file), without], env=environment, check=True)
            found = json.loads(file.read_text(encoding="utf-8"))
            used.add(found.pop(KERNEL))
            for name in sorted(found if without else expected.keys() | found.keys()):
                old, new = expected.get(name, "none"), found.get(name, "none")
                drawn = name.endswith(".svg") and same_but_for_last_digits(old, new)
                if old != new:
                    wrong += not drawn
                    how = "last digits of coordinates differ" if drawn else f"{old[:300]} against {new[:300]}"
                    print(f"processors: {name}: published and under {kernel}: {how}")
    if len(used) <= WANTED:
        print(
            f"processors: OpenBLAS ran {', '.join(used)} where {', '.join(kernels)} and its own were asked for"
        )
        return 1
    print(
        f"processors: {len(expected)} numbers, tables and drawings under {', '.join(kernels)}: {wrong} differ"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        compute(Path(sys.argv[1]), *sys.argv[2:])
    else:
        sys.exit(main())
