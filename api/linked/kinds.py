"""What kind of thing a term is, told by its classes, and what such things are called."""

from __future__ import annotations

from typing import Final, NamedTuple

from reasoner.library import Library
from reasoner.vocabulary import NECESSITY, OWL, Nec


class Kind(NamedTuple):
    """A kind of thing: the name by which a machine knows it, and the words for one and for many."""

    name: str
    one: str
    many: str


_DOCUMENT: Final = Kind("document", "Vocabulary", "Vocabularies")
_INDIVIDUAL: Final = Kind("individual", "Term", "Terms")
_EXAMPLE: Final = Kind("example", "Example", "Examples")
_WORKED: Final = Kind("worked-case", "Worked case", "Worked cases")
_CLASS: Final = Kind("class", "Class", "Classes")
_PROPERTY: Final = Kind("property", "Property", "Properties")
_CODE: Final = Kind("code", "Code", "Codes")
_CRITERION: Final = Kind("criterion", "Criterion", "Criteria")

_BY_CLASS: Final[tuple[tuple[str, Kind], ...]] = (
    (Nec.Guideline, Kind("guideline", "Guideline", "Guidelines")),
    (Nec.Recommendation, Kind("recommendation", "Recommendation", "Recommendations")),
    (Nec.Criterion, _CRITERION),
    (Nec.Exception, _CRITERION),
    (Nec.Advisory, Kind("advisory", "Advisory", "Advisories")),
    (Nec.Claim, Kind("claim", "Claim", "Claims")),
    (Nec.Reference, Kind("reference", "Reference", "References")),
    (Nec.Policy, Kind("policy", "Policy", "Policies")),
    (NECESSITY + "PolicySeries", Kind("policy-series", "Series of policies", "Series of policies")),
    (
        Nec.UncheckablePolicy,
        Kind("uncheckable-policy", "Policy that cannot be checked", "Policies that cannot be checked"),
    ),
    (Nec.ScoringSystem, Kind("scoring-system", "Scoring system", "Scoring systems")),
    (NECESSITY + "ScoreComponent", Kind("score-component", "Component of a score", "Components of scores")),
    (NECESSITY + "ScoreOption", Kind("score-option", "Option of a score", "Options of scores")),
    (NECESSITY + "Band", Kind("band", "Band", "Bands")),
    (Nec.Banding, Kind("banding", "Banding", "Bandings")),
    (Nec.AppealRight, Kind("right", "Right to contest", "Rights to contest")),
    (Nec.Wording, Kind("wording", "Turn of phrase", "Turns of phrase")),
    (Nec.ProcedureCode, _CODE),
    (NECESSITY + "DiagnosisCode", _CODE),
    (Nec.SupplyCode, _CODE),
    (NECESSITY + "DiagnosisCategory", _CODE),
    (Nec.CodeFamily, Kind("code-family", "Family of codes", "Families of codes")),
    (OWL + "Ontology", _DOCUMENT),
    (OWL + "Class", _CLASS),
    (OWL + "ObjectProperty", _PROPERTY),
    (OWL + "DatatypeProperty", _PROPERTY),
    (OWL + "AnnotationProperty", _PROPERTY),
)

KINDS: Final = {one.name: one for one in (*(kind for _, kind in _BY_CLASS), _DOCUMENT, _INDIVIDUAL, _EXAMPLE, _WORKED)}
"""Every kind by its name, in the order in which they are listed."""


def kind_of(library: Library, iri: str) -> str:
    """The name of the kind of a term.

    >>> kind_of(Library.read(), "https://w3id.org/spine-reasoner/spine#L4-L5")
    'individual'
    """
    types = set(library.graph.types(iri))
    return next((kind.name for cls, kind in _BY_CLASS if cls in types), _INDIVIDUAL.name)
