"""Positions of the letters in a PDF: runs of text with their boxes, including those in figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Matrix = tuple[float, ...]
UNIT: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Run:
    """Letters that one operator shows.

    - `left`, `bottom`, `right`, `top`: box in points from the lower left corner of the page, from the foot
      line up.
    - `furniture`: whether it is a header, a footer or an ornament, not content.
    - `missing`: whether a letter is glyph 0, which fonts draw for those they lack.
    """

    left: float
    bottom: float
    right: float
    top: float
    furniture: bool
    missing: bool


@dataclass(frozen=True, slots=True)
class Font:
    """Widths of glyphs in thousandths of the size, by number, and that of all others."""

    widths: dict[int, float]
    default: float


Fonts = dict[tuple[int, int], Font]
OPERATORS = "q Q cm BDC BMC EMC Tf Tm Tj TJ Do"


def text_runs(page: Any) -> Iterator[Run]:
    """Yield the runs of text of a page of pikepdf, as Typst writes them: fonts of two-byte glyph numbers."""
    yield from _runs(page, page.get("/Resources", {}), UNIT, {}, furniture=False)


def _runs(stream: Any, resources: Any, outer: Matrix, known: Fonts, *, furniture: bool) -> Iterator[Run]:
    import pikepdf

    now, kept = outer, []
    marks = [furniture]
    place, font, size = UNIT, Font({}, 0.0), 0.0
    for step in pikepdf.parse_content_stream(stream, OPERATORS):  # lines and curves are left out
        operands: Any = step.operands
        match str(step.operator):
            case "q":
                kept.append(now)
            case "Q":
                now = kept.pop()
            case "cm":
                now = _times(_floats(operands), now)
            case "BDC" | "BMC":
                marks.append(marks[-1] or operands[0] == "/Artifact")
            case "EMC":
                marks.pop()
            case "Tf":
                named, size = resources["/Font"][str(operands[0])], float(operands[1])
                if named.objgen not in known:
                    known[named.objgen] = _font(named)
                font = known[named.objgen]
            case "Tm":
                place = _floats(operands)
            case "Tj" | "TJ":
                shown = operands[0] if str(step.operator) == "TJ" else operands
                advance, missing = _measure(shown, font)
                yield _run(_times(place, now), advance * size, size, marks[-1], missing)
                place = _times((1.0, 0.0, 0.0, 1.0, advance * size, 0.0), place)
            case "Do":
                form = resources["/XObject"][str(operands[0])]
                if form.get("/Subtype") == "/Form":
                    inner = _times(_floats(form.get("/Matrix", UNIT)), now)
                    yield from _runs(
                        form, form.get("/Resources", resources), inner, known, furniture=marks[-1]
                    )


def _floats(numbers: Any) -> Matrix:
    return tuple(float(number) for number in numbers)


def _times(first: Matrix, then: Matrix) -> Matrix:
    """Return the product of two transformations as a PDF matrix (a, b, c, d, e, f)."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _measure(shown: Any, font: Font) -> tuple[float, bool]:
    """Return the advance width of letters for a size of 1, and whether one of them is missing."""
    import pikepdf

    advance, missing = 0.0, False
    for part in shown:
        if isinstance(part, pikepdf.String):
            codes = bytes(part)
            glyphs = [codes[i] << 8 | codes[i + 1] for i in range(0, len(codes) - 1, 2)]
            advance += sum(font.widths.get(glyph, font.default) for glyph in glyphs) / 1000
            missing |= 0 in glyphs
        else:
            advance -= float(part) / 1000
    return advance, missing


def _font(font: Any) -> Font:
    import pikepdf

    inner = font["/DescendantFonts"][0]
    widths: dict[int, float] = {}
    entries = list(inner.get("/W", []))
    while entries:
        first, second = int(entries.pop(0)), entries.pop(0)
        if isinstance(second, pikepdf.Array):
            widths |= {first + i: float(width) for i, width in enumerate(second)}
        else:
            widths |= dict.fromkeys(range(first, int(second) + 1), float(entries.pop(0)))
    return Font(widths, float(inner.get("/DW", 1000)))


def _run(place: Matrix, advance: float, size: float, furniture: bool, missing: bool) -> Run:
    a, b, c, d, e, f = place
    tall = 0.7 * size  # about the height of a capital
    x = (e, e + a * advance, e + c * tall, e + a * advance + c * tall)
    y = (f, f + b * advance, f + d * tall, f + b * advance + d * tall)
    return Run(min(x), min(y), max(x), max(y), furniture, missing)
