"""The members of a small JSON object, each by its own text, so that the strict reader of cases sees what was sent."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

from api.problems import Refusal
from reasoner.intake import check_depth, decode

_SPACE: Final = re.compile(r"[ \t\r\n]*")


def members(data: bytes, names: Sequence[str]) -> dict[str, bytes]:
    """The named members, and no others: a text as what it says, an object as it was written.

    >>> members(b'{"case": {"a": 1.50}, "facts": "<#x> a <#y> ."}', ("case", "facts"))
    {'case': b'{"a": 1.50}', 'facts': b'<#x> a <#y> .'}
    """
    text = decode(data, "request")
    check_depth(text, json=True, name="request")
    decoder = json.JSONDecoder()
    found: dict[str, bytes] = {}
    try:
        place = _after(text, 0, "{")
        while True:
            name, place = decoder.raw_decode(text, _skip(text, place))
            start = _skip(text, _after(text, place, ":"))
            value, place = decoder.raw_decode(text, start)
            if name not in names or name in found:
                raise _refused(names)
            if not isinstance(value, dict | str):
                raise _refused(names)
            found[name] = (value if isinstance(value, str) else text[start:place]).encode()
            place = _skip(text, place)
            if text[place : place + 1] != ",":
                break
            place += 1
        if _skip(text, _after(text, place, "}")) != len(text) or found.keys() != set(names):
            raise _refused(names)
    except (ValueError, RecursionError):
        raise Refusal("request.json", "This is no JSON object.", mend=_mend(names)) from None
    return found


def _skip(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _after(text: str, place: int, mark: str) -> int:
    place = _skip(text, place)
    if text[place : place + 1] != mark:
        raise ValueError(mark)
    return place + 1


def _refused(names: Sequence[str]) -> Refusal:
    return Refusal("request.members", "The object has other members than it should.", mend=_mend(names))


def _mend(names: Sequence[str]) -> str:
    told = " and ".join(f"`{name}`" for name in names)
    return f"Send an object with {told}, each as JSON-LD or as a text in any syntax."
