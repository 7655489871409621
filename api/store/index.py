"""The index on disk: an Oxigraph store beside the truth, and snapshots of it that other processes may read.

The engine does not sync its commits, and opens after a fault with fewer of them without a word; so each commit
carries its number in the journal, and the whole is counted when it is opened. Reading a store that another process
writes is not defined by the engine; so readers get snapshots, hard links that nobody writes to.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from api.store import files, notes
from api.store.errors import StoreError
from api.store.journal import Line
from api.store.notes import Graphs, Knowledge, State

_SNAPSHOTS_LEFT: Final = 3
"""A reader that was just told of a snapshot must find it, though newer ones are made meanwhile."""


@contextmanager
def _engine() -> Iterator[None]:
    """Faults that the engine raises in its own words, as faults of the disk."""
    try:
        yield
    except StoreError:
        raise
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        full = any(words in str(error) for words in ("No space left", "File too large", "quota exceeded"))
        raise OSError(errno.ENOSPC if full else errno.EIO, "the index failed") from error


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A folder to open with `Store.read_only`, and the number of determinations in it."""

    path: Path
    generation: int


class Embedded:
    """The index in a folder of its own; what cannot be opened is begun anew, for it can be made again."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "index"
        self._snapshots = folder / "snapshots"
        self._made: list[Snapshot] = []
        self._count = 0
        shutil.rmtree(self._snapshots, ignore_errors=True)
        files.make_folder(self._snapshots)
        self._store: ox.Store | None = None
        self.reopen()

    def reopen(self) -> None:
        """The index as it is on the disk; an empty one if that cannot be read."""
        self._store = None
        files.make_folder(self._path)
        try:
            with _engine():
                self._store = ox.Store(self._path)
        except OSError:
            self.clear()

    @_engine()
    def clear(self) -> None:
        """A new index with nothing in it."""
        self._store = None
        self._made.clear()
        shutil.rmtree(self._path, ignore_errors=True)
        files.make_folder(self._path)
        self._store = ox.Store(self._path)

    @_engine()
    def close(self) -> None:
        """The index is synced and let go, the snapshots removed."""
        if self._store is not None:
            self._store.flush()
        self._store = None
        shutil.rmtree(self._snapshots, ignore_errors=True)

    @_engine()
    def state(self) -> State:
        """What the index says of itself, with every quad counted."""
        return notes.state_of(self._row, len(self._open) - int(self._row(notes.OWN)[0]))

    @_engine()
    def names(self) -> frozenset[str]:
        """The determinations it holds."""
        return frozenset(row[1] for row in self._rows(notes.names_after(0, 2**31)))

    @_engine()
    def put_knowledge(self, knowledge: Knowledge, journal: str) -> None:
        """The knowledge in place of the one before; after a stop in the middle the state does not add up."""
        old = [name for (name,) in self._rows(notes.KNOWLEDGE_GRAPHS)]
        self._open.update(notes.FORGET_KNOWLEDGE)
        for name in old:
            self._open.remove_graph(ox.NamedNode(name))
        graphs = notes.knowledge_graphs(knowledge)
        graphs = graphs.without(self._owned(graphs.names))
        self._open.bulk_load(graphs.data, format=ox.RdfFormat.N_QUADS)
        told = notes.note_knowledge(knowledge.hash, journal, graphs.names, graphs.quads)
        self._open.load(notes.in_meta(told), format=ox.RdfFormat.N_QUADS)
        self._open.flush()

    @_engine()
    def add(self, line: Line, graphs: Graphs) -> None:
        """The graphs of the next determination and their note, in one transaction."""
        fresh = graphs.without(self._owned(graphs.names))
        told = notes.in_meta(notes.note(line, fresh.names, fresh.quads))
        self._open.load(fresh.data + told, format=ox.RdfFormat.N_QUADS)

    @_engine()
    def fill(self, entries: Sequence[tuple[Line, Graphs]]) -> None:
        """Many determinations, in few loads."""
        data: list[bytes] = []
        taken: set[str] = set()
        for line, graphs in entries:
            fresh = graphs.without(self._owned(graphs.names) | taken.intersection(graphs.names))
            taken.update(fresh.names)
            data += [fresh.data, notes.in_meta(notes.note(line, fresh.names, fresh.quads))]
        self._open.bulk_load(b"".join(data), format=ox.RdfFormat.N_QUADS)

    @_engine()
    def snapshot(self, generation: int) -> Snapshot:
        """The index as it is now, in a folder that stays as it is; made once for each generation."""
        if not self._made or self._made[-1].generation != generation:
            self._count += 1
            path = self._snapshots / f"{generation}-{self._count}"
            self._open.backup(path)
            self._made.append(Snapshot(path, generation))
            while len(self._made) > _SNAPSHOTS_LEFT:
                shutil.rmtree(self._made.pop(0).path, ignore_errors=True)
        return self._made[-1]

    @property
    def _open(self) -> ox.Store:
        if self._store is None:
            raise OSError("the index is closed")
        return self._store

    def _owned(self, graphs: Sequence[str]) -> frozenset[str]:
        return frozenset(name for (name,) in self._rows(notes.owned(graphs))) if graphs else frozenset()

    def _row(self, query: str) -> tuple[str, ...]:
        return next(iter(self._rows(query)), ())

    def _rows(self, query: str) -> list[tuple[str, ...]]:
        found = self._open.query(query)
        if not isinstance(found, ox.QuerySolutions):  # pragma: no cover  the questions of the notes are all SELECT
            raise TypeError(query)
        names = [variable.value for variable in found.variables]
        return [tuple(_text(solution[name]) for name in names) for solution in found]


def _text(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else ""
