"""Compute every number, table and drawing of the report under several BLAS kernels and compare them as printed.

    python .ci/processors.py            # compares; a line for whatever differs, and exit code 1
    python .ci/processors.py FILE       # writes what this process's kernel computes, for the comparison

OpenBLAS picks its kernel by the processor, and kernels round in different orders. OPENBLAS_CORETYPE picks it by hand,
so one machine can stand for others.
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
# a processor without fused multiplication, an older one with other blocks, one with AVX2, one with AVX-512
KERNELS = {"Prescott": "pni", "Nehalem": "sse4_2", "Haswell": "avx2", "SkylakeX": "avx512f"}
KERNEL = "kernel in use"


def usable() -> list[str]:
    """Return the kernels that this processor can run."""
    flags = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    return [kernel for kernel, flag in KERNELS.items() if flag in flags]


def kernel_in_use() -> str:
    """Return the kernel of NumPy's OpenBLAS, as OpenBLAS calls it."""
    import numpy.linalg  # noqa: F401

    maps = Path("/proc/self/maps").read_text(encoding="utf-8").split()
    library = ctypes.CDLL(next(name for name in maps if "openblas" in name))
    for name in ("scipy_openblas_get_corename64_", "openblas_get_corename"):
        if hasattr(library, name):
            get = getattr(library, name)
            get.restype = ctypes.c_char_p
            return get().decode()
    raise SystemExit(
        ".ci/processors.py: NumPy's OpenBLAS does not say its kernel; look for another name of the call"
    )


def compute(file: Path) -> None:
    """Run the notebooks under this process's kernel and write what they show."""
    from eventstudy.report.convert import convert
    from eventstudy.report.project import open_project
    from eventstudy.report.run import run_notebooks

    wanted = os.environ["OPENBLAS_CORETYPE"]
    project = open_project(ROOT)
    shown = {KERNEL: kernel_in_use()}
    with tempfile.TemporaryDirectory() as scratch:
        notebooks = run_notebooks(project, Path(scratch), lambda line: print(f"{wanted}: {line}", flush=True))
    for notebook, source in zip(notebooks, project.notebooks, strict=True):
        section = convert(notebook, source)
        shown |= {f"{source.stem}, number {name}": repr(record) for name, record in section.numbers.items()}
        shown |= {f"{source.stem}, {one.label}": one.csv + one.latex + one.svg for one in section.exhibits}
    file.write_text(json.dumps(shown), encoding="utf-8")


def main() -> int:
    """Compare all kernels with the first and return the exit code."""
    from eventstudy.report.drawings import same_but_for_last_digits

    kernels = usable() if platform.machine() == "x86_64" and platform.system() == "Linux" else []
    if len(kernels) < 3:
        print(
            f"processors: this machine runs only {', '.join(kernels) or 'its own kernel'}; nothing compared"
        )
        return 0
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for kernel in kernels:
            file = Path(folder) / kernel
            environment = os.environ | {"OPENBLAS_CORETYPE": kernel, "OPENBLAS_NUM_THREADS": "1"}
            subprocess.run([sys.executable, __file__, str(file)], env=environment, check=True)
            found[kernel] = json.loads(file.read_text(encoding="utf-8"))
    used = {kernel: shown.pop(KERNEL) for kernel, shown in found.items()}
    if len(set(used.values())) < len(kernels):  # one of them was not taken
        raise SystemExit(
            f".ci/processors.py: asked for {', '.join(used)}, OpenBLAS ran {', '.join(used.values())}"
        )
    first, *others = kernels
    wrong = 0
    for other in others:
        for name in found[first].keys() | found[other].keys():
            old, new = found[first].get(name, ""), found[other].get(name, "")
            if old == new:
                continue
            drawn = "<svg" in old and same_but_for_last_digits(old, new)
            wrong += not drawn
            what = "last digits of coordinates differ" if drawn else f"{old[:300]} against {new[:300]}"
            print(f"processors: {name}: {first} and {other}: {what}")
    print(
        f"processors: {len(found[first])} numbers, tables and drawings under {', '.join(kernels)}: {wrong} differ"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        compute(Path(sys.argv[1]))
    else:
        sys.exit(main())
