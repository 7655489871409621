"""Short names for what a determination page ties together: statements, criteria and claims, each one name everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(slots=True)
class Keys:
    """Hands out names in the order of asking: e1 for a statement, c1 for a criterion, k1 for a claim.

    >>> keys = Keys()
    >>> keys.evidence("urn:a"), keys.criterion("urn:a"), keys.evidence("urn:b"), keys.evidence("urn:a")
    ('e1', 'c1', 'e2', 'e1')
    """

    _given: dict[tuple[str, str], str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def evidence(self, node: str) -> str:
        """The name of a statement."""
        return self._name("e", node)

    def criterion(self, iri: str) -> str:
        """The name of a criterion."""
        return self._name("c", iri)

    def claim(self, iri: str) -> str:
        """The name of a claim."""
        return self._name("k", iri)

    def _name(self, kind: str, iri: str) -> str:
        found = self._given.get((kind, iri))
        if found is None:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            found = self._given[kind, iri] = f"{kind}{self._counts[kind]}"
        return found


def joined(words: Iterable[str]) -> str:
    """Words of an attribute, each once.

    >>> joined(["L4-L5", "L5-S1", "L4-L5"])
    'L4-L5 L5-S1'
    """
    return " ".join(dict.fromkeys(words))
