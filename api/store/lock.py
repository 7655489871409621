"""One server for one folder."""

from __future__ import annotations

import fcntl
import os
import weakref
from pathlib import Path

from api.store.errors import StoreBusy


class Lock:
    """The right to a folder, held until released or until the process ends, however it ends."""

    __slots__ = ("__weakref__", "_handle")

    def __init__(self, folder: Path) -> None:
        self._handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.release()
            raise StoreBusy(
                "store.busy",
                "Another server uses this folder.",
                where=str(folder),
                mend="Stop it, or give this one a data folder of its own.",
            ) from error
        itself = weakref.ref(self)
        # A forked child shares the lock, and would hold it after its parent was killed.
        os.register_at_fork(after_in_child=lambda: _forget(itself))

    def release(self) -> None:
        """The folder is free for another."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def _forget(lock: weakref.ref[Lock]) -> None:
    held = lock()
    if held is not None:
        held.release()
