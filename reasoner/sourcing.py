"""What a room rests on: its claims with their appraisals, who disagrees with whom, and the works they cite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from reasoner.anatomy import local
from reasoner.library import Library, guideline_name
from reasoner.markdown import plain, table
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import BIBO, CITO, DCTERMS, SKOS, Nec

_CITES: Final = (CITO + "citesAsEvidence", CITO + "citesAsAuthority")


_NO_RULE: Final = "Not a rule here"
"""How a scope note begins that says why no rule is made of a claim; the page prints it, a list that says so already does not."""


def claims_of(library: Library, room: str) -> list[str]:
    """The claims of a room, as they are printed."""
    return [iri for iri in library.graph.subjects(RDF_TYPE, Nec.Claim) if guideline_name(iri) == room]


def cited(library: Library, claim: str) -> list[str]:
    """The references that a claim cites."""
    return [reference for predicate in _CITES for reference in library.graph.nodes(claim, predicate)]


def verdict_of(library: Library, term: str) -> str | None:
    """The verdict of the appraisal of a claim or reference."""
    appraisal = library.graph.node(term, Nec.hasAppraisal)
    return library.graph.node(appraisal, Nec.verdict) if appraisal else None


def verified_share(library: Library, claims: Sequence[str]) -> int:
    """How many of a hundred claims are verified, rounded down."""
    verified = sum(verdict_of(library, claim) == Nec.Verified for claim in claims)
    return 100 * verified // len(claims) if claims else 0


def unused_claims(library: Library, claims: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The claims that no criterion, recommendation or policy rests on, each with the reason why it is no rule."""
    graph = library.graph
    used: set[str] = set()
    told: dict[str, str] = {}
    for subject in graph.subjects(Nec.restsOn):
        if Nec.Advisory in graph.types(subject):
            told |= dict.fromkeys(graph.nodes(subject, Nec.restsOn), subject)
        else:
            used.update(graph.nodes(subject, Nec.restsOn))
    for claim in claims:
        if claim not in used:
            yield claim, _reason(library, claim, told.get(claim))


def claims_table(library: Library, claims: Sequence[str], linked: Callable[[str], str]) -> Iterator[str]:
    """The claims with what they say, where they stand, how they are appraised and with which others they differ."""
    graph = library.graph
    rows = []
    for claim in claims:
        number = " ".join(
            filter(None, (graph.text(claim, Nec.comparator), _value(library, claim), graph.text(claim, Nec.unit)))
        )
        populations = ", ".join(library.label(cls) for cls in graph.nodes(claim, Nec.population))
        bounds = "; ".join(filter(None, (number, populations, graph.text(claim, Nec.evidenceGrade))))
        works = "; ".join(library.label(reference) for reference in cited(library, claim))
        where = ", ".join(filter(None, (works, graph.text(claim, Nec.locator))))
        rows.append(
            (
                f'<a id="{local(claim)}"></a>**{plain(library.label(claim))}.** {plain(library.definition(claim))}',
                plain(bounds),
                plain(where),
                plain(_appraisal(library, claim)),
                _relations(library, claim, linked),
            )
        )
    return table(("Claim", "Value, population, grade", "Source", "Appraisal", "Relations"), rows)


def references_table(library: Library, claims: Sequence[str]) -> Iterator[str]:
    """The works that claims cite, by name, with what is known of them."""
    graph = library.graph
    works = sorted(
        {reference for claim in claims for reference in cited(library, claim)},
        key=lambda one: (library.label(one).lower(), one),
    )
    rows = []
    for work in works:
        creators = ", ".join(
            sorted(value.lexical for value in graph.objects(work, DCTERMS + "creator") if not isinstance(value, str))
        )
        parts = [creators, graph.text(work, DCTERMS + "title"), graph.text(work, DCTERMS + "bibliographicCitation")]
        parts.append(graph.text(work, DCTERMS + "issued"))
        names = [
            f"{name} {value}"
            for name, key in (("DOI", "doi"), ("PMID", "pmid"))
            if (value := graph.text(work, BIBO + key))
        ]
        rows.append(
            (
                plain(library.label(work)),
                plain(". ".join(filter(None, parts))),
                plain(", ".join(names)),
                plain(_appraisal(library, work)),
            )
        )
    return table(("Name", "Work", "Identifier", "Appraisal"), rows)


def _value(library: Library, claim: str) -> str:
    return library.graph.text(claim, Nec.value)


def _appraisal(library: Library, term: str) -> str:
    appraisal = library.graph.node(term, Nec.hasAppraisal) or ""
    verdict = verdict_of(library, term)
    return f"{library.label(verdict)}: {library.graph.text(appraisal, Nec.reason)}" if verdict else ""


def _relations(library: Library, claim: str, linked: Callable[[str], str]) -> str:
    told = []
    for predicate, words in ((CITO + "disagreesWith", "disagrees with"), (CITO + "agreesWith", "agrees with")):
        others = library.graph.nodes(claim, predicate)
        others += [other for other in library.graph.subjects(predicate, claim) if other not in others]
        if others:
            told.append(f"{words} {', '.join(linked(other) for other in sorted(others))}")
    return "; ".join(told)


def _reason(library: Library, claim: str, advisory: str | None) -> str:
    graph = library.graph
    own = graph.text(claim, SKOS + "scopeNote") or graph.text(claim, SKOS + "editorialNote")
    if own:
        return own.removeprefix(_NO_RULE).lstrip(": ")
    if advisory is not None:
        return f"it is told as an advisory ({library.label(advisory)})"
    appraisal = graph.node(claim, Nec.hasAppraisal) or ""
    if verdict_of(library, claim) != Nec.Verified:
        return f"of its appraisal: {graph.text(appraisal, Nec.reason)}"
    return "no reason is given"
