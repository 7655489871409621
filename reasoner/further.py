"""The sections of a report that follow the items: extent, changes, scores, alternatives, doubts, sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reasoner.itemised import ANSWERS, TONES, WORDS, bare, facts_in_words, sources_in_words
from reasoner.layout import Line, Part, Section, Table

if TYPE_CHECKING:
    from reasoner.itemised import Names

Json = dict[str, Any]

_UP_FRONT: Final = 3
_MOST_CRITERIA: Final = 6


def _section(title: str, lines: list[Part]) -> Section | None:
    return Section(title, tuple(lines)) if lines else None


def approvable(data: Json, names: Names) -> Section | None:
    """The largest construct that can be approved, now and if what is open turns out well."""
    lines: list[Part] = []
    for one in data["approvable"]:
        now, later = ", ".join(one["now"]) or "nothing", ", ".join(one["ifOpenIsMet"]) or "nothing"
        lines.append(Line(f"Requested construct {one['construct']}: approvable now: {now}"))
        if later != now:
            lines.append(Line(f"If what is open turns out well: {later}", 1, "open"))
        if one["bridges"]:
            skipped, bridged = ", ".join(one["bridges"]), ", ".join(one["withBridges"])
            text = f"Skip level {skipped}: nothing there asks for it. Bridging it would make {bridged}"
            lines.append(Line(f"{text}: a choice, not a need.", 1, "note"))
    for row in data["coverage"]["ranges"]:
        if row["notShown"]:
            where = ", ".join(row["notShown"])
            lines.append(Line(f"{names.of([row['item']])}: not shown to need it: {where}", 0, "note"))
    unasked = [row["item"] for row in data["coverage"]["requestedWithoutReason"]]
    if unasked:
        lines.append(Line(f"Requested without a reason on record: {names.of(unasked)}", 0, "bad"))
    return _section("Largest approvable construct", lines)


def changes(data: Json, names: Names, *, lay: bool) -> Section | None:
    """What would change the answer; for a number that is near or past its bar, how far."""
    lines: list[Part] = []
    moves: dict[tuple[bool, str], list[str]] = {}
    for row in data["changes"]:
        asks = " and ".join(dict.fromkeys(change["askFor"] for change in row["changes"]))
        labels = "; ".join(change["label"] + _distances(change) for change in row["changes"])
        told = asks if lay else f"{asks} ({labels})"
        moves.setdefault((row["turns"], told), []).append(f"{names.of(row['items'])} becomes {WORDS[row['to']]}")
    for (turns, told), results in moves.items():
        condition = "only if it shows otherwise than the record does now: " if turns else ""
        lines.append(Line(f"{condition}{told}: {'; '.join(results)}", 1, "" if turns else "open"))
    union = data["together"]
    if union:
        asks = "; ".join(dict.fromkeys(change["askFor"] for change in union["changes"]))
        lines.append(Line(f"With all that is missing the request becomes {WORDS[union['to']]}: {asks}", 0, "note"))
        if union["still"]:
            lines.append(Line(f"Still not approved then: {names.of(union['still'])}", 1, "bad"))
    if data["unmoved"]:
        lines.append(Line(f"Nothing was found that could properly change: {names.of(data['unmoved'])}", 1))
    return _section("What would change the answer, each tried on the case", lines)


def margins(data: Json) -> Section | None:
    """How close the numbers are to their bars, those that are met and those that are not."""
    rows = _margins(data["margins"])
    head = ("number", "value", "bar", "margin", "asked by")
    return _section("How close the numbers are to their bars", [Table(head, rows)] if rows else [])


def _margins(margins: list[Json]) -> tuple[tuple[str, ...], ...]:
    rows: dict[tuple[str, ...], list[str]] = {}
    for one in margins:
        number = f"{one['statement']}: {one['property']}"
        rows.setdefault((number, one["value"], one["threshold"], one["distance"]), []).append(one["label"])
    return tuple((*row, "; ".join(dict.fromkeys(labels))) for row, labels in rows.items())


def _distances(change: Json) -> str:
    told = [f"{one['property']} is {one['value']}, bar {one['threshold']}" for one in change["distance"]]
    return f", {'; '.join(told)}" if told else ""


def scores(data: Json) -> Section | None:
    """Scores as spans, with the components that would decide them."""
    rows = tuple(
        (
            one["score"],
            one["level"],
            f"{one['low']}-{one['high']}" if one["low"] != one["high"] else str(one["low"]),
            ", ".join(one["undecided"]) or "-",
        )
        for one in data["scores"]
    )
    table: list[Part] = [Table(("score", "level", "reachable", "would be decided by"), rows)] if rows else []
    return _section("Scores", table)


def alternatives(data: Json, names: Names) -> Section | None:
    """The lesser things, and the goals they do not reach."""
    told: dict[str, tuple[str, list[str], list[Json]]] = {}
    for one in data["alternatives"]:
        if one["notReached"]:
            tone, text = "bad", f"{one['alternative']}: would not {', or '.join(one['notReached'])}"
        else:
            tone, text = (
                "note",
                f"{one['alternative']}: would reach what the indication asks ({', '.join(one['goals'])})",
            )
        told.setdefault(text, (tone, [], one["contraindications"]))[1].extend(one["items"])
    lines: list[Part] = []
    for text, (tone, items, bars) in told.items():
        lines.append(Line(f"{text} [in place of {names.of(items)}]", 1, tone))
        lines.extend(
            Line(
                f"{bar['strength']} bar: {bar['text']} {facts_in_words(bar['evidence'], _UP_FRONT)}".rstrip(), 2, "note"
            )
            for bar in bars
        )
    return _section("Why not a lesser thing", lines)


def advisories(data: Json, names: Names, *, lay: bool) -> Section | None:
    """What a person should look at: three up front, the rest after them; a patient reads the three."""
    everything = {item["id"] for item in data["items"]}
    lines: list[Part] = []
    for number, one in enumerate(data["advisories"][: _UP_FRONT if lay else None]):
        if number == _UP_FRONT:
            lines.append(Line("Further:"))
        where = f" [{names.of(one['items'])}]" if set(one["items"]) < everything else ""
        lines.append(Line(f"{one['text']}{where}", 1, "note" if number < _UP_FRONT else ""))
    return _section("For a person to look at", lines)


def conflicts(data: Json) -> Section | None:
    """Both sides of every contradiction, and which of them counts."""
    lines: list[Part] = []
    groups: dict[tuple[str, str], dict[str, tuple[Json, str]]] = {}
    for one in data["conflicts"]:
        state = f"settled: {one['rule']}" if one["kept"] else "not settled; both sides stand"
        for statement in one["statements"]:
            counts = statement["node"] == one["kept"]
            kept = "" if not one["kept"] else " (counts)" if counts else " (shown, no longer counts)"
            groups.setdefault((bare(one["about"]), state), {}).setdefault(statement["node"], (statement, kept))
    for (about, state), statements in groups.items():
        lines.append(Line(f"{about}: {state}", 0, "note"))
        lines.extend(
            Line(f"{statement['statement']}{sources_in_words(statement)}{kept}", 1)
            for statement, kept in statements.values()
        )
    sides = {statement["node"] for one in data["conflicts"] for statement in one["statements"]}
    lines += [
        Line(f"Set aside: {one['statement']}: {one['reason']}") for one in data["setAside"] if one["node"] not in sides
    ]
    return _section("Contradictions in the record", lines)


def coding(data: Json) -> Section | None:
    """Where codes and work part, and the codes that would agree."""
    lines: list[Part] = []
    for one in data["coding"]:
        lines.append(Line(one["message"] or one["label"], 1, "note"))
        for option in one["expected"]:
            listed = ", ".join(
                f"{row['code']} × {row['units']}" if (row["units"] or 1) > 1 else row["code"] for row in option["lines"]
            )
            when = f" {option['when']}" if option["when"] else ""
            if listed and not all(row["code"] in one["message"] for row in option["lines"]):
                lines.append(Line(f"would report it{when}: {listed}", 2))
    return _section("Coding", lines)


def ledger(data: Json) -> Section | None:
    """The same case under every policy, and what makes each differ."""
    if len(data["ledger"]) < 2:  # noqa: PLR2004  one policy alone has nobody to disagree with
        return None
    same = [one["label"] for one in data["ledger"] if not one["differs"] and one["policy"] != data["policy"]["id"]]
    lines: list[Part] = []
    for one in data["ledger"]:
        if not one["differs"]:
            continue
        first = ", which comes first where it applies" if one["comesFirst"] else ""
        lines.append(Line(f"{one['label']}{first}: {WORDS[one['outcome']]}", 0, TONES[one["outcome"]]))
        lines.extend(
            Line(text, 1)
            for text in dict.fromkeys(_difference(reason) for row in one["differs"] for reason in row["because"])
        )
    if same:
        lines.append(Line(f"Like this policy, item by item: {'; '.join(same)}"))
    return _section("Other policies", lines)


def _difference(reason: Json) -> str:
    if "answer" not in reason:
        return f"{'counts' if reason['countedBy'] == 'other' else 'does not count'}: {reason['label']}"
    asked = "asks for" if reason["askedBy"] == "other" else "does not ask for"
    ground = f", on the ground of: {'; '.join(reason['claimLabels'])}" if reason["claimLabels"] else ""
    return f"{asked}: {reason['label']} ({ANSWERS[reason['answer']]}){ground}"


def policy_in_words(data: Json, names: Names) -> list[tuple[str, str]]:
    """The policy, its edition and dates, what it leaves to others, and what comes before it, each with its tone."""
    policy, found = data["policy"], data["applicability"]
    edition = f", edition {policy['edition']}" if policy["edition"] and "edition" not in policy["label"] else ""
    dated = policy["effectiveFrom"] or policy["effectiveUntil"]
    latest = ", the latest, as no date is given" if policy["chosenAs"] == "latest" and dated else ""
    lines = [(f"{policy['label']}{edition}{latest}{_dates(policy)}", "")]
    if policy["inForce"] is False:
        lines.append(("not in force on the date asked about", "note"))
    if policy["appraisal"] not in (None, "verified"):
        lines.append((f"{policy['appraisal']}: {policy['reason']}", "note"))
    if found["verdict"] != "applies":
        lines.append((f"{_APPLIES[found['verdict']]}: {'; '.join(found['reasons'])}", "note"))
    if found["outside"] and len(found["outside"]) < len(data["items"]):
        lines.append((f"does not speak of {names.of(found['outside'])}: professional guidance is followed there", ""))
    for one in found["first"]:
        perhaps = "" if one["verdict"] == "applies" else ", if it applies to the plan"
        lines.append((f"comes after {one['label']}{perhaps}, which speaks of {names.of(one['items'])}", "note"))
    if found["others"]:
        lines.append((f"also made for such a request: {'; '.join(one['label'] for one in found['others'])}", ""))
    return lines


_APPLIES: Final = {"may-apply": "may not apply", "does-not-apply": "does not apply"}


def _dates(policy: Json) -> str:
    start = f" from {policy['effectiveFrom']}" if policy["effectiveFrom"] else ""
    end = f" until {policy['effectiveUntil']}" if policy["effectiveUntil"] else ""
    return f", in force{start}{end}" if start or end else ""


def appraisals(data: Json) -> Section | None:
    """What the record's own documents cite, and how well it carries; markers that lead nowhere in one line."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for one in data["appraisals"]:
        name = _marker(one) if one.get("marker") and "reference" not in one else _cited(one)
        groups.setdefault((one["document"], one["appraisal"], one["reason"]), []).append(name)
    lines: list[Part] = []
    document = ""
    for (source, appraisal, reason), cited in groups.items():
        if source != document:
            lines.append(Line(f"In {source}:"))
            document = source
        lines.append(Line(f"{', '.join(cited)}: {appraisal}. {reason}", 1, "" if appraisal == "verified" else "note"))
    return _section("Citations and quoted figures", lines)


def _cited(one: Json) -> str:
    return f"{_marker(one)} {one['label']}" if one.get("marker") else one["label"]


def _marker(one: Json) -> str:
    return one["marker"] if one["marker"].startswith("[") else f"[{one['marker']}]"


def sources(data: Json) -> Section | None:
    """The claims under the deciding criteria: what they say, how appraised, under which, from where, who disagrees."""
    named: dict[str, list[Json]] = {}
    for item in data["items"]:
        for key in ("because", "against", "open"):
            for entry in item[key]:
                for iri in entry["claims"]:
                    named.setdefault(iri, []).append(entry)
    lines: list[Part] = []
    for iri, entries in named.items():
        claim = data["claims"].get(iri)
        if claim is None:
            continue
        state = ", ".join(
            word for word in (claim["appraisal"], claim["evidenceGrade"] or "", FITS[claim["fit"]]) if word
        )
        lines.append(Line(f"{claim['text']} ({state})", 1, "" if claim["appraisal"] == "verified" else "note"))
        lines.append(Line(f"under: {_clauses(entries)}", 2))
        cited = "; ".join(_reference(one) for one in claim["references"])
        where = f", {claim['locator']}" if claim["locator"] else ""
        if cited:
            lines.append(Line(f"{cited}{where}", 2))
        lines.extend(Line(f"{row['relation']}: {row['label']}", 2) for row in claim["relations"])
    return _section("Claims and sources", lines)


def _clauses(entries: list[Json]) -> str:
    """Criteria by room and printed number, as they stand item by item: 'infection 1.1, 3.1; adjuncts 3.a'."""
    criteria = dict.fromkeys((one["guideline"], one["notation"] or f"'{one['label']}'") for one in entries)
    rooms: dict[str, list[str]] = {}
    for room, number in list(criteria)[:_MOST_CRITERIA]:
        rooms.setdefault(room, []).append(number)
    told = "; ".join(f"{room} {', '.join(numbers)}" for room, numbers in rooms.items())
    more = len(criteria) - _MOST_CRITERIA
    return f"{told}, and {more} more" if more > 0 else told


FITS: Final = {
    "inside": "",
    "stretched": "this patient may not belong to its population",
    "outside": "this patient does not belong to its population",
}


def _reference(one: Json) -> str:
    year = one["year"] or ""
    ids = "".join(f", {key.upper()} {one[key]}" for key in ("doi", "pmid") if one[key])
    return f"{one['title']}{f', {year}' if year and year not in one['title'] else ''}{ids}"


def documents(data: Json) -> Section | None:
    """The documents of the record, with date, kind and author."""
    lines: list[Part] = []
    for one in data["documents"]:
        author = f" by a {one['author']}" if one["author"] else ""
        excerpt = "; an excerpt, so its silence closes nothing" if one["excerpt"] else ""
        told = f"{one['label']}, {one['date'] or 'undated'}: " if one["label"] else f"{one['date'] or 'undated'}: "
        lines.append(Line(f"{told}{one['kind']}{author}{excerpt}", 1))
    return _section("Documents", lines)


def provenance(data: Json) -> Section:
    """Hashes and IRIs, for the engineer."""
    lines: list[Part] = [Line(f"{key}: {value}") for key, value in data["provenance"].items()]
    for item in data["items"]:
        lines.append(Line(item["id"]))
        for key in ("because", "against", "open"):
            lines.extend(Line(f"{entry['criterion']} {entry['answer']}", 1) for entry in item[key])
    return Section("Provenance", tuple(lines))
