"""Explained determinations of medical necessity for spine surgery, from a knowledge graph of guidelines.

The one door: read the `Library` once, read a case, determine it, and print what came out.
"""

from __future__ import annotations

from reasoner.answers import Answer
from reasoner.appeal import Appeal, appeal
from reasoner.case import Case, read_case
from reasoner.determination import Action, Outcome
from reasoner.determine import Decision, decide
from reasoner.door import Determination, determine, validate
from reasoner.errors import (
    CaseMalformed,
    CaseUnreadable,
    GuidelineMalformed,
    GuidelineUnknown,
    OntologyInconsistent,
    PolicyUnfit,
    SpineReasonerError,
)
from reasoner.library import Library
from reasoner.notice import notice_of

__all__ = [
    "Action",
    "Answer",
    "Appeal",
    "Case",
    "CaseMalformed",
    "CaseUnreadable",
    "Decision",
    "Determination",
    "GuidelineMalformed",
    "GuidelineUnknown",
    "Library",
    "OntologyInconsistent",
    "Outcome",
    "PolicyUnfit",
    "SpineReasonerError",
    "appeal",
    "decide",
    "determine",
    "notice_of",
    "read_case",
    "validate",
]
