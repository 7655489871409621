"""A kept determination, and the envelope it lies in: all its parts in one file that tells whether it is whole."""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from api.store.errors import StoreRefused

SUFFIX: Final = ".json.gz"
_FORM: Final = "spine-kept-1"
_NAME: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Kept:
    """A determination as it is kept: its name, the JSON, the proof, its graphs as N-Quads, and other renditions."""

    name: str
    determination: str
    proof: str = ""
    graphs: str = ""
    renditions: Mapping[str, str] = field(default_factory=dict)


class NotWholeError(ValueError):
    """Bytes that are no whole envelope."""


def check_name(name: str) -> None:
    """Raise StoreRefused unless a name is 64 digits of a hash, so that it can be the name of a file."""
    if not _NAME.fullmatch(name):
        raise StoreRefused(
            "store.name", "That is no name of a determination.", mend="Give the 64 hexadecimal digits of its hash."
        )


def is_name(name: str) -> bool:
    """Whether a text is 64 digits of a hash.

    >>> is_name("ab" * 32), is_name("../" + "ab" * 32)
    (True, False)
    """
    return _NAME.fullmatch(name) is not None


def path_of(folder: Path, name: str) -> Path:
    """Where a determination of this name lies.

    >>> path_of(Path("data/kept"), "ab" * 32).parent.name
    'ab'
    """
    return folder / name[:2] / f"{name}{SUFFIX}"


def encode(kept: Kept) -> bytes:
    """The envelope: compressed JSON with the parts as texts and a checksum over them.

    >>> decode(encode(Kept("ab" * 32, '{"outcome": "necessary"}'))).determination
    '{"outcome": "necessary"}'
    """
    check_name(kept.name)
    parts = {
        "determination": kept.determination,
        "graphs": kept.graphs,
        "proof": kept.proof,
        "renditions": dict(kept.renditions),
    }
    try:
        told = {"form": _FORM, "name": kept.name, "checksum": _checksum(parts), "parts": parts}
        data = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        # Half of a surrogate pair is no text that a file can hold.
        raise StoreRefused("store.text", "A part of the determination is no text.", mend="Send it as UTF-8.") from error
    # The lowest level already makes a fifteenth of a proof, in a fraction of the time a sync takes.
    return gzip.compress(data, compresslevel=1, mtime=0)


def decode(data: bytes) -> Kept:
    """What lies in an envelope; raises NotWholeError if it is not exactly what was put there."""
    try:
        told: dict[str, Any] = orjson.loads(gzip.decompress(data))
        parts = told["parts"]
        if told["form"] != _FORM or told["checksum"] != _checksum(parts) or not is_name(told["name"]):
            raise NotWholeError(_FORM)
        return Kept(told["name"], parts["determination"], parts["proof"], parts["graphs"], parts["renditions"])
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise NotWholeError(_FORM) from error


def _checksum(parts: Mapping[str, object]) -> str:
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()
