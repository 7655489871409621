"""Items of a determination page: groups as in the report, their criteria with the evidence, and the claims under them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from api.linked.addresses import address_of
from api.pages.determination_keys import Keys, joined
from reasoner.answering import DOCUMENT, answered
from reasoner.further import FITS
from reasoner.itemised import fact_state, is_silent, itemised, outcome_in_words, sources_in_words, tone_of_item
from reasoner.layout import Line

if TYPE_CHECKING:
    from reasoner.itemised import Names

Json = dict[str, Any]

PARTS: Final = ("because", "against", "open")
_MOST_FACTS: Final = 6
_DOI: Final = "https://doi.org/"
_PUBMED: Final = "https://pubmed.ncbi.nlm.nih.gov/"


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement of the record under a criterion: what it says, how it stands, and where it is written."""

    key: str
    text: str
    state: str
    source: str
    standing: str
    levels: str
    is_answer: bool


@dataclass(frozen=True, slots=True)
class Variant:
    """The facts of some items of a group, with their levels where they differ from the others'."""

    where: str
    facts: tuple[Fact, ...]
    more: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One criterion that speaks for, against or keeps open, as the report tells it."""

    head: str
    tone: str
    address: str
    text: str
    message: str
    variants: tuple[Variant, ...]
    outranked: tuple[str, ...]
    criterion: str
    claims: tuple[str, ...]
    """The names of the claims under it."""
    evidence: str
    levels: str


@dataclass(frozen=True, slots=True)
class Member:
    """One item of a group, by its own name and address on the page."""

    id: str
    name: str
    levels: str


@dataclass(frozen=True, slots=True)
class Group:
    """Items of one procedure with one outcome."""

    title: str
    outcome: str
    tone: str
    members: tuple[Member, ...]
    entries: tuple[Entry, ...]
    rest: tuple[Line, ...]
    levels: str


def levels_by_item(data: Json) -> dict[str, tuple[str, ...]]:
    """The levels at which each item stands, as the drawing has them."""
    found: dict[str, list[str]] = {}
    for row in data["spine"]["rows"]:
        for one in row["requested"]:
            found.setdefault(one["item"], []).append(row["level"])
    return {item: tuple(levels) for item, levels in found.items()}


def levels_by_node(data: Json) -> dict[str, tuple[str, ...]]:
    """The levels at which each statement stands."""
    found: dict[str, list[str]] = {}
    for row in data["spine"]["rows"]:
        for one in row["findings"]:
            found.setdefault(one["node"], []).append(row["level"])
    return {node: tuple(levels) for node, levels in found.items()}


def groups_of(data: Json, names: Names, keys: Keys) -> list[Group]:
    """The items in the groups, the order and the words of the report."""
    kinds: dict[tuple[object, ...], list[Json]] = {}
    for item in sorted(data["items"], key=lambda one: not one["principal"]):
        kind = (item["procedure"], item["outcome"], is_silent(item), item["partOf"] or "", item["isPlaceless"])
        kinds.setdefault(kind, []).append(item)
    at, seen = levels_by_item(data), levels_by_node(data)
    return [_group(items, names, keys, at, seen) for items in kinds.values()]


def _group(
    items: list[Json],
    names: Names,
    keys: Keys,
    at: dict[str, tuple[str, ...]],
    seen: dict[str, tuple[str, ...]],
) -> Group:
    told = itemised({"items": items}, names, lay=False, engineer=False)
    lines = [part for part in told.parts if isinstance(part, Line)]
    heads = [line for line in lines if line.depth == 1 and line.keys]
    rest = tuple(line for line in lines if line.depth == 1 and not line.keys)
    ids = [item["id"] for item in items]
    entries = [_entry(line, members, names, keys, at, seen) for line, members in zip(heads, _told(items), strict=True)]
    return Group(
        title=f"{items[0]['procedure']} {names.levels(ids)}".rstrip(),
        outcome=outcome_in_words(items[0]),
        tone=tone_of_item(items[0]) or "neutral",
        members=tuple(Member(one, names.of([one]), joined(at.get(one, ()))) for one in ids),
        entries=tuple(entries),
        rest=rest,
        levels=joined(level for one in ids for level in at.get(one, ())),
    )


def _told(items: list[Json]) -> list[list[tuple[str, Json]]]:
    """The entries of a group, those about one criterion in one role with one answer together, in the report's order."""
    found: list[list[tuple[str, Json]]] = []
    for part in PARTS:
        entries: dict[tuple[str, str, str], list[tuple[str, Json]]] = {}
        for item in items:
            for entry in item[part]:
                key = (entry["criterion"], entry["role"], entry["answer"])
                entries.setdefault(key, []).append((item["id"], entry))
        found += entries.values()
    return found


def _entry(
    line: Line,
    told: list[tuple[str, Json]],
    names: Names,
    keys: Keys,
    at: dict[str, tuple[str, ...]],
    seen: dict[str, tuple[str, ...]],
) -> Entry:
    entry = told[0][1]
    variants: dict[tuple[tuple[str, str, str], ...], list[tuple[str, list[Fact]]]] = {}
    for item, one in told:
        facts = [fact_of(fact, keys, seen) for fact in one["evidence"]]
        words = tuple((fact.text, fact.state, fact.source) for fact in facts)
        variants.setdefault(words, []).append((item, facts))
    outranked = {
        f"{one['statement']}{sources_in_words(one)} ({one['reason']})": None
        for _, told_entry in told
        for one in told_entry.get("outranked", ())
    }
    return Entry(
        head=line.text,
        tone=line.tone or "neutral",
        address=address_of(entry["criterion"]),
        text=entry["text"],
        message=entry["message"] if entry["answer"] != "met" else "",
        variants=tuple(
            _variant(members, names, is_only=len(variants) == 1) for words, members in variants.items() if words
        ),
        outranked=tuple(outranked),
        criterion=keys.criterion(entry["criterion"]),
        claims=tuple(keys.claim(iri) for iri in entry["claims"]),
        evidence=joined(fact.key for members in variants.values() for _, facts in members for fact in facts),
        levels=joined(level for item, _ in told for level in at.get(item, ())),
    )


def _variant(members: list[tuple[str, list[Fact]]], names: Names, *, is_only: bool) -> Variant:
    where = "" if is_only else names.levels(item for item, _ in members)
    facts = _merged([told for _, told in members])
    return Variant(where, facts[:_MOST_FACTS], facts[_MOST_FACTS:])


def _merged(alike: list[list[Fact]]) -> tuple[Fact, ...]:
    """Facts of several items that read alike, each once, with the keys and the levels of all of them."""
    return tuple(
        replace(
            facts[0],
            key=joined(key for fact in facts for key in fact.key.split()),
            levels=joined(level for fact in facts for level in fact.levels.split()),
        )
        for facts in zip(*alike, strict=True)
    )


def fact_of(fact: Json, keys: Keys, seen: dict[str, tuple[str, ...]]) -> Fact:
    """One statement as it stands to a criterion."""
    return Fact(
        key=keys.evidence(fact["node"]),
        text=fact["statement"],
        state=fact_state(fact),
        source=sources_in_words(fact).strip(" []"),
        standing=fact["standing"],
        levels=joined(seen.get(fact["node"], ())),
        is_answer=bool(answered([fact["node"]])) and any(one["node"] == DOCUMENT for one in fact["documents"]),
    )


@dataclass(frozen=True, slots=True)
class Reference:
    """A source: its title and year, where it can be found, and how it was appraised."""

    title: str
    links: tuple[tuple[str, str], ...]
    appraisal: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim under some criteria of the page."""

    key: str
    address: str
    text: str
    label: str
    state: str
    tone: str
    reason: str
    locator: str
    references: tuple[Reference, ...]
    relations: tuple[str, ...]
    criteria: str


def claims_of(data: Json, tree: Json | None, keys: Keys) -> tuple[list[Claim], list[Claim]]:
    """The claims under the deciding criteria in the report's order, and those that only the trees name."""
    under: dict[str, list[str]] = {}
    for item in data["items"]:
        for part in PARTS:
            for entry in item[part]:
                for iri in entry["claims"]:
                    under.setdefault(iri, []).append(entry["criterion"])
    deciding = [iri for iri in under if iri in data["claims"]]
    for criterion, told in (tree["criteria"] if tree else {}).items():
        for iri in told["claims"]:
            under.setdefault(iri, []).append(criterion)
    known = {**(tree["claims"] if tree else {}), **data["claims"]}
    further = [iri for iri in under if iri in known and iri not in deciding]
    return (
        [_claim(iri, known[iri], under[iri], keys) for iri in deciding],
        [_claim(iri, known[iri], under[iri], keys) for iri in further],
    )


def _claim(iri: str, claim: Json, criteria: list[str], keys: Keys) -> Claim:
    state = (claim["appraisal"], claim["evidenceGrade"] or "", FITS[claim["fit"]])
    return Claim(
        key=keys.claim(iri),
        address=address_of(iri),
        text=claim["text"],
        label=claim["label"],
        state=", ".join(word for word in state if word),
        tone="good" if claim["appraisal"] == "verified" else "note",
        reason=claim["reason"] if claim["appraisal"] != "verified" else "",
        locator=claim["locator"] or "",
        references=tuple(_reference(one) for one in claim["references"]),
        relations=tuple(f"{row['relation']}: {row['label']}" for row in claim["relations"]),
        criteria=joined(keys.criterion(one) for one in criteria),
    )


def _reference(one: Json) -> Reference:
    year = one["year"] or ""
    links = [(f"DOI {one['doi']}", _DOI + quote(one["doi"], safe="/():;._-"))] if one["doi"] else []
    links += [(f"PMID {one['pmid']}", f"{_PUBMED}{quote(one['pmid'], safe='')}/")] if one["pmid"] else []
    title = f"{one['title']}{f', {year}' if year and year not in one['title'] else ''}"
    return Reference(title, (*links, ("here", address_of(one["reference"]))), one["appraisal"] or "")
