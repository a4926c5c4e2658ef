"""Where a number comes from: the call, the data and the seed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import RandomnessError
from eventstudy.printing import without_addresses


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a number comes from.

    - `call`: the function and its arguments, as text that can be typed again.
    - `data`: for each series its label and the SHA-256 of its days and period.
    - `seed`: the seed of the draws, None where none were made.
    - `notes`: what a reader should know about how the data were read, such as rows that were left out.
    """

    call: str
    data: Mapping[str, str] = field(default_factory=dict)
    seed: str | None = None
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "call", without_addresses(self.call)
        )  # those of a user's function among them
        object.__setattr__(self, "data", MappingProxyType(dict(self.data)))
        object.__setattr__(self, "notes", tuple(dict.fromkeys(self.notes)))

    def __hash__(self) -> int:
        return hash((self.call, self.seed))

    def __reduce__(self) -> tuple[type[Provenance], tuple[str, dict[str, str], str | None, Sequence[str]]]:
        """Pickle as the arguments, since a read-only mapping cannot be pickled, and workers return results."""
        return Provenance, (self.call, dict(self.data), self.seed, self.notes)


def checksum(days: NDArray[np.int64], span: tuple[int, int] | None = None) -> str:
    """Return the SHA-256 of day numbers (sorted, 8 bytes each, little-endian) and of their period."""
    digest = hashlib.sha256(np.ascontiguousarray(days, dtype="<i8").tobytes())
    if span is not None:
        digest.update(f"[{span[0]}, {span[1]})".encode())
    return digest.hexdigest()


def file_sha256(path: str | Path) -> str:
    """Return the SHA-256 of the bytes of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def as_generator(rng: int | np.random.Generator | None, where: str, note: str = "") -> np.random.Generator:
    """Return a generator from a seed or a generator; a note such as "drawn because ..." gives the reason for draws.

    Raises RandomnessError if nothing usable is given: a p-value without its seed cannot be repeated.
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is None:
        raise RandomnessError(
            f"{where}: draws are made here and rng is missing{f' ({note})' if note else ''}; pass a seed, such as "
            "rng=20120101"
        )
    if isinstance(rng, (bool, np.bool_)) or not isinstance(rng, (int, np.integer)) or rng < 0:
        raise RandomnessError(
            f"{where}: rng is {rng!r}; pass a whole number from 0 or a numpy.random.Generator"
        )
    return np.random.default_rng(int(rng))


def seed_text(rng: int | np.random.Generator | None) -> str | None:
    """Return the seed as text, with the spawn key where a generator has one; None for what is no seed."""
    if not isinstance(rng, np.random.Generator):
        return str(int(rng)) if isinstance(rng, (int, np.integer)) else None
    sequence = rng.bit_generator.seed_seq
    entropy = getattr(sequence, "entropy", None)
    key = getattr(sequence, "spawn_key", ())
    children = getattr(sequence, "n_children_spawned", 0)
    return f"{entropy}, spawn key {tuple(key)}, children before {children}"
