"""The truth: kept files and the journal of them; what is acknowledged here is on the disk, and every reading is checked."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.store import files, journal
from api.store.errors import StoreConflict, StoreDamaged, StoreError, failed
from api.store.journal import Journal, Line
from api.store.kept import Kept, NotWholeError, check_name, decode, encode, path_of

KEPT: Final = "kept"
JOURNAL: Final = "journal"
_MEND: Final = "Look with `spine store verify`; put the files back from a backup, or run `spine store rebuild`."


@dataclass(slots=True, eq=False)
class _Waiting:
    """A placed file that waits for its line in the journal."""

    name: str
    hash: str
    size: int
    line: Line | None = None
    fault: OSError | None = None


class Truth:
    """The kept determinations of one folder, opened after they were checked."""

    def __init__(self, folder: Path, identity: str, lines: list[Line], length: int) -> None:
        self.identity = identity
        self.lines = lines
        self.folder = folder
        self._folder = folder / KEPT
        self._journal = Journal(folder / JOURNAL, length)
        self._by_name = {line.name: line for line in lines}
        self._writing = threading.Lock()
        self._queue: deque[_Waiting] = deque()
        self._claims = threading.Condition()
        self._claimed: set[str] = set()

    def chain(self, sequence: int) -> str:
        """The chain after so many lines."""
        return self.lines[sequence - 1].chain if sequence else journal.genesis(self.identity)

    def line(self, name: str) -> Line | None:
        """The line of a determination, or None if none of that name is kept."""
        return self._by_name.get(name)

    def read(self, line: Line) -> Kept:
        """A kept determination, checked against its line; raises StoreDamaged rather than give anything else."""
        try:
            data = files.read(path_of(self._folder, line.name))
            if len(data) == line.size and hashlib.sha256(data).hexdigest() == line.hash:
                return decode(data)
        except FileNotFoundError:
            pass
        except NotWholeError:  # pragma: no cover  a hash that fits an envelope that does not was written so
            pass
        except OSError as error:
            raise failed(error, f"kept determination {line.name}") from error
        raise damaged((line.name,))

    def keep(self, kept: Kept) -> Line:
        """The line of a determination that is on the disk, file and line, when this returns."""
        check_name(kept.name)
        with self._claim(kept.name):
            line = self._by_name.get(kept.name)
            if line is None:
                return self._write(kept)
            if self.read(line) != kept:
                raise StoreConflict(
                    "store.conflict",
                    "Another content is kept under this name; one name has one content.",
                    where=kept.name,
                    mend="Tell the operator: two programs of the same version gave different bytes.",
                )
            return line

    def adopt(self, whole: Mapping[str, tuple[str, int]]) -> None:
        """Lines for files that are whole and have none: name, hash and size of each."""
        self._queue.extend(_Waiting(name, hash_, size) for name, (hash_, size) in whole.items())
        with self._writing:
            waiting = list(self._queue)
            if waiting:
                self._commit()
        if waiting and waiting[0].fault:
            raise waiting[0].fault

    def close(self) -> None:
        """No more is kept."""
        with self._writing:
            self._journal.close()

    def _write(self, kept: Kept) -> Line:
        data = encode(kept)
        path = path_of(self._folder, kept.name)
        try:
            files.place(path, data)
        except OSError as error:
            raise failed(error, "kept") from error
        waiting = _Waiting(kept.name, hashlib.sha256(data).hexdigest(), len(data))
        self._queue.append(waiting)
        # Whoever gets to write does it for all who wait: one sync for all of them.
        with self._writing:
            if waiting.line is None and waiting.fault is None:
                self._commit()
        if waiting.line is None:
            # If the line may have reached the disk all the same, its file must stay: at the next start it is adopted.
            if self._journal.sure:
                path.unlink(missing_ok=True)
            raise failed(waiting.fault or OSError(), JOURNAL) from waiting.fault
        return waiting.line

    def _commit(self) -> None:
        # A deque may grow at one end while it is emptied at the other.
        batch = [self._queue.popleft() for _ in range(len(self._queue))]
        lines: list[Line] = []
        for one in batch:
            before = lines[-1].chain if lines else self.chain(len(self.lines))
            lines.append(journal.next_line(len(self.lines) + len(lines) + 1, before, one.name, one.hash, one.size))
        try:
            self._journal.append(lines)
        except OSError as error:
            for one in batch:
                one.fault = error
            return
        for one, line in zip(batch, lines, strict=True):
            self.lines.append(line)
            self._by_name[line.name] = line
            one.line = line

    @contextmanager
    def _claim(self, name: str) -> Iterator[None]:
        # Two who keep the same at once: the second waits, and finds it kept.
        with self._claims:
            while name in self._claimed:
                self._claims.wait()
            self._claimed.add(name)
        try:
            yield
        finally:
            with self._claims:
                self._claimed.discard(name)
                self._claims.notify_all()


def damaged(names: tuple[str, ...], what: str = "", code: str = "store.damaged") -> StoreError:
    """What to say of determinations that were acknowledged and are not there as they were.

    >>> print(damaged(("ab" * 32,)))
    1 kept determination is missing or changed: abab... Look with `spine store verify`; ... [store.damaged]
    """
    few = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")  # noqa: PLR2004  ten fit
    count = "1 kept determination is" if len(names) == 1 else f"{len(names)} kept determinations are"
    return StoreDamaged(code, what or f"{count} missing or changed: {few}.", mend=_MEND, names=names)
