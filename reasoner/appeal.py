"""An appeal: the same request under the same edition of the policy, with what was added, and what that moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

import orjson

from reasoner.answers import Answer
from reasoner.case import Added, Case, read_added, read_case
from reasoner.determine import Decision, decide
from reasoner.door import Determination
from reasoner.errors import CaseMalformed, CaseUnreadable
from reasoner.evidence import document_of
from reasoner.library import Library
from reasoner.policies import Policy
from reasoner.quantities import days_of
from reasoner.spoken import without
from reasoner.terms import Literal
from reasoner.tools import saved_determination
from reasoner.vocabulary import Case as Terms

Json = dict[str, Any]

_UNDOCUMENTED: Final = ""
"""Stands for the added statements that name no document."""


@dataclass(frozen=True, slots=True)
class First:
    """What was decided at first, as it was saved: under which edition, as of when, and whether our knowledge has moved."""

    policy: Policy
    policy_date: date | None
    evidence_until: date | None
    outcome: str
    same_knowledge: bool


@dataclass(frozen=True)
class Appeal:
    """Two determinations of one request, before and after something was added to its record."""

    before: Determination
    after: Determination
    added: Added
    first: First | None = None

    @cached_property
    def data(self) -> Json:
        """What changed, item by item and answer by answer, and which added document moved it."""
        before, after = self.before.data, self.after.data
        trials = _Trials(self)
        earlier = {item["id"]: item for item in before["items"]}
        items = [_item(self, earlier[item["id"]], item, trials) for item in after["items"] if item["id"] in earlier]
        moved = {by["document"] for item in items for row in item["answers"] for by in row["movedBy"]}
        return {
            "notice": after["notice"],
            "case": after["case"],
            "policy": after["policy"],
            "asOf": after["asOf"],
            "evidenceUntil": {"before": before["evidenceUntil"], "after": after["evidenceUntil"]},
            "outcome": {"before": before["outcome"], "after": after["outcome"]},
            "saved": self.first and {"outcome": self.first.outcome, "sameKnowledge": self.first.same_knowledge},
            "action": {"before": before["action"], "after": after["action"]},
            "items": items,
            "added": [{**one, "moved": one["document"] in moved} for one in trials.named],
            "needs": after["needs"],
            "provenance": {"before": before["provenance"], "after": after["provenance"]},
        }

    def to_json(self) -> bytes:
        """JSON with sorted keys."""
        return orjson.dumps(self.data, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)


def appeal(
    library: Library,
    original: bytes,
    added: bytes,
    *,
    policy: str | Policy | None = None,
    policy_date: date | None = None,
    evidence_until: date | None = None,
    first: bytes | None = None,
    names: tuple[str, str] = ("original", "added"),
) -> Appeal:
    """Determine a request again under the same edition of the policy, with what was added to its record.

    Edition, day and cut-off are those of the first determination, if it is given as saved JSON, or
    else of the policy and day that are named. With what was added, evidence counts until the day of
    the latest thing added, or the day that is given. Raises as `determine` does, and CaseMalformed
    if nothing is added.
    """
    case = read_case(original, schema=library.schema, name=names[0])
    saved = first_decision(library, first, case) if first is not None else None
    if saved is None:
        before = decide(library, case, policy=policy, policy_date=policy_date)
    else:
        day, cut = saved.policy_date, saved.evidence_until
        before = decide(library, case, policy=saved.policy, policy_date=day, evidence_until=cut)
    second, new = read_added(original, added, schema=library.schema, names=names)
    if not new.documents | new.statements:
        raise CaseMalformed(
            "appeal.nothing-added",
            "Nothing is added: no document and no statement that the original does not have.",
            where=names[1],
            mend="List what is new under case:hasDocument and case:records.",
        )
    until = evidence_until or _latest(second, new, before.evidence_until)
    after = decide(library, second, policy=before.policy, policy_date=before.policy_date, evidence_until=until)
    return Appeal(Determination(before), Determination(after), new, saved)


def first_decision(library: Library, saved: bytes, original: Case) -> First:
    """Edition, day and cut-off of a saved determination, which has to be one of this very case.

    Raises CaseUnreadable if the bytes are no determination, or one of another case.
    """
    data = saved_determination(saved)
    if data is None:
        raise CaseUnreadable(
            "appeal.no-determination", "The file holds no saved determination.", mend="Save one as JSON."
        )
    provenance = data.get("provenance", {})
    if provenance.get("caseHash") != original.hash:
        raise CaseUnreadable(
            "appeal.other-case",
            "The saved determination is of another case.",
            mend="Name the case that was determined, unchanged; what is new goes into the added file.",
        )
    day, until = (date.fromisoformat(data[key]) if data.get(key) else None for key in ("asOf", "evidenceUntil"))
    policy = library.policy(str(data["policy"]["id"]), day)
    return First(policy, day, until, str(data["outcome"]), provenance.get("knowledgeHash") == library.hash)


def _latest(case: Case, new: Added, until: date | None) -> date | None:
    """The day until which evidence counts on appeal: of the latest thing added, and no earlier than before."""
    days = [
        spent.latest
        for node in (*new.documents, *new.statements)
        for path in (Terms.writtenOn, Terms.onDate, Terms.onsetDate, Terms.startDate, Terms.endDate)
        if isinstance(value := case.graph.value(node, path), Literal) and (spent := days_of(value)) is not None
    ]
    return max([*days, until]) if until else None


class _Trials:
    """The appeal with one added document left out, or with it alone: what shows which of them moved an answer."""

    def __init__(self, one: Appeal) -> None:
        self._appeal = one
        after = one.after.decision
        graph = after.case.graph
        self._of: dict[str, frozenset[str]] = {
            document: frozenset(n for n in one.added.statements if document in graph.nodes(n, Terms.statedIn))
            for document in sorted(one.added.documents)
        }
        loose = one.added.statements - frozenset[str]().union(*self._of.values())
        if loose:
            self._of[_UNDOCUMENTED] = loose
        self.named: list[Json] = [self._name(document) for document in self._of]
        self._decided: dict[tuple[str, bool], Decision] = {}

    def _name(self, document: str) -> Json:
        if document == _UNDOCUMENTED:
            return {"document": "", "label": "what was added without a document", "kind": None, "date": None}
        told = document_of(self._appeal.after.decision, document)
        return {"document": document, "label": told["short"], "kind": told["kind"], "date": told["date"]}

    def moved_by(self, item: str, criterion: str, was: Answer, now: Answer) -> list[Json]:
        """The documents without which an answer would not have moved; if each can be spared, those that alone move it."""
        needed = [d for d in self._of if self._answer(d, item, criterion, alone=False) is not now]
        alone = [d for d in self._of if self._answer(d, item, criterion, alone=True) is not was]
        names = {one["document"]: one["label"] for one in self.named}
        return [{"document": d, "label": names[d], "needed": d in needed} for d in (needed or alone)]

    def _answer(self, document: str, item: str, criterion: str, *, alone: bool) -> Answer | None:
        key = (document, alone)
        if key not in self._decided:
            after = self._appeal.after.decision
            mine = self._of[document]
            rest = frozenset[str]().union(*(nodes for other, nodes in self._of.items() if other != document))
            self._decided[key] = decide(
                after.library,
                without(after.case, rest - mine if alone else mine - rest),
                policy=after.policy,
                policy_date=after.policy_date,
                evidence_until=after.evidence_until,
            )
        return answer_about(self._decided[key], item, criterion)


def answer_about(decision: Decision, item: str, criterion: str) -> Answer | None:
    """The answer to a criterion about an item by its name; None if there is no such item."""
    for one in decision.items:
        if one.item.id == item:
            return decision.session.find(one.item.iri, criterion).answer
    return None


def _item(one: Appeal, before: Json, after: Json, trials: _Trials) -> Json:
    labels = {e["criterion"]: (e["label"], e["role"]) for item in (before, after) for e in _entries(item)}
    rows: list[Json] = []
    for criterion, (label, role) in sorted(labels.items()):
        was, now = (answer_about(d.decision, after["id"], criterion) for d in (one.before, one.after))
        if was is None or now is None or was is now:
            continue
        rows.append(
            {
                "criterion": criterion,
                "label": label,
                "role": role,
                "before": was.value,
                "after": now.value,
                "movedBy": trials.moved_by(after["id"], criterion, was, now),
            }
        )
    return {
        "item": after["id"],
        "procedure": after["procedure"],
        "levels": after["levels"],
        "principal": after["principal"],
        "before": before["outcome"],
        "after": after["outcome"],
        "answers": rows,
    }


def _entries(item: Json) -> list[Json]:
    return [entry for key in ("because", "against", "open", "considerations") for entry in item[key]]
