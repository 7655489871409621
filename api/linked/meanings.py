"""What a statement means to a reader: the words for its property, and for being named by it.

The words of our own properties are their labels; here stand those of the vocabularies that are used
as they are, and what it means to be named by somebody else.
"""

from __future__ import annotations

from typing import Final

from api.linked.kinds import KINDS
from reasoner.library import Library
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import BIBO, CITO, DCTERMS, NECESSITY, OWL, RDFS, SH, SKOS, Nec

_WORDS: Final = {
    RDF_TYPE: "is a",
    RDFS + "subClassOf": "is a kind of",
    RDFS + "subPropertyOf": "is a kind of",
    RDFS + "domain": "is said of",
    RDFS + "range": "has values of",
    RDFS + "seeAlso": "see also",
    OWL + "equivalentClass": "is the same as",
    OWL + "disjointWith": "is never also",
    OWL + "inverseOf": "is the inverse of",
    OWL + "versionIRI": "edition",
    OWL + "imports": "builds on",
    OWL + "onProperty": "property",
    OWL + "someValuesFrom": "with some",
    OWL + "hasValue": "with the value",
    OWL + "intersectionOf": "all of these",
    OWL + "unionOf": "any one of these",
    OWL + "complementOf": "not",
    SKOS + "altLabel": "also called",
    SKOS + "prefLabel": "name",
    SKOS + "definition": "definition",
    SKOS + "notation": "number",
    SKOS + "example": "example",
    SKOS + "scopeNote": "note",
    SKOS + "editorialNote": "editor's note",
    SKOS + "changeNote": "changed",
    DCTERMS + "bibliographicCitation": "stands in",
    DCTERMS + "creator": "by",
    DCTERMS + "issued": "published",
    DCTERMS + "source": "drawn from",
    DCTERMS + "title": "title",
    BIBO + "doi": "DOI",
    BIBO + "pmid": "PMID",
    CITO + "agreesWith": "agrees with",
    CITO + "citesAsAuthority": "cites as authority",
    CITO + "citesAsEvidence": "cites as evidence",
    CITO + "disagreesWith": "disagrees with",
    CITO + "qualifies": "qualifies",
    CITO + "updates": "updates",
    SH + "and": "holds with all of these",
    SH + "class": "of the class",
    SH + "message": "if it is not met",
    SH + "minCount": "at least",
    SH + "not": "holds if this does not",
    SH + "or": "holds with any one of these",
    SH + "path": "property",
    SH + "property": "with",
}

BOTH_WAYS: Final = (CITO + "disagreesWith", CITO + "agreesWith")
"""What is as true the other way about."""

ASKED: Final = "asked"
"""The use of a term by the shape of a criterion."""

_NAMED: Final = {
    CITO + "citesAsEvidence": "{} that cite it",
    CITO + "citesAsAuthority": "{} that cite it as an authority",
    CITO + "disagreesWith": "Disagrees with",
    CITO + "agreesWith": "Agrees with",
    CITO + "qualifies": "{} that qualify it",
    CITO + "updates": "{} that update it",
    Nec.restsOn: "{} that rest on it",
    Nec.clauses: "{} of which it is a clause",
    Nec.indications: "{} that ask it as an indication",
    Nec.prerequisites: "{} that ask it as a prerequisite",
    Nec.exclusions: "{} that ask it as an exclusion",
    Nec.considerations: "{} that ask it as a consideration",
    SH + "and": "{} that hold with this and others",
    SH + "or": "{} that hold with this or another",
    SH + "not": "{} that hold if this does not",
    Nec.waives: "{} that waive it",
    Nec.narrows: "{} that narrow it",
    Nec.raisedWhen: "{} raised on its answer",
    Nec.requires: "{} that require it",
    Nec.considers: "{} that only consider it",
    Nec.setsAside: "{} that set it aside",
    Nec.counts: "{} that count it by name",
    Nec.isEditionOf: "Its editions",
    Nec.yieldsTo: "{} that yield to it",
    DCTERMS + "source": "{} drawn from it",
    NECESSITY + "criteriaHeldIn": "{} whose criteria stand in it",
    RDFS + "subClassOf": "Its kinds",
    RDFS + "subPropertyOf": "Its kinds",
    RDF_TYPE: "{} of this class",
    OWL + "equivalentClass": "{} defined by it",
    ASKED: "{} that ask about it",
    Nec.whenEvidence: "{} chosen by it",
    Nec.concerns: "{} that speak of it",
    Nec.appliesIn: "{} that apply there",
    Nec.population: "{} about such patients",
    Nec.alternatives: "{} to which it is an alternative",
    Nec.setsGoal: "{} that aim at it",
    RDFS + "domain": "{} said of it",
    RDFS + "range": "{} whose values it holds",
    Nec.components: "{} of which it is a component",
    Nec.options: "{} of which it is an option",
    Nec.bands: "{} of which it is a band",
    Nec.verdict: "{} appraised so",
    OWL + "imports": "{} that build on it",
}
ORDER: Final = {predicate: number for number, predicate in enumerate(_NAMED)}
"""In which order the groups of those who name a term stand."""


def word_of(library: Library, predicate: str) -> str:
    """The words for a property.

    >>> word_of(Library.read(), "http://www.w3.org/2000/01/rdf-schema#subClassOf")
    'is a kind of'
    """
    return _WORDS.get(predicate) or library.label(predicate)


def meaning_of(owner: str, predicate: str, last: str) -> str:
    """As what a thing of some kind names a term, when its statement ends in that property."""
    if last == Nec.verdict:
        return last
    if predicate.startswith(SH) and predicate not in ORDER and owner == "criterion":
        return ASKED
    return Nec.whenEvidence if predicate == Nec.whenEachSide else predicate


def heading(library: Library, kind: str, meaning: str) -> str:
    """The words above those of one kind that name a term.

    >>> heading(Library.read(), "criterion", "https://w3id.org/spine-reasoner/necessity#restsOn")
    'Criteria that rest on it'
    """
    many = KINDS[kind].many
    return _NAMED.get(meaning, f"{{}} that name it under “{word_of(library, meaning)}”").format(many)
