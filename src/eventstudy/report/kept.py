"""A cache of pictures that are slow to make, in the build folder, by what they are made from."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from eventstudy.replacing import read_sealed, write_sealed

FOLDER = "pictures"
MAKERS = ("matplotlib", "typst")  # fonts and compiler


def kept(work: Path, made_from: Sequence[object], make: Callable[[], bytes]) -> bytes:
    """Return bytes made before from the same inputs, or make and keep them.

    `work`: the folder in which the report is rendered; the cache lies beside it. `made_from`: all that
    determines them, except the versions of Matplotlib and Typst.
    """
    whole = repr((*made_from, *(version(name) for name in MAKERS)))
    file = work.parent / FOLDER / hashlib.sha256(whole.encode()).hexdigest()
    if (found := read_sealed(file)) is not None:
        return found
    content = make()
    with contextlib.suppress(OSError):  # a full disk is reported where an output is written
        write_sealed(file, content)
    return content
