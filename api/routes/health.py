"""Whether the server lives, whether it is ready, and what it counts."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api import contract
from api.house import House, house_of
from api.media import JSON, PLAIN
from api.problems import Refusal

TheHouse = Annotated[House, Depends(house_of)]

router = APIRouter(tags=["Operation"])


_LIVE: Final = contract.record(live="boolean")
_READY: Final = contract.record(
    ready="boolean",
    knowledge="string",
    kept={"type": "integer", "minimum": 0},
    workers={"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}},
    network={"type": ["string", "null"], "description": "What the workers have of it: `none` where it could be taken."},
)


@router.get(
    "/health/live",
    summary="Whether the server lives",
    response_class=JSONResponse,
    responses=contract.declared(ok=contract.answers((JSON,), "It lives.", json=_LIVE)),
)
async def live() -> JSONResponse:
    """Answer as long as the server lives."""
    return JSONResponse({"live": True})


@router.get(
    "/health/ready",
    summary="Whether the server can work",
    response_class=JSONResponse,
    responses=contract.declared(503, ok=contract.answers((JSON,), "It can work.", json=_READY)),
)
async def ready(here: TheHouse) -> JSONResponse:
    """Answer once the workers are born and the store has been looked through, with what is served."""
    if not here.state["ready"]:
        raise Refusal("server.stopping", "The server is starting or stopping.", retry_after=1)
    return JSONResponse(
        {
            "ready": True,
            "knowledge": here.library.hash,
            "kept": len(here.store.ids()),
            "workers": {name: pool.lane.workers for name, pool in here.pools.items()},
            "network": here.nursery.facts.get("network"),
        }
    )


@router.get(
    "/metrics",
    summary="What the server counts, as Prometheus reads it",
    response_class=Response,
    responses=contract.declared(ok=contract.answers((PLAIN,), "Every counter by its name.")),
)
async def metrics(here: TheHouse) -> Response:
    """Tell the counters; none of them carries anything that a caller sent."""
    return Response(generate_latest(here.metrics.registry), media_type=CONTENT_TYPE_LATEST)
