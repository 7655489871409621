"""The journal: one line for each kept determination, each chained to the one before, so that no line goes unnoticed."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.store import files

_HEAD: Final = re.compile(rb"spine-journal 1 ([0-9a-f]{32})")
_LINE: Final = re.compile(rb"(\d{1,18}) ([0-9a-f]{64}) ([0-9a-f]{64}) (\d{1,18}) ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Line:
    """One kept determination: its number, its name, the hash and size of its file, and the chain up to here."""

    sequence: int
    name: str
    hash: str
    size: int
    chain: str

    def follows(self, before: str) -> bool:
        """Whether this line is the one written after that chain."""
        return self.chain == _chain(before, self.sequence, self.name, self.hash, self.size)


@dataclass(frozen=True, slots=True)
class Reading:
    """A journal as found: who it belongs to, its sound lines, and what is wrong with it.

    `length` is where the sound part ends, `torn` whether an unfinished line follows, `fault` the number
    of the first line that does not fit, and `claimed` what can be read of the lines from there on.
    """

    identity: str
    lines: tuple[Line, ...]
    length: int
    torn: bool
    fault: int
    claimed: tuple[Line, ...]


def genesis(identity: str) -> str:
    """The chain before the first line."""
    return hashlib.sha256(_head(identity)).hexdigest()


def next_line(sequence: int, before: str, name: str, hash_: str, size: int) -> Line:
    """The line of a determination after those that are there.

    >>> first = next_line(1, genesis("0" * 32), "a" * 64, "b" * 64, 9)
    >>> first.follows(genesis("0" * 32)), first.follows(genesis("1" * 32))
    (True, False)
    """
    return Line(sequence, name, hash_, size, _chain(before, sequence, name, hash_, size))


def create(path: Path, identity: str = "", lines: Sequence[Line] = ()) -> str:
    """A journal with these lines, whole on the disk when this returns; its identity, drawn by lot if none is given."""
    identity = identity or new_identity()
    files.place(path, _head(identity) + b"\n" + b"".join(map(_written, lines)))
    return identity


def new_identity() -> str:
    """The name of a new journal, drawn by lot: two folders are never taken for one another."""
    return secrets.token_hex(16)


def read(path: Path) -> Reading:
    """A journal as it is on the disk, with what is wrong in it."""
    data = files.read(path)
    *whole, rest = data.split(b"\n")
    head = _HEAD.fullmatch(whole[0]) if whole else None
    if head is None:
        return Reading("", (), 0, torn=False, fault=1, claimed=_claimed(whole))
    identity = head[1].decode()
    lines: list[Line] = []
    chain, length = genesis(identity), len(whole[0]) + 1
    for number, text in enumerate(whole[1:], start=1):
        line = _line(text)
        if line is None or line.sequence != number or not line.follows(chain):
            return Reading(
                identity, tuple(lines), length, torn=False, fault=number + 1, claimed=_claimed(whole[number:])
            )
        lines.append(line)
        chain, length = line.chain, length + len(text) + 1
    return Reading(identity, tuple(lines), length, torn=bool(rest), fault=0, claimed=())


class Journal:
    """The open end of a journal: lines are added in batches, each batch on the disk or not there at all."""

    __slots__ = ("_handle", "_length", "_unsure")

    def __init__(self, path: Path, length: int) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
        self._length = length
        self._unsure = True
        self._settle()

    def append(self, lines: Sequence[Line]) -> None:
        """The lines are on the disk when this returns; when it raises OSError, none of them is."""
        self._settle()
        data = b"".join(map(_written, lines))
        self._unsure = True
        try:
            files.write_all(self._handle, data)
            os.fsync(self._handle)
        except OSError:
            self._settle_if_possible()
            raise
        self._unsure = False
        self._length += len(data)

    @property
    def sure(self) -> bool:
        """Whether nothing follows the last acknowledged line on the disk."""
        return not self._unsure

    def close(self) -> None:
        """The journal is closed."""
        os.close(self._handle)

    def _settle(self) -> None:
        # After a failed write or sync, what follows the last acknowledged line is anybody's guess: it is cut off.
        if self._unsure:
            os.ftruncate(self._handle, self._length)
            os.fsync(self._handle)
            self._unsure = False

    def _settle_if_possible(self) -> None:
        try:
            self._settle()
        except OSError:
            self._unsure = True


def _head(identity: str) -> bytes:
    return f"spine-journal 1 {identity}".encode()


def _chain(before: str, sequence: int, name: str, hash_: str, size: int) -> str:
    return hashlib.sha256(f"{before} {sequence} {name} {hash_} {size}".encode()).hexdigest()


def _written(line: Line) -> bytes:
    return f"{line.sequence} {line.name} {line.hash} {line.size} {line.chain}\n".encode()


def _line(text: bytes) -> Line | None:
    found = _LINE.fullmatch(text)
    if found is None:
        return None
    sequence, name, hash_, size, chain = found.groups()
    return Line(int(sequence), name.decode(), hash_.decode(), int(size), chain.decode())


def _claimed(texts: Sequence[bytes]) -> tuple[Line, ...]:
    return tuple(line for line in map(_line, texts) if line is not None)
