"""Which texts are dates: a fixed list of forms, each of which must match the whole text.

Nothing is guessed and nothing is left over: a text with more numbers than a date and a time of day need, such as
"12-13 June 2018", has no form here. A date that reads differently with the day first and with the month first is
refused unless a format says which.
"""

from __future__ import annotations

import datetime
import re

EPOCH = datetime.date(1970, 1, 1).toordinal()
FIX = "write YYYY-MM-DD"
INCOMPLETE = "names no day, month and four-digit year"
IMPOSSIBLE = "is not a day of the calendar"
AMBIGUOUS = "is ambiguous, day or month first"
SEVERAL = "names more than one day"
OTHER_FORMAT = "does not have the stated format"
NO_DATE = "names no day"  # a code for a missing date
# Numbers that count from a day: first and last of them, what they look like, and the call of pandas that turns a
# column of them into dates.
COUNTS = (
    (25_569, 73_050, "a serial day of Excel", "unit='D', origin='1899-12-30'"),  # of 1970 to 2099
    (10**9, 5 * 10**9, "seconds since 1970", "unit='s'"),
    (10**12, 5 * 10**12, "milliseconds since 1970", "unit='ms'"),
)
# Of these one fix serves every cell of a column, whatever it holds.
COMMON = (INCOMPLETE, f"is a number and {INCOMPLETE}", AMBIGUOUS, OTHER_FORMAT, NO_DATE,
          *(f"is a number that looks like {what}" for _, _, what, _ in COUNTS))  # fmt: skip

# Codes for a missing date in files of R, Stata, SQL and spreadsheets.
MISSING = frozenset(["", "na", "n/a", "#n/a", "<na>", "nan", "nat", "null", "none", "."])

MONTHS = {name: number for number, name in enumerate(
    ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
     "december"), 1)}  # fmt: skip
MONTHS |= {name[:3]: number for name, number in MONTHS.items()} | {"sept": 9}
WEEKDAYS = {name: number for number, name in enumerate(
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))}  # fmt: skip
WEEKDAYS |= {name[:3]: number for name, number in WEEKDAYS.items()}

REFUSED = re.compile(rf"'(?P<cell>.*)' (?P<rest>(?:{'|'.join(map(re.escape, COMMON))}); .*)", re.DOTALL)


def _one_of(names: dict[str, int]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


FLAGS = re.IGNORECASE | re.ASCII  # so the Turkish dotless i does not match
SPACE = r"[ \t\u00a0\u2009\u202f]"
YEAR, MONTH, DAY = r"(?P<year>[0-9]{4})", r"(?P<month>[0-9]{1,2})", r"(?P<day>[0-9]{1,2})"
NAME = rf"(?P<name>{_one_of(MONTHS)})\.?"
NTH = rf"{DAY}(?:st|nd|rd|th)?"
WEEKDAY = rf"(?:(?P<weekday>{_one_of(WEEKDAYS)})\.?,?{SPACE}*)?"
TIME = rf"(?:(?P<mark>{SPACE}*T|{SPACE}+)(?P<clock>[0-9].*))?"
FORMS = tuple(
    re.compile(form + TIME, FLAGS)
    for form in (
        rf"{YEAR}(?P<between>[-/. ]){MONTH}(?P=between){DAY}",  # 2018-06-12
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",  # 20180612
        rf"(?P<one>[0-9]{{1,2}})(?P<between>[-/.])(?P<two>[0-9]{{1,2}})(?P=between){YEAR}",  # 13/06/2018
        rf"{DAY}(?P<between>[-/.]?){NAME}(?P=between){YEAR}",  # 12-Jun-2018, 12JUN2018
        rf"{WEEKDAY}{NTH}\.?{SPACE}+(?:of{SPACE}+)?{NAME},?{SPACE}+{YEAR}",  # 12 June 2018
        rf"{NAME}(?P<between>[-/.]){DAY}(?P=between){YEAR}",  # Jun-12-2018
        rf"{WEEKDAY}{NAME}{SPACE}+{NTH}(?:,{SPACE}*|{SPACE}+){YEAR}",  # June 12, 2018
        rf"{YEAR}(?P<between>[-/. ]?){NAME}(?P=between){DAY}",  # 2018-Jun-12
    )
)
CLOCK = re.compile(
    rf"(?P<hour>[0-9]{{1,2}})(?::?(?P<minute>[0-9]{{2}})(?::?(?P<second>[0-9]{{2}})(?:[.,][0-9]+)?)?)?"
    rf"(?:{SPACE}*(?P<half>[AP])\.?M\.?)?"
    rf"(?:{SPACE}*(?:Z|UTC|GMT|[+-](?P<ahead>[0-9]{{2}})(?::?(?P<beyond>[0-9]{{2}}))?))?",
    FLAGS,
)
FOUR_DIGITS = re.compile("[0-9]{4}")  # every date has a year of four
NUMBER = re.compile(r"[+-]?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:e[+-]?[0-9]+)?", FLAGS)
TIME_OF_DAY = re.compile(r"(?:T|\s|^)\s*[0-9]{1,2}:[0-9]{2}.*", FLAGS)
PART_OF_A_YEAR = re.compile(r"\b(?:[0-9]{4})?-?[wq][0-9]{1,2}\b", FLAGS)  # weeks and quarters

# What a stated format may hold, and the pattern of each.
DIRECTIVES = {
    "Y": YEAR,
    "m": MONTH,
    "d": DAY,
    "b": NAME,
    "B": NAME,
    "H": "[0-9]{1,2}",
    "I": "[0-9]{1,2}",
    "M": "[0-9]{1,2}",
    "S": "[0-9]{1,2}",
    "f": "[0-9]+",
    "p": "[AP]M",
    "z": "(?:Z|[+-][0-9]{2}:?[0-9]{2})",
}
TIMES = frozenset("HIMSfpz")


def compiled_format(date_format: str) -> re.Pattern[str]:
    """Return the pattern of a format such as "%d/%m/%Y".

    Raises ValueError, saying why, if the format does not name one day, or holds a directive that is not
    known.
    """
    pattern, named, before = "", [], ""
    for part in re.findall(r"%.|%$|[^%]", date_format, re.DOTALL):
        if part == "%%" or part[0] != "%":
            pattern += re.escape(part[-1])
            before = ""
            continue
        letter = part[1:]
        if letter not in DIRECTIVES:
            raise ValueError(
                f"{part} is not known; use %Y, %m or %b, %d, and %H, %M, %S, %f, %p, %z for a time of day"
            )
        text = DIRECTIVES[letter]
        if before or re.search(
            rf"%{letter}%", date_format
        ):  # no separator between two numbers: each must have all its digits
            text = text.replace("{1,2}", "{2}")
        pattern, before = pattern + text, letter
        named.append("m" if letter in "bB" else letter)
    if sorted(letter for letter in named if letter not in TIMES) != ["Y", "d", "m"]:
        raise ValueError("it must name the year as %Y, the month as %m or %b and the day as %d, each once")
    return re.compile(pattern if TIMES & set(named) else pattern + TIME, FLAGS)


def day_of(text: str, stated: re.Pattern[str] | None = None) -> int | str:
    """Return the day of a text, counted from 1970-01-01, or what is wrong with it.

    `stated`: of a stated format, by which the text is read. Where that does not begin with the year, a text
    of the form YYYY-MM-DD is read as well, as date cells of a spreadsheet are printed that way.
    """
    text = text.strip()
    forms = FORMS if stated is None else (stated,)
    if stated is not None and not stated.pattern.startswith(YEAR):
        forms = (stated, FORMS[0])
    for form in forms:
        found = form.fullmatch(text)
        day = None if found is None else _day(found.groupdict())
        if day is not None:
            return day
    return _why_not(text) if stated is None else OTHER_FORMAT


def is_date(text: str, stated: re.Pattern[str] | None = None) -> bool:
    """Tell whether a text is a date, or would be if the order of day and month were known.

    >>> is_date("2018-06-12"), is_date("03/04/2020"), is_date("12")
    (True, True, False)
    """
    if not FOUR_DIGITS.search(text):  # soon said of most cells of a wide table
        return False
    day = day_of(text, stated)
    return isinstance(day, int) or day == AMBIGUOUS


def fix_of(what: str) -> str:
    """Return the fix for a text that names no day, from what is wrong with it.

    >>> fix_of(AMBIGUOUS)
    'write YYYY-MM-DD'
    """
    if what == SEVERAL:
        return "give the first as YYYY-MM-DD, or a column for each"
    for _, _, counted, how in COUNTS:
        if what == f"is a number that looks like {counted}":
            excel = ", format the column as dates in Excel" if "Excel" in counted else ""
            return f"{FIX}{excel}, or convert it by pandas.to_datetime(column, {how})"
    return FIX


def order_of(text: str) -> str | None:
    """Return the format of a date in numbers that can be read in one order only; None for any other text.

    >>> order_of("25/12/2020"), order_of("12.25.2020"), order_of("03/04/2020")
    ('%d/%m/%Y', '%m.%d.%Y', None)
    """
    found = FORMS[2].fullmatch(text.strip())
    if found is None or not isinstance(day_of(text), int) or found["one"] == found["two"]:
        return None
    first, second = ("%d", "%m") if int(found["one"]) > 12 else ("%m", "%d")
    return found["between"].join((first, second, "%Y"))


def common(text: str) -> tuple[str | None, str]:
    """Return the cell and the rest of a refusal of which one fix serves the whole column; None and the text if not.

    >>> common("'03/04/2020' is ambiguous, day or month first; write YYYY-MM-DD")
    ('03/04/2020', 'is ambiguous, day or month first; write YYYY-MM-DD')
    """
    found = REFUSED.fullmatch(text)
    return (None, text) if found is None else (found["cell"], found["rest"])


def _day(parts: dict[str, str | None]) -> int | str | None:
    """Return the day of the parts of a date, or what is wrong with it; None if what follows is not a time of day."""
    if parts.get("clock") and not _is_time(str(parts["clock"]), bare="T" not in str(parts["mark"]).upper()):
        return None
    year = int(parts["year"] or 0)
    if parts.get("one"):
        one, two = int(parts["one"] or 0), int(parts["two"] or 0)
        days = {day for day in (_ordinal(year, two, one), _ordinal(year, one, two)) if day is not None}
        if len(days) > 1:
            return AMBIGUOUS
        return days.pop() if days else IMPOSSIBLE
    name = parts.get("name")
    day = _ordinal(year, MONTHS[name.lower()] if name else int(parts["month"] or 0), int(parts["day"] or 0))
    if day is None:
        return IMPOSSIBLE
    weekday = parts.get("weekday")
    if weekday and (day + EPOCH - 1) % 7 != WEEKDAYS[weekday.lower()]:
        return "names a day of the week that its date does not have"
    return day


def _ordinal(year: int, month: int, day: int) -> int | None:
    try:
        return datetime.date(year, month, day).toordinal() - EPOCH
    except ValueError:
        return None


def _is_time(text: str, bare: bool) -> bool:
    """Tell whether a text is a time of day; after a space alone it needs a colon."""
    found = CLOCK.fullmatch(text)
    if found is None or (bare and ":" not in text[1:3]):
        return False
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    hours = 1 <= hour <= 12 if found["half"] else hour <= 23
    ahead, beyond = int(found["ahead"] or 0), int(found["beyond"] or 0)
    return hours and minute <= 59 and second <= 60 and 60 * ahead + beyond <= 14 * 60 and beyond <= 59


def _counted(text: str) -> str | None:
    """Return what a number looks like that counts from some day, None if it does not."""
    number = float(text.replace(",", "."))
    for first, last, what, _ in COUNTS:
        if first <= number <= last and (number % 1 == 0 or "Excel" in what):
            return f"is a number that looks like {what}"
    return None


def _why_not(text: str) -> str:
    """Return why a text that matches no date form names no day."""
    if text.lower() in MISSING:
        return NO_DATE
    if NUMBER.fullmatch(text):
        return _counted(text) or f"is a number and {INCOMPLETE}"
    date = TIME_OF_DAY.sub("", text)
    numbers = re.findall(r"[0-9]+", date)
    names = re.findall(rf"(?<![a-z])(?:{_one_of(MONTHS)})(?![a-z])", date, FLAGS)
    whole = [number for number in numbers if len(number) == 8]
    if PART_OF_A_YEAR.search(date) or not (whole or any(len(number) == 4 for number in numbers)):
        return INCOMPLETE
    parts = len(numbers) + bool(names)
    if len(whole) > 1 or len(names) > 1 or parts > 3:
        return SEVERAL
    return IMPOSSIBLE if whole or parts == 3 else INCOMPLETE
