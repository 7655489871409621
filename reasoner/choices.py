"""What a property may name, told in few words to whoever named something else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reasoner.schema import local_name
from reasoner.vocabulary import Spine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reasoner.schema import CaseSchema, Property

_MOST: Final = 10
"""Values that can be read at a glance; a longer list is looked up with `spine words`."""
_NUMBERED: Final = re.compile(r"([A-Za-z]+)([0-9]+)")


def mended(schema: CaseSchema, known: Property, near: str) -> str:
    """How to mend an unknown value: the nearest name, or what there is; of levels both, for a near level misleads."""
    told = choices(schema, known) if known.takes_level or not near else ""
    return " ".join(part for part in (f"Did you mean '{near}'?" if near else "", told) if part)


def choices(schema: CaseSchema, known: Property) -> str:
    """A sentence with all that the property may name; empty where that would be a long list."""
    if known.takes_level:
        return f"Levels are {_levels(schema, known.values)}."
    if not 0 < len(known.values) <= _MOST:
        return ""
    ordered = schema.scales.get(known.scale, ())
    values = [one for one in ordered if one in known.values] or sorted(known.values)
    return f"Use {listed([local_name(one) for one in values], most=_MOST)}."


def _levels(schema: CaseSchema, values: Iterable[str]) -> str:
    """Vertebrae in runs from the head down, one segment for all, regions and joints by name."""
    vertebrae, segments, others = [], [], []
    for one in sorted(values):
        if one in schema.rank:
            vertebrae.append(one)
        elif Spine.MotionSegment in schema.individuals.get(one, ()):
            segments.append(local_name(one))
        else:
            others.append(local_name(one))
    told = runs([local_name(one) for one in sorted(vertebrae, key=schema.rank.__getitem__)])
    parts = [listed(told, "and", most=len(told))]
    if segments:
        parts.append(f"segments such as {min(segments, key=len)}")
    if others:
        parts.append(f"and by name {listed(others, 'and', most=len(others))}")
    return "; ".join(part for part in parts if part)


def runs(names: Iterable[str]) -> list[str]:
    """Names in order, those that only count on told by their ends.

    >>> runs(["Occiput", "C1", "C2", "C3", "T1", "T2", "S1"])
    ['Occiput', 'C1 to C3', 'T1 to T2', 'S1']
    """
    found: list[tuple[str, str]] = []
    for name in names:
        here, before = _NUMBERED.fullmatch(name), _NUMBERED.fullmatch(found[-1][1]) if found else None
        if here and before and here[1] == before[1] and int(here[2]) == int(before[2]) + 1:
            found[-1] = (found[-1][0], name)
        else:
            found.append((name, name))
    return [first if first == last else f"{first} to {last}" for first, last in found]


def listed(words: list[str], joint: str = "or", *, most: int = 6) -> str:
    """Words as a person lists them.

    >>> listed(["a", "b", "c"])
    'a, b or c'
    """
    shown = words[:most]
    return f" {joint} ".join(part for part in (", ".join(shown[:-1]), shown[-1] if shown else "") if part)
