"""The report of a determination for its readers: reviewer, clinician, patient, engineer.

All four are told from one explanation and carry the same verdicts, deciding criteria and needs;
hashes and IRIs are for the engineer only.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from reasoner.anatomy import local
from reasoner.door import Determination
from reasoner.layout import Drawing, Line, Part, Section, Table
from reasoner.vocabulary import Case, Spine

Json = dict[str, Any]


class Audience(StrEnum):
    """Who reads a report."""

    REVIEWER = "reviewer"
    CLINICIAN = "clinician"
    PATIENT = "patient"
    ENGINEER = "engineer"


_TONES: Final = {
    "necessary": "good",
    "not-necessary": "bad",
    "partly-necessary": "note",
    "undetermined": "open",
    "met": "good",
    "not-met": "bad",
    "not-documented": "open",
    "disputed": "note",
    "included": "",
    "not-assessed": "",
}
_WORDS: Final = {
    "necessary": "medically necessary",
    "not-necessary": "not medically necessary as requested",
    "partly-necessary": "medically necessary in part",
    "undetermined": "cannot be decided on this record",
    "included": "part of another requested operation",
    "not-assessed": "outside what this system knows",
}
_ACTIONS: Final = {
    "approve": "approve",
    "request-information": "ask for what is missing",
    "refer-to-physician": "refer to a physician, who decides",
}
_LAY: Final = {
    "necessary": "The record supports this.",
    "not-necessary": "The record does not support this as it was asked for.",
    "undetermined": "The record does not say enough to decide this.",
    "included": "This is part of another operation that was asked for.",
    "not-assessed": "This system has no guideline for this; a person must look at it.",
}


def title_of(data: Json) -> str:
    """The title of a report: the case's own label, or a plain one."""
    return data["case"]["label"] or "Determination"


def sections_of(determination: Determination, audience: Audience = Audience.REVIEWER) -> tuple[Section, ...]:
    """The sections of a report for one audience."""
    data = determination.full
    sections = [
        _first_screen(data, audience),
        _needs(data),
        _items(data, audience),
        Section("Levels", (Drawing(tuple(spine_column(determination))),)),
        _approvable(data),
        _changes(data),
        _scores(data),
        _alternatives(data),
        _advisories(data),
        _conflicts(data),
        _coding(data),
        _ledger(data),
        _appraisals(data),
        _sources(data, audience),
    ]
    if audience is Audience.PATIENT:
        sections = [_first_screen(data, audience), _needs(data), _items(data, audience), _changes(data), _advisories(data)]
    if audience is Audience.CLINICIAN:
        sections = [one for one in sections if one is None or one.title not in ("Other policies", "Citations and quoted figures")]
    if audience is Audience.ENGINEER:
        sections.append(_provenance(data))
    return tuple(one for one in sections if one is not None and one.parts)


def _first_screen(data: Json, audience: Audience) -> Section:
    lay = audience is Audience.PATIENT
    lines: list[Part] = [Line(f"Outcome: {_WORDS[data['outcome']]} ({data['outcome']})", tone=_TONES[data["outcome"]])]
    lines.append(Line(f"Next step: {_ACTIONS[data['action']]} ({data['action']})"))
    for one in data["requested"]:
        if one["principal"]:
            where = f" {one['levels']}" if one["levels"] else ""
            side = f", {one['side']}" if one["side"] else ""
            codes = f" [{', '.join(one['codes'])}]" if one["codes"] and not lay else ""
            lines.append(Line(f"Requested: {one['procedure']}{where}{side}{codes}"))
    for key, word, tone in (("approved", "Approve", "good"), ("refused", "Refuse", "bad"), ("pending", "Pending", "open")):
        lines.extend(Line(f"{word}: {one['procedure']} {one['levels']}".rstrip(), tone=tone) for one in data[key])
    for one in data["setting"]:
        lines.append(Line(f"Setting: {one['procedure']}: {one['outcome']}", tone=_TONES[one["outcome"]]))
    lines.extend(_uncovered(data))
    lines.append(Line(f"Policy: {data['policy']['label']}" + (f", edition {data['policy']['edition']}" if data["policy"]["edition"] else "")))
    if data["policy"]["inForce"] is False:
        lines.append(Line("This policy is not in force on the date asked about.", tone="note"))
    dates = [f"as of {data['asOf']}"] if data["asOf"] else ["no date given: demands on recency stay open"]
    if data["evidenceUntil"]:
        dates.append(f"evidence until {data['evidenceUntil']}")
    review = [word for word in (data["review"]["kind"], data["review"]["urgency"]) if word]
    lines.append(Line("Review: " + ", ".join([*review, *dates])))
    lines.extend(Line(text) for text in deciding_facts(data))
    ground = data["ground"]
    grades = f" Grade of evidence: {'; '.join(ground['evidenceGrades'])}." if ground["evidenceGrades"] else ""
    lines.append(Line(f"Ground: {ground['text']}{grades}", tone="note" if ground["strength"] != "verified" else ""))
    lines.append(Line(data["notice"], tone="note"))
    return Section("In short", tuple(lines))


def _uncovered(data: Json) -> list[Part]:
    rows: dict[tuple[str, str], list[str]] = {}
    reasons: dict[tuple[str, str], list[str]] = {}
    for one in data["uncovered"]:
        key = (one["level"], one["answer"])
        rows.setdefault(key, []).append(one["procedure"].lower())
        reasons.setdefault(key, []).extend(reason["label"] for reason in one["because"])
    lines: list[Part] = []
    for (level, answer), procedures in rows.items():
        word = "Disease that nothing requested covers" if answer == "met" else "Possibly also diseased and not covered"
        why = "; ".join(dict.fromkeys(reasons[(level, answer)]))
        lines.append(Line(f"{word}: {level} ({' and '.join(dict.fromkeys(procedures))} would be indicated: {why})", tone="note"))
    return lines


def deciding_facts(data: Json) -> list[str]:
    """For each deciding criterion of the principal items, the fact that decided it, with document and date."""
    found: dict[str, None] = {}
    for item in data["items"]:
        if not item["principal"]:
            continue
        key = {"necessary": "because", "not-necessary": "against", "undetermined": "open"}.get(item["outcome"])
        for entry in item[key][:1] if key else []:
            facts = [e for e in entry["evidence"] if e["standing"] != "fails"] or entry["evidence"]
            told = f": {facts[0]['statement']}{_documents(facts[0])}" if facts else f": {entry['message']}"
            found.setdefault(f"Deciding for {item['procedure']}: {entry['label']}{told}")
    return list(found)[:4]


def _documents(evidence: Json) -> str:
    names = [
        (one["label"] or one["kind"]) + (f", {one['date']}" if one["date"] else ", undated")
        for one in evidence["documents"]
    ]
    return f" [{'; '.join(names)}]" if names else ""


def _needs(data: Json) -> Section | None:
    lines: list[Part] = []
    for one in data["needs"]:
        count = len(one["items"])
        settles = "would settle" if one["wouldSettle"] else "bears on"
        lines.append(Line(f"{one['askFor']} ({one['label']}; {one['answer']}; {settles} {count} item{'s' if count != 1 else ''})", 1, "open"))
    return Section("What to ask for, first what settles most", tuple(lines)) if lines else None


def _items(data: Json, audience: Audience) -> Section:
    lines: list[Part] = []
    seen: dict[str, str] = {}
    for item in data["items"]:
        where = f" {item['levels']}" if item["levels"] else ""
        side = f" ({item['side']})" if item["side"] else ""
        lines.append(Line(f"{item['procedure']}{where}{side}: {item['outcome']}", 0, _TONES[item["outcome"]]))
        if audience is Audience.PATIENT:
            lines.append(Line(_LAY[item["outcome"]], 1))
        if item["partOf"]:
            lines.append(Line(f"Part of {item['partOf']}.", 1))
        body = _body(item, audience)
        fingerprint = repr([part for part in body if isinstance(part, Line)])
        if fingerprint in seen and body:
            lines.append(Line(f"For the same reasons as {seen[fingerprint]}.", 1))
            continue
        seen[fingerprint] = f"{item['procedure']}{where}{side}"
        lines.extend(body)
    return Section("Item by item", tuple(lines))


def _body(item: Json, audience: Audience) -> list[Part]:
    lines: list[Part] = []
    for key in ("because", "against", "open"):
        silent = 0
        for entry in item[key]:
            if key == "against" and not entry["evidence"] and entry["role"] == "indication":
                silent += 1
                continue
            lines.extend(_entry(entry, audience))
        if silent:
            lines.append(Line(f"{silent} other indications: nothing on record speaks for them.", 1, "bad"))
    if audience is not Audience.PATIENT:
        for entry in item["considerations"]:
            lines.append(Line(f"To consider: {entry['label']}: {entry['answer']}{_first_fact(entry)}", 1))
    return lines


def _first_fact(entry: Json) -> str:
    facts = entry["evidence"]
    return f" ({facts[0]['statement']}{_documents(facts[0])})" if facts else ""


def _entry(entry: Json, audience: Audience) -> list[Part]:
    head = entry["label"] if audience is not Audience.PATIENT else entry["text"] or entry["label"]
    if entry["role"] == "exception":
        head = f"Exception that fired: {head} (in place of: {entry['waives']['label']})"
    number = f"{entry['guideline']} {entry['notation']}: " if audience is not Audience.PATIENT and entry["notation"] else ""
    lines: list[Part] = [Line(f"{number}{head}: {entry['answer']}", 1, _TONES[entry["answer"]])]
    if entry["answer"] != "met" and entry["message"]:
        lines.append(Line(entry["message"], 2))
    for fact in entry["evidence"]:
        state = "" if fact["standing"] == "passes" else f" ({'disputed' if fact['disputed'] else fact['standing']}{_lacking(fact)})"
        lines.append(Line(f"{fact['statement']}{_documents(fact)}{state}", 2))
    return lines


def _lacking(fact: Json) -> str:
    names = [name.lower() for name in fact["lacking"]]
    return f": {', '.join(dict.fromkeys(names))}" if names and fact["standing"] != "passes" else ""


def spine_column(determination: Determination) -> list[str]:
    """The levels concerned as a column: what is requested, what the record shows, and what comes out."""
    decision = determination.decision
    anatomy, record = decision.library.anatomy, decision.record
    ranks: set[int] = set()
    for place in (*record.places.values(), *(one.item.place for one in decision.items)):
        ranks |= {anatomy.rank[v] for v in place.vertebrae if v in anatomy.rank}
        ranks |= {anatomy.rank[v] for s in place.segments for v in anatomy.ends[s]}
    documents = {node for node in record.places if record.has_type(node, Case.Document) or record.is_absence(node)}
    shown = {node: place for node, place in record.places.items() if node in record.evidence and node not in documents and not record.has_type(node, Spine.ScoreResult)}
    ranks = {anatomy.rank[v] for place in shown.values() for v in place.vertebrae} | {
        anatomy.rank[v] for place in shown.values() for s in place.segments for v in anatomy.ends[s]
    } | {anatomy.rank[v] for one in decision.items for v in one.item.place.vertebrae} | {
        anatomy.rank[v] for one in decision.items for s in one.item.place.segments for v in anatomy.ends[s]
    }  # fmt: skip
    if not ranks:
        return []
    marks = {"necessary": "[+]", "not-necessary": "[-]", "undetermined": "[?]", "included": "[=]", "not-assessed": "[ ]"}
    rows = ["level    requested  on record", "-----    ---------  ---------"]
    known = sorted(rank for rank in anatomy.vertebra_at if min(ranks) <= rank <= max(ranks))
    for rank in known:
        vertebra = anatomy.vertebra_at[rank]
        below = anatomy.vertebra_at.get(rank + 1)
        for level in (vertebra, anatomy.segment_between.get((vertebra, below)) if below and rank + 1 in known else None):
            if level is None:
                continue
            outcomes = [one.outcome.value for one in decision.items if level in one.item.place.segments or (level in one.item.place.vertebrae and not one.item.place.segments)]
            mark = "".join(dict.fromkeys(marks[one] for one in outcomes if one in marks))
            found = list(dict.fromkeys(decision.library.label(record.asserted_class(node)).lower() for node, place in shown.items() if level in place.vertebrae or level in place.segments))
            is_vertebra = level == vertebra
            name = local(level) if is_vertebra else "  |"
            if not is_vertebra and not mark and not found:
                rows.append(name)
                continue
            text = name if is_vertebra else f"  |{local(level)}"
            rows.append(f"{text:<9}{mark:<11}{', '.join(found)}".rstrip())
    rows.append("")
    rows.append("[+] necessary  [-] not necessary  [?] undetermined  [=] included")
    return rows


def _approvable(data: Json) -> Section | None:
    lines: list[Part] = []
    for one in data["approvable"]:
        lines.append(Line(f"Construct {one['construct']}: approvable now: {', '.join(one['now']) or 'nothing'}", 0))
        if one["ifOpenIsMet"] != one["now"]:
            lines.append(Line(f"If what is open turns out well: {', '.join(one['ifOpenIsMet']) or 'nothing'}", 1, "open"))
        if one["bridges"]:
            lines.append(Line(f"Skip levels: {', '.join(one['bridges'])}. Bridging them would make {', '.join(one['withBridges'])}: a choice, not a need.", 1, "note"))
    for row in data["coverage"]["ranges"]:
        if row["notShown"]:
            lines.append(Line(f"{row['item']}: levels not shown to need it: {', '.join(row['notShown'])}", 0, "note"))
    for row in data["coverage"]["requestedWithoutReason"]:
        lines.append(Line(f"Requested without a reason on record: {row['level']}", 0, "bad"))
    return Section("Largest approvable construct", tuple(lines)) if lines else None


def _changes(data: Json) -> Section | None:
    lines: list[Part] = []
    told: dict[str, list[str]] = {}
    for row in data["changes"]:
        parts = []
        for change in row["changes"]:
            near = [f"{d['property'].lower()} {d['value']}, threshold {d['threshold']}" for d in change["distance"]]
            parts.append(f"{change['askFor']}" + (f" ({'; '.join(near)})" if near else ""))
        told.setdefault(f"{' + '.join(parts)}: {row['from']} becomes {row['to']}", []).append(row["item"])
    for text, items in told.items():
        lines.append(Line(f"{text} for {', '.join(items)}", 1, "open"))
    return Section("What would change the answer (each tried on the case)", tuple(lines)) if lines else None


def _scores(data: Json) -> Section | None:
    rows = tuple(
        (one["score"], one["level"], f"{one['low']}-{one['high']}" if one["low"] != one["high"] else str(one["low"]), ", ".join(one["undecided"]) or "-")
        for one in data["scores"]
    )
    return Section("Scores", (Table(("score", "level", "reachable", "would be decided by"), rows),)) if rows else None


def _alternatives(data: Json) -> Section | None:
    lines: list[Part] = []
    for one in data["alternatives"]:
        if one["notReached"]:
            lines.append(Line(f"{one['alternative']}: does not reach {', '.join(goal.lower() for goal in one['notReached'])}", 1, "bad"))
        else:
            lines.append(Line(f"{one['alternative']}: would reach the goals of the indication ({', '.join(goal.lower() for goal in one['goals'])})", 1, "note"))
        lines.extend(Line(f"{bar['strength']} contraindication: {bar['label']}", 2, "note") for bar in one["contraindications"])
    return Section("Why not a lesser thing", tuple(lines)) if lines else None


def _advisories(data: Json) -> Section | None:
    lines: list[Part] = [Line(one["text"], 1, "note") for one in data["advisories"][:3]]
    rest = data["advisories"][3:]
    if rest:
        lines.append(Line("Further:"))
        lines.extend(Line(one["text"], 1) for one in rest)
    return Section("For a person to look at", tuple(lines)) if lines else None


def _conflicts(data: Json) -> Section | None:
    lines: list[Part] = []
    for one in data["conflicts"]:
        lines.append(Line(f"On {one['about'].lower()}: {one['rule']}", 0, "note"))
        for statement in one["statements"]:
            kept = " (counts)" if one["kept"] == statement["node"] else " (shown, no longer counts)" if one["kept"] else ""
            lines.append(Line(f"{statement['statement']}{_documents(statement)}{kept}", 1))
    for one in data["setAside"]:
        if one["reason"].startswith("dated"):
            lines.append(Line(f"Set aside: {one['statement']}: {one['reason']}", 0))
    return Section("Contradictions in the record", tuple(lines)) if lines else None


def _coding(data: Json) -> Section | None:
    lines: list[Part] = []
    for one in data["coding"]:
        lines.append(Line(one["message"], 1, "note"))
    return Section("Coding", tuple(lines)) if lines else None


def _ledger(data: Json) -> Section | None:
    lines: list[Part] = []
    for one in data["ledger"]:
        lines.append(Line(f"{one['label']}: {one['outcome']}", 0, _TONES[one["outcome"]]))
        reasons: dict[str, None] = {}
        for row in one["differs"]:
            for reason in row["because"]:
                asked = "asks for" if reason.get("askedBy", "other") == "other" else "does not ask for"
                reasons.setdefault(f"{asked} {reason['label'].lower()}" + (f" ({reason['answer']})" if "answer" in reason else ""))
        lines.extend(Line(text, 1) for text in reasons)
    return Section("Other policies", tuple(lines)) if len(data["ledger"]) > 1 else None


def _appraisals(data: Json) -> Section | None:
    lines: list[Part] = []
    for one in data["appraisals"]:
        marker = f"[{one['marker']}] " if one.get("marker") else ""
        lines.append(Line(f"{marker}{one['label']}: {one['appraisal']}. {one['reason']}", 1, "" if one["appraisal"] == "verified" else "note"))
    return Section("Citations and quoted figures", tuple(lines)) if lines else None


def _sources(data: Json, audience: Audience) -> Section | None:
    named: dict[str, None] = {}
    for item in data["items"]:
        for key in ("because", "against", "open"):
            for entry in item[key]:
                if entry["evidence"] or entry["answer"] != "not-met":
                    named.update(dict.fromkeys(entry["claims"]))
    lines: list[Part] = []
    for iri in named:
        claim = data["claims"].get(iri)
        if claim is None:
            continue
        fit = "" if claim["fit"] == "inside" else f"; population {claim['fit']}"
        lines.append(Line(f"{claim['text']} ({claim['appraisal']}{fit})", 1, "" if claim["appraisal"] == "verified" else "note"))
        for ref in claim["references"]:
            ids = "".join(f" {key.upper()} {ref[key]}" for key in ("doi", "pmid") if ref[key])
            lines.append(Line(f"{ref['title']}{', ' + ref['year'] if ref['year'] else ''}.{ids}", 2))
        for relation in claim["relations"]:
            lines.append(Line(f"{relation['relation']}: {relation['label']}", 2))
    del audience
    return Section("Claims and sources", tuple(lines)) if lines else None


def _provenance(data: Json) -> Section:
    facts = data["provenance"]
    rows: list[Part] = [Line(f"{key}: {value}") for key, value in facts.items()]
    for item in data["items"]:
        rows.append(Line(item["id"]))
        for key in ("because", "against", "open"):
            rows.extend(Line(f"{entry['criterion']} {entry['answer']}", 1) for entry in item[key])
    return Section("Provenance", tuple(rows))


def verdict_facts(data: Json) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """What every report must carry alike: verdicts, deciding criteria, needs."""
    verdicts = frozenset(f"{item['id']} {item['outcome']}" for item in data["items"])
    deciding = frozenset(
        entry["criterion"] for item in data["items"] for key in ("because", "against", "open") for entry in item[key]
    )
    return verdicts, deciding, frozenset(one["criterion"] for one in data["needs"])


__all__ = ["Audience", "sections_of", "spine_column", "title_of", "verdict_facts"]
