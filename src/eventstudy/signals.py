"""What the system does to a command: an order to end (SIGTERM) is heeded as Ctrl-C is; closed streams are named."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import sys
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


class _Closed(io.RawIOBase):
    """A stream that the caller has closed; who writes to it is told so."""

    def writable(self) -> bool:
        return True

    def write(self, _: object) -> int:
        raise OSError(errno.EBADF, "it is closed")


def open_closed_streams() -> None:
    """Give a command whose stdout or stderr was closed, where Python has None, streams that can be written to.

    What goes to stderr is lost; what goes to stdout is the answer, so writing there is an error.
    """
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(_Closed()), write_through=True)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def silence_stdout() -> None:
    """Let go of a stdout that cannot be written: Python would flush it once more at its end, uncaught."""
    if isinstance(getattr(getattr(sys.stdout, "buffer", None), "raw", None), _Closed):
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _raise(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one would stop the clearing up
    raise Terminated
