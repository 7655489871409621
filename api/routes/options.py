"""What a caller may say beside the case: policy, dates, and for whom; a name that is not known is never passed over."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.convertors import StringConvertor

from api.problems import Refusal
from reasoner.likeness import nearest
from reasoner.report import Audience

Json = dict[str, Any]

_LONGEST: Final = 40
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _written_as_a_day(told: object) -> object:
    """Only a whole date: a number would be read as seconds since 1970, and a time would lose its hours."""
    if isinstance(told, str) and not _DAY.fullmatch(told):
        raise ValueError("it must be a date such as 2026-01-31")
    return told


Day = Annotated[date, BeforeValidator(_written_as_a_day)]


class Options(BaseModel):
    """Under which policy, as of which day, and on which evidence."""

    model_config = ConfigDict(frozen=True)

    policy: Annotated[
        str | None,
        Field(
            pattern="^[a-z0-9-]{1,100}$",
            description="Name of a policy or of one of its editions; the default policy if not given.",
            examples=["aetna-cpb-0743"],
        ),
    ] = None
    as_of: Annotated[Day | None, Field(alias="asOf", description="Date by which policies are in force.")] = None
    evidence_until: Annotated[
        Day | None, Field(alias="evidenceUntil", description="Set aside what is dated later.")
    ] = None

    @property
    def arguments(self) -> Json:
        """The same for a worker.

        >>> Options(policy="default", asOf="2026-01-31").arguments
        {'policy': 'default', 'as_of': '2026-01-31', 'evidence_until': None}
        """
        return {
            "policy": self.policy,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "evidence_until": self.evidence_until.isoformat() if self.evidence_until else None,
        }


class BatchOptions(Options):
    """What is said of every case of a batch."""

    further: Annotated[bool, Field(description="Say also what would change each, and what other policies say.")] = False


class Reader(BaseModel):
    """For whom something is told."""

    model_config = ConfigDict(frozen=True)

    audience: Annotated[
        Audience, Field(description="Who reads it, if it is told as text or Markdown.", examples=["patient"])
    ] = Audience.REVIEWER


class CaseOptions(Options, Reader):
    """What is said of one case."""

    further: Annotated[bool, Field(description="Say also what would change it, and what other policies say.")] = True
    keep: Annotated[bool, Field(description="Keep the determination with its proof.")] = False


async def known(request: Request) -> None:
    """Refuse a parameter that the contract does not name, or that is given twice: either would be passed over."""
    names = [name for name, _ in request.query_params.multi_items()]
    if not names:
        return
    operation = request.app.openapi()["paths"][request.scope["route"].path_format][request.method.lower()]
    declared = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
    strange = next((name for name in names if name not in declared), None)
    if strange is not None:
        meant = nearest(strange[:_LONGEST], declared)
        offered = f"Leave it out; there are {', '.join(declared)}." if declared else "Leave it out."
        raise Refusal(
            "request.unprocessable",
            "There is a parameter that this address does not have.",
            mend=f"Did you mean {meant}?" if meant else offered,
        )
    if len(names) != len({*names}):
        raise Refusal("request.unprocessable", "A parameter is given more than once.", mend="Give each once.")


async def filled(request: Request) -> None:
    """Refuse a body that is not there, where one is needed."""
    if request.method == "POST" and not await request.body():
        raise Refusal("request.empty", "The request has no body.", mend="Send what it is about in the body.")


class NameConvertor(StringConvertor):
    """What may follow `/determinations/` as a name: anything but the address of batches."""

    regex = "(?!batch$)[^/]+"


Asked = Annotated[Options, Query()]
AskedOfBatch = Annotated[BatchOptions, Query()]
AskedOfCase = Annotated[CaseOptions, Query()]
AskedFor = Annotated[Reader, Query()]
Known = Depends(known)
Filled = Depends(filled)
