"""The parts of the published schema that tell of criteria, of the record, and of sources."""

from __future__ import annotations

from reasoner.fields import (
    APPRAISAL,
    CLAIMS,
    FIT,
    GROUNDS,
    IRI,
    ITEM,
    ITEMS,
    STATEMENT,
    STRENGTH,
    Json,
    count,
    flag,
    many,
    maybe,
    record,
    record_with,
    ref,
    text,
    words,
)


def parts() -> Json:
    """The definitions of all these parts, by name."""
    return {
        **_about_criteria(),
        **_about_what_is_missing(),
        **_about_the_record(),
        **_about_extent(),
        **_about_claims(),
    }


def _about_criteria() -> Json:
    named = {"criterion": IRI, "label": text("Its name.")}
    return {
        "finding": record_with(
            ("parts", "waives", "outranked", "pendingProof"),
            "The answer to one criterion about one item.",
            **named,
            notation=text("Its number in the guideline."),
            guideline=text("Name of its guideline."),
            recommendation=IRI,
            role=words(
                "What it is to the recommendation.",
                *(
                    "indication",
                    "prerequisite",
                    "exception",
                    "exclusion",
                    "consideration",
                ),
            ),
            answer=ref("answer"),
            text=text("What it asks."),
            message=text("What the record lacks if it is not met."),
            evidence=many("The statements it rests on.", ref("evidence")),
            claims=CLAIMS,
            pendingProof=many(
                "Met on spoken word alone: the conversations, of which written proof is to be asked.", text()
            ),
            parts=many("Its leaves.", record("A leaf.", **named, answer=ref("answer"))),
            waives=record("The prerequisite that the exception waives.", **named),
            outranked=many(
                "Statements on the same matter that no longer count.",
                record(
                    "A statement, and why it no longer counts.",
                    **STATEMENT,
                    reason=text("Why."),
                    by=text("What set it aside; empty if nothing did."),
                ),
            ),
        ),
        "evidence": record(
            "A statement of the record, and how it stands to a criterion.",
            **STATEMENT,
            standing=words(
                "Whether it passes the demand, might, or falls short.",
                "passes",
                "open",
                "fails",
            ),
            criterion=IRI,
            disputed=flag("Whether an unresolved contradiction keeps it open."),
            lacking=many("What would have to be stated, or otherwise.", text()),
        ),
        "statement": record("A statement of the record.", **STATEMENT),
        "document": record(
            "A document of the record.",
            node=IRI,
            kind=text("Its kind."),
            label=maybe(text("Its name.")),
            short=text("Its name in brief, or its kind."),
            author=maybe(text("The role of its author.")),
            excerpt=flag("Whether only a part of it is on record; a part never closes a question."),
            date=maybe(
                text(
                    "Its date, which may be partial.",
                    pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$",
                )
            ),
        ),
        "advisory": record(
            "A sentence for the reader.",
            advisory=IRI,
            label=text("Its name."),
            text=text("The sentence."),
            importance=count("From 1, the highest, to 9."),
            criterion=IRI,
            answer=ref("answer", "The answer that raised it."),
            carries=flag("Whether its criterion also carries an item."),
            items=ITEMS,
            evidence=many("What raised it.", ref("statement")),
            claims=CLAIMS,
        ),
    }


def _about_what_is_missing() -> Json:
    kind = words(
        "What may change it: a document, a test or treatment, time.",
        *("documentable", "obtainable", "waitable"),
    )
    named = {
        "criterion": IRI,
        "label": text("Its name."),
        "answer": ref("answer"),
        "askFor": text("What to ask for."),
    }
    return {
        "need": record_with(
            ("pendingProof",),
            "A criterion that is not documented, or met on spoken word alone.",
            **named,
            message=text("What the record lacks."),
            anyOf=maybe(text("The choice that this is one of several ways to meet; null if there is none.")),
            changeKind={**kind, "enum": [*kind["enum"], "fixed", None]},
            wouldSettle=flag("Whether some recommendation waits for this alone, its indication being met."),
            items=ITEMS,
            asksAbout=text("What it asks about."),
            pendingProof=flag("Whether it is met, and only the written proof is wanting."),
        ),
        "change": record(
            "A smallest set of changes that was tried on the case and changes an item's outcome.",
            item=ITEM,
            items=ITEMS,
            turns=flag("Whether something would have to show otherwise than the record does now."),
            **{"from": ref("outcome"), "to": ref("outcome")},
            changes=many("What would have to change, all of it.", ref("oneChange")),
        ),
        "oneChange": record(
            "One change.",
            **named,
            kind=kind,
            distance=many("How far.", ref("distance")),
        ),
        "together": {
            **record(
                "All that is missing supplied at once, tried on the case; null if nothing was found.",
                changes=many("What would be supplied.", ref("oneChange")),
                to=ref("outcome", "What the request becomes."),
                approved=ITEMS,
                still=many("Items that are not approved even then.", {"type": "string"}),
            ),
            "type": ["object", "null"],
        },
        "distance": record(
            "A number on record and the bar it is held against.",
            criterion=IRI,
            label=text("The criterion that sets the bar."),
            answer=ref("answer"),
            node=IRI,
            statement=text("What was measured or counted."),
            property=text("What is measured."),
            value=text("The number on record, or its span."),
            threshold=text("The bar."),
            distance=text(
                "By how much the bar is cleared, from the worst to the best end of the span; minus: short of it."
            ),
            nearness={"description": "The smallest gap as a share of the bar.", "type": "number", "minimum": 0},
        ),
    }


def _about_the_record() -> Json:
    return {
        "conflict": record(
            "Two statements that cannot both hold.",
            about=text("What they are about."),
            statements=many(
                "The statements.",
                ref("statement"),
            ),
            kept=maybe(text("The one that the policy keeps; null if unresolved.")),
            rule=text("Why; unresolved if none is kept."),
        ),
        "setAside": record(
            "A statement that no longer counts.",
            statement=text("It in words."),
            node=IRI,
            reason=text("Why."),
            by=text("What set it aside."),
        ),
        "score": record(
            "A score at one level.",
            score=text("Its name."),
            scoreIri=IRI,
            level=text("The level; empty for one of the patient."),
            low={
                "type": "integer",
                "description": "The least total that the record leaves possible.",
            },
            high={"type": "integer", "description": "The greatest."},
            undecided=many("Components that would decide it.", text()),
        ),
    }


def _about_extent() -> Json:
    levels, runs = many("Levels.", text()), many("Runs of levels.", text())
    return {
        "uncovered": record(
            "A diseased level that no requested operation touches.",
            level=text("The level."),
            procedure=text("What it would call for."),
            answer=ref("answer"),
            because=many(
                "The indications it would meet.",
                record(
                    "An indication.",
                    criterion=IRI,
                    label=text("Its name."),
                    evidence=many("What speaks for it.", ref("statement")),
                ),
            ),
            findings=many("The findings at the level.", ref("statement")),
        ),
        "coverage": record(
            "Requested levels against diseased levels.",
            requestedWithoutReason=many(
                "Requested, but nothing there asks for it.",
                record("A level.", level=text("The level."), item=ITEM),
            ),
            diseasedNotRequested=levels,
            ranges=many(
                "Operations over a range: where the disease is shown, and where not.",
                record("A range.", item=ITEM, shown=text("Levels shown."), notShown=levels),
            ),
        ),
        "spine": record(
            "What is asked for and found along the spine.",
            services=many(
                "The services that have a place, the principal ones first.",
                record(
                    "A service.", service=IRI, procedure=text("Its procedure."), levels=text("Levels."), items=ITEMS
                ),
            ),
            rows=many("The vertebrae and segments concerned, from the head down.", ref("spineRow")),
            above=maybe(text("The vertebra next above them; null if there is none.")),
            below=maybe(text("The vertebra next below them; null if there is none.")),
        ),
        "spineRow": record(
            "One vertebra or motion segment.",
            level=text("Its name."),
            kind=words("What it is.", "vertebra", "segment"),
            requested=many(
                "What is asked for here.",
                record(
                    "An item that stands here.",
                    service=IRI,
                    item=ITEM,
                    outcome=ref("outcome"),
                    grounds=words("Why it is not simply approved.", *GROUNDS),
                ),
            ),
            purpose=words(
                "What the level is in the request for; null where nothing is asked.",
                *("disease", "support", "bridge", "not-shown", None),
            ),
            findings=many(
                "What the record shows here.",
                record(
                    "A finding.",
                    node=IRI,
                    statement=text("It in words."),
                    kind=text("Its kind, as it was stated."),
                    family=text("The wider kind that it is one of."),
                    disease=flag("Whether it is a disease of the spine, and not only a sign or an image of one."),
                    counted=flag("Whether it was counted or added up here."),
                ),
            ),
            uncovered=flag("Whether it is diseased and nothing requested touches it."),
            afterGap=flag("Whether levels of no concern lie between it and the row before."),
        ),
        "approvable": record(
            "How much of a construct can be approved.",
            construct=text("Name of the construct."),
            now=runs,
            ifOpenIsMet=runs,
            bridges=levels,
            withBridges=runs,
        ),
        "alternative": record(
            "A lesser treatment.",
            alternative=text("Its name."),
            alternativeIri=IRI,
            goals=many("Goals that the indication sets.", text()),
            notReached=many("Goals that it does not reach.", text()),
            contraindications=many(
                "What bars it.",
                record(
                    "A contraindication.",
                    criterion=IRI,
                    label=text("Its name."),
                    text=text("It in words."),
                    strength=words("How strictly.", "absolute", "relative"),
                    evidence=many("On which statements.", ref("evidence")),
                ),
            ),
            items=ITEMS,
        ),
    }


def _about_claims() -> Json:
    named = {
        "label": text("Its name."),
        "appraisal": APPRAISAL,
        "reason": text("Why it is appraised so."),
    }
    return {
        "ground": record(
            "How strong the ground is.",
            strength={**STRENGTH, "enum": [*STRENGTH["enum"], "none"]},
            text=text("The same in a sentence."),
            evidenceGrades=many("Grades of evidence, as the sources give them.", text()),
            claims=CLAIMS,
            verified=count("How many of the claims were read in their source."),
            items={
                "description": "How strong the ground of each item is.",
                "type": "object",
                "additionalProperties": STRENGTH,
            },
        ),
        "claim": record(
            "A claim.",
            **named,
            text=text("What it says, in our words."),
            evidenceGrade=maybe(text("Grade of evidence, as the source gives it.")),
            locator=maybe(text("Where in the source.")),
            population=many("Of whom it speaks.", text()),
            fit=FIT,
            references=many("Its sources.", ref("reference")),
            relations=many(
                "Other claims that it agrees or disagrees with, qualifies or updates.",
                record(
                    "A relation.",
                    relation=text("Which."),
                    claim=IRI,
                    label=text("Name of the other claim."),
                ),
            ),
        ),
        "reference": record(
            "A reference.",
            reference=IRI,
            title=text("Its title."),
            creator=maybe(text("Its author.")),
            year=maybe(text("Its year.")),
            doi=maybe(text("Its DOI, where it was found.")),
            pmid=maybe(text("Its PubMed number, where it was found.")),
            appraisal=maybe(APPRAISAL),
        ),
        "appraised": record_with(
            ("claim", "fit", "marker", "reference"),
            "A claim or citation that a document of the record leans on.",
            **named,
            document=text("Name of the document."),
            node=IRI,
            kind=words("What it is.", "claim", "citation"),
            claim=IRI,
            fit=FIT,
            marker=text("The mark by which the document cites it."),
            reference=IRI,
        ),
    }
