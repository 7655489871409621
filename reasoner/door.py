"""What callers use: determine a case, look at the result in any format, validate a case without determining it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import orjson
import pyoxigraph as ox

from reasoner.case import Case, ReportLine, case_report, read_case
from reasoner.changes import outlook_of
from reasoner.determine import Decision, decide
from reasoner.explanation import explain
from reasoner.ledger import ledger_of
from reasoner.library import Library
from reasoner.policies import Policy

Json = dict[str, Any]


@dataclass(frozen=True)
class Determination:
    """A decision with its explanation; what costs more (changes, ledger, proof) is made when it is asked for."""

    decision: Decision

    @cached_property
    def data(self) -> Json:
        """The explanation as plain data, without changes and ledger."""
        return explain(self.decision)

    @cached_property
    def full(self) -> Json:
        """The explanation with what would change the outcome and what other policies say."""
        return {**self.data, **outlook_of(self.decision), "ledger": ledger_of(self.decision)}

    def to_json(self, *, further: bool = True) -> bytes:
        """JSON with sorted keys: the same bytes for the same case, knowledge, policy and dates."""
        return orjson.dumps(self.full if further else self.data, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)

    def to_proof(self) -> bytes:
        """The proof as TriG: closed case, both readings of the shapes, and the determination."""
        from reasoner.statement import prove  # noqa: PLC0415  rdflib is costly to import and only proofs need it

        return prove(self.decision)

    def to_turtle(self) -> bytes:
        """The determination as Turtle."""
        return self._written(ox.RdfFormat.TURTLE)

    def to_json_ld(self) -> bytes:
        """The determination as JSON-LD."""
        return self._written(ox.RdfFormat.JSON_LD)

    def _written(self, rdf_format: ox.RdfFormat) -> bytes:
        from reasoner.statement import statement_text  # noqa: PLC0415  as above

        return statement_text(self.decision, rdf_format)


def determine(
    library: Library,
    case: Case | bytes,
    *,
    policy: str | Policy | None = None,
    evidence_until: date | None = None,
    policy_date: date | None = None,
) -> Determination:
    """Determine a case, read already or as bytes in any accepted syntax.

    Raises CaseUnreadable, CaseMalformed, OntologyInconsistent, GuidelineUnknown or PolicyUnfit.

    >>> from reasoner import Library, determine
    >>> library = Library.read()
    >>> data = (library.root / "examples" / "l2-burst-metastasis.ttl").read_bytes()
    >>> determine(library, data).decision.outcome.value
    'necessary'
    """
    read = case if isinstance(case, Case) else read_case(case, schema=library.schema)
    return Determination(decide(library, read, policy=policy, evidence_until=evidence_until, policy_date=policy_date))


def validate(library: Library, case: Case | bytes) -> tuple[ReportLine, ...]:
    """What is unusual about a case that can be read, facts that nothing asks about first; raises if it cannot be."""
    from reasoner.remarks import unread  # noqa: PLC0415  determining a case does not need it

    read = case if isinstance(case, Case) else read_case(case, schema=library.schema)
    shapes = (library.root / "shapes" / "case.ttl").read_bytes()
    return (*unread(decide(library, read)), *case_report(read, shapes, schema=library.schema))
