"""Signals and streams of a command: SIGTERM is handled like Ctrl-C; closed streams are reported."""

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

ENDED = 128 + signal.SIGTERM  # exit code, by the convention of shells


class Terminated(KeyboardInterrupt):
    """The process was told to end."""


@contextlib.contextmanager
def heeded() -> Iterator[None]:
    """Raise `Terminated` in the block when the process is told to end, so that temporary files are removed.

    Only the main thread of a process can handle signals; in another one nothing changes.
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
    """A stream that the caller has closed; writing to it is an error."""

    def writable(self) -> bool:
        return True

    def write(self, _: object) -> int:
        raise OSError(errno.EBADF, "it is closed")


def open_closed_streams() -> None:
    """Replace a closed stdout or stderr, for which Python has None, by a stream object.

    What goes to stderr is lost; what goes to stdout is the answer, so writing there is an error.
    """
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(_Closed()), write_through=True)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def silence_stdout() -> None:
    """Release a stdout that cannot be written: Python would flush it once more at exit, uncaught."""
    if isinstance(getattr(getattr(sys.stdout, "buffer", None), "raw", None), _Closed):
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _raise(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one would interrupt the cleanup
    raise Terminated
