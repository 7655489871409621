"""Files that are whole or absent: written beside, synced, renamed, and the folder synced."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

TEMPORARY: Final = ".tmp"
_PIECE: Final = 1 << 24


def make_folder(path: Path) -> None:
    """A folder for nobody but its owner, with its name synced; one that is there already is left as it is."""
    if path.is_dir():
        return
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """The names in a folder are on the disk when this returns."""
    with opened(path, os.O_RDONLY | os.O_DIRECTORY) as handle:
        os.fsync(handle)


def write_all(handle: int, data: bytes) -> None:
    """All of the bytes, however few the system takes at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def place(path: Path, data: bytes) -> None:
    """A file that holds exactly these bytes, on the disk when this returns; or, if that fails, no trace of it."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}{TEMPORARY}")
    try:
        with opened(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as handle:
            write_all(handle, data)
            os.fsync(handle)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def read(path: Path | str) -> bytes:
    """The bytes of a file, never through a link."""
    with opened(path, os.O_RDONLY) as handle:
        pieces = []
        while piece := os.read(handle, _PIECE):
            pieces.append(piece)
        return b"".join(pieces)


@contextmanager
def opened(path: Path | str, flags: int) -> Iterator[int]:
    """An open file, readable and writable for its owner only."""
    handle = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)
