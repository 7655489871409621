"""The published JSON Schema of a determination: every key that the JSON carries, and every word it may use."""

from __future__ import annotations

import json
from typing import Final

from reasoner.answers import Answer
from reasoner.applicability import Applies
from reasoner.determination import Action, Outcome
from reasoner.fields import (
    APPRAISAL,
    CLAIMS,
    FIT,
    GROUNDS,
    IRI,
    ITEM,
    ITEMS,
    Json,
    count,
    day,
    digest,
    flag,
    many,
    maybe,
    record,
    ref,
    text,
    words,
)
from reasoner.published_parts import parts
from reasoner.vocabulary import ROOT

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
        **record(
            "An explained determination of medical necessity. Decision support: a person decides.",
            **_top(),
        ),
        "$defs": _definitions(),
    }


def _top() -> Json:
    return {
        "notice": text("What a reader must know before anything else."),
        "case": record("The case.", label=text("Its name; empty if it has none."), iri=IRI),
        "policy": ref("policy", "The policy under which the case was determined."),
        "applicability": ref("applicability", "How the policy stands to the request."),
        "asOf": maybe(day("The date by which policies are in force; null if neither given nor stated.")),
        "evidenceUntil": maybe(day("Evidence dated later was set aside; null if there is no cut-off.")),
        "review": record(
            "What kind of review was asked for, as the request states it.",
            kind=words(
                "When the review takes place.",
                "prospective",
                "concurrent",
                "retrospective",
                None,
            ),
            urgency=words(
                "How soon an answer is needed.",
                "routine",
                "expedited",
                "emergency",
                None,
            ),
        ),
        "outcome": ref(
            "outcome",
            "What comes out for the request as made, over its principal operations.",
        ),
        "action": words(
            "What a person is asked to do next. Nothing is refused automatically.",
            *Action,
        ),
        "ground": ref("ground", "How strong the ground of the outcome is."),
        "requested": many("Every service that was requested.", ref("service")),
        "approved": many("Principal services and levels that are necessary.", ref("group")),
        "refused": many("Principal services and levels that are not necessary.", ref("group")),
        "pending": many("Principal services and levels on which more must be known.", ref("group")),
        "pendingProof": {
            **ITEMS,
            "description": "Necessary items that rest on spoken word, until written proof is seen.",
        },
        "beside": many(
            "Add-ons, devices and other services beside the principal ones that are refused or wait.", ref("group")
        ),
        "uncovered": many("Diseased levels that no requested operation touches.", ref("uncovered")),
        "items": many("Every requested service at the grain at which it counts.", ref("item")),
        "spine": ref("spine", "The levels concerned, for a drawing."),
        "setting": many("Whether the setting of care is needed, judged apart.", ref("setting")),
        "coding": many(
            "Where the codes and the work part; never changes an outcome.",
            ref("coding"),
        ),
        "needs": many("What is not documented, what would settle most first.", ref("need")),
        "changes": many("The smallest sets of legitimate changes, each tried out.", ref("change")),
        "together": ref("together", "What all that is missing would come to."),
        "unmoved": {**ITEMS, "description": "Items that nothing legitimate was found to change."},
        "margins": many("How far each compared number is from its bar, the closest first.", ref("distance")),
        "advisories": many("Sentences for the reader, the most important first.", ref("advisory")),
        "conflicts": many("Statements of the record that cannot both hold.", ref("conflict")),
        "setAside": many("Statements that no longer count, and why.", ref("setAside")),
        "scores": many(
            "Scores as intervals, with the components that would decide them.",
            ref("score"),
        ),
        "coverage": ref("coverage", "Requested levels held against diseased levels, both ways."),
        "approvable": many(
            "The largest construct that can be approved, now and later.",
            ref("approvable"),
        ),
        "alternatives": many("Lesser treatments, and the goals they do not reach.", ref("alternative")),
        "appraisals": many("What the record's own documents lean on, appraised.", ref("appraised")),
        "documents": many("The documents of the case.", ref("document")),
        "claims": {
            "description": "Every claim that is named above, by its IRI.",
            "type": "object",
            "additionalProperties": ref("claim"),
        },
        "ledger": many(
            "The same case under every policy, and what makes each differ.",
            ref("ledgerRow"),
        ),
        "provenance": record(
            "What the determination was made from; the same inputs give the same bytes.",
            caseHash=digest("SHA-256 of the canonical case."),
            knowledgeHash=digest("SHA-256 of ontology, guidelines, references and policies."),
            engineVersion=text("Version of the engine."),
        ),
    }


def _definitions() -> Json:
    return {
        "answer": words("What the record says to a criterion.", *Answer),
        "outcome": words("What comes out for an item or a request.", *Outcome),
        **_about_policies(),
        **_about_items(),
        **parts(),
    }


def _about_policies() -> Json:
    reason = {
        "label": text("Its name."),
        "claims": CLAIMS,
    }
    asked = record(
        "A prerequisite that one policy asks for and the other does not.",
        criterion=IRI,
        answer=ref("answer"),
        askedBy=words("Which policy asks for it.", "chosen", "other"),
        claimLabels=many("The names of the claims.", {"type": "string"}),
        **reason,
    )
    counted = record(
        "A recommendation that only one policy counts.",
        recommendation=IRI,
        countedBy=words("Which policy counts it.", "chosen", "other"),
        **reason,
    )
    named = {
        "id": text("Its short name."),
        "label": text("Its name."),
        "edition": text("Its edition; empty if it has none."),
    }
    applies = words("Whether it applies.", *Applies)
    return {
        "policy": record(
            "A policy.",
            **named,
            series=text("Short name of the policy as it goes on through its editions."),
            effectiveFrom=maybe(day("The first day on which it holds.")),
            effectiveUntil=maybe(day("The last day on which it holds.")),
            holdsIn=many("Territories in which it holds; none if everywhere.", text()),
            holdsFor=many("Kinds of plan for which it holds; none if for all.", text()),
            inForce=maybe(flag("Whether it is in force on the date of the determination; null without a date.")),
            chosenAs=words("How the edition was chosen.", "in-force", "latest", "pinned"),
            notEncoded=maybe(text("What of its text is not encoded here.")),
            appraisal=maybe(APPRAISAL),
            reason=maybe(text("Why it is appraised so.")),
        ),
        "applicability": record(
            "Whether a policy applies to a request.",
            verdict=applies,
            reasons=many("Why it may not, or does not.", text()),
            jurisdiction=maybe(text("The territory that the request names.")),
            lineOfBusiness=maybe(text("The kind of plan that the request names.")),
            outside=many("Items of which the policy does not speak: they follow professional guidance.", text()),
            first=many(
                "Policies that come before this one for some items.",
                record("Such a policy.", **named, verdict=applies, items=ITEMS),
            ),
            others=many("Other policies that certainly apply to the request.", record("Such a policy.", **named)),
        ),
        "ledgerRow": record(
            "The case under one policy.",
            policy=text("Short name of the policy."),
            label=text("Its name."),
            edition=text("Its edition; empty if it has none."),
            applies=applies,
            comesFirst=flag("Whether the chosen policy yields to it."),
            outcome=ref("outcome"),
            differs=many("Items on which it differs from the chosen policy.", ref("difference")),
        ),
        "difference": record(
            "One item on which two policies differ.",
            item=ITEM,
            outcome=ref("outcome"),
            insteadOf=ref("outcome", "Its outcome under the chosen policy."),
            because=many("What makes them differ.", {"anyOf": [asked, counted]}),
        ),
    }


def _about_items() -> Json:
    levels = text("Levels as a surgeon writes them, as in T10-L2.")
    side = words(
        "The side; null for both or none.",
        "left",
        "right",
        "bilateral",
        "midline",
        None,
    )
    codes = many("Codes under which it was requested.", text())
    findings = ref("finding")
    decided = {
        "because": many("Criteria that speak for it.", findings),
        "against": many("Criteria that speak against it.", findings),
        "open": many("Criteria that keep it open.", findings),
        "considerations": many("Criteria that are shown and never decide.", findings),
    }
    grounds = words("Why it is not simply approved.", *GROUNDS)
    return {
        "service": record(
            "A requested service.",
            procedure=text("Its procedure."),
            levels=levels,
            side=side,
            codes=codes,
            principal=flag("Whether the outcome of the request depends on it."),
            done=flag("Whether it was done before the request."),
            items=ITEMS,
        ),
        "group": record(
            "Items of one service with one outcome.",
            procedure=text(),
            levels=levels,
            items=ITEMS,
            outcome=ref("outcome"),
            grounds=grounds,
        ),
        "item": record(
            "One item: a service at one segment, vertebra, range, operation or stay.",
            id=ITEM,
            procedure=text("Name of its procedure."),
            procedureIri=IRI,
            levels=levels,
            side=side,
            codes=codes,
            principal=flag("Whether the outcome of the request depends on it."),
            outcome=ref("outcome"),
            grounds=grounds,
            service=text("The node of the request that asks for it."),
            isVague=flag("Whether the request leaves open which operation it is: it was judged by those it could be."),
            isPlaceless=flag("Whether the request leaves open at which level: it was judged by what holds at any."),
            partOf=maybe(text("The item that it is part of.")),
            recommendations=many("Every recommendation that speaks of it.", ref("verdict")),
            setAside=many("Recommendations about other patients, or about where nothing was found.", ref("verdict")),
            **decided,
            openReasons=many("Reasons that stay open beside one that is met.", ref("openReason")),
            silent=many(
                "Other criteria that would have carried it, of which the record says nothing.",
                record(
                    "A criterion.",
                    criterion=IRI,
                    label=text("Its name."),
                    guideline=text("Its guideline."),
                ),
            ),
            openRoutes=many("Other recommendations that may yet speak for it.", ref("verdict")),
        ),
        "openReason": record(
            "A reason that stays open, for which the item does not wait.",
            criterion=IRI,
            label=text("Its name."),
            guideline=text("Its guideline."),
            recommendation=IRI,
            answer=ref("answer"),
            parts=many("What it is made of.", ref("part")),
        ),
        "part": record("A criterion within another one.", criterion=IRI, label=text("Its name."), answer=ref("answer")),
        "setting": record(
            "One item of the setting of care.",
            id=ITEM,
            procedure=text(),
            outcome=ref("outcome"),
            grounds=grounds,
            **decided,
        ),
        "verdict": record(
            "What one recommendation says about one item.",
            recommendation=IRI,
            label=text("Its name."),
            guideline=text("Name of its guideline."),
            direction=words("Whether it speaks for the procedure.", "for", "against"),
            answer=ref("answer"),
            fit=FIT,
        ),
        "coding": record(
            "One remark on the codes.",
            kind=text("What kind of remark."),
            criterion=IRI,
            label=text("Its name."),
            message=text("The remark."),
            services=many("The services it is about.", text()),
            codes=many("The codes it is about.", text()),
            expected=many(
                "Codes that would report the work.",
                record(
                    "One way to report it.",
                    lines=many(
                        "Its code lines.",
                        record(
                            "A code line.",
                            code=text("The code."),
                            units=maybe(count("How often; null where it depends.")),
                        ),
                    ),
                    when=maybe(text("On what condition; null if on none.")),
                ),
            ),
            claims=CLAIMS,
        ),
    }
