"""The key facts of an entry, kind by kind, and the keys by which a list is filtered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from api.linked.addresses import room_of, short
from api.linked.naming import Link, link_to, recommendations_above
from api.linked.resources import is_derived
from api.linked.uses import known
from api.linked.worked import written
from reasoner.anatomy import local
from reasoner.criteria import Leaf
from reasoner.items import kebab
from reasoner.library import Library
from reasoner.sourcing import cited, verdict_of
from reasoner.terms import Literal
from reasoner.vocabulary import BIBO, DCTERMS, OWL, RDFS, SKOS, Nec
from reasoner.words import demand

Fact = str | int | bool | Link | tuple[Link, ...] | None
Facts = tuple[tuple[str, Fact], ...]
Keys = dict[str, frozenset[str]]

_FOLDS: Final = {"and": "all of these", "or": "any one of these", "not": "not this"}


def facts_of(library: Library, iri: str, kind: str) -> tuple[Facts, Keys]:
    """What an entry of a list tells of a thing, and what it is filtered by.

    >>> facts, keys = facts_of(
    ...     Library.read(), "https://w3id.org/spine-reasoner/guideline/lumbar-fusion#meyerding-bands", "claim"
    ... )
    >>> dict(facts)["value"], sorted(keys["appraisal"])
    ('25', ['verified'])
    """
    return _READERS.get(kind, _of_term)(library, iri)


def _of_guideline(library: Library, iri: str) -> tuple[Facts, Keys]:
    there = known(library)
    counts = {
        kind: sum(there.kinds[one] == kind for one in there.documents[iri])
        for kind in ("recommendation", "criterion", "claim", "advisory")
    }
    claims = [one for one in there.documents[iri] if there.kinds[one] == "claim"]
    return (
        ("edition", local(library.graph.node(iri, OWL + "versionIRI") or "")),
        ("recommendations", counts["recommendation"]),
        ("criteria", counts["criterion"]),
        ("advisories", counts["advisory"]),
        ("claims", counts["claim"]),
        ("claimsVerified", sum(verdict_of(library, claim) == Nec.Verified for claim in claims)),
        ("workedCases", sum(case.guideline == iri for case in written(library).values())),
    ), {}


def _of_recommendation(library: Library, iri: str) -> tuple[Facts, Keys]:
    graph = library.graph
    concerns, regions = graph.nodes(iri, Nec.concerns), graph.nodes(iri, Nec.appliesIn)
    direction = kebab(local(graph.node(iri, Nec.direction) or ""))
    return (
        ("guideline", _home(library, iri)),
        ("direction", direction),
        ("concerns", _links(library, concerns)),
        ("regions", _links(library, regions)),
        ("population", _links(library, graph.nodes(iri, Nec.population))),
        ("alternatives", _links(library, _named(library, iri, Nec.alternatives))),
        ("claims", _links(library, graph.nodes(iri, Nec.restsOn))),
    ), {
        "direction": frozenset({direction}),
        # What speaks of a class of procedures speaks of every kind of it.
        "procedure": frozenset(short(one) for cls in concerns for one in library.descendants.get(cls, (cls,))),
        "region": _shorts(regions),
        "claim": _shorts(graph.nodes(iri, Nec.restsOn)),
    }


def _of_criterion(library: Library, iri: str) -> tuple[Facts, Keys]:
    graph = library.graph
    one = library.criteria.compiled[iri]
    claims = graph.nodes(iri, Nec.restsOn)
    form = "leaf" if isinstance(one, Leaf) else "branch"
    words = demand(library, one) if isinstance(one, Leaf) else _folded(library, one.fold, one.members)
    above = recommendations_above(library, iri)
    verdicts = {_word(verdict_of(library, claim)) for claim in claims} - {None}
    uses = known(library).uses.get(iri, ())
    return (
        ("guideline", _home(library, iri)),
        ("form", form),
        ("exception", Nec.Exception in graph.types(iri)),
        ("demand", words),
        ("members", () if isinstance(one, Leaf) else _links(library, one.members)),
        ("claims", _links(library, claims)),
        ("recommendations", tuple(above)),
    ), {
        "form": frozenset({form}),
        "claim": _shorts(claims),
        "appraisal": frozenset(word for word in verdicts if word),
        "recommendation": _shorts(link.iri for link in above),
        "policy": _shorts(use.owner for use in uses if use.predicate in (Nec.requires, Nec.considers)),
    }


def _of_claim(library: Library, iri: str) -> tuple[Facts, Keys]:
    graph = library.graph
    references = cited(library, iri)
    users = known(library).uses.get(iri, ())
    appraisal = _word(verdict_of(library, iri))
    return (
        ("guideline", _home(library, iri)),
        ("appraisal", appraisal),
        ("reason", _reason(library, iri)),
        ("comparator", _text(library, iri, Nec.comparator)),
        ("value", _text(library, iri, Nec.value)),
        ("unit", _text(library, iri, Nec.unit)),
        ("grade", _text(library, iri, Nec.evidenceGrade)),
        ("locator", _text(library, iri, Nec.locator)),
        ("population", _links(library, graph.nodes(iri, Nec.population))),
        ("references", _links(library, references)),
        ("usedBy", _links(library, [use.owner for use in users if use.predicate == Nec.restsOn])),
    ), {
        "appraisal": frozenset({appraisal} if appraisal else ()),
        "reference": _shorts(references),
        "population": _shorts(graph.nodes(iri, Nec.population)),
    }


def _of_reference(library: Library, iri: str) -> tuple[Facts, Keys]:
    graph = library.graph
    creators = [one.lexical for one in graph.objects(iri, DCTERMS + "creator") if isinstance(one, Literal)]
    claims = [use.owner for use in known(library).uses.get(iri, ()) if known(library).kinds[use.owner] == "claim"]
    types = [one for one in graph.types(iri) if one != Nec.Reference]
    appraisal = _word(verdict_of(library, iri))
    return (
        ("type", kebab(local(types[0])) if types else None),
        ("title", _text(library, iri, DCTERMS + "title")),
        ("authors", ", ".join(creators) or None),
        ("year", _text(library, iri, DCTERMS + "issued")),
        ("standsIn", _text(library, iri, DCTERMS + "bibliographicCitation")),
        ("doi", _text(library, iri, BIBO + "doi")),
        ("pmid", _text(library, iri, BIBO + "pmid")),
        ("appraisal", appraisal),
        ("reason", _reason(library, iri)),
        ("claims", _links(library, claims)),
    ), {
        "type": frozenset(kebab(local(one)) for one in types),
        "appraisal": frozenset({appraisal} if appraisal else ()),
        "guideline": frozenset(room for claim in claims if (room := room_of(claim))),
        "year": frozenset({graph.text(iri, DCTERMS + "issued")} - {""}),
    }


def _of_policy(library: Library, iri: str) -> tuple[Facts, Keys]:
    graph = library.graph
    one = library.policies.get(iri)
    holds_in, holds_for = graph.nodes(iri, Nec.holdsIn), graph.nodes(iri, Nec.holdsFor)
    appraisal = _word(verdict_of(library, iri))
    return (
        ("isDefault", one is not None and one.is_default),
        ("series", link_to(library, series) if (series := graph.node(iri, Nec.isEditionOf)) else None),
        ("edition", _text(library, iri, Nec.edition)),
        ("effectiveFrom", _text(library, iri, Nec.effectiveFrom)),
        ("effectiveUntil", _text(library, iri, Nec.effectiveUntil)),
        ("territories", _links(library, holds_in)),
        ("plans", _links(library, holds_for)),
        ("concerns", _links(library, graph.nodes(iri, Nec.concerns))),
        ("requires", _links(library, graph.nodes(iri, Nec.requires))),
        ("onlyConsiders", _links(library, graph.nodes(iri, Nec.considers))),
        ("setsAside", _links(library, graph.nodes(iri, Nec.setsAside))),
        ("sources", _links(library, [*graph.nodes(iri, DCTERMS + "source"), *graph.nodes(iri, Nec.criteriaHeldIn)])),
        ("appraisal", appraisal),
        ("reading", _reason(library, iri)),
        ("notEncoded", _text(library, iri, SKOS + "editorialNote")),
    ), {
        "appraisal": frozenset({appraisal} if appraisal else ()),
        "territory": _shorts(holds_in),
        "plan": _shorts(holds_for),
        "series": _shorts(graph.nodes(iri, Nec.isEditionOf)),
        "guideline": frozenset(short(room) for room in one.counts) if one else frozenset(),
        "criterion": _shorts([*graph.nodes(iri, Nec.requires), *graph.nodes(iri, Nec.considers)]),
    }


def _of_term(library: Library, iri: str) -> tuple[Facts, Keys]:
    graph = library.graph
    also = [one.lexical for one in graph.objects(iri, SKOS + "altLabel") if isinstance(one, Literal)]
    above = graph.nodes(iri, RDFS + "subClassOf") or [one for one in graph.types(iri) if not one.startswith(OWL)]
    above = [one for one in above if not one.startswith("_:")]
    return (
        ("name", local(iri)),
        ("also", "; ".join(also) or None),
        ("above", _links(library, above)),
        ("derived", is_derived(library, iri)),
        ("definedIn", _home(library, iri)),
    ), {
        "under": _shorts(_lineage(library, iri)),
        "vocabulary": frozenset({short(iri.partition("#")[0])}),
    }


def _of_score(library: Library, iri: str) -> tuple[Facts, Keys]:
    graph = library.graph
    also = [one.lexical for one in graph.objects(iri, SKOS + "altLabel") if isinstance(one, Literal)]
    return (
        ("also", "; ".join(also) or None),
        ("scores", _links(library, graph.nodes(iri, Nec.scores))),
        ("perLevel", graph.text(iri, Nec.perLevel) != "false"),
        ("components", _links(library, _named(library, iri, Nec.components))),
        ("bands", _links(library, _named(library, iri, Nec.bands))),
        ("result", link_to(library, result) if (result := graph.node(iri, Nec.resultClass)) else None),
    ), {}


def _of_case(library: Library, iri: str) -> tuple[Facts, Keys]:
    case = written(library)[iri]
    criteria = [one for one in case.expected if one.criterion]
    return (
        ("guideline", link_to(library, case.guideline) if case.guideline else None),
        ("asksFor", _links(library, case.asked)),
        ("outcomes", ", ".join(case.outcomes) or None),
        ("answers", tuple(link_to(library, one.criterion, one.word) for one in criteria)),
    ), {
        "outcome": frozenset(case.outcomes),
        "answer": frozenset(one.word for one in criteria),
        "criterion": _shorts(one.criterion for one in criteria),
        "procedure": frozenset(
            short(one)
            for cls in case.asked
            for one in (cls, *library.ancestors.get(cls, ()))
            if one in library.procedures
        ),
    }


_READERS: Final[dict[str, Callable[[Library, str], tuple[Facts, Keys]]]] = {
    "guideline": _of_guideline,
    "recommendation": _of_recommendation,
    "criterion": _of_criterion,
    "claim": _of_claim,
    "reference": _of_reference,
    "policy": _of_policy,
    "policy-series": _of_policy,
    "uncheckable-policy": _of_policy,
    "scoring-system": _of_score,
    "worked-case": _of_case,
    "example": _of_case,
}


def _lineage(library: Library, iri: str) -> frozenset[str]:
    """The classes that a class is a kind of, itself included, or that an individual is of."""
    if iri in library.ancestors:
        return library.ancestors[iri]
    return frozenset(above for one in library.graph.types(iri) for above in library.ancestors.get(one, ()))


def _home(library: Library, iri: str) -> Link | None:
    home = known(library).homes.get(iri, "")
    return link_to(library, home) if home else None


def _links(library: Library, iris: Iterable[str]) -> tuple[Link, ...]:
    return tuple(link_to(library, iri) for iri in dict.fromkeys(iris))


def _shorts(iris: Iterable[str]) -> frozenset[str]:
    return frozenset(map(short, iris))


def _named(library: Library, iri: str, predicate: str) -> list[str]:
    """The members of a list that are terms."""
    head = library.graph.node(iri, predicate)
    return [one for one in library.graph.list(head) if isinstance(one, str)] if head else []


def _folded(library: Library, fold: str, members: Iterable[str]) -> str:
    return f"{_FOLDS[fold]}: {'; '.join(map(library.label, members))}"


def _text(library: Library, iri: str, predicate: str) -> str | None:
    return library.graph.text(iri, predicate) or None


def _word(verdict: str | None) -> str | None:
    return kebab(local(verdict)) if verdict else None


def _reason(library: Library, iri: str) -> str | None:
    return library.graph.text(library.graph.node(iri, Nec.hasAppraisal) or "", Nec.reason) or None
