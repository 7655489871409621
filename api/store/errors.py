"""The ways in which the store can refuse; each says what, where and how to mend it, and none names a patient's value."""

from __future__ import annotations

import errno
from typing import Final

from reasoner.errors import SpineReasonerError

_FULL: Final = frozenset([errno.ENOSPC, errno.EFBIG, errno.EDQUOT])


class StoreError(SpineReasonerError):
    """Something the store cannot do or will not answer from; the root of all its errors.

    >>> str(StoreBusy("store.busy", "Another server uses this folder.", where="data", mend="Stop it first."))
    'Another server uses this folder. (data) Stop it first. [store.busy]'
    """


class StoreBusy(StoreError):  # noqa: N818  StoreBusy says it is one, as the errors of the reasoner do
    """Another process holds the folder."""


class StoreDamaged(StoreError):  # noqa: N818  as StoreBusy
    """Something that was acknowledged is missing or changed; `names` are the determinations it concerns."""

    def __init__(self, code: str, what: str, *, where: str = "", mend: str = "", names: tuple[str, ...] = ()) -> None:
        self.names = names
        super().__init__(code, what, where=where, mend=mend)


class StoreFull(StoreError):  # noqa: N818  as StoreBusy
    """There is no room to keep more; what is kept can be read."""


class StoreFailed(StoreError):  # noqa: N818  as StoreBusy
    """The disk or the index did not do what it was asked to."""


class StoreConflict(StoreError):  # noqa: N818  as StoreBusy
    """The same name is kept with another content."""


class StoreRefused(StoreError):  # noqa: N818  as StoreBusy
    """What is to be kept is not of the form of a kept determination."""


class StoreForeign(StoreError):  # noqa: N818  as StoreBusy
    """The SPARQL server holds the index of another folder."""


class StoreUnreachable(StoreError):  # noqa: N818  as StoreBusy
    """The SPARQL server did not answer as it should."""


class StoreBehind(StoreError):  # noqa: N818  as StoreBusy
    """The index has not all that is kept, so it is not asked."""


def failed(error: OSError, where: str) -> StoreError:
    """A fault of the disk as an error of the store.

    >>> failed(OSError(errno.ENOSPC, "No space left on device"), "kept").code
    'store.full'
    """
    if error.errno in _FULL:
        return StoreFull(
            "store.full",
            "There is no room to keep this; nothing of it was kept.",
            where=where,
            mend="Make room in the data folder, then send it again.",
        )
    reason = errno.errorcode.get(error.errno or 0, "an unnamed fault")
    return StoreFailed("store.failed", f"The disk did not do it: {reason}.", where=where, mend="Look to the disk.")
