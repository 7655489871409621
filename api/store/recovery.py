"""Opening a folder after anything may have happened to it: what was never acknowledged is tidied, what was is checked."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from api.store import files, journal
from api.store.errors import StoreDamaged, StoreError, failed
from api.store.journal import Line, Reading
from api.store.kept import SUFFIX, NotWholeError, decode, is_name, path_of
from api.store.truth import JOURNAL, KEPT, Truth, damaged

ASIDE: Final = "aside"
_THREADS: Final = 2
_HANDFUL: Final = 64
_T = TypeVar("_T")
_MEND: Final = "Put the journal back from a backup, or write it anew from the files with `spine store rebuild`."


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in a folder, and what was done about it.

    `adopted` were whole files without a line in the journal (a stop between the two), `aside` are files that were
    not whole and never acknowledged, `missing` and `changed` were acknowledged; `faults` says anything else.
    """

    kept: int = 0
    adopted: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    leftovers: int = 0
    torn: bool = False
    faults: tuple[str, ...] = ()
    index: str = ""

    @property
    def whole(self) -> bool:
        """Whether all that was acknowledged is there, and can be asked about."""
        return not (self.missing or self.changed or self.faults)


def open_truth(folder: Path, *, thorough: bool = True) -> tuple[Truth, Report]:
    """The kept determinations of a folder, made if it is not there; every file is read and hashed if `thorough`.

    Raises StoreDamaged if anything acknowledged is missing or changed, having changed nothing acknowledged.
    """
    try:
        _make(folder)
        reading = _read_journal(folder)
        found, leftovers = _scan(folder)
        for path in leftovers:
            path.unlink(missing_ok=True)
        missing, changed = _compare(folder, reading.lines, found, thorough=thorough)
        if missing or changed:
            raise damaged((*missing, *changed))
        lines = list(reading.lines)
        truth = Truth(folder, reading.identity, lines, reading.length)
        try:
            adopted, aside = _strays(folder, found.keys() - {line.name for line in lines}, truth)
        except BaseException:
            truth.close()
            raise
    except OSError as error:
        raise failed(error, str(folder)) from error
    return truth, Report(
        kept=len(truth.lines), adopted=adopted, aside=aside, leftovers=len(leftovers), torn=reading.torn
    )


def examine(folder: Path) -> Report:
    """What a folder holds, every file read and hashed; nothing is changed."""
    try:
        # The journal first: what is kept meanwhile is a file too many, never a file too few.
        reading = _read_leniently(folder)
        found, leftovers = _scan(folder)
        missing, changed = _compare(folder, reading.lines, found, thorough=True)
    except OSError as error:
        raise failed(error, str(folder)) from error
    return Report(
        kept=len(reading.lines),
        missing=missing,
        changed=changed,
        leftovers=len(leftovers),
        torn=reading.torn,
        faults=(f"The journal does not fit from line {reading.fault} on.",) if reading.fault else (),
    )


def mend(folder: Path, *, without_damaged: bool = False) -> Report:
    """The journal written anew from the files that are whole.

    What was acknowledged and is lost raises StoreDamaged, unless `without_damaged` gives it up; damaged files are
    put aside, never deleted.
    """
    try:
        _make(folder)
        reading = _read_leniently(folder)
        found, leftovers = _scan(folder)
        whole, broken = _envelopes(folder, found)
        hashes = {hash_ for hash_, _ in whole.values()}
        told = (*reading.lines, *reading.claimed)
        lost = tuple(dict.fromkeys(one.name for one in told if one.name not in whole and one.hash not in hashes))
        if lost and not without_damaged:
            raise damaged(lost, f"{len(lost)} acknowledged and lost: {', '.join(lost[:10])}.", "store.lost")
        for path in leftovers:
            path.unlink(missing_ok=True)
        for name in broken:
            _put_aside(folder, path_of(folder / KEPT, name))
        order = dict.fromkeys(one.name for one in told if one.name in whole) | dict.fromkeys(sorted(whole))
        _write_journal(folder, reading.identity, {name: whole[name] for name in order})
    except OSError as error:
        raise failed(error, str(folder)) from error
    return Report(kept=len(whole), aside=broken, missing=lost, leftovers=len(leftovers), torn=reading.torn)


def _make(folder: Path) -> None:
    for path in (folder, folder / KEPT):
        files.make_folder(path)
    shelves = [folder / KEPT / f"{number:02x}" for number in range(256)]
    made = [shelf for shelf in shelves if not shelf.is_dir()]
    for shelf in made:
        shelf.mkdir(mode=0o700)
    if made:
        files.sync_folder(folder / KEPT)


def _read_journal(folder: Path) -> Reading:
    path = folder / JOURNAL
    if not path.exists():
        if next(_files(folder), None) is not None:
            raise _no_journal("There are kept determinations, and no journal of them.")
        journal.create(path)
    reading = journal.read(path)
    if reading.fault:
        raise _no_journal(f"The journal was changed: line {reading.fault} does not follow the line before it.")
    return reading


def _read_leniently(folder: Path) -> Reading:
    path = folder / JOURNAL
    return journal.read(path) if path.exists() else Reading("", (), 0, torn=False, fault=1, claimed=())


def _no_journal(what: str) -> StoreError:
    return StoreDamaged("store.journal", what, where=JOURNAL, mend=_MEND)


def _files(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder / KEPT) as shelves:
        for shelf in sorted((one for one in shelves if one.is_dir()), key=lambda one: one.name):
            with os.scandir(shelf.path) as found:
                yield from (one for one in found if one.name.endswith((SUFFIX, files.TEMPORARY)))


def _scan(folder: Path) -> tuple[dict[str, int], list[Path]]:
    """Name and size of every file of a determination; and what was being written when the last server stopped."""
    found: dict[str, int] = {}
    leftovers = [path for path in folder.iterdir() if path.name.endswith(files.TEMPORARY)]
    for one in _files(folder) if (folder / KEPT).is_dir() else ():
        name = one.name.removesuffix(SUFFIX)
        if one.name.endswith(files.TEMPORARY):
            leftovers.append(Path(one.path))
        elif is_name(name) and one.path.endswith(f"{os.sep}{name[:2]}{os.sep}{one.name}"):
            found[name] = one.stat(follow_symlinks=False).st_size
    return found, leftovers


def _compare(
    folder: Path, lines: tuple[Line, ...], found: Mapping[str, int], *, thorough: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    missing = tuple(line.name for line in lines if line.name not in found)
    there = [line for line in lines if line.name in found]
    changed = {line.name for line in there if found[line.name] != line.size}
    if thorough:
        alike = [line for line in there if line.name not in changed]
        paths = [path_of(folder / KEPT, line.name) for line in alike]
        hashes = _each(_hash_of, paths)
        changed |= {line.name for line, hash_ in zip(alike, hashes, strict=True) if hash_ != line.hash}
    return missing, tuple(sorted(changed))


def _envelopes(folder: Path, found: Mapping[str, int]) -> tuple[dict[str, tuple[str, int]], tuple[str, ...]]:
    """Hash and size of every file that is a whole envelope of its name; and the names of those that are not."""
    names = sorted(found)
    paths = [path_of(folder / KEPT, name) for name in names]
    told = dict(zip(names, _each(_whole, paths), strict=True))
    whole = {name: one for name, one in told.items() if one is not None}
    return whole, tuple(name for name in names if name not in whole)


def _each(work: Callable[[Path], _T], paths: list[Path]) -> list[_T]:
    # Reading and hashing leave the interpreter alone, so threads help; a handful at a time, for most files are small.
    handfuls = [paths[start : start + _HANDFUL] for start in range(0, len(paths), _HANDFUL)]
    with ThreadPoolExecutor(_THREADS) as pool:
        return [one for handful in pool.map(lambda some: [work(path) for path in some], handfuls) for one in handful]


def _hash_of(path: Path) -> str:
    try:
        return hashlib.sha256(files.read(path)).hexdigest()
    except OSError:
        return ""


def _whole(path: Path) -> tuple[str, int] | None:
    try:
        data = files.read(path)
        name = decode(data).name
    except (OSError, NotWholeError):
        return None
    return (hashlib.sha256(data).hexdigest(), len(data)) if path.name == f"{name}{SUFFIX}" else None


def _strays(folder: Path, names: set[str], truth: Truth) -> tuple[tuple[str, ...], tuple[str, ...]]:
    whole, broken = _envelopes(folder, dict.fromkeys(names, 0))
    for name in broken:
        _put_aside(folder, path_of(folder / KEPT, name))
    truth.adopt(whole)
    return tuple(whole), broken


def _put_aside(folder: Path, path: Path) -> None:
    files.make_folder(folder / ASIDE)
    number = sum(1 for _ in (folder / ASIDE).iterdir())
    path.rename(folder / ASIDE / f"{number:06d}-{path.name}")
    files.sync_folder(folder / ASIDE)
    files.sync_folder(path.parent)


def _write_journal(folder: Path, identity: str, whole: Mapping[str, tuple[str, int]]) -> None:
    path = folder / JOURNAL
    lines: list[Line] = []
    identity = identity or journal.new_identity()
    chain = journal.genesis(identity)
    for number, (name, (hash_, size)) in enumerate(whole.items(), start=1):
        lines.append(journal.next_line(number, chain, name, hash_, size))
        chain = lines[-1].chain
    if path.exists() and journal.read(path).lines != tuple(lines):
        # Copied, not moved: at no moment is there a folder of files without a journal.
        files.make_folder(folder / ASIDE)
        number = sum(1 for _ in (folder / ASIDE).iterdir())
        files.place(folder / ASIDE / f"{number:06d}-{JOURNAL}", files.read(path))
    journal.create(path, identity, lines)
