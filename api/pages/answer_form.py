"""Open questions as fields of a form, and the form that comes back as answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api.pages.determination_keys import Keys, joined
from reasoner.layout import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

Json = dict[str, Any]

_PREFIX: Final = "q"
_SINGLE: Final = frozenset({"criterion", "says", "kind", "side", "root", "onDate", "document"})
_NUMBER: Final = re.compile(r"[0-9]{1,3}")
_MOST: Final = 100
"""Questions of one form; a determination asks far fewer."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its fields, named so that many stand in one form."""

    name: str
    question: Json
    criterion: str
    levels: str


def questions_by_criterion(
    questions: Iterable[Json], at: dict[str, tuple[str, ...]], keys: Keys
) -> dict[str, Question]:
    """Every question by the criterion that it is about, numbered in their order."""
    return {
        one["criterion"]: Question(
            f"{_PREFIX}{number}",
            {**one, "documents": [{**each, "label": plain(each["label"])} for each in one["documents"]]},
            keys.criterion(one["criterion"]),
            "" if one["everywhere"] else joined(level for item in one["items"] for level in at.get(item, ())),
        )
        for number, one in enumerate(questions, start=1)
    }


def answers_of(fields: Iterable[tuple[str, str]]) -> list[Json]:
    """The answers that a sent form holds, in the order of its questions; a question left open is none.

    >>> answers_of([("q1.criterion", "urn:c"), ("q1.says", "yes"), ("q1.levels", "urn:l"), ("q2.says", "")])
    [{'criterion': 'urn:c', 'says': 'yes', 'levels': ['urn:l'], 'values': {}}]
    """
    rows: dict[int, Json] = {}
    units: dict[int, dict[str, str]] = {}
    for name, value in fields:
        number, _, key = name.removeprefix(_PREFIX).partition(".")
        if not (name.startswith(_PREFIX) and _NUMBER.fullmatch(number) and int(number) <= _MOST):
            continue
        row = rows.setdefault(int(number), {"criterion": "", "says": "", "levels": [], "values": {}})
        if key == "levels":
            row["levels"].append(value)
        elif key in _SINGLE:
            row[key] = value
        elif key.startswith("value.") and value.strip():
            row["values"][key.removeprefix("value.")] = value.strip()
        elif key.startswith("unit."):
            units.setdefault(int(number), {})[key.removeprefix("unit.")] = value
    for asked, chosen in units.items():
        values = rows[asked]["values"]
        for quantity, unit in chosen.items():
            if quantity in values:
                values[unit] = values.pop(quantity)
    return [
        {key: value for key, value in row.items() if value or key == "values"}
        for _, row in sorted(rows.items())
        if row["says"] in ("yes", "no") and row["criterion"]
    ]
