"""Notices and appeals as text or Markdown, from their plain data."""

from __future__ import annotations

from typing import Any, Final

from reasoner.itemised import ANSWERS, TONES, WORDS, runs_in_words, silence_apart
from reasoner.layout import Fact, Line, Part, Section

Json = dict[str, Any]

_KINDS: Final = {
    "adverse": "Notice of an adverse determination, for a person to complete and sign",
    "open": "Request for information: nothing is refused, and something is left open",
    "none": "No adverse notice is due",
}
_LACKING: Final = "Notice of an adverse determination for lack of information, for a person to complete and sign"
_ASK_FIRST: Final = "Nothing is refused on what the record says: ask for what is missing before this is sent."
_HEADS: Final = {"not-necessary": "Refused", "undetermined": "Left open", "not-assessed": "Not assessed"}
_BLANK: Final = "______________________________"
_WHY_SILENT: Final = (
    "The record gives no reason for this operation. That is not a finding that no reason exists: what the record "
    "does not say was not taken to mean no, and can still be sent in."
)
_WHY_SHORT: Final = (
    "What the record says of some reasons falls short, as is told below; of the others it says nothing. What it does "
    "not say was not taken to mean no, and can still be sent in."
)
_MOST_REASONS: Final = 8
_UNASSESSED: Final = "No guideline here speaks of this; a person decides it without support from here."


def notice_title(data: Json) -> str:
    """The title of a notice."""
    return _LACKING if data["forLackOfInformation"] else _KINDS[data["kind"]]


def notice_sections(data: Json) -> tuple[Section, ...]:
    """The sections of a notice."""
    sections = [Section("What was asked", tuple(_asked(data))), Section("What was decided", tuple(_decided(data)))]
    if data["kind"] != "none":
        sections += [
            *(Section(_head(row), tuple(_reason(row))) for row in data["reasons"]),
            Section("Criteria that were used", tuple(_criteria(data))),
            Section("Records that were reviewed", tuple(_documents(data)) or (Line("None."),)),
            Section("Records that were not received", tuple(Line(one, 1) for one in data["notReceived"])),
            Section("What would perfect the request", tuple(_perfecting(data))),
            Section("How this can be contested", tuple(_rights(data))),
        ]
    elif data["toPerfect"]:
        sections.append(
            Section("Written proof to ask for", tuple(Line(o["askFor"], 1, "open") for o in data["toPerfect"]))
        )
    sections.append(Section("Who decides", tuple(_signature(data))))
    return tuple(one for one in sections if one.parts)


def _asked(data: Json) -> list[Part]:
    rows: list[Part] = []
    for one in data["asked"]:
        side = f", {one['side']}" if one["side"] else ""
        codes = f" (codes {', '.join(one['codes'])})" if one["codes"] else ""
        rows.append(Line(f"{one['procedure']} {one['levels']}".rstrip() + side + codes, 1))
    return rows


def _decided(data: Json) -> list[Part]:
    decided = data["decided"]
    rows: list[Part] = [Fact("Outcome", WORDS[decided["outcome"]], TONES[decided["outcome"]])]
    for key, word, tone in (
        ("approved", "Supported", "good"),
        ("refused", "Refused", "bad"),
        ("pending", "Open", "open"),
    ):
        spoken, silent = silence_apart(decided[key])
        heads = ((spoken, word, tone), (silent, "Not shown", "silent"))
        rows += [Fact(head, runs_in_words(groups), shade) for groups, head, shade in heads if groups]
    if data["forLackOfInformation"]:
        rows.append(Line(_ASK_FIRST, 0, "note"))
    if data["kind"] == "none":
        rows.append(Line("Everything that was asked for is supported by the record, so no adverse notice is due."))
    if data["kind"] == "none" and decided["action"] == "request-information":
        rows.append(Line("Some of it rests on spoken word alone: written proof is to be asked for.", 0, "note"))
    return rows


def _head(row: Json) -> str:
    return f"{'Not shown to be necessary' if row['silent'] else _HEADS[row['outcome']]}: {row['what']}"


def _reason(row: Json) -> list[Part]:
    rows: list[Part] = []
    if row["silent"]:
        short = any(entry["ground"] in ("falls-short", "absent", "speaks-against") for entry in row["entries"])
        rows.append(Line(_WHY_SHORT if short else _WHY_SILENT, 0, "note"))
    if row["outcome"] == "not-assessed":
        rows.append(Line(_UNASSESSED, 0, "note"))
    for entry in row["entries"]:
        asked = "Would speak against it" if entry["role"] == "exclusion" else "Asked"
        number = f", {entry['notation']}" if entry["notation"] else ""
        rows.append(Line(f"{asked}: {entry['text']} [{entry['guideline']}{number}]", 0, TONES[entry["answer"]]))
        rows.append(Line(entry["said"], 1))
    others = row["otherReasons"]
    if others:
        lead = "Other reasons that would be accepted, of which the record says nothing"
        more = len(others) - _MOST_REASONS
        rest = f"; and {more} more, on the pages of the guidelines" if more > 0 else ""
        rows.append(Line(f"{lead}: {'; '.join(others[:_MOST_REASONS])}{rest}."))
    return rows


def _criteria(data: Json) -> list[Part]:
    policy = data["policy"]
    dates = [f"{word} {policy[key]}" for key, word in (("effectiveFrom", "from"), ("effectiveUntil", "until"))
             if policy[key]]  # fmt: skip
    edition = f", edition {policy['edition']}" if policy["edition"] and "edition" not in policy["label"] else ""
    force = f", in force {' '.join(dates)}" if dates else ""
    read = f"; its text is {policy['appraisal']} here: {policy['reason']}" if policy["appraisal"] else ""
    rows: list[Part] = [Line(f"{policy['label']}{edition}{force}{read}", 1)]
    rows += [Line(f"Guideline: {one['label']}, version {one['version'] or 'undated'}", 1) for one in data["guidelines"]]
    rows.append(Line("The full text of every criterion is on the page of its guideline and is free to ask for.", 1))
    return rows


def _documents(data: Json) -> list[Part]:
    rows: list[Part] = []
    for one in data["reviewed"]:
        part = ", in part" if one["excerpt"] else ""
        rows.append(Line(f"{one['label'] or one['kind']}, {one['date'] or 'undated'}{part}", 1))
    return rows


def _perfecting(data: Json) -> list[Part]:
    rows: list[Part] = []
    for one in data["toPerfect"]:
        would = (
            f"; {one['what']} would become {WORDS[one['becomes']]}" if one["becomes"] else f"; bears on {one['what']}"
        )
        rows.append(Line(f"{one['askFor']} (why: {one['why']}){would}", 1))
    return rows


def _rights(data: Json) -> list[Part]:
    if not data["rights"]:
        return [Line("No right to contest is known here for this territory and plan; the plan must name it.")]
    rows: list[Part] = []
    for one in (one for one in data["rights"] if one["applies"] == "applies"):
        rows += [Line(f"{one['label']}: {one['text']}"), Line(_terms(one), 1)]
        rows += [Line(f"{claim['label']} ({claim['appraisal']}): {_cited(claim)}", 2) for claim in one["claims"]]
    perhaps = [one for one in data["rights"] if one["applies"] != "applies"]
    if perhaps:
        lead = "Which right applies depends on territory and plan, which the request does not fully name:"
        rows.append(Line(lead, 0, "note"))
    for one in perhaps:
        whose = ", ".join([*one["holdsFor"], *one["holdsIn"]])
        rows.append(Line(f"{one['label']} (only for: {whose}). {_terms(one)}", 1))
    rows.append(Line("Terms change: the plan's own notice and the law in force come first.", 0, "note"))
    return rows


def _terms(right: Json) -> str:
    return f"To be asked for within: {right['filedWithin']}. Answered within: {right['answeredWithin']}."


def _cited(claim: Json) -> str:
    return "; ".join(reference["title"] for reference in claim["references"])


def _signature(data: Json) -> list[Part]:
    rows: list[Part] = [Fact(word, _BLANK) for word in ("Reviewer", "Qualified", "Date")]
    rows.append(Line(data["notice"], 0, "note"))
    return rows


def appeal_title(data: Json) -> str:
    """The title of an appeal."""
    return f"Appeal: {data['case']['label'] or 'the request'}"


def appeal_sections(data: Json) -> tuple[Section, ...]:
    """The sections of an appeal: the outcome before and after, what moved, and what was added."""
    outcome, action, policy = data["outcome"], data["action"], data["policy"]
    until = data["evidenceUntil"]
    head: list[Part] = [
        Fact("Before", WORDS[outcome["before"]], TONES[outcome["before"]]),
        Fact("Now", WORDS[outcome["after"]], TONES[outcome["after"]]),
        Fact("Next step", f"{action['before']} before, {action['after']} now"),
        Fact("Policy", f"{policy['label']}, as at the first decision"),
        Fact("Evidence", f"until {until['before'] or 'no day'} before, until {until['after'] or 'no day'} now"),
        Line(data["notice"], 0, "note"),
    ]
    if data["saved"] and not data["saved"]["sameKnowledge"]:
        then = WORDS[data["saved"]["outcome"]]
        text = f"the rooms have changed since the first decision, which read: {then}; both were determined again"
        head.insert(-1, Fact("Knowledge", text, "note"))
    rows: list[Part] = []
    for item in data["items"]:
        changed = item["before"] != item["after"]
        name = f"{item['procedure']} {item['levels']}".rstrip()
        told = f"{WORDS[item['before']]} -> {WORDS[item['after']]}" if changed else f"still {WORDS[item['after']]}"
        rows.append(Line(f"{name}: {told}", 0, TONES[item["after"]]))
        for row in item["answers"]:
            # Either each of them was needed, or any one would have done.
            between = ", " if all(one["needed"] for one in row["movedBy"]) else " or "
            moved = between.join(one["label"] for one in row["movedBy"]) or "the added documents together"
            change = f"{ANSWERS[row['before']]} -> {ANSWERS[row['after']]}"
            rows.append(Line(f"{row['label']} ({row['role']}): {change}, by {moved}", 1))
    added: list[Part] = [
        Line(f"{one['label']}, {one['date'] or 'undated'}: {'moved an answer' if one['moved'] else 'moved nothing'}", 1)
        for one in data["added"]
    ]
    asks = dict.fromkeys(one["askFor"] for one in data["needs"])
    sections = (
        Section("In short", tuple(head)),
        Section("What changed", tuple(rows)),
        Section("What was added", tuple(added)),
        Section("Still to ask for", tuple(Line(one, 1, "open") for one in asks)),
    )
    return tuple(one for one in sections if one.parts)
