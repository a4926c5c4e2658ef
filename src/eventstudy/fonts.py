"""Fonts for names in any script: which characters Matplotlib's own fonts lack, and which other font has them."""

from __future__ import annotations

import functools
import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from eventstudy.errors import FontError
from eventstudy.printing import one_line

# Kurinto Sans: nearly every living script, SIL Open Font License
PACKAGE, MODULE = "weblate-fonts", "weblate_fonts"
INSTALL = "pip install 'eventstudy-timing[fonts]'"
INVISIBLE = {"Cf", "Zs", "Zl", "Zp"}  # spaces, and signs that join letters or turn their direction
LAST_RESORT = "LastResort"  # Matplotlib's font of boxes, which "has" every character
MACHINE = "this machine"
HAN_BY_SCRIPT = {"HANGUL": "KR", "HIRAGANA": "JP", "KATAKANA": "JP", "BOPOMOFO": "TC"}
REGIONS = ("SC", "TC", "JP", "KR")  # forms of Chinese characters


@dataclass(frozen=True, slots=True)
class Font:
    """A font family that is taken where Matplotlib's own fonts lack a character.

    `files`: the regular face, then the bold one where there is one. `origin`: the package and its version, or
    "this machine".
    """

    family: str
    files: tuple[Path, ...]
    origin: str

    def __str__(self) -> str:
        """Return family, origin and the beginning of the checksum of the regular face."""
        digest = hashlib.sha256(self.files[0].read_bytes()).hexdigest()
        return f"{self.family} ({self.origin}, SHA-256 {digest[:12]})"


def lacking(text: str, files: Sequence[Path]) -> str:
    """Return the characters of a text, each once, that none of some font files can draw.

    Spaces and signs without a shape of their own do not count; control characters do.
    """
    seen = (c for c in dict.fromkeys(text) if c != "\n" and unicodedata.category(c) not in INVISIBLE)
    return "".join(c for c in seen if not any(ord(c) in _characters(file) for file in files))


def other_fonts(text: str, *, besides: Sequence[Path], where: str) -> tuple[Font, ...]:
    """Return the fonts that draw what some font files lack of a text; none for nearly every text.

    `besides`: font files that are tried first. `where`: begins the message.

    Raises FontError if no font has a character.
    """
    found, rest = find_fonts(lacking(text, besides))
    if rest:
        raise FontError(f"{where}: {refusal(rest[0])}")
    return found


def find_fonts(characters: str) -> tuple[tuple[Font, ...], str]:
    """Return fonts that have characters, as few as reach, and those characters that none of them has.

    Fonts of the package come first, then those of the machine. Chinese characters have Korean forms beside Hangul,
    Japanese ones beside Kana, and simplified ones where nothing tells.
    """
    found, rest = [], characters
    for font in _candidates(characters) if characters else ():
        if len(left := lacking(rest, font.files[:1])) < len(rest):
            found.append(font)
            rest = left
        if not rest:
            break
    return tuple(found), rest


def check_label(label: str, where: str) -> None:
    """Refuse a name that figures cannot show.

    `where`: what it is the name of.

    Raises FontError if no font has a character, or this Matplotlib cannot shape its script.
    """
    if not (label.isascii() and label.isprintable()):
        place = f"{where} '{one_line(label)}'"
        check_shaping(label, place)
        other_fonts(label, besides=[plain_font()], where=place)


def check_shaping(text: str, where: str) -> None:
    """Refuse a script whose letters change with their neighbours where Matplotlib cannot shape it."""
    from matplotlib import ft2font

    if getattr(ft2font, "__libraqm_version__", None):
        return
    shaped = next((c for c in text if unicodedata.bidirectional(c) in ("R", "AL") or _is_mark(c)), "")
    if shaped:
        raise FontError(
            f"{where}: this Matplotlib sets '{shaped}' ({_name(shaped)}) without regard to the letters beside it; "
            "pip install 'matplotlib>=3.11', or write it in Latin letters"
        )


def refusal(character: str) -> str:
    """Return what a message says of a character that no font has, with the fix."""
    named = f"'{one_line(character)}' (U+{ord(character):04X}"
    named += f", {name})" if (name := _name(character)) else ")"
    if unicodedata.category(character).startswith("C"):
        return f"{named} is no letter or sign and cannot be printed; take it out"
    fix = "write it in other letters" if _package_fonts() else f"{INSTALL}, or write it in other letters"
    return f"no font here has {named}; {fix}"


def plain_font() -> Path:
    """Return the file of DejaVu Sans that Matplotlib brings along."""
    return own_folder() / "DejaVuSans.ttf"


def own_folder() -> Path:
    """Return the folder of the fonts that Matplotlib brings along."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def own_fonts() -> tuple[Path, ...]:
    """Return the files in that folder that a report may be printed with, without the font of boxes."""
    return tuple(file for file in sorted(own_folder().glob("*.ttf")) if not file.name.startswith(LAST_RESORT))


def register(fonts: Iterable[Font]) -> None:
    """Let Matplotlib know fonts of the package by their names; it knows those of the machine."""
    from matplotlib.font_manager import fontManager

    known = {entry.fname for entry in fontManager.ttflist}
    if any(font.origin != MACHINE for font in fonts):
        for font in _package_fonts():  # all, in one order: some of them share a second name
            for file in font.files:
                if str(file) not in known:
                    fontManager.addfont(str(file))


@functools.cache
def _characters(file: Path) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    with file.open("rb") as opened:  # given its name, it would leave the file open
        return frozenset(FT2Font(opened).get_charmap())


def _candidates(text: str) -> Iterable[Font]:
    wanted = {HAN_BY_SCRIPT.get(_name(c).partition(" ")[0]) for c in text}
    first = [region for region in reversed(REGIONS) if region in wanted]
    order = [*first, "", *(region for region in REGIONS if region not in first)]
    package = {font.family.removeprefix("Kurinto Sans").strip(): font for font in _package_fonts()}
    yield from (package[region] for region in order if region in package)
    yield from _machine_fonts()


@functools.cache
def _package_fonts() -> tuple[Font, ...]:
    """Return the families of the package, the one for scripts in general first; none if it is not installed."""
    spec = util.find_spec(MODULE)
    if spec is None or not spec.submodule_search_locations:
        return ()
    folder = Path(spec.submodule_search_locations[0]) / "static" / MODULE / "kurinto" / "ttf"
    try:
        origin = f"{PACKAGE} {metadata.version(PACKAGE)}"
    except metadata.PackageNotFoundError:  # unpacked by hand
        origin = PACKAGE
    found = []
    for region in ("", *REGIONS):
        files = tuple(folder / f"KurintoSans{region}-{face}.ttf" for face in ("Rg", "Bd"))
        if all(file.exists() for file in files):
            found.append(Font(f"Kurinto Sans {region}".strip(), files, origin))
    return tuple(found)


@functools.cache
def _machine_fonts() -> tuple[Font, ...]:
    """Return the upright families that Matplotlib finds on the machine, by name."""
    from matplotlib.font_manager import fontManager

    passed_over = {str(file) for font in _package_fonts() for file in font.files}
    faces: dict[str, dict[bool, Path]] = {}
    for entry in sorted(fontManager.ttflist, key=lambda entry: (entry.name, entry.fname)):
        file, bold = Path(entry.fname), int(entry.weight) >= 600
        if entry.style == "normal" and file.parent != own_folder() and entry.fname not in passed_over:
            faces.setdefault(entry.name, {}).setdefault(bold, file)
    return tuple(
        Font(name, tuple(files[bold] for bold in (False, True) if bold in files), MACHINE)
        for name, files in faces.items()
        if False in files and not name.startswith(".")  # a dot begins names that a system keeps to itself
    )


def _is_mark(character: str) -> bool:
    """Return whether a character hangs on the letter before it, as vowels of Indic scripts and of Thai do."""
    kind = unicodedata.category(character)
    return kind == "Mc" or (kind == "Mn" and not _name(character).startswith("COMBINING"))


def _name(character: str) -> str:
    return unicodedata.name(character, "")
