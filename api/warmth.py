"""What the first visitor would wait for, worked out beforehand in the background."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from api.linked import lists
from api.pages.case_form import form_bytes
from api.pages.guidelines import guideline_page, rooms, search

if TYPE_CHECKING:
    from reasoner.library import Library

_NAME: Final = "warmth"


def warm(library: Library, is_wanted: Callable[[], bool] = lambda: True) -> int:
    """Make what is remembered of the knowledge, the shortest first, while it is wanted; how many steps were taken.

    >>> from reasoner import Library
    >>> warm(Library.read(), lambda: False)
    0
    """
    taken = 0
    for step in _steps(library):
        if not is_wanted():
            break
        step()
        taken += 1
    return taken


@contextmanager
def warming(library: Library) -> Iterator[Thread]:
    """Warm in a thread of its own as long as this lasts; leaving waits for nothing, the step under way is its last."""
    left = Event()
    thread = Thread(target=warm, args=(library, lambda: not left.is_set()), name=_NAME, daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        left.set()


def _steps(library: Library) -> Iterator[Callable[[], object]]:
    yield partial(form_bytes, library)
    yield partial(lists.warm, library)
    yield partial(search, library, "")
    for room in rooms(library):
        yield partial(guideline_page, library, room.name)
