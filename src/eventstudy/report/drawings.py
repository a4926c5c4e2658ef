"""Drawings that are the same on every processor: coordinates without the digits that depend on it."""

from __future__ import annotations

import itertools
import re

PLACES = 3  # of a point of print; a thousandth cannot be seen, and rounding errors are a millionth of that
APART = 2.0 * 10.0**-PLACES  # coordinates that differ by no more differ only in their last digit

NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
GEOMETRY = re.compile(r'\b(?:d|x|y|x1|x2|y1|y2|width|height|transform|points|viewBox|cx|cy|r)="[^"]*"')
NAMED = re.compile(r'\bid="([a-z][0-9a-f]{10})"')  # by Matplotlib, after a checksum of unrounded coordinates


def steady(svg: str) -> str:
    """Return a drawing of Matplotlib with rounded coordinates, and ids numbered in order.

    >>> steady('<path id="m5424a0c984" d="M 0.123456 1.5"/><use href="#m5424a0c984" x="2.0004999"/>')
    '<path id="m1" d="M 0.123 1.5"/><use href="#m1" x="2"/>'
    """
    rounded = GEOMETRY.sub(lambda part: NUMBER.sub(lambda number: _rounded(number[0]), part[0]), svg)
    names = {old: f"{old[0]}{number}" for number, old in enumerate(dict.fromkeys(NAMED.findall(rounded)), 1)}
    return re.sub(r'(?<=[#"])([a-z][0-9a-f]{10})(?=[")])', lambda name: names.get(name[1], name[1]), rounded)


def _rounded(number: str) -> str:
    value = round(float(number), PLACES)
    return f"{value + 0.0:.{PLACES}f}".rstrip("0").rstrip(".")


def same_but_for_last_digits(old: str, new: str) -> bool:
    """Return whether two drawings differ at most in the last digits of coordinates.

    >>> same_but_for_last_digits('<text x="1.001">5</text>', '<text x="1.002">5</text>')
    True
    >>> same_but_for_last_digits('<text x="1.001">5</text>', '<text x="1.001">6</text>')
    False
    """
    if _without_numbers(old) != _without_numbers(new):
        return False
    return all(
        abs(a - b) <= APART for a, b in itertools.zip_longest(_numbers(old), _numbers(new), fillvalue=1e9)
    )


def _without_numbers(svg: str) -> str:
    return GEOMETRY.sub(lambda part: re.sub(r"-?\d+(?:\.\d+)?", "", part[0]), svg)


def _numbers(svg: str) -> list[float]:
    return [float(n) for part in GEOMETRY.findall(svg) for n in re.findall(r"-?\d+(?:\.\d+)?", part)]
