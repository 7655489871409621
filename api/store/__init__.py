"""The store: determinations that are kept, the truth in files, and an index over them that can be asked.

A determination is acknowledged when its file and its line in the journal are on the disk. The index follows at once
in a thread of its own, and is never asked before it holds all that is acknowledged; it can be made again at any time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import structlog

from api.store import files, recovery
from api.store.errors import (
    StoreBehind,
    StoreBusy,
    StoreConflict,
    StoreDamaged,
    StoreError,
    StoreFailed,
    StoreForeign,
    StoreFull,
    StoreRefused,
    StoreUnreachable,
    failed,
)
from api.store.index import Embedded, Snapshot
from api.store.journal import Line
from api.store.kept import Kept, is_name
from api.store.lock import Lock
from api.store.notes import META, Graphs, Index, Knowledge, State, read_graphs
from api.store.recovery import Report, mend
from api.store.remote import Answered, Dataset, Remote, RemoteAddresses
from api.store.truth import Truth, damaged

__all__ = [
    "META",
    "Answered",
    "Dataset",
    "Kept",
    "Knowledge",
    "Receipt",
    "RemoteAddresses",
    "Report",
    "Snapshot",
    "Store",
    "StoreBehind",
    "StoreBusy",
    "StoreConflict",
    "StoreDamaged",
    "StoreError",
    "StoreFailed",
    "StoreForeign",
    "StoreFull",
    "StoreRefused",
    "StoreUnreachable",
    "open_store",
    "rebuild_store",
    "verify_store",
]

_PATIENCE: Final = 5.0
"""Seconds between two tries to bring an index up that failed."""
_HANDFUL: Final = 8
"""So many are added one by one; more at once are loaded in bulk."""
_AT_ONCE: Final = 100_000
"""Quads in one bulk load."""
_LARGEST: Final = 20_000_000
_THEIRS: Final = Dataset()


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a determination is kept: its number in the journal, the chain up to it, and whether it was so before."""

    name: str
    sequence: int
    chain: str
    before: bool


class Store:
    """An opened folder; every method may be called from any thread."""

    def __init__(self, truth: Truth, index: Index, knowledge: Knowledge, lock: Lock, opened: Report) -> None:
        self.opened = opened
        self._truth, self._index, self._knowledge, self._lock = truth, index, knowledge, lock
        self._graphs: dict[str, Graphs] = {}
        self._generation = 0
        self._indexing = threading.RLock()
        self._fault = False
        self._rest_until = 0.0
        self._news = threading.Event()
        self._closed = False
        self._follower = threading.Thread(target=self._follow, name="store-index", daemon=True)

    @property
    def generation(self) -> int:
        """How many determinations the index holds; it changes whenever an answer may."""
        return self._generation

    @property
    def remote(self) -> bool:
        """Whether questions go to another server (`ask`) or to a snapshot (`snapshot`)."""
        return isinstance(self._index, Remote)

    def keep(self, kept: Kept) -> Receipt:
        """A determination is on the disk when this returns; the same again changes nothing.

        Raises StoreConflict for another content of the same name, StoreFull when there is no room,
        StoreRefused for what is no determination.
        """
        line = self._truth.line(kept.name)
        before = line is not None
        if not before:
            graphs = read_graphs(kept.graphs)
            if len(self._graphs) < _HANDFUL:
                self._graphs[kept.name] = graphs
        try:
            line = self._truth.keep(kept)
        except BaseException:
            self._graphs.pop(kept.name, None)
            raise
        if line.sequence <= self._generation:
            self._graphs.pop(kept.name, None)
        self._news.set()
        return Receipt(line.name, line.sequence, line.chain, before)

    def get(self, name: str) -> Kept | None:
        """A kept determination, its hash checked; None if there is none of that name.

        Raises StoreDamaged if it was kept and is not as it was.
        """
        line = self._truth.line(name) if is_name(name) else None
        return self._truth.read(line) if line else None

    def ids(self) -> tuple[str, ...]:
        """The names of all that is kept, oldest first."""
        return tuple(line.name for line in self._truth.lines)

    def snapshot(self) -> Snapshot:
        """A folder for `Store.read_only` that holds all that is kept, and does not change.

        Raises StoreBehind when the index cannot be brought up now.
        """
        with self._indexing:
            if not isinstance(self._index, Embedded):
                raise StoreFailed("store.remote", "The index is on another server; there is no folder of it.")
            self._require_all()
            try:
                return self._index.snapshot(self._generation)
            except OSError as error:
                self._fault = True
                raise failed(error, "index") from error

    def ask(
        self,
        query: str,
        accept: str,
        about: Dataset = _THEIRS,
        *,
        largest: int = _LARGEST,
        seconds: float | None = None,
    ) -> Answered:
        """A question passed to the other server, which holds all that is kept; it must be a query, and was checked."""
        with self._indexing:
            if not isinstance(self._index, Remote):
                raise StoreFailed("store.embedded", "The index is a folder; ask a snapshot of it.")
            self._require_all()
            index = self._index
        return index.ask(query, accept, about, largest=largest, seconds=seconds)

    def catch_up(self) -> bool:
        """Whether the index holds all that is kept, after trying to make it so."""
        with self._indexing:
            try:
                if self._fault:
                    if time.monotonic() < self._rest_until:
                        return False
                    self._index.reopen()
                    self._settle()
                self._replay()
            except (OSError, StoreError) as error:
                self._fault = True
                self._rest_until = time.monotonic() + _PATIENCE
                _log("index.behind", reason=type(error).__name__, kept=len(self._truth.lines), held=self._generation)
                return False
            self._fault = False
            return True

    def verify(self) -> Report:
        """Every file read and hashed, the journal read anew, the index counted; nothing is changed."""
        found = recovery.examine(self._truth.folder)
        with self._indexing:
            lines, state = self._truth.lines[: self._generation], self._index.state()
            faults = list(found.faults)
            if not state.whole or state.sequence != len(lines) or state.chain != self._truth.chain(len(lines)):
                faults.append("The index does not hold what it should; `spine store rebuild` makes it again.")
            return replace(found, faults=tuple(faults), index=f"{state.sequence} of {found.kept}")

    def rebuild(self) -> Report:
        """The index made again from the truth."""
        with self._indexing:
            self._index.clear()
            self._fill_anew()
            return Report(kept=len(self._truth.lines), index="rebuilt")

    def close(self) -> None:
        """The folder is free for another server."""
        self._closed = True
        self._news.set()
        if self._follower.is_alive():
            self._follower.join()
        with self._indexing:
            self._index.close()
            self._truth.close()
            self._lock.release()

    def start(self, *, anew: bool = False) -> None:
        """The index is compared with the truth, brought up or made again, and followed from here on."""
        with self._indexing:
            if anew:
                self._index.clear()
            done = self._settle()
            self._replay()
        self.opened = replace(self.opened, index=done)
        self._follower.start()

    def _require_all(self) -> None:
        if not self.catch_up():
            raise StoreBehind(
                "store.behind",
                "The index has not all that is kept, so it is not asked.",
                mend="Try again soon; what is kept is safe, and can be had by its name.",
            )

    def _follow(self) -> None:
        while not self._closed:
            self._news.wait(_PATIENCE if self._fault else None)
            self._news.clear()
            if not self._closed:
                self.catch_up()

    def _settle(self) -> str:
        """Compare the index with the truth; what does not fit is made again, and the answer says what was done."""
        truth, state, known = self._truth, *self._told()
        foreign = bool(state.journal) and state.journal != truth.identity
        if foreign and self.remote:
            raise StoreForeign(
                "store.foreign",
                "The SPARQL server holds the index of another data folder.",
                mend="Give it a dataset of its own, or take this one over with `spine store rebuild`.",
            )
        fits = state.whole and state.chain == self._noted_chain(state)
        if fits and not foreign:
            done = "caught up" if state.sequence < len(truth.lines) else "as it was"
            self._generation = state.sequence
            if not state.journal or state.knowledge != self._knowledge.hash:
                self._index.put_knowledge(self._knowledge, truth.identity)
                done = f"{done}, with new knowledge"
            if state.journal:
                return done
            return "rebuilt" if truth.lines else "made"
        lost = () if foreign else tuple(sorted(known - {line.name for line in truth.lines}))
        if lost:
            raise damaged(lost, f"The index knows of {len(lost)} kept that the journal and the files do not know.")
        _log("index.rebuilt", held=state.sequence, kept=len(truth.lines))
        self._index.clear()
        self._fill_anew()
        return "rebuilt"

    def _told(self) -> tuple[State, frozenset[str]]:
        """What the index says of itself, and the names it knows where they are needed to see whether any is lost."""
        try:
            state = self._index.state()
            ahead = state.chain != self._noted_chain(state)
            return state, self._index.names() if ahead else frozenset()
        except OSError:
            # A block that cannot be read: nothing of such an index is believed.
            return State(whole=False), frozenset()

    def _noted_chain(self, state: State) -> str:
        if state.sequence > len(self._truth.lines):
            return "none is so long"
        return self._truth.chain(state.sequence) if state.sequence else ""

    def _fill_anew(self) -> None:
        self._generation = 0
        self._index.put_knowledge(self._knowledge, self._truth.identity)
        self._replay()

    def _replay(self) -> None:
        waiting = self._truth.lines[self._generation :]
        if len(waiting) > _HANDFUL:
            for batch in self._batches(waiting):
                self._index.fill(batch)
                self._generation = batch[-1][0].sequence
        else:
            for line in waiting:
                self._index.add(line, self._graphs_of(line))
                self._generation = line.sequence

    def _batches(self, lines: list[Line]) -> Iterator[list[tuple[Line, Graphs]]]:
        batch: list[tuple[Line, Graphs]] = []
        quads = 0
        for line in lines:
            batch.append((line, self._graphs_of(line)))
            quads += batch[-1][1].quads
            if quads >= _AT_ONCE:
                yield batch
                batch, quads = [], 0
        if batch:
            yield batch

    def _graphs_of(self, line: Line) -> Graphs:
        return self._graphs.pop(line.name, None) or read_graphs(self._truth.read(line).graphs)


def open_store(
    folder: Path, knowledge: Knowledge, remote: RemoteAddresses | None = None, *, thorough: bool = True
) -> Store:
    """The store of a folder, made if it is not there.

    Every file is read and hashed before, unless `thorough` is false; then only presence and sizes are compared, and
    the hash of each file when it is read. Raises StoreBusy, StoreDamaged, StoreForeign, StoreUnreachable, StoreFull.
    """
    return _open(folder, knowledge, remote, thorough=thorough, anew=False)


def verify_store(folder: Path) -> Report:
    """What a folder holds, though it may not open; nothing is changed."""
    with _held(folder):
        return recovery.examine(folder)


def rebuild_store(
    folder: Path, knowledge: Knowledge, remote: RemoteAddresses | None = None, *, without_damaged: bool = False
) -> Report:
    """Journal and index made again from the files that are whole.

    Raises StoreDamaged if something acknowledged is lost, unless `without_damaged` gives it up; its remains are put
    aside in the folder, and named in the report.
    """
    with _held(folder):
        found = mend(folder, without_damaged=without_damaged)
    _open(folder, knowledge, remote, thorough=False, anew=True).close()
    return replace(found, index="rebuilt")


def _open(folder: Path, knowledge: Knowledge, remote: RemoteAddresses | None, *, thorough: bool, anew: bool) -> Store:
    with ExitStack() as undone:
        lock = _lock(folder)
        undone.callback(lock.release)
        truth, found = recovery.open_truth(folder, thorough=thorough)
        undone.callback(truth.close)
        try:
            index: Index = Remote(remote) if remote else Embedded(folder)
            undone.callback(index.close)
            store = Store(truth, index, knowledge, lock, found)
            store.start(anew=anew)
        except OSError as error:
            raise failed(error, "index") from error
        undone.pop_all()
    if found.adopted or found.aside or found.torn or found.leftovers:
        _log(
            "store.tidied",
            adopted=len(found.adopted),
            aside=len(found.aside),
            leftovers=found.leftovers,
            torn=found.torn,
        )
    return store


def _lock(folder: Path) -> Lock:
    try:
        files.make_folder(folder)
        return Lock(folder)
    except OSError as error:
        raise failed(error, str(folder)) from error


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    lock = _lock(folder)
    try:
        yield
    finally:
        lock.release()


def _log(event: str, **facts: object) -> None:
    structlog.get_logger("store").warning(event, **facts)
