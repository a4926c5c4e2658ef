"""Many random whole numbers below a bound: several from one 64-bit word, each exactly equally likely."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LARGEST_OF_16_BITS = 1 << 14  # above this, more than a quarter of the lanes might have to be redrawn
LARGEST_OF_32_BITS = 1 << 24


def below(
    generator: np.random.Generator, bound: int | NDArray[np.int64], shape: tuple[int, int]
) -> NDArray[np.integer]:
    """Draw whole numbers ``0 <= number < bound``, independent and each equally likely.

    `bound`: one for all columns, or one for each.

    Returns the smallest type that the method allows.

    A lane of 16 or 32 random bits times the bound, upper half taken; lanes whose lower half is too small would
    make some numbers likelier and are replaced [1]_. That is faster than ``Generator.integers`` for small
    bounds, above all where the bound differs by column.

    .. [1] Lemire, D. (2019). Fast random integer generation in an interval. ACM Transactions on Modeling and
       Computer Simulation 29(1), 3.
    """
    largest = int(np.max(bound, initial=1))
    if largest > LARGEST_OF_32_BITS:
        return generator.integers(bound, size=shape)
    small = largest <= LARGEST_OF_16_BITS
    lane, wide = (np.uint16, np.uint32) if small else (np.uint32, np.uint64)
    bits = 16 if small else 32
    bounds = np.asarray(bound).astype(lane)
    product = _lanes(generator, lane, shape) * bounds.astype(wide)
    numbers = (product >> wide(bits)).astype(lane)
    uneven = (np.uint64(1 << bits) % bounds.astype(np.uint64)).astype(lane)
    again = np.flatnonzero((product.astype(lane) < uneven).ravel())  # the lower half
    if again.size:
        own = np.broadcast_to(bound, shape[-1:])[again % shape[1]]
        numbers.reshape(-1)[again] = generator.integers(own)
    return numbers


def _lanes(
    generator: np.random.Generator, lane: type[np.unsignedinteger], shape: tuple[int, int]
) -> NDArray[np.unsignedinteger]:
    """Draw random bits in lanes, the same on every machine whatever its byte order."""
    number = shape[0] * shape[1]
    size = np.dtype(lane).itemsize
    words = generator.integers(1 << 64, size=-(-number * size // 8), dtype=np.uint64)
    little = words.astype("<u8", copy=False).view(np.dtype(lane).newbyteorder("<"))
    return little[:number].astype(lane, copy=False).reshape(shape)
