"""Literals of a case: which lexical forms are allowed, and the one canonical form of each value."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from reasoner.terms import XSD, Literal

if TYPE_CHECKING:
    from decimal import Decimal

    from reasoner.schema import Property

INTEGER: Final = XSD + "integer"
DECIMAL: Final = XSD + "decimal"
BOOLEAN: Final = XSD + "boolean"
STRING: Final = XSD + "string"
LANG_STRING: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
DATES: Final = (XSD + "date", XSD + "gYearMonth", XSD + "gYear")

_BOOLEANS: Final = {"true": "true", "1": "true", "false": "false", "0": "false"}
_PARTIAL: Final = {
    XSD + "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII),
    XSD + "gYearMonth": re.compile(r"[0-9]{4}-[0-9]{2}", re.ASCII),
    XSD + "gYear": re.compile(r"[0-9]{4}", re.ASCII),
}
_INEXACT: Final = frozenset({XSD + "double", XSD + "float"})
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LAST_MONTH: Final = 12


@lru_cache(maxsize=16384)
def canonical(value: Literal, datatypes: tuple[str, ...]) -> Literal | None:
    """The canonical form of a value under the datatypes of its property; None if it is none of theirs.

    >>> canonical(Literal("06.50", DECIMAL), (DECIMAL,)).lexical
    '6.5'
    """
    if DECIMAL in datatypes and value.datatype in {INTEGER, DECIMAL}:
        return None if value.number is None else Literal(_shortest(value.lexical), DECIMAL)
    if value.datatype in {STRING, LANG_STRING}:
        text = not datatypes or any(one not in _PARTIAL and one not in _TYPED for one in datatypes)
        return value if text and not _CONTROL.search(value.lexical) else None
    if value.datatype not in datatypes:
        return None
    if value.datatype == INTEGER:
        return None if value.number is None else Literal(_shortest(value.lexical), INTEGER)
    if value.datatype == BOOLEAN:
        word = _BOOLEANS.get(value.lexical)
        return None if word is None else Literal(word, BOOLEAN)
    return value if days(value) else None


_TYPED: Final = frozenset({INTEGER, DECIMAL, BOOLEAN})


@lru_cache(maxsize=16384)
def days(value: Literal) -> tuple[date, date] | None:
    """The first and the last day that a date, a month or a year stands for; None if there is no such day.

    >>> days(Literal("2024-02", XSD + "gYearMonth"))
    (datetime.date(2024, 2, 1), datetime.date(2024, 2, 29))
    """
    pattern = _PARTIAL.get(value.datatype)
    if pattern is None or pattern.fullmatch(value.lexical) is None:
        return None
    parts = [int(part) for part in value.lexical.split("-")]
    try:
        first = date(*[*parts, 1, 1][:3])
        match len(parts):
            case 1:
                return first, date(parts[0], 12, 31)
            case 2:
                month = (
                    date(parts[0], 12, 31)
                    if parts[1] == _LAST_MONTH
                    else date.fromordinal(date(parts[0], parts[1] + 1, 1).toordinal() - 1)
                )
                return first, month
            case _:
                return first, first
    except ValueError:
        return None


def date_type(lexical: str) -> str | None:
    """The datatype that a date, a month or a year written as plain text has.

    >>> date_type("2024-12").rpartition("#")[2]
    'gYearMonth'
    """
    return next((one for one, pattern in _PARTIAL.items() if pattern.fullmatch(lexical)), None)


def fault(value: Literal, known: Property) -> tuple[str, str, str]:
    """Code, sentence and mend for a value that is none of its property's; the value itself is never quoted."""
    name = f"'{known.label}'"
    if known.is_text:
        if value.datatype in {STRING, LANG_STRING}:
            return "case.text", f"{name} holds control characters.", "Remove them."
        return "case.text", f"{name} must be plain text.", "Write it in quotation marks."
    if BOOLEAN in known.datatypes:
        return "case.boolean", f"{name} is neither true nor false.", "Write true or false."
    if set(known.datatypes) & set(DATES):
        form = "2026-02-13" + (", 2026-02 or 2026" if len(known.datatypes) > 1 else "")
        if value.datatype in known.datatypes:
            return "case.date", f"{name} is no day of the calendar.", f"Write it like {form}, without a time zone."
        return (
            "case.date",
            f"{name} is no date.",
            f'Write it like {form}, in Turtle with its type: "2026-02-13"^^xsd:date.',
        )
    example = "6.5" if DECIMAL in known.datatypes else "6"
    if value.datatype in _INEXACT:
        what, mend = f"{name} is a floating-point number.", f"Write a plain {example}, without an exponent."
    elif value.datatype in {INTEGER, DECIMAL} and value.number is not None:
        what, mend = f"{name} must be a whole number.", f"Write it like {example}."
    else:
        what, mend = f"{name} is no plain number.", f"Write it like {example}: digits only, no unit, no quotes."
    return "case.number", what, mend


def out_of_range(value: Literal, least: Decimal | None, most: Decimal | None) -> bool:
    """Whether a canonical number lies outside the plausible range of its property."""
    number = value.number
    return number is not None and ((least is not None and number < least) or (most is not None and number > most))


def _shortest(lexical: str) -> str:
    """The XSD canonical form of a well-formed integer or decimal.

    >>> [_shortest(one) for one in ("+007", "-0", "1.50", ".5", "3.")]
    ['7', '0', '1.5', '0.5', '3']
    """
    sign = "-" if lexical.startswith("-") else ""
    whole, _, fraction = lexical.lstrip("+-").partition(".")
    fraction = fraction.rstrip("0")
    short = (whole.lstrip("0") or "0") + ("." + fraction if fraction else "")
    return short if short == "0" else sign + short
