"""A service without a level: what its criteria answer whichever level is meant.

Everything that is found where the level may lie bears on such an item, so that nothing is refused
for want of a place. But what is met by something at one place is met there only: it stays open
until the request says which level is meant, and so does what is asked about the level itself.
What holds wherever the level lies keeps its answer.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from reasoner.answers import Answer
from reasoner.criteria import Branch, Leaf, folded
from reasoner.demands import Standing
from reasoner.vocabulary import Nec, Spine

if TYPE_CHECKING:
    from reasoner.criteria import Finding
    from reasoner.library import Library
    from reasoner.record import Item, Record

_PLACED: Final = frozenset(
    {
        Nec.evidenceAtLevel,
        Nec.evidenceAdjacent,
        Nec.evidenceInConstruct,
        Nec.evidenceOfRoots,
        Nec.servicesAtLevel,
    }
)


def anywhere(record: Record, item: Item, finding: Finding) -> Finding:
    """A finding about an item that names no level, with the answer that holds whichever level is meant."""
    criterion = record.library.criteria.compiled[finding.criterion]
    if isinstance(criterion, Branch):
        children = tuple(anywhere(record, item, child) for child in finding.children)
        return folded(criterion, finding.item, children)
    if _depends(record, item, criterion, finding):
        return replace(finding, answer=Answer.NOT_DOCUMENTED, heard=Answer.NOT_DOCUMENTED)
    return finding


def is_meant_in(record: Record, item: Item, regions: frozenset[str]) -> bool:
    """Whether an item may lie in some regions: where it names no place, if something was found there, or nowhere."""
    if not item.is_placeless or item.place or not regions:
        return True
    anatomy = record.library.anatomy
    found = [n for n in record.evidence if record.has_type(n, Spine.Finding) and not record.is_absence(n)]
    places = frozenset().union(*(anatomy.regions(record.place(node)) for node in found))
    return not places or bool(places & regions)


def _depends(record: Record, item: Item, leaf: Leaf, finding: Finding) -> bool:
    """Whether the answer to a leaf may be another one at the level that is meant."""
    if leaf.path == Nec.hasLevel:
        return finding.answer is Answer.NOT_MET and leaf.shape.genus not in _of_every_level(record.library)
    if finding.answer is not Answer.MET:
        return False
    if leaf.path == Nec.evidenceInRegion and not item.place.regions:
        passing = [value.node for value in finding.values if value.standing is Standing.PASSES]
        return sum(not record.place(node) for node in passing) < leaf.wanted
    return leaf.path in _PLACED


@lru_cache(maxsize=4)
def _of_every_level(library: Library) -> frozenset[str]:
    """The classes of which any segment or any vertebra is: who asks for one asks whether a level is named at all."""
    types = library.individual_types
    groups = (library.anatomy.ends, library.anatomy.rank)
    return frozenset().union(*(frozenset.intersection(*(frozenset(types[one]) for one in group)) for group in groups))
