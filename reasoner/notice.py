"""The content of a notice: what was asked and decided, why in plain words, what is missing, and how to contest it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reasoner.applicability import Applies, holds
from reasoner.itemised import Names, is_silent
from reasoner.library import guideline_name
from reasoner.sources import claim_of
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import OWL, SKOS, Nec

if TYPE_CHECKING:
    from reasoner.determine import Decision
    from reasoner.door import Determination

Json = dict[str, Any]

_REFUSED: Final = "not-necessary"
_PENDING: Final = "undetermined"
_UNKNOWN: Final = "not-assessed"
_MOST_FACTS: Final = 4
_PARTS: Final = {_REFUSED: ("against",), _PENDING: ("open", "against"), _UNKNOWN: ()}


def notice_of(determination: Determination) -> Json:
    """What a notice about a determination says, as plain data; `due` is false where nothing was refused or left open.

    >>> from reasoner import Library, determine
    >>> library = Library.read()
    >>> data = (library.root / "examples" / "l2-burst-metastasis.ttl").read_bytes()
    >>> notice_of(determine(library, data))["due"]
    False
    """
    data, decision = determination.full, determination.decision
    principal = [item for item in data["items"] if item["principal"]]
    outcomes = {item["outcome"] for item in principal}
    kind = "adverse" if _REFUSED in outcomes else "open" if outcomes & {_PENDING, _UNKNOWN} else "none"
    reasons = _reasons(data, Names(data))
    return {
        "notice": data["notice"],
        "due": kind == "adverse",
        "kind": kind,
        "forLackOfInformation": kind == "adverse" and not any(is_refusal(item) for item in principal),
        "case": data["case"],
        "asOf": data["asOf"],
        "review": data["review"],
        "policy": data["policy"],
        "applicability": data["applicability"],
        "asked": data["requested"],
        "decided": {
            "outcome": data["outcome"],
            "action": data["action"],
            **{key: data[key] for key in ("approved", "refused", "pending")},
        },
        "reasons": reasons,
        "guidelines": _guidelines(decision, reasons),
        "reviewed": data["documents"],
        "notReceived": list(dict.fromkeys(one["askFor"] for one in data["needs"])),
        "toPerfect": _to_perfect(data, Names(data)),
        "rights": rights_of(decision) if kind != "none" else [],
        "reviewer": {"name": None, "qualification": None, "date": None},
    }


def is_refusal(item: Json) -> bool:
    """Whether an item is refused because of what the record says, and not only of what it does not say."""
    return bool(item["outcome"] == _REFUSED and not is_silent(item))


def _reasons(data: Json, names: Names) -> list[Json]:
    """The specific reason for each group of items that are alike in procedure, outcome and reason."""
    groups: dict[tuple[object, ...], list[Json]] = {}
    for item in data["items"]:
        if item["outcome"] in _PARTS and (item["principal"] or item["outcome"] == _REFUSED):
            told = tuple((entry["criterion"], entry["role"], entry["answer"]) for entry in _entries(item))
            groups.setdefault((not item["principal"], item["outcome"], item["procedure"], told), []).append(item)
    rows = []
    for (_, outcome, _, _), items in sorted(groups.items(), key=lambda row: (row[0][0], str(row[0][1]))):
        ids = [item["id"] for item in items]
        silent = dict.fromkeys(one["label"] for item in items for one in item["silent"])
        rows.append(
            {
                "items": ids,
                "what": names.of(ids),
                "outcome": outcome,
                "silent": all(is_silent(item) for item in items),
                "entries": [_entry(entry, refused=outcome == _REFUSED) for entry in _entries(items[0])],
                "otherReasons": list(silent),
            }
        )
    return rows


def _entries(item: Json) -> list[Json]:
    if item["outcome"] == _REFUSED and not is_refusal(item) and item["open"]:
        return list(item["open"])  # Nothing denies it: what comes nearest is what to ask for.
    return [entry for part in _PARTS[item["outcome"]] for entry in item[part]]


def _entry(entry: Json, *, refused: bool) -> Json:
    ground = ground_of(entry)
    return {
        "criterion": entry["criterion"],
        "label": entry["label"],
        "guideline": entry["guideline"],
        "notation": entry["notation"],
        "role": entry["role"],
        "text": entry["text"],
        "answer": entry["answer"],
        "ground": ground,
        "said": _said(entry, ground),
        "decisive": refused or entry["answer"] != "met",
    }


def ground_of(entry: Json) -> str:
    """Why a criterion stands against an item: what the record says, or that it does not say."""
    facts = entry["evidence"]
    if entry["answer"] == "disputed":
        return "disputed"
    if entry["role"] == "exclusion" and entry["answer"] == "met":
        return "speaks-against"
    if not facts:
        return "silent"
    if entry["answer"] == "not-documented":
        return "incomplete"
    if entry["answer"] == "met":
        return "speaks-against"
    return "absent" if all(fact["absence"] for fact in facts) else "falls-short"


_GROUNDS: Final = {
    "speaks-against": "The record says, and this speaks against the operation",
    "absent": "The record says that this is not so",
    "falls-short": "The record says the following, and it is less than what is asked",
    "incomplete": "The record speaks of this, and leaves out what would decide it",
    "disputed": "The record says two things about this",
    "silent": "The record does not say whether this is so",
}


def _said(entry: Json, ground: str) -> str:
    """The ground in one sentence, with the statements of the record and the documents in which they stand."""
    told = []
    for fact in entry["evidence"][:_MOST_FACTS]:
        sources = "; ".join(f"{one['short']}, {one['date'] or 'undated'}" for one in fact["documents"])
        lacking = ", ".join(dict.fromkeys(fact["lacking"])) if ground == "incomplete" else ""
        told.append(
            fact["statement"] + (f" (not stated: {lacking})" if lacking else "") + (f" [{sources}]" if sources else "")
        )
    more = len(entry["evidence"]) - _MOST_FACTS
    facts = "; ".join(told) + (f"; and {more} more" if more > 0 else "")
    return f"{_GROUNDS[ground]}: {facts}." if facts else f"{_GROUNDS[ground]}."


def _guidelines(decision: Decision, reasons: list[Json]) -> list[Json]:
    """The guidelines whose criteria decided, each with its dated version."""
    graph, found = decision.library.graph, {}
    for entry in (entry for row in reasons for entry in row["entries"]):
        iri = entry["criterion"].split("#", 1)[0]
        version = graph.node(iri, OWL + "versionIRI") or ""
        found[iri] = {
            "guideline": guideline_name(iri),
            "label": decision.library.label(iri),
            "version": version.rsplit("/", 1)[-1] or None,
        }
    return list(found.values())


def _to_perfect(data: Json, names: Names) -> list[Json]:
    """What would perfect the request: what is missing, and what else could properly change a refusal."""
    rows: dict[str, Json] = {}
    for need in data["needs"]:
        why = "written proof of what was said" if need.get("pendingProof") else need["label"]
        row = rows.setdefault(need["askFor"], {"askFor": need["askFor"], "why": why, "bearsOn": [], "becomes": None})
        row["bearsOn"] += [item for item in need["items"] if item not in row["bearsOn"]]
    for change in data["changes"]:
        asks = " and ".join(dict.fromkeys(one["askFor"] for one in change["changes"]))
        if change["turns"] or change["to"] != "necessary":
            continue  # It would have to show otherwise than the record does now, or would not suffice.
        labels = "; ".join(one["label"] for one in change["changes"])
        row = rows.setdefault(asks, {"askFor": asks, "why": labels, "bearsOn": [], "becomes": None})
        row["bearsOn"] += [item for item in change["items"] if item not in row["bearsOn"]]
        row["becomes"] = change["to"]
    return [{**row, "what": names.of(row["bearsOn"])} for row in rows.values()]


def rights_of(decision: Decision) -> list[Json]:
    """How a refusal can be contested where and under the plan that the request names, those that certainly apply first."""
    library, graph = decision.library, decision.library.graph
    rows = []
    for iri in graph.subjects(RDF_TYPE, Nec.AppealRight):
        verdict, reasons = holds(
            library,
            decision.scope,
            holds_in=graph.nodes(iri, Nec.holdsIn),
            holds_for=graph.nodes(iri, Nec.holdsFor),
        )
        if verdict is Applies.NO:
            continue
        rows.append(
            {
                "right": iri,
                "label": library.label(iri),
                "text": graph.text(iri, SKOS + "definition"),
                "applies": verdict.value,
                "reasons": list(reasons),
                "holdsIn": sorted(library.label(one) for one in graph.nodes(iri, Nec.holdsIn)),
                "holdsFor": sorted(library.label(one) for one in graph.nodes(iri, Nec.holdsFor)),
                "filedWithin": graph.text(iri, Nec.filedWithin),
                "answeredWithin": graph.text(iri, Nec.answeredWithin),
                "claims": [claim_of(decision, claim) for claim in graph.nodes(iri, Nec.restsOn)],
            }
        )
    return sorted(rows, key=lambda row: row["applies"] != Applies.YES.value)
