"""Whether what an image shows goes together with what the patient feels and the examiner finds.

Every finding that can press on nerves gets one value of `nec:pictureFit`, if the record allows
one. Which classes press on what, and which symptoms speak of which root, limb or cord, is data of
the ontology; here is only the arithmetic of roots, sides and levels. Pain of the spine itself
speaks of no root and so fits nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from reasoner.anatomy import Place
from reasoner.denials import reaches
from reasoner.library import Library
from reasoner.record import Record
from reasoner.terms import Literal, Triple
from reasoner.vocabulary import Case, Nec, Spine

_RULE: Final = "picture-fit"
_LOWEST: Final = 999


@dataclass(frozen=True, slots=True)
class _Words:
    """What the ontology says: what classes press on and speak of, what of them is normal, where roots run."""

    presses: dict[str, frozenset[str]]
    speaks_of: dict[str, frozenset[str]]
    pictures: dict[str, frozenset[str]]
    normal: dict[str, tuple[str, int]]
    exiting: dict[str, frozenset[str]]
    traversing: dict[str, frozenset[str]]
    exit_rank: dict[str, int]
    supply: dict[str, frozenset[str]]
    contents: frozenset[str]
    held: dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Voice:
    """A symptom or sign: the roots it names, those it may come from, where, on which side, and how sure it is."""

    node: str
    roots: frozenset[str]
    supply: frozenset[str]
    content: frozenset[str]
    place: Place
    side: str | None
    names_root: bool
    is_certain: bool
    is_normal: bool


@dataclass(frozen=True, slots=True)
class _Pressure:
    """A finding and what it can press on: roots at its level, roots on their way past it, cord or cauda equina."""

    node: str
    roots: frozenset[str]
    passing: frozenset[str]
    content: frozenset[str]
    groups: frozenset[str]
    near: frozenset[str]
    side: str | None
    is_vague: bool


class _Denial(NamedTuple):
    """An absence: of what it would be the picture, and which roots it names, if any."""

    node: str
    parts: frozenset[str]
    roots: frozenset[str]


class _Heard(NamedTuple):
    """What a symptom says to a finding, and whether it says so for certain."""

    voice: _Voice
    fit: str
    is_certain: bool


def close_correlation(record: Record, evidence: list[str]) -> None:
    """Write how each finding that presses on nerves fits the symptoms and signs that count."""
    words = _words(record.library)
    pressures = [found for node in evidence if (found := _pressure(record, words, node))]
    if not pressures:
        return
    told = [said for node in evidence if (said := _voice(record, words, node))]
    voices = [voice for voice in told if not voice.is_normal]
    normal = [voice for voice in told if voice.is_normal]
    asked = frozenset().union(*(record.library.anatomy.region_groups(record.place(one)) for one in record.services))
    denials = [denial for node in evidence if (denial := _denial(record, words, node))]
    for pressure in pressures:
        if record.graph.objects(pressure.node, Nec.pictureFit):
            continue  # It is supposed, not worked out.
        heard = [one for voice in voices if (one := _hear(record, pressure, voice, asked))]
        if heard:
            _weigh(record, pressure, heard, normal)
        else:
            _write(record, pressure, Nec.FitsNot, _denied(record, words, pressure, denials))


def _weigh(record: Record, pressure: _Pressure, heard: list[_Heard], normal: list[_Voice]) -> None:
    """Write the fit that the symptoms speak for; where none does for certain, the question stays open."""
    by_root, by_limb, against = (
        [one.voice for one in heard if one.is_certain and one.fit == fit]
        for fit in (Nec.FitsByRoot, Nec.FitsByLimb, Nec.FitsNot)
    )
    fitting = [*by_root, *(v for v in by_limb if by_root or not _is_explained(pressure, v, against, normal))]
    if fitting:
        fit = Nec.FitsByRoot if by_root else Nec.FitsByLimb
        _write(record, pressure, fit, [voice.node for voice in fitting])
    elif all(one.is_certain or one.fit == Nec.FitsNot for one in heard):
        _write(record, pressure, Nec.FitsNot, [voice.node for voice in against])


def _write(record: Record, pressure: _Pressure, fit: str, telling: list[str]) -> None:
    if telling:
        record.derive(Triple(pressure.node, Nec.pictureFit, fit), _RULE, (pressure.node, *telling))
    for node in telling:
        path = Nec.fitsNotWith if fit == Nec.FitsNot else Nec.fitsWith
        record.derive(Triple(pressure.node, path, node), _RULE, (pressure.node, node))


def _denied(record: Record, words: _Words, pressure: _Pressure, denials: list[_Denial]) -> list[str]:
    """What denies all that a finding could cause; nothing if any of it is not denied."""
    here = [one for one in denials if reaches(record, one.node, pressure.node)]
    of_roots = [one for one in here if Nec.ExitingRoot in one.parts]
    named = frozenset().union(*(one.roots for one in of_roots))
    rootless = pressure.roots <= named or any(not one.roots for one in of_roots)
    shown = pressure.content & frozenset().union(*words.pictures.values())
    pressing = bool(pressure.roots or shown)
    if pressing and rootless and shown <= frozenset().union(*(one.parts for one in here)):
        return [one.node for one in here]
    return []


def _denial(record: Record, words: _Words, node: str) -> _Denial | None:
    """The denial of an illness whose picture a pressed root or cord would give."""
    graph = record.graph
    whole = record.is_absence(node) and not graph.objects(node, Nec.deniesGradesOf)
    kinds = graph.nodes(node, Case.ofKind) if whole else []
    parts = frozenset().union(*(words.pictures.get(kind, frozenset()) for kind in kinds))
    if not parts or graph.objects(node, Nec.conflictsWith) or not _is_sure(record, node):
        return None
    return _Denial(node, parts, frozenset(graph.nodes(node, Case.ofRoot)))


def _hear(record: Record, pressure: _Pressure, voice: _Voice, asked: frozenset[str]) -> _Heard | None:
    """What one symptom says to one finding; None where it has nothing to do with it."""
    anatomy = record.library.anatomy
    if voice.place and not pressure.groups & anatomy.region_groups(voice.place):
        return None
    pressed = pressure.roots | pressure.passing
    localised = bool(voice.place.segments or voice.place.vertebrae)
    elsewhere = localised and not anatomy.roots(voice.place) & pressed
    certain, fit = voice.is_certain, Nec.FitsByLimb
    if voice.content & pressure.content:
        return _Heard(voice, Nec.FitsNot if elsewhere else fit, certain)
    if voice.roots:
        if not voice.roots & (pressure.near | pressed):
            return None
        elsewhere = not voice.roots & pressed
        fit = Nec.FitsByRoot if voice.roots & pressure.roots and not pressure.is_vague else fit
    elif voice.supply:
        if not voice.supply & pressed:
            return None
    elif voice.content or (not voice.place and asked and not asked & pressure.groups):
        return None
    elif not voice.place:
        # Numbness of nobody knows what is of the region at issue, if there is but one.
        certain = certain and bool(asked) and asked <= pressure.groups
    return _Heard(voice, Nec.FitsNot if elsewhere or not _beside(pressure.side, voice.side) else fit, certain)


def _is_explained(pressure: _Pressure, limb: _Voice, against: list[_Voice], normal: list[_Voice]) -> bool:
    """Whether a symptom of a limb is put down to another root than the finding presses on.

    A named root does that by itself; a weak muscle does if the finding's own root is shown to be sound.
    """
    if limb.content & pressure.content:
        return False
    sound = any(one.is_certain and one.roots & pressure.roots and _beside(pressure.side, one.side) for one in normal)
    return any(
        (other.names_root or sound)
        and _beside(other.side, limb.side)
        and (not limb.supply or bool(other.roots & limb.supply))
        for other in against
        if other.roots
    )


def _beside(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def _pressure(record: Record, words: _Words, node: str) -> _Pressure | None:
    parts = _nearest(record, words.presses, node)
    if not parts:
        return None
    anatomy, graph = record.library.anatomy, record.graph
    named, place = frozenset(graph.nodes(node, Case.ofRoot)), record.place(node)
    if not place and named:
        place = Place(segments=frozenset(s for s, roots in words.exiting.items() if roots & named))
    if not place:
        return None
    is_vague = not (place.segments or place.vertebrae)
    whole = place
    for region in place.regions if is_vague else ():
        whole |= anatomy.members[region]
    segments = whole.segments or frozenset(s for v in whole.vertebrae for s in anatomy.segments_of.get(v, ()))
    roots: frozenset[str] = frozenset()
    for segment in segments:
        exiting = words.exiting.get(segment, frozenset())
        if Nec.ExitingRoot in parts:
            roots |= exiting
        if Nec.TraversingRoot in parts:
            roots |= words.traversing.get(segment, exiting)
    content: frozenset[str] = frozenset()
    if Nec.CanalContent in parts and not named:
        levels = whole.segments | whole.vertebrae
        content = frozenset().union(*(words.held.get(level, frozenset()) for level in levels))
    top = min((anatomy.rank[anatomy.ends[s][0]] for s in segments), default=_LOWEST)
    below = {root for root, rank in words.exit_rank.items() if rank > top} if Spine.CaudaEquina in content else set()
    groups = anatomy.region_groups(place)
    near = frozenset(
        root
        for region in groups
        for segment in anatomy.members.get(region, Place()).segments
        for root in words.exiting.get(segment, frozenset())
    )
    return _Pressure(
        node, named or roots, frozenset(below) - roots, content, groups, near, record.side(node), is_vague and not named
    )


def _voice(record: Record, words: _Words, node: str) -> _Voice | None:
    spoken = _nearest(record, words.speaks_of, node)
    graph = record.graph
    if not spoken or graph.text(node, Case.isResolved) == "true":
        return None
    named = frozenset(graph.nodes(node, Case.ofRoot))
    muscles = frozenset().union(
        *(record.library.anatomy.roots_of_muscle.get(one, frozenset()) for one in graph.nodes(node, Case.ofMuscle))
    )
    roots = named or muscles or spoken & words.exit_rank.keys()
    parts = frozenset(graph.nodes(node, Case.inBodyPart)) or spoken & words.supply.keys()
    supply = frozenset().union(*(words.supply.get(part, frozenset()) for part in parts))
    content = spoken & words.contents
    if not (roots or supply or content or Nec.SomeRoot in spoken):
        return None
    deficit = _deficit(record, words, node)
    return _Voice(
        node,
        roots,
        supply,
        content,
        record.place(node),
        record.side(node),
        names_root=bool(named),
        is_certain=_is_sure(record, node) and deficit is not None and not graph.objects(node, Nec.conflictsWith),
        is_normal=deficit is False,
    )


def _is_sure(record: Record, node: str) -> bool:
    """Whether a statement is made without reserve: its certainty is not stated, or surely the highest."""
    least = record.graph.value(node, Case.hasCertainty + "RankAtLeast")
    highest = record.library.spans.scales[Case.hasCertainty].ranks[Case.Confirmed][0]
    return not isinstance(least, Literal) or least.number is None or least.number >= highest


def _deficit(record: Record, words: _Words, node: str) -> bool | None:
    """Whether a graded sign falls short of what is normal; None if its grade leaves that open."""
    for cls, (path, normal) in words.normal.items():
        if record.has_type(node, cls):
            ends = [record.graph.value(node, path + end) for end in ("RankAtLeast", "RankAtMost")]
            least, most = (end.number if isinstance(end, Literal) else None for end in ends)
            if most is not None and most < normal:
                return True
            return False if least is not None and least >= normal else None
    return True


def _nearest(record: Record, said: dict[str, frozenset[str]], node: str) -> frozenset[str]:
    """What the nearest classes of a node that say it say; a class above one that says it is not heard."""
    saying = [cls for cls in record.graph.types(node) if cls in said]
    nearest = [cls for cls in saying if not any(other != cls and record.library.is_a(other, cls) for other in saying)]
    return frozenset().union(*(said[cls] for cls in nearest))


@lru_cache(maxsize=4)
def _words(library: Library) -> _Words:
    graph, anatomy = library.graph, library.anatomy

    def said(path: str) -> dict[str, frozenset[str]]:
        return {subject: frozenset(graph.nodes(subject, path)) for subject in graph.subjects(path)}

    exits = {root: segment for root in graph.subjects(Spine.exitsAt) if (segment := graph.node(root, Spine.exitsAt))}
    crossing = said(Spine.traverses)
    holding = said(Nec.holds)
    return _Words(
        presses=said(Nec.presses),
        speaks_of=said(Nec.speaksOf),
        pictures=said(Nec.isPictureOf),
        normal={cls: _normal(library, grade) for cls, (grade,) in said(Nec.normalGrade).items()},
        exiting=_by_segment({root: frozenset({segment}) for root, segment in exits.items()}),
        traversing=_by_segment(crossing),
        exit_rank={
            root: anatomy.rank[anatomy.ends[exits[root]][0]] if root in exits else _LOWEST
            for root in exits.keys() | crossing.keys()
        },
        supply=said(Spine.suppliedBy),
        contents=frozenset().union(*holding.values()),
        held={
            level: frozenset().union(
                *(holding.get(cls, frozenset()) for cls in library.individual_types.get(level, ()))
            )
            for level in (*anatomy.rank, *anatomy.ends)
        },
    )


def _normal(library: Library, grade: str) -> tuple[str, int]:
    """The property whose scale holds a grade, and the grade's rank."""
    path, scale = next((path, scale) for path, scale in library.spans.scales.items() if grade in scale.ranks)
    return path, scale.ranks[grade][0]


def _by_segment(segments_of: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    segments = frozenset().union(*segments_of.values())
    return {one: frozenset(root for root, own in segments_of.items() if one in own) for one in segments}
