"""What surrounds a kernel: the same on every machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from eventstudy.study.memory import FOLDER


def kernel_environment(epoch: int, scratch: Path) -> dict[str, str]:
    """Return the environment of a kernel: this one, without settings that make outputs differ between machines."""
    own = ("PYTHONDONTWRITEBYTECODE", "PYTHONWARNINGS", "PYTHONSTARTUP", "MATPLOTLIBRC")
    return {name: value for name, value in os.environ.items() if name not in own} | {
        "SOURCE_DATE_EPOCH": str(epoch),
        "PYTHONHASHSEED": "0",
        "TZ": "UTC",
        "TQDM_DISABLE": "1",  # a progress bar would be an output
        "LC_ALL": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        # glibc keeps freed memory for the next array: fresh pages are a tenth of the time of simulations
        "MALLOC_MMAP_THRESHOLD_": str(1 << 25),
        "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(scratch / "matplotlib"),
        FOLDER: str(scratch / "remembered"),
    }


def list_fonts(scratch: Path) -> None:
    """Let Matplotlib list the fonts once, before kernels run: it writes to stderr if that takes long."""
    if any((scratch / "matplotlib").glob("fontlist-*.json")):
        return
    (scratch / "matplotlib").mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "-c", "import matplotlib.font_manager"],
        env=kernel_environment(0, scratch) | {"MPLBACKEND": "agg"},
        stderr=subprocess.DEVNULL,
        check=True,
    )
