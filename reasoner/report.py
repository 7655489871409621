"""The report of a determination for its readers: reviewer, clinician, patient, engineer.

All four are told from one explanation and carry the same verdicts, deciding criteria and needs;
hashes and IRIs are for the engineer only.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from reasoner import further
from reasoner.column import spine_column
from reasoner.itemised import (
    ANSWERS,
    TONES,
    WORDS,
    Names,
    facts_in_words,
    is_silent,
    itemised,
    outcome_in_words,
    runs_in_words,
    silence_apart,
    silence_in_words,
    tone_of_item,
    verdict_key,
)
from reasoner.layout import Drawing, Fact, Line, Part, Section, keys_of

if TYPE_CHECKING:
    from reasoner.door import Determination

Json = dict[str, Any]


class Audience(StrEnum):
    """Who reads a report."""

    REVIEWER = "reviewer"
    CLINICIAN = "clinician"
    PATIENT = "patient"
    ENGINEER = "engineer"


ACTIONS: Final = {
    "approve": "approve",
    "request-information": "ask for what is missing",
    "refer-to-physician": "refer to a physician, who decides",
}
_DECIDING: Final = {"necessary": "because", "not-necessary": "against", "undetermined": "open"}
_UNSAID: Final = {"isVague": "which operation it is", "isPlaceless": "at which level"}
_MOST_DECIDING: Final = 8
_MOST_FACTS: Final = 3
_MOST_DISEASE: Final = 5


def title_of(data: Json) -> str:
    """The title of a report: the case's own label, or a plain one."""
    return data["case"]["label"] or "Determination"


def sections_of(determination: Determination, audience: Audience = Audience.REVIEWER) -> tuple[Section, ...]:
    """The sections of a report for one audience."""
    return sections_of_data(determination.full, audience)


def sections_of_data(data: Json, audience: Audience = Audience.REVIEWER) -> tuple[Section, ...]:
    """The sections of a report, from a told determination alone: one that was kept can be printed again."""
    names = Names(data)
    lay, engineer = audience is Audience.PATIENT, audience is Audience.ENGINEER
    sections: list[Section | None] = [first_screen(data, names, lay=lay), needs(data, names, lay=lay)]
    sections.append(itemised(data, names, lay=lay, engineer=engineer))
    if lay:
        sections += [further.changes(data, names, lay=True), further.advisories(data, names, lay=True)]
    else:
        column = spine_column(data["spine"])
        sections += [
            Section("Levels", (Drawing(tuple(column)),)) if column else None,
            further.approvable(data, names),
            further.changes(data, names, lay=False),
            further.margins(data),
            further.scores(data),
            further.alternatives(data, names),
            further.advisories(data, names, lay=False),
            further.conflicts(data),
            further.coding(data),
        ]
        if audience is not Audience.CLINICIAN:
            sections += [further.ledger(data), further.appraisals(data)]
        sections += [further.sources(data), further.documents(data)]
    if engineer:
        sections.append(further.provenance(data))
    return tuple(one for one in sections if one is not None and one.parts)


def first_screen(data: Json, names: Names, *, lay: bool) -> Section:
    lines: list[Part] = []
    items = {item["id"]: item for item in data["items"]}
    for one in sorted(data["requested"], key=lambda one: not one["principal"]):
        side = f", {one['side']}" if one["side"] else ""
        codes = f" ({', '.join(one['codes'])})" if one["codes"] and not lay else ""
        done = ", already done" if one["done"] else ""
        lines.append(Fact("Requested", f"{one['procedure']} {one['levels']}".rstrip() + side + codes + done))
    lines.append(Fact("Outcome", WORDS[data["outcome"]], TONES[data["outcome"]], (f"outcome {data['outcome']}",)))
    for key, word, tone in (("approved", "Approve", "good"), ("refused", "Refuse", "bad"), ("pending", "Pend", "open")):
        told, silent = silence_apart(data[key])
        if told or not silent:
            lines.append(Fact(word, runs_in_words(told) or "nothing", tone if told else ""))
        reasons: dict[str, list[Json]] = {}
        for one in silent:
            reasons.setdefault(silence_in_words(items[one["items"][0]]), []).append(one)
        lines += [Fact("Not shown", f"{runs_in_words(groups)}: {why}", "silent") for why, groups in reasons.items()]
    if data["pendingProof"]:
        lines.append(Fact("Proof", f"{names.of(data['pendingProof'])} rests on what was only said", "open"))
    for one in data["beside"]:
        first = items[one["items"][0]]
        lines.append(Fact("Beside", f"{runs_in_words([one])}: {outcome_in_words(first)}", tone_of_item(first)))
    for one in data["setting"]:
        stay = items[one["id"]]
        lines.append(Fact("Setting", f"{one['procedure']}: {outcome_in_words(stay)}", tone_of_item(stay)))
    unknown = [item["id"] for item in data["items"] if item["outcome"] == "not-assessed"]
    if unknown:
        lines.append(Fact("Not assessed", f"{names.of(unknown)}: {WORDS['not-assessed']}"))
    lines.append(Fact("Next step", ACTIONS[data["action"]]))
    lines.extend(_uncovered(data))
    lines.extend(_frame(data, names))
    lines.extend(_deciding(data, names))
    lines.append(_ground(data))
    lines.append(Line(data["notice"], tone="note"))
    return Section("In short", tuple(lines))


def _frame(data: Json, names: Names) -> list[Part]:
    """Under which policy, how urgently, and as of when."""
    lines: list[Part] = [Fact("Policy", text, tone) for text, tone in further.policy_in_words(data, names)]
    kind = [f"{word} review" for word in (data["review"]["kind"],) if word]
    urgency = data["review"]["urgency"] or "urgency not stated"
    day = f"as of {data['asOf']}" if data["asOf"] else "no date given, so demands on recency stay open"
    until = [f"evidence until {data['evidenceUntil']}"] if data["evidenceUntil"] else []
    lines.append(Fact("Review", ", ".join([*kind, urgency, day, *until])))
    return lines


def _ground(data: Json) -> Fact:
    ground = data["ground"]
    if ground["strength"] == "none":
        return Fact("Ground", ground["text"])
    grades = f"; graded by their authors as {', '.join(ground['evidenceGrades'])}" if ground["evidenceGrades"] else ""
    read = f"; {ground['verified']} of {len(ground['claims'])} claims were read in their sources"
    weak = ground["strength"] in ("weak", "unverified")
    return Fact(
        "Ground", f"{ground['strength']}: the weakest part {ground['text']}{grades}{read}", "note" if weak else ""
    )


def _uncovered(data: Json) -> list[Part]:
    """Diseased levels that nothing requested covers; those that only may be are said to be so."""
    rows: dict[str, list[Json]] = {}
    for one in data["uncovered"]:
        rows.setdefault(one["level"], []).append(one)
    lines: list[Part] = []
    for level, told in sorted(rows.items(), key=lambda row: all(one["answer"] != "met" for one in row[1])):
        would = " and ".join(dict.fromkeys(one["procedure"] for one in told if one["answer"] == "met"))
        may = " and ".join(dict.fromkeys(one["procedure"] for one in told if one["answer"] != "met"))
        told_so = [f"{would} would be indicated"] if would else []
        told_so += [f"{may} may be indicated"] if may else []
        facts = {fact["node"]: fact for one in told for fact in one["findings"]}
        why = facts_in_words(
            [{**f, "disputed": False, "standing": "passes", "lacking": []} for f in facts.values()], _MOST_DISEASE
        )
        text = f"{level} is in nothing that is requested; {', '.join(told_so)}: {why}"
        lines.append(Fact("Uncovered", text, "note", (f"uncovered {level}",)))
    return lines or [Fact("Uncovered", "no disease on record lies outside what is requested")]


def _deciding(data: Json, names: Names) -> list[Part]:
    """For the principal items, by what decided them: the criteria, and the fact with its document and date."""
    found: dict[tuple[str, str, str], tuple[Json, list[Json]]] = {}
    decided = [item for item in data["items"] if item["principal"] and _telling(item)]
    common = Counter(entry["criterion"] for item in decided for entry in _telling(item))
    for item in decided:
        entry = _telling(item)[0]
        if item["outcome"] == "necessary":
            entry = max(_telling(item), key=lambda one: common[one["criterion"]])
        facts = facts_in_words(entry["evidence"], _MOST_FACTS) or entry["message"]
        found.setdefault((item["outcome"], entry["criterion"], facts), (entry, []))[1].append(item)
    lines: list[Part] = []
    for unsaid, items in _unsaid(data).items():
        text = f"{names.of([item['id'] for item in items])}: the request does not say {unsaid}"
        lines.append(Fact("Deciding", text, tone_of_item(items[0])))
    for outcome in _DECIDING:
        for (reached, _, facts), (entry, items) in found.items():
            if reached != outcome:
                continue
            labels = dict.fromkeys([entry["label"], *(label for item in items for label in _labels(item))])
            answer = ANSWERS[entry["answer"]] + (", pending written proof" if entry.get("pendingProof") else "")
            text = f"{names.of([item['id'] for item in items])}: {'; '.join(labels)}: {answer}: {facts}"
            lines.append(Fact("Deciding", text, tone_of_item(items[0])))
    return lines[:_MOST_DECIDING]


def _unsaid(data: Json) -> dict[str, list[Json]]:
    """What the request itself leaves open, and the principal items that wait for it."""
    waiting = [item for item in data["items"] if item["principal"] and item["outcome"] == "undetermined"]
    found = {words: [item for item in waiting if item[flag]] for flag, words in _UNSAID.items()}
    return {words: items for words, items in found.items() if items}


def _telling(item: Json) -> list[Json]:
    """The entries that decide an item: the reasons that carry or refuse it, or what it waits for."""
    part = "open" if is_silent(item) else _DECIDING.get(item["outcome"])
    entries: list[Json] = item[part] if part else []
    if item["outcome"] != "necessary":
        return entries
    return [one for one in entries if one["role"] == "indication"] or entries


def _labels(item: Json) -> list[str]:
    return (
        []
        if item["outcome"] == "not-necessary" and not is_silent(item)
        else [entry["label"] for entry in _telling(item)]
    )


def needs(data: Json, names: Names, *, lay: bool) -> Section | None:
    """What to ask for: each document once, with what it would settle; where any one will do, that is said."""
    asked: dict[tuple[str, str, bool], list[Json]] = {}
    for one in data["needs"]:
        key = (one["anyOf"] or "", "" if one["anyOf"] else one["askFor"], one["wouldSettle"])
        asked.setdefault(key, []).append(one)
    lines: list[Part] = [
        Line(f"a request that says {unsaid}; bears on {names.of([item['id'] for item in items])}", 1, "open")
        for unsaid, items in _unsaid(data).items()
    ]
    for (choice, _, settles), needs in asked.items():
        items = list(dict.fromkeys(item for one in needs for item in one["items"]))
        asks = "; or ".join(dict.fromkeys(one["askFor"] for one in needs))
        about = choice or "; ".join(dict.fromkeys(one["label"] for one in needs))
        disputed = ", disputed" if any(one["answer"] == "disputed" for one in needs) else ""
        verb = "would settle" if settles else "bears on"
        reason = "" if lay else f" - for: {about}{disputed}"
        keys = tuple(f"need {one['criterion']}" for one in needs)
        lines.append(Line(f"{asks}{reason}; {verb} {names.of(items)}", 1, "open", keys))
    return Section("What to ask for, first what settles most", tuple(lines)) if lines else None


def verdict_facts(data: Json) -> frozenset[str]:
    """What every report must carry alike: verdicts, deciding criteria, needs, by the keys of their lines."""
    verdicts = {verdict_key(item) for item in data["items"]}
    deciding = {
        f"criterion {entry['criterion']}"
        for item in data["items"]
        for key in ("because", "against", "open")
        for entry in item[key]
    }
    needs = {f"need {one['criterion']}" for one in data["needs"]}
    uncovered = {f"uncovered {one['level']}" for one in data["uncovered"]}
    return frozenset({f"outcome {data['outcome']}"} | verdicts | deciding | needs | uncovered)


__all__ = ["Audience", "keys_of", "sections_of", "sections_of_data", "spine_column", "title_of", "verdict_facts"]
