"""The six ways in which an input can be refused; each says what, where and how to mend it."""

from __future__ import annotations


class SpineReasonerError(ValueError):
    """An input that cannot be used; the root of all errors raised on purpose.

    >>> str(CaseMalformed("case.level", "There is no level L6.", where="services 1", mend="Use L5."))
    'There is no level L6. (services 1) Use L5. [case.level]'
    """

    def __init__(self, code: str, what: str, *, where: str = "", mend: str = "") -> None:
        self.code = code
        self.what = what
        self.where = where
        self.mend = mend
        place = f" ({where})" if where else ""
        remedy = f" {mend}" if mend else ""
        super().__init__(f"{what}{place}{remedy} [{code}]")


class CaseUnreadable(SpineReasonerError):
    """The bytes of a case are no graph that can be read."""


class CaseMalformed(SpineReasonerError):
    """The graph of a case says something that a case may not say."""


class GuidelineMalformed(SpineReasonerError):
    """A guideline, policy or shape cannot be compiled."""


class GuidelineUnknown(SpineReasonerError):
    """A policy, guideline or criterion is named that is not in the library."""


class PolicyUnfit(SpineReasonerError):
    """A policy is chosen that is not in force, does not apply to the request, or cannot be checked."""


class OntologyInconsistent(SpineReasonerError):
    """The case contradicts an axiom of the ontology."""
