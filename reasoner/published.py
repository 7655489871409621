"""The published JSON Schema of a determination: every key that the JSON carries, and every word it may use."""

from __future__ import annotations

import json
from typing import Any, Final

from reasoner.answers import Answer
from reasoner.determination import Action, Fit, Outcome
from reasoner.vocabulary import ROOT

Json = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
NAME: Final = ROOT + "determination.schema.json"


def schema_text() -> str:
    """The schema as JSON text.

    >>> json.loads(schema_text())["$schema"] == DIALECT
    True
    """
    return json.dumps(schema(), indent=2, ensure_ascii=False)


def schema() -> Json:
    """The schema of a determination with everything that is known about it.

    >>> schema()["additionalProperties"]
    False
    """
    return {
        "$schema": DIALECT,
        "$id": NAME,
        "title": "Determination",
        **_object("An explained determination of medical necessity. Decision support: a person decides.", **_top()),
        "$defs": _definitions(),
    }


def _top() -> Json:
    return {
        "notice": _text("What a reader must know before anything else."),
        "case": _object("The case.", label=_text("Its name; empty if it has none."), iri=_IRI),
        "policy": _ref("policy", "The policy under which the case was determined."),
        "asOf": _maybe(_day("The date by which policies are in force; null if neither given nor stated.")),
        "evidenceUntil": _maybe(_day("Evidence dated later was set aside; null if there is no cut-off.")),
        "review": _object(
            "What kind of review was asked for, as the request states it.",
            kind=_words("When the review takes place.", "prospective", "concurrent", "retrospective", None),
            urgency=_words("How soon an answer is needed.", "routine", "expedited", "emergency", None),
        ),
        "outcome": _ref("outcome", "What comes out for the request as made, over its principal operations."),
        "action": _words("What a person is asked to do next. Nothing is refused automatically.", *Action),
        "ground": _ref("ground", "How strong the ground of the outcome is."),
        "requested": _list("Every service that was requested.", _ref("service")),
        "approved": _list("Principal services and levels that are necessary.", _ref("group")),
        "refused": _list("Principal services and levels that are not necessary.", _ref("group")),
        "pending": _list("Principal services and levels on which more must be known.", _ref("group")),
        "uncovered": _list("Diseased levels that no requested operation touches.", _ref("uncovered")),
        "items": _list("Every requested service at the grain at which it counts.", _ref("item")),
        "setting": _list("Whether the setting of care is needed, judged apart.", _ref("setting")),
        "coding": _list("Where the codes and the work part; never changes an outcome.", _ref("coding")),
        "needs": _list("What is not documented, what would settle most first.", _ref("need")),
        "changes": _list("The smallest sets of legitimate changes, each tried out.", _ref("change")),
        "advisories": _list("Sentences for the reader, the most important first.", _ref("advisory")),
        "conflicts": _list("Statements of the record that cannot both hold.", _ref("conflict")),
        "setAside": _list("Statements that no longer count, and why.", _ref("setAside")),
        "scores": _list("Scores as intervals, with the components that would decide them.", _ref("score")),
        "coverage": _ref("coverage", "Requested levels held against diseased levels, both ways."),
        "approvable": _list("The largest construct that can be approved, now and later.", _ref("approvable")),
        "alternatives": _list("Lesser treatments, and the goals they do not reach.", _ref("alternative")),
        "appraisals": _list("What the record's own documents lean on, appraised.", _ref("appraised")),
        "claims": {
            "description": "Every claim that is named above, by its IRI.",
            "type": "object",
            "additionalProperties": _ref("claim"),
        },
        "ledger": _list("The same case under every policy, and what makes each differ.", _ref("ledgerRow")),
        "provenance": _object(
            "What the determination was made from; the same inputs give the same bytes.",
            caseHash=_hash("SHA-256 of the canonical case."),
            knowledgeHash=_hash("SHA-256 of ontology, guidelines, references and policies."),
            engineVersion=_text("Version of the engine."),
        ),
    }


def _definitions() -> Json:
    return {
        "answer": _words("What the record says to a criterion.", *Answer),
        "outcome": _words("What comes out for an item or a request.", *Outcome),
        **_about_policies(),
        **_about_items(),
        **_about_criteria(),
        **_about_what_is_missing(),
        **_about_the_record(),
        **_about_extent(),
        **_about_claims(),
    }


def _about_policies() -> Json:
    reason = {
        "label": _text("Its name."),
        "claims": _CLAIMS,
    }
    asked = _object(
        "A prerequisite that one policy asks for and the other does not.",
        criterion=_IRI,
        answer=_ref("answer"),
        askedBy=_words("Which policy asks for it.", "chosen", "other"),
        **reason,
    )
    counted = _object("A recommendation that only one policy counts.", recommendation=_IRI, **reason)
    return {
        "policy": _object(
            "A policy.",
            id=_text("Its short name."),
            label=_text("Its name."),
            edition=_text("Its edition; empty if it has none."),
            inForce=_maybe(_flag("Whether it is in force on the date of the determination; null without a date.")),
        ),
        "ledgerRow": _object(
            "The case under one policy.",
            policy=_text("Short name of the policy."),
            label=_text("Its name."),
            outcome=_ref("outcome"),
            differs=_list("Items on which it differs from the chosen policy.", _ref("difference")),
        ),
        "difference": _object(
            "One item on which two policies differ.",
            item=_ITEM,
            outcome=_ref("outcome"),
            insteadOf=_ref("outcome", "Its outcome under the chosen policy."),
            because=_list("What makes them differ.", {"anyOf": [asked, counted]}),
        ),
    }


def _about_items() -> Json:
    levels = _text("Levels as a surgeon writes them, as in T10-L2.")
    side = _words("The side; null for both or none.", "left", "right", "bilateral", "midline", None)
    codes = _list("Codes under which it was requested.", _text())
    findings = _ref("finding")
    decided = {
        "because": _list("Criteria that speak for it.", findings),
        "against": _list("Criteria that speak against it.", findings),
        "open": _list("Criteria that keep it open.", findings),
        "considerations": _list("Criteria that are shown and never decide.", findings),
    }
    return {
        "service": _object(
            "A requested service.",
            procedure=_text("Its procedure."),
            levels=levels,
            side=side,
            codes=codes,
            principal=_flag("Whether the outcome of the request depends on it."),
            items=_ITEMS,
        ),
        "group": _object("Items of one service with one outcome.", procedure=_text(), levels=levels, items=_ITEMS),
        "item": _object(
            "One item: a service at one segment, vertebra, range, operation or stay.",
            id=_ITEM,
            procedure=_text("Name of its procedure."),
            procedureIri=_IRI,
            levels=levels,
            side=side,
            codes=codes,
            principal=_flag("Whether the outcome of the request depends on it."),
            outcome=_ref("outcome"),
            grounds=_words(
                "Why it is not simply approved.", "not necessary", "not documented", "outside the knowledge", None
            ),
            partOf=_maybe(_text("The item that it is part of.")),
            recommendations=_list("Every recommendation that speaks of it.", _ref("verdict")),
            setAside=_list("Recommendations about other patients.", _ref("verdict")),
            **decided,
        ),
        "setting": _object(
            "One item of the setting of care.", id=_ITEM, procedure=_text(), outcome=_ref("outcome"), **decided
        ),
        "verdict": _object(
            "What one recommendation says about one item.",
            recommendation=_IRI,
            label=_text("Its name."),
            guideline=_text("Name of its guideline."),
            direction=_words("Whether it speaks for the procedure.", "for", "against"),
            answer=_ref("answer"),
            fit=_FIT,
        ),
        "coding": _object(
            "One remark on the codes.",
            kind=_text("What kind of remark."),
            criterion=_IRI,
            label=_text("Its name."),
            message=_text("The remark."),
            services=_list("The services it is about.", _text()),
            codes=_list("The codes it is about.", _text()),
            expected=_list(
                "Codes that would report the work.",
                _object(
                    "One way to report it.",
                    lines=_list(
                        "Its code lines.",
                        _object("A code line.", code=_text("The code."), units=_count("How often.")),
                    ),
                    when=_maybe(_text("On what condition; null if on none.")),
                ),
            ),
            claims=_CLAIMS,
        ),
    }


def _about_criteria() -> Json:
    named = {"criterion": _IRI, "label": _text("Its name.")}
    return {
        "finding": _object(
            "The answer to one criterion about one item.",
            optional=("parts", "waives"),
            **named,
            notation=_text("Its number in the guideline."),
            guideline=_text("Name of its guideline."),
            recommendation=_IRI,
            role=_words(
                "What it is to the recommendation.",
                *("indication", "prerequisite", "exception", "exclusion", "consideration"),
            ),
            answer=_ref("answer"),
            text=_text("What it asks."),
            message=_text("What the record lacks if it is not met."),
            evidence=_list("The statements it rests on.", _ref("evidence")),
            claims=_CLAIMS,
            parts=_list("Its leaves.", _object("A leaf.", **named, answer=_ref("answer"))),
            waives=_object("The prerequisite that the exception waives.", **named),
        ),
        "evidence": _object(
            "A statement of the record, and how it stands to a criterion.",
            node=_IRI,
            statement=_text("The statement in words."),
            standing=_words("Whether it passes the demand, might, or falls short.", "passes", "open", "fails"),
            criterion=_IRI,
            disputed=_flag("Whether an unresolved contradiction keeps it open."),
            documents=_list("Where it stands.", _ref("document")),
            lacking=_list("What would have to be stated, or otherwise.", _text()),
        ),
        "document": _object(
            "A document of the record.",
            node=_IRI,
            kind=_text("Its kind."),
            label=_maybe(_text("Its name.")),
            date=_maybe(_text("Its date, which may be partial.", pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")),
        ),
        "advisory": _object(
            "A sentence for the reader.",
            advisory=_IRI,
            label=_text("Its name."),
            text=_text("The sentence."),
            importance=_count("From 1, the highest, to 9."),
            criterion=_IRI,
            answer=_ref("answer", "The answer that raised it."),
            items=_ITEMS,
            evidence=_list("What raised it, in words.", _text()),
            claims=_CLAIMS,
        ),
    }


def _about_what_is_missing() -> Json:
    kind = _words(
        "What may change it: a document, a test or treatment, time.", *("documentable", "obtainable", "waitable")
    )
    named = {
        "criterion": _IRI,
        "label": _text("Its name."),
        "answer": _ref("answer"),
        "askFor": _text("What to ask for."),
    }
    return {
        "need": _object(
            "A criterion that is not documented.",
            **named,
            message=_text("What the record lacks."),
            changeKind={**kind, "enum": [*kind["enum"], "fixed", None]},
            wouldSettle=_flag("Whether some recommendation waits for this alone, its indication being met."),
            items=_ITEMS,
            asksAbout=_text("What it asks about."),
        ),
        "change": _object(
            "A smallest set of changes that was tried on the case and changes an item's outcome.",
            item=_ITEM,
            **{"from": _ref("outcome"), "to": _ref("outcome")},
            changes=_list(
                "What would have to change, all of it.",
                _object("One change.", **named, kind=kind, distance=_list("How far.", _ref("distance"))),
            ),
        ),
        "distance": _object(
            "A number on record and the threshold it is held against.",
            property=_text("What is measured."),
            value=_number("The number on record."),
            threshold=_number("The threshold."),
            distance=_number("The number less the threshold."),
        ),
    }


def _about_the_record() -> Json:
    return {
        "conflict": _object(
            "Two statements that cannot both hold.",
            about=_text("What they are about."),
            statements=_list(
                "The statements.",
                _object(
                    "One of them.",
                    node=_IRI,
                    statement=_text("It in words."),
                    documents=_list("Where it stands.", _ref("document")),
                ),
            ),
            kept=_maybe(_text("The one that the policy keeps; null if unresolved.")),
            rule=_text("Why; unresolved if none is kept."),
        ),
        "setAside": _object(
            "A statement that no longer counts.",
            statement=_text("It in words."),
            node=_IRI,
            reason=_text("Why."),
            by=_text("What set it aside."),
        ),
        "score": _object(
            "A score at one level.",
            score=_text("Its name."),
            scoreIri=_IRI,
            level=_text("The level; empty for one of the patient."),
            low={"type": "integer", "description": "The least total that the record leaves possible."},
            high={"type": "integer", "description": "The greatest."},
            undecided=_list("Components that would decide it.", _text()),
        ),
    }


def _about_extent() -> Json:
    levels, runs = _list("Levels.", _text()), _list("Runs of levels.", _text())
    return {
        "uncovered": _object(
            "A diseased level that no requested operation touches.",
            level=_text("The level."),
            procedure=_text("What it would call for."),
            answer=_ref("answer"),
            because=_list(
                "The indications it would meet.",
                _object("An indication.", criterion=_IRI, label=_text(), evidence=_list("In words.", _text())),
            ),
        ),
        "coverage": _object(
            "Requested levels against diseased levels.",
            requestedWithoutReason=_list(
                "Requested, but nothing there asks for it.",
                _object("A level.", level=_text("The level."), item=_ITEM),
            ),
            diseasedNotRequested=levels,
            ranges=_list(
                "Operations over a range: where the disease is shown, and where not.",
                _object("A range.", item=_ITEM, shown=_text("Levels shown."), notShown=levels),
            ),
        ),
        "approvable": _object(
            "How much of a construct can be approved.",
            construct=_text("Name of the construct."),
            now=runs,
            ifOpenIsMet=runs,
            bridges=levels,
            withBridges=runs,
        ),
        "alternative": _object(
            "A lesser treatment.",
            alternative=_text("Its name."),
            alternativeIri=_IRI,
            goals=_list("Goals that the indication sets.", _text()),
            notReached=_list("Goals that it does not reach.", _text()),
            contraindications=_list(
                "What bars it.",
                _object(
                    "A contraindication.",
                    criterion=_IRI,
                    label=_text("Its name."),
                    strength=_words("How strictly.", "absolute", "relative"),
                ),
            ),
            items=_ITEMS,
        ),
    }


def _about_claims() -> Json:
    named = {"label": _text("Its name."), "appraisal": _APPRAISAL, "reason": _text("Why it is appraised so.")}
    return {
        "ground": _object(
            "How strong the ground is.",
            strength=_words("Whether some claim was read in its source.", "verified", "unverified", "none"),
            text=_text("The same in a sentence."),
            evidenceGrades=_list("Grades of evidence, as the sources give them.", _text()),
            claims=_CLAIMS,
            verified=_count("How many of the claims were read in their source."),
        ),
        "claim": _object(
            "A claim.",
            **named,
            text=_text("What it says, in our words."),
            evidenceGrade=_maybe(_text("Grade of evidence, as the source gives it.")),
            locator=_maybe(_text("Where in the source.")),
            population=_list("Of whom it speaks.", _text()),
            fit=_FIT,
            references=_list("Its sources.", _ref("reference")),
            relations=_list(
                "Other claims that it agrees or disagrees with, qualifies or updates.",
                _object("A relation.", relation=_text("Which."), claim=_IRI, label=_text("Name of the other claim.")),
            ),
        ),
        "reference": _object(
            "A reference.",
            reference=_IRI,
            title=_text("Its title."),
            creator=_maybe(_text("Its author.")),
            year=_maybe(_text("Its year.")),
            doi=_maybe(_text("Its DOI, where it was found.")),
            pmid=_maybe(_text("Its PubMed number, where it was found.")),
            appraisal=_maybe(_APPRAISAL),
        ),
        "appraised": _object(
            "A claim or citation that a document of the record leans on.",
            optional=("claim", "fit", "marker", "reference"),
            **named,
            document=_text("Name of the document."),
            node=_IRI,
            kind=_words("What it is.", "claim", "citation"),
            claim=_IRI,
            fit=_FIT,
            marker=_text("The mark by which the document cites it."),
            reference=_IRI,
        ),
    }


def _object(what: str, *, optional: tuple[str, ...] = (), **fields: Json) -> Json:
    return {
        "description": what,
        "type": "object",
        "properties": fields,
        "required": [name for name in fields if name not in optional],
        "additionalProperties": False,
    }


def _list(what: str, of: Json) -> Json:
    return {"description": what, "type": "array", "items": of}


def _text(what: str = "", *, pattern: str = "") -> Json:
    found: Json = {"type": "string"}
    if what:
        found = {"description": what, **found}
    return {**found, "pattern": pattern} if pattern else found


def _words(what: str, *words: str | None) -> Json:
    return {"description": what, "enum": [None if word is None else str(word) for word in words]}


def _maybe(field: Json) -> Json:
    if "enum" in field:
        return {**field, "enum": [*field["enum"], None]}
    return {**field, "type": [field["type"], "null"]}


def _ref(name: str, what: str = "") -> Json:
    target = {"$ref": f"#/$defs/{name}"}
    return {"description": what, **target} if what else target


def _flag(what: str) -> Json:
    return {"description": what, "type": "boolean"}


def _count(what: str) -> Json:
    return {"description": what, "type": "integer", "minimum": 0}


def _number(what: str) -> Json:
    return _text(what, pattern=r"^-?\d+(\.\d+)?$")


def _day(what: str) -> Json:
    return {**_text(what), "format": "date"}


def _hash(what: str) -> Json:
    return _text(what, pattern="^[0-9a-f]{64}$")


_IRI: Final[Json] = {"type": "string", "format": "iri"}
_ITEM: Final = _text("Name of an item.")
_ITEMS: Final = _list("Names of items.", {"type": "string"})
_CLAIMS: Final = _list("Claims it rests on.", _IRI)
_FIT: Final = _words("How the patient fits the population that is spoken of.", *Fit)
_APPRAISAL: Final = _words(
    "How far it can carry what rests on it.",
    *("verified", "unverified", "population-mismatch", "misquoted", "contradicted", "unresolvable"),
)
