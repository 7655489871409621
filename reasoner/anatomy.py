"""Level arithmetic: what a range covers, what touches what, read from the ontology's one order of vertebrae."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from reasoner.terms import Graph
from reasoner.vocabulary import SKOS, Spine

REGION_GROUPS: Final = (
    frozenset({Spine.CervicalSpine}),
    frozenset({Spine.ThoracicSpine}),
    frozenset({Spine.LumbarSpine, Spine.SacralSpine}),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: vertebrae, segments, and regions named as wholes."""

    vertebrae: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    joints: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether any place is stated at all."""
        return bool(self.vertebrae or self.segments or self.regions or self.joints)

    @property
    def has_levels(self) -> bool:
        """Whether it names levels or joints, and not but a region."""
        return bool(self.vertebrae or self.segments or self.joints)

    def __or__(self, other: Place) -> Place:
        """Both places together."""
        return Place(
            self.vertebrae | other.vertebrae,
            self.segments | other.segments,
            self.regions | other.regions,
            self.joints | other.joints,
        )


@dataclass(frozen=True, slots=True)
class Anatomy:
    """The ordered spine: ranks of vertebrae, segments between them, regions, roots and muscles."""

    rank: dict[str, int]
    vertebra_at: dict[int, str]
    ends: dict[str, tuple[str, str]]
    segments_of: dict[str, tuple[str, ...]]
    segment_between: dict[tuple[str, str], str]
    segment_above: dict[str, str]
    regions_of: dict[str, frozenset[str]]
    members: dict[str, Place]
    joints: frozenset[str]
    roots_at: dict[str, frozenset[str]]
    roots_of_muscle: dict[str, frozenset[str]]
    names: dict[str, str]
    """What regions and joints are called."""

    @classmethod
    def read(cls, graph: Graph) -> Anatomy:
        """Read the anatomy from the ontology's graph."""
        rank: dict[str, int] = {}
        ends: dict[str, tuple[str, str]] = {}
        joints: set[str] = set()
        regions_of: dict[str, frozenset[str]] = {}
        roots_at: dict[str, set[str]] = {}
        muscles: dict[str, frozenset[str]] = {}
        for node, edges in graph.index.items():
            if Spine.rank in edges:
                rank[node] = int(graph.text(node, Spine.rank))
            if Spine.hasUpperVertebra in edges:
                upper, lower = graph.node(node, Spine.hasUpperVertebra), graph.node(node, Spine.hasLowerVertebra)
                if upper and lower:
                    ends[node] = (upper, lower)
            if Spine.liesIn in edges:
                regions_of[node] = frozenset(graph.nodes(node, Spine.liesIn))
            if Spine.Joint in graph.types(node):
                joints.add(node)
            for predicate in (Spine.exitsAt, Spine.traverses):
                for segment in graph.nodes(node, predicate):
                    roots_at.setdefault(segment, set()).add(node)
            if Spine.innervatedBy in edges:
                muscles[node] = frozenset(graph.nodes(node, Spine.innervatedBy))
        segments_of: dict[str, list[str]] = {}
        for segment, (upper, lower) in ends.items():
            segments_of.setdefault(upper, []).append(segment)
            segments_of.setdefault(lower, []).append(segment)
        members: dict[str, Place] = {}
        for node, regions in regions_of.items():
            here = Place(frozenset({node} & rank.keys()), frozenset({node} & ends.keys()))
            for region in regions:
                members[region] = members.get(region, Place()) | here
        members[Spine.WholeSpine] = Place(frozenset(rank), frozenset(ends))
        return cls(
            rank=rank,
            vertebra_at={position: vertebra for vertebra, position in rank.items()},
            ends=ends,
            segments_of={v: tuple(sorted(s, key=lambda one: rank[ends[one][0]])) for v, s in segments_of.items()},
            segment_between={pair: segment for segment, pair in ends.items()},
            segment_above={lower: segment for segment, (_, lower) in ends.items()},
            regions_of=regions_of,
            members=members,
            joints=frozenset(joints),
            roots_at={segment: frozenset(roots) for segment, roots in roots_at.items()},
            roots_of_muscle=muscles,
            names={
                one: graph.text(one, SKOS + "prefLabel")
                for one in {Spine.WholeSpine, *joints, *(region for found in regions_of.values() for region in found)}
            },
        )

    def range(self, upper: str, lower: str) -> Place:
        """Everything from one vertebra down to another: the vertebrae and the segments between them.

        Followed from below, so that a way to the pelvis leaves the sacrum where the anatomy says that it does.
        """
        vertebrae, segments = [lower], []
        while vertebrae[-1] != upper:
            segment = self.segment_above.get(vertebrae[-1])
            if segment is None:
                return Place()
            segments.append(segment)
            vertebrae.append(self.ends[segment][0])
        return Place(frozenset(vertebrae), frozenset(segments))

    def place(self, levels: Iterable[str]) -> Place:
        """The place that a set of level, region and joint names denotes."""
        named = list(levels)
        return Place(
            frozenset(level for level in named if level in self.rank),
            frozenset(level for level in named if level in self.ends),
            frozenset(level for level in named if level in self.members),
            frozenset(level for level in named if level in self.joints),
        )

    def touches(self, one: Place, other: Place) -> bool:
        """Whether two places meet: a vertebra meets both adjoining segments, and a range only what lies inside it.

        A range states its own ends: what lies beyond them is outside it, and so is a range that begins there.
        """
        if one.segments & other.segments or one.joints & other.joints:
            return True
        if not one.vertebrae and not other.vertebrae:
            return False
        mine, theirs = self._ends_of(one), self._ends_of(other)
        alone = one.vertebrae - mine
        return bool(alone & (other.vertebrae | theirs) or (other.vertebrae - theirs) & (alone | mine))

    def bears(self, item: Place, evidence: Place) -> bool:
        """Whether a finding bears on an item: it touches it, or one of the bones that it sits in does."""
        if self.touches(item, evidence):
            return True
        return bool(evidence.segments and evidence.vertebrae) and self.touches(item, Place(evidence.vertebrae))

    def anchors(self, below: Place, above: Place) -> bool:
        """Whether a place lies wholly below S1 and another ends at S1 or lower, so that one holds the foot of the other."""
        foot = self.rank[Spine.S1]
        mine = {self.rank[one] for one in below.vertebrae | self._ends_of(below)}
        others = {self.rank[one] for one in above.vertebrae | self._ends_of(above)}
        return bool(mine and others) and min(mine) > foot and max(others) >= foot

    def _ends_of(self, place: Place) -> frozenset[str]:
        return frozenset(end for segment in place.segments for end in self.ends[segment])

    def covers(self, place: Place, item: Place) -> bool:
        """Whether a place holds the whole of another; a place that is not stated holds everything."""
        if not place:
            return True
        whole = place
        for region in place.regions:
            whole |= self.members[region]
        if item.segments:
            return item.segments <= whole.segments and item.joints <= whole.joints
        return bool(item) and item.vertebrae <= whole.vertebrae and item.joints <= whole.joints

    def spread(self, place: Place) -> Place:
        """The levels that a place may mean: its own; where it names but regions, all of theirs; where nothing, all."""
        if place.has_levels:
            return place
        found = Place()
        for region in place.regions or (Spine.WholeSpine,):
            found |= self.members[region]
        return found

    def within(self, whole: Place, place: Place) -> Place:
        """The levels of a whole that lie in a region; in none, all of them."""
        if not place:
            return Place(whole.vertebrae, whole.segments, joints=whole.joints)
        inside = self.spread(place)
        return Place(whole.vertebrae & inside.vertebrae, whole.segments & inside.segments)

    def adjacent(self, item: Place) -> Place:
        """The levels next above and next below."""
        ranks = [self.rank[v] for v in item.vertebrae] + [self.rank[v] for s in item.segments for v in self.ends[s]]
        if not ranks:
            return Place()
        top, bottom = min(ranks), max(ranks)
        above = self.vertebra_at.get(top - 1)
        below = self.vertebra_at.get(bottom + 1)
        vertebrae = [v for v in (above, below) if v]
        pairs = [(above, self.vertebra_at[top]), (self.vertebra_at[bottom], below)]
        segments = [self.segment_between[(u, v)] for u, v in pairs if u and v and (u, v) in self.segment_between]
        return Place(frozenset(vertebrae) - item.vertebrae, frozenset(segments) - item.segments)

    def regions(self, place: Place) -> frozenset[str]:
        """The regions and junctions that a place lies in."""
        found = set(place.regions)
        for level in place.vertebrae | place.segments | place.joints:
            found |= self.regions_of.get(level, frozenset())
        return frozenset(found)

    def region_groups(self, place: Place) -> frozenset[str]:
        """The regions that are cared for as one (cervical; thoracic; lumbar with sacral) and that a place lies in."""
        regions = self.regions(place)
        for named in place.regions:
            # A junction lies in the regions of the levels that make it up.
            for level in self.members[named].vertebrae:
                regions |= self.regions_of.get(level, frozenset())
        if Spine.WholeSpine in regions:
            return frozenset().union(*REGION_GROUPS)
        return frozenset().union(*(group for group in REGION_GROUPS if group & regions))

    def roots(self, place: Place) -> frozenset[str]:
        """The roots that leave or cross at the segments of a place, or at those next to its vertebrae."""
        segments = set(place.segments)
        if not segments:
            segments = {segment for vertebra in place.vertebrae for segment in self.segments_of.get(vertebra, ())}
        return frozenset().union(*(self.roots_at.get(segment, frozenset()) for segment in segments))

    def order(self, level: str) -> tuple[int, int]:
        """A key that sorts vertebrae and segments from the head down."""
        if level in self.rank:
            return (self.rank[level], 0)
        if level in self.ends:
            return (self.rank[self.ends[level][0]], 1)
        return (999, 0)

    def span_name(self, place: Place) -> str:
        """How a surgeon writes a place: T10-L2, L4-L5, L1.

        Levels that do not join are listed: L1-L2, L4-L5.
        """
        runs: list[tuple[str, str]] = []
        for segment in sorted(place.segments, key=self.order):
            upper, lower = self.ends[segment]
            if runs and runs[-1][1] == upper:
                runs[-1] = (runs[-1][0], lower)
            else:
                runs.append((upper, lower))
        inside = {v for s in place.segments for v in self.ends[s]}
        singles = sorted(place.vertebrae - inside, key=self.order)
        names = [f"{local(u)}-{local(v)}" for u, v in runs] + [local(v) for v in singles]
        names += sorted(self.names.get(one) or local(one) for one in place.regions | place.joints)
        return ", ".join(names)

    def slug(self, place: Place) -> str:
        """A place as a part of a name: t10-l2, sacroiliacjoint."""
        return self.span_name(place).lower().replace(", ", "-").replace(" ", "")

    def where(self, place: Place) -> str:
        """A place in the middle of a sentence: 'L4-L5', or 'the lumbar and sacral spine' where only regions are named."""
        levels = self.span_name(Place(place.vertebrae, place.segments))
        if levels or not place:
            return levels
        *others, last = sorted(self.names.get(one) or local(one) for one in place.regions | place.joints)
        noun = last.rpartition(" ")[2]
        if all(one.endswith(f" {noun}") for one in others):
            others = [one.removesuffix(f" {noun}") for one in others]
        return f"the {' and '.join((*others, last))}"


def local(iri: str) -> str:
    """The part of an IRI after its last '#' or '/'.

    >>> local("https://w3id.org/spine-reasoner/spine#L4-L5")
    'L4-L5'
    """
    return iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1] if "#" in iri else iri.rsplit("/", 1)[-1]
