"""An order to end (SIGTERM) is heeded as Ctrl-C is: what was begun is taken back, and one line says so."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

ENDED = 128 + signal.SIGTERM  # exit code, as shells give it


class Terminated(KeyboardInterrupt):
    """The process was told to end."""


@contextlib.contextmanager
def heeded() -> Iterator[None]:
    """Raise `Terminated` in the block when the process is told to end, so that temporary files are taken away.

    Only the main thread of a process can heed signals; in another one nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _raise)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _raise(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one would stop the clearing up
    raise Terminated
