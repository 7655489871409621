"""A decision as RDF: a PROV-O activity, what it used, every answer with its evidence, and the proof that carries it all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import URIRef

from reasoner.answers import Answer
from reasoner.criteria import Finding
from reasoner.determination import Action, Outcome
from reasoner.determine import Decision
from reasoner.explanation import engine_version
from reasoner.judging import Judged
from reasoner.library import Library
from reasoner.proof import proof
from reasoner.readings import CompiledRecommendation, JudgeShapes, judge_graphs
from reasoner.terms import RDF_TYPE, XSD, Literal, Term, Triple
from reasoner.vocabulary import CASE, DCTERMS, NECESSITY, PROV, ROOT, SPINE, Nec
from reasoner.writing import rdf_text

_ANSWERS: Final = {
    Answer.MET: Nec.Met,
    Answer.NOT_MET: Nec.NotMet,
    Answer.NOT_DOCUMENTED: Nec.NotDocumented,
    Answer.DISPUTED: Nec.Disputed,
}
_PREFIXES: Final = {"case": CASE, "dct": DCTERMS, "nec": NECESSITY, "prov": PROV, "spine": SPINE}
_OUTCOMES: Final = {
    Outcome.NECESSARY: Nec.Necessary,
    Outcome.PARTLY_NECESSARY: Nec.PartlyNecessary,
    Outcome.NOT_NECESSARY: Nec.NotNecessary,
    Outcome.UNDETERMINED: Nec.Undetermined,
    Outcome.INCLUDED: Nec.Included,
    Outcome.NOT_ASSESSED: Nec.NotAssessed,
}
_ACTIONS: Final = {
    Action.APPROVE: Nec.Approve,
    Action.REQUEST_INFORMATION: Nec.RequestInformation,
    Action.REFER_TO_PHYSICIAN: Nec.ReferToPhysician,
}


def identity_of(decision: Decision) -> str:
    """The hash that names a determination: of case, knowledge, policy, dates and engine."""
    parts = (
        decision.case.hash,
        decision.library.hash,
        decision.policy.iri,
        str(decision.evidence_until),
        str(decision.policy_date),
        engine_version(),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def statement(decision: Decision) -> rdflib.Graph:
    """The determination as a graph: what was used, each item's outcome, each answer with its evidence."""
    return to_rdflib(statements(decision, name_of(decision)))


def name_of(decision: Decision) -> str:
    """The IRI of a determination."""
    return f"{ROOT}determination/{identity_of(decision)}"


def statement_text(decision: Decision, rdf_format: ox.RdfFormat) -> bytes:
    """The determination in one syntax, subject by subject, in the order in which each is first spoken of."""
    subjects: dict[str, dict[Triple, None]] = {}
    for triple in statements(decision, name_of(decision)):
        subjects.setdefault(triple.subject, {})[triple] = None
    triples = (
        ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), _ox_term(value))
        for about in subjects.values()
        for subject, predicate, value in about
    )
    return rdf_text(triples, rdf_format, _PREFIXES)


def _ox_term(value: Term) -> ox.NamedNode | ox.Literal:
    if not isinstance(value, Literal):
        return ox.NamedNode(value)
    if value.language:
        return ox.Literal(value.lexical, language=value.language)
    return ox.Literal(value.lexical, datatype=ox.NamedNode(value.datatype))


def statements(decision: Decision, root: str) -> list[Triple]:
    """What `statement` says, triple by triple, of a determination that is called `root`."""
    found: list[Triple] = []
    activity = f"{root}#reasoning"

    def say(subject: str, predicate: str, value: Term) -> None:
        found.append(Triple(subject, predicate, value))

    say(root, RDF_TYPE, Nec.Determination)
    say(root, PROV + "wasGeneratedBy", activity)
    say(root, Nec.hasOutcome, _OUTCOMES[decision.outcome])
    say(root, Nec.hasAction, _ACTIONS[decision.action])
    say(root, Nec.accordingTo, decision.policy.iri)
    say(activity, RDF_TYPE, PROV + "Activity")
    for kind, used in (("case", decision.case.hash), ("knowledge", decision.library.hash)):
        entity = f"urn:sha256:{used}"
        say(activity, PROV + "used", entity)
        say(entity, RDF_TYPE, PROV + "Entity")
        say(entity, DCTERMS + "type", Literal(kind))
    say(activity, PROV + "used", decision.policy.iri)
    engine = f"{ROOT}engine/{engine_version()}"
    say(activity, PROV + "wasAssociatedWith", engine)
    say(engine, RDF_TYPE, PROV + "SoftwareAgent")
    if decision.policy_date:
        say(root, DCTERMS + "date", Literal(decision.policy_date.isoformat(), XSD + "date"))
    for one in decision.items:
        say(root, DCTERMS + "hasPart", one.item.iri)
        say(one.item.iri, Nec.hasOutcome, _OUTCOMES[one.outcome])
    for number, (item, criterion, answer, evidence) in enumerate(answers_of(decision)):
        node = f"{root}#answer-{number + 1}"
        say(node, RDF_TYPE, Nec.CriterionFinding)
        say(root, DCTERMS + "hasPart", node)
        say(node, Nec.ofItem, item)
        say(node, Nec.ofCriterion, criterion)
        say(node, Nec.hasAnswer, _ANSWERS[answer])
        for source in evidence:
            say(node, PROV + "wasDerivedFrom", source)
        for claim in decision.library.graph.nodes(criterion, Nec.restsOn):
            say(node, Nec.restsOn, claim)
    return found


def answers_of(decision: Decision) -> list[tuple[str, str, Answer, tuple[str, ...]]]:
    """Every answer given: item, criterion or recommendation, answer, evidence nodes; sorted."""
    found: dict[tuple[str, str], tuple[Answer, tuple[str, ...]]] = {}
    for one in decision.items:
        for judged in (*one.judged, *one.set_aside):
            found[(one.item.iri, judged.verdict.recommendation)] = (judged.verdict.answer, ())
            for finding in findings_of(judged):
                evidence = tuple(value.node for value in finding.values)
                found[(finding.item, finding.criterion)] = (finding.answer, evidence)
    return [(item, criterion, answer, evidence) for (item, criterion), (answer, evidence) in sorted(found.items())]


def findings_of(judged: Judged) -> Iterator[Finding]:
    """Every finding of a recommendation, branches and leaves."""
    waiting = [*judged.indications, *judged.exclusions, *judged.considerations]
    for prerequisite, waivers in judged.prerequisites:
        waiting += [prerequisite, *waivers]
    while waiting:
        finding = waiting.pop()
        yield finding
        waiting.extend(finding.children)


def closed_case(decision: Decision) -> rdflib.Graph:
    """The closed record as an rdflib graph: all that the answers were read from, and nothing else."""
    return to_rdflib(decision.record.graph)


def to_rdflib(graph: Iterable[Triple]) -> rdflib.Graph:
    """Triples in rdflib's terms; numbers and dates keep their lexical form."""
    found = rdflib.Graph()
    for subject, predicate, value in graph:
        found.add((_node(subject), URIRef(predicate), _node(value)))
    return found


def _node(term: Term) -> rdflib.term.Node:
    if isinstance(term, Literal):
        if term.language:
            return rdflib.Literal(term.lexical, lang=term.language)
        plain = term.datatype == XSD + "string"
        return rdflib.Literal(term.lexical, datatype=None if plain else URIRef(term.datatype), normalize=False)
    return rdflib.BNode(term[2:].replace("/", "-").replace(".", "-")) if term.startswith("_:") else URIRef(term)


@lru_cache(maxsize=4)
def authored_shapes(library: Library) -> rdflib.Graph:
    """All knowledge of a library in rdflib's terms, made once."""
    return to_rdflib(library.graph)


def judge_shapes(decision: Decision) -> JudgeShapes:
    """Both readings of every criterion and recommendation that the decision answered."""
    asked = {criterion for _, criterion, _, _ in answers_of(decision)}
    criteria = asked & decision.library.criteria.compiled.keys()
    recommendations = [
        CompiledRecommendation(
            one.recommendation.iri, one.recommendation.indications, one.prerequisites, one.recommendation.exclusions
        )
        for one in decision.session.counted.effective
        if one.recommendation.iri in asked
    ]
    return judge_graphs(authored_shapes(decision.library), criteria, recommendations)


def prove(decision: Decision) -> bytes:
    """The proof of a decision as TriG: closed case, both readings, determination."""
    return proof(closed_case(decision), judge_shapes(decision), statement(decision))
