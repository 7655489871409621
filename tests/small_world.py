"""A world small enough to see whole: the words that the tests of reading a case are written in."""

# ruff: noqa: E501 - a statement of Turtle reads best on one line

from __future__ import annotations

import pyoxigraph

from reasoner.schema import CaseSchema
from reasoner.terms import Graph, Literal, Term

ONTOLOGY = """
@prefix case:  <https://w3id.org/spine-reasoner/case#> .
@prefix code:  <https://w3id.org/spine-reasoner/code#> .
@prefix nec:   <https://w3id.org/spine-reasoner/necessity#> .
@prefix owl:   <http://www.w3.org/2002/07/owl#> .
@prefix rdf:   <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs:  <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos:  <http://www.w3.org/2004/02/skos/core#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .
@prefix xsd:   <http://www.w3.org/2001/XMLSchema#> .

case:Case a owl:Class ; skos:prefLabel "Case"@en .
case:Patient a owl:Class ; skos:prefLabel "Patient"@en .
case:Request a owl:Class ; skos:prefLabel "Request"@en .
case:CodeLine a owl:Class ; skos:prefLabel "Code line"@en .
case:Document a owl:Class ; skos:prefLabel "Document"@en .
case:MriReport a owl:Class ; rdfs:subClassOf case:Document ; skos:prefLabel "MRI report"@en .
case:ClinicNote a owl:Class ; rdfs:subClassOf case:Document ; skos:prefLabel "Clinic note"@en .
case:Absence a owl:Class ; rdfs:subClassOf spine:Evidence ; skos:prefLabel "Absence"@en .
case:ReviewKind a owl:Class .
case:Prospective a case:ReviewKind . case:Retrospective a case:ReviewKind .

spine:Evidence a owl:Class ; skos:prefLabel "Evidence"@en .
spine:Finding a owl:Class ; rdfs:subClassOf spine:Evidence .
spine:SpinalStenosis a owl:Class ; rdfs:subClassOf spine:Finding .
spine:ForaminalStenosis a owl:Class ; rdfs:subClassOf spine:SpinalStenosis ; skos:prefLabel "Foraminal stenosis"@en .
spine:BackPain a owl:Class ; rdfs:subClassOf spine:Finding ; skos:prefLabel "Back pain"@en .
spine:Spondylolisthesis a owl:Class ; rdfs:subClassOf spine:Finding ; skos:prefLabel "Spondylolisthesis"@en .
spine:VertebralFracture a owl:Class ; rdfs:subClassOf spine:Finding ; skos:prefLabel "Vertebral fracture"@en .
spine:SpinalNeoplasm a owl:Class ; rdfs:subClassOf spine:Finding ; skos:prefLabel "Spinal neoplasm"@en .
spine:PathologicalFracture a owl:Class ; nec:isDerived true ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf (
    spine:VertebralFracture [ a owl:Restriction ; owl:onProperty case:dueTo ; owl:someValuesFrom spine:SpinalNeoplasm ] ) ] .
spine:PhysicalTherapy a owl:Class ; rdfs:subClassOf spine:Evidence ; skos:prefLabel "Physical therapy"@en .
spine:Procedure a owl:Class ; skos:prefLabel "Procedure"@en .
spine:PosteriorFusion a owl:Class ; rdfs:subClassOf spine:Procedure ; skos:prefLabel "Posterior fusion"@en .
spine:Laminectomy a owl:Class ; rdfs:subClassOf spine:Procedure ; skos:prefLabel "Laminectomy"@en .
[] a owl:AllDisjointClasses ; owl:members ( spine:Evidence spine:Procedure case:Patient case:Request case:Document ) .

spine:Vertebra a owl:Class . spine:MotionSegment a owl:Class . spine:Side a owl:Class . spine:Sex a owl:Class .
spine:Muscle a owl:Class . spine:TibialisAnterior a spine:Muscle ; skos:prefLabel "tibialis anterior"@en .
spine:L3 a spine:Vertebra ; spine:rank 22 . spine:L4 a spine:Vertebra ; spine:rank 23 .
spine:L5 a spine:Vertebra ; spine:rank 24 . spine:S1 a spine:Vertebra ; spine:rank 25 .
spine:L3-L4 a spine:MotionSegment ; spine:hasUpperVertebra spine:L3 ; spine:hasLowerVertebra spine:L4 .
spine:L4-L5 a spine:MotionSegment ; spine:hasUpperVertebra spine:L4 ; spine:hasLowerVertebra spine:L5 .
spine:L5-S1 a spine:MotionSegment ; spine:hasUpperVertebra spine:L5 ; spine:hasLowerVertebra spine:S1 .
spine:Left a spine:Side . spine:Right a spine:Side . spine:Female a spine:Sex . spine:Male a spine:Sex .
spine:SeverityScale a nec:Scale . spine:Severity a owl:Class .
spine:Mild a spine:Severity ; nec:inScale spine:SeverityScale ; nec:gradeRank 2 .
spine:Moderate a spine:Severity ; nec:inScale spine:SeverityScale ; nec:gradeRank 4 .
spine:ModerateToSevere a spine:Severity ; nec:inScale spine:SeverityScale ; nec:gradeRank 4 ; nec:gradeRankAtMost 6 .
spine:Severe a spine:Severity ; nec:inScale spine:SeverityScale ; nec:gradeRank 6 .
code:Code a owl:Class . code:22612 a code:Code . code:22614 a code:Code .

case:hasPatient a owl:ObjectProperty , owl:FunctionalProperty ; rdfs:domain case:Case ; rdfs:range case:Patient .
case:hasRequest a owl:ObjectProperty , owl:FunctionalProperty ; rdfs:domain case:Case ; rdfs:range case:Request .
case:records a owl:ObjectProperty ; rdfs:domain case:Case ; rdfs:range spine:Evidence .
case:hasDocument a owl:ObjectProperty ; rdfs:domain case:Case ; rdfs:range case:Document .
case:asksFor a owl:ObjectProperty ; rdfs:domain case:Request ; rdfs:range spine:Procedure .
case:followsStep a owl:ObjectProperty ; rdfs:domain spine:Procedure ; rdfs:range spine:Procedure .
case:hasReviewKind a owl:ObjectProperty , owl:FunctionalProperty ; rdfs:domain case:Request ; rdfs:range case:ReviewKind .
case:requestedOn a owl:DatatypeProperty , owl:FunctionalProperty ; rdfs:domain case:Request ; rdfs:range xsd:date .
case:ageInYears a owl:DatatypeProperty , owl:FunctionalProperty ; rdfs:domain case:Patient ; rdfs:range xsd:integer ;
    nec:minimum 0 ; nec:maximum 120 ; skos:prefLabel "Age in years"@en .
case:hasSex a owl:ObjectProperty , owl:FunctionalProperty ; rdfs:domain case:Patient ; rdfs:range spine:Sex .
case:hasCode a owl:ObjectProperty ; rdfs:range code:Code ; skos:prefLabel "Code"@en ;
    rdfs:domain [ a owl:Class ; owl:unionOf ( spine:Procedure case:CodeLine ) ] .
case:hasCodeLine a owl:ObjectProperty ; rdfs:domain spine:Procedure ; rdfs:range case:CodeLine .
case:unitCount a owl:DatatypeProperty , owl:FunctionalProperty ; rdfs:domain case:CodeLine ; rdfs:range xsd:integer ;
    nec:minimum 1 ; nec:maximum 99 ; skos:prefLabel "Unit count"@en .
case:atLevel a owl:ObjectProperty ; rdfs:domain [ a owl:Class ; owl:unionOf ( spine:Procedure spine:Evidence ) ] ;
    rdfs:range [ a owl:Class ; owl:unionOf ( spine:Vertebra spine:MotionSegment ) ] ; skos:prefLabel "Level"@en .
case:fromLevel a owl:ObjectProperty , owl:FunctionalProperty ; rdfs:range spine:Vertebra ;
    rdfs:domain [ a owl:Class ; owl:unionOf ( spine:Procedure spine:Evidence case:Document ) ] .
case:toLevel a owl:ObjectProperty , owl:FunctionalProperty ; rdfs:range spine:Vertebra ;
    rdfs:domain [ a owl:Class ; owl:unionOf ( spine:Procedure spine:Evidence case:Document ) ] .
case:onSide a owl:ObjectProperty ; rdfs:domain [ a owl:Class ; owl:unionOf ( spine:Procedure spine:Evidence ) ] ; rdfs:range spine:Side .
case:ofKind a owl:ObjectProperty ; rdfs:domain case:Absence ; rdfs:range owl:Class .
case:dueTo a owl:ObjectProperty ; rdfs:domain spine:Evidence ; rdfs:range spine:Evidence .
case:statedIn a owl:ObjectProperty ; rdfs:domain spine:Evidence ; rdfs:range case:Document .
case:reliesOnClaim a owl:ObjectProperty ; rdfs:domain case:Document ; rdfs:range nec:Claim .
case:hasSeverity a owl:ObjectProperty ; rdfs:domain spine:Evidence ; rdfs:range spine:Severity ; nec:onScale spine:SeverityScale ;
    nec:lowEnd case:hasSeverityAtLeast ; nec:highEnd case:hasSeverityAtMost ; skos:prefLabel "Severity"@en .
case:hasSeverityAtLeast a owl:ObjectProperty . case:hasSeverityAtMost a owl:ObjectProperty .
case:slipInMillimetres a owl:DatatypeProperty ; rdfs:domain spine:Evidence ; rdfs:range xsd:decimal ; nec:minimum 0 ; nec:maximum 60 ;
    nec:lowEnd case:slipInMillimetresAtLeast ; nec:highEnd case:slipInMillimetresAtMost ; skos:prefLabel "Slip in millimetres"@en .
case:slipInMillimetresAtLeast a owl:DatatypeProperty ; rdfs:range xsd:decimal .
case:slipInMillimetresAtMost a owl:DatatypeProperty ; rdfs:range xsd:decimal .
case:durationInDays a owl:DatatypeProperty , owl:FunctionalProperty ; rdfs:domain spine:Evidence ; rdfs:range xsd:decimal ; nec:minimum 0 .
case:durationInWeeks a owl:DatatypeProperty , owl:FunctionalProperty ; rdfs:domain spine:Evidence ; rdfs:range xsd:decimal ; nec:minimum 0 ;
    nec:inUnitOf case:durationInDays ; nec:unitFactor 7 .
case:daysBefore a owl:DatatypeProperty , nec:WindowProperty ; nec:isDerived true ; rdfs:domain spine:Evidence ; rdfs:range xsd:integer .
case:isProgressive a owl:DatatypeProperty , owl:FunctionalProperty ; rdfs:domain spine:Evidence ; rdfs:range xsd:boolean ;
    skos:prefLabel "Progressive"@en .
case:startDate a owl:DatatypeProperty , owl:FunctionalProperty ; rdfs:domain spine:Evidence ; skos:prefLabel "Start date"@en ;
    rdfs:range [ a rdfs:Datatype ; owl:unionOf ( xsd:date xsd:gYearMonth xsd:gYear ) ] .
case:endDate a owl:DatatypeProperty , owl:FunctionalProperty ; rdfs:domain spine:Evidence ; skos:prefLabel "End date"@en ;
    rdfs:range [ a rdfs:Datatype ; owl:unionOf ( xsd:date xsd:gYearMonth xsd:gYear ) ] .
case:writtenOn a owl:DatatypeProperty , owl:FunctionalProperty ; rdfs:domain case:Document ; rdfs:range xsd:date .
case:label a owl:DatatypeProperty ; rdfs:range xsd:string ; skos:prefLabel "Label"@en .
case:note a owl:DatatypeProperty ; rdfs:range xsd:string ; skos:prefLabel "Note"@en .
"""

PREFIXES = """@prefix : <#> .
@prefix case: <https://w3id.org/spine-reasoner/case#> .
@prefix code: <https://w3id.org/spine-reasoner/code#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

GOOD = (
    PREFIXES
    + """
<>
    a case:Case ;
    case:hasPatient  [ case:ageInYears 57 ; case:hasSex spine:Female ] ;
    case:hasRequest  [ case:requestedOn "2026-03-02"^^xsd:date ; case:hasReviewKind case:Prospective ; case:asksFor :fusion ] ;
    case:hasDocument :mri ;
    case:records     :stenosis , :slip , [ a spine:BackPain ; case:isProgressive true ] ,
        [ a case:Absence ; case:ofKind spine:SpinalNeoplasm ; case:statedIn :mri ] ,
        [ a spine:PhysicalTherapy ; case:startDate "2025-11"^^xsd:gYearMonth ; case:endDate "2026-01-15"^^xsd:date ] ;
    .
:fusion
    a spine:PosteriorFusion ;
    case:atLevel     spine:L4-L5 ;
    case:hasCodeLine [ case:hasCode code:22612 ; case:unitCount 1 ] ;
    .
:mri
    a case:MriReport ;
    case:writtenOn "2026-02-13"^^xsd:date ;
    .
:stenosis
    a spine:ForaminalStenosis ;
    case:atLevel     spine:L4-L5 ;
    case:onSide      spine:Left ;
    case:hasSeverity spine:Severe ;
    case:statedIn    :mri ;
    .
:slip
    a spine:Spondylolisthesis ;
    case:atLevel                  spine:L4-L5 ;
    case:slipInMillimetresAtLeast 4.50 ;
    case:slipInMillimetresAtMost  6 ;
    .
"""
)


def graph_of(*texts: str) -> Graph:
    """The graph of some Turtle, blank nodes as `_:label`."""
    graph = Graph()
    for number, text in enumerate(texts):
        for quad in pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.TURTLE):
            graph.add(str(_term(quad.subject, number)), quad.predicate.value, _term(quad.object, number))
    return graph


def _term(term: object, number: int) -> Term:
    if isinstance(term, pyoxigraph.Literal):
        return Literal(term.value, term.datatype.value, term.language or "")
    if isinstance(term, pyoxigraph.BlankNode):
        return f"_:{number}-{term.value}"
    assert isinstance(term, pyoxigraph.NamedNode)
    return term.value


def schema() -> CaseSchema:
    """The schema of the small world."""
    return CaseSchema.read(graph_of(ONTOLOGY))


def turtle(body: str) -> bytes:
    """A case in Turtle, with all prefixes, from its body alone."""
    return (PREFIXES + body).encode()
