"""The published examples, read and determined once for the tests that look at them."""

from __future__ import annotations

from functools import cache
from typing import Final

from reasoner.door import Determination, determine
from reasoner.library import Library

NAMES: Final = (
    "breast-metastases-cauda-equina",
    "degenerative-t12-s2",
    "l1-sarcoma-second-stage",
    "l2-burst-metastasis",
    "t12-destructive-mass",
)


@cache
def library() -> Library:
    """The knowledge, read once."""
    return Library.read()


@cache
def found(name: str) -> Determination:
    """A case, determined once."""
    return determine(library(), (library().root / "examples" / f"{name}.ttl").read_bytes())
