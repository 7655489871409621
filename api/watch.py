"""What is told about the work to those who run a server: logs and metrics, without a word of what was sent."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

if TYPE_CHECKING:
    from starlette.types import Scope

_MUTE: Final = ("rdflib", "pyshacl", "owlrl", "uvicorn.access", "py.warnings")
"""Loggers that quote what they read, and all below them."""


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "spine_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "spine_request_seconds",
            "Seconds from the first byte in to the last byte out.",
            ("route",),
            registry=self.registry,
        )
        self.jobs = Counter(
            "spine_jobs", "Jobs by lane and by how they ended.", ("lane", "end"), registry=self.registry
        )
        self.workers_ended = Counter("spine_workers_ended", "Workers that ended.", ("how",), registry=self.registry)
        self.busy = Gauge("spine_workers_busy", "Workers at work.", ("lane",), registry=self.registry)
        self.waiting = Gauge("spine_jobs_waiting", "Jobs that wait for a worker.", ("lane",), registry=self.registry)
        self.kept = Gauge("spine_determinations_kept", "Determinations in the store.", registry=self.registry)
        self.failures = Counter("spine_failures", "Failures that nobody foresaw.", registry=self.registry)


def route_of(scope: Scope) -> str:
    """The pattern of the address that was asked for; never the address itself, which a caller wrote."""
    route = scope.get("route")
    return getattr(route, "path", None) or "(none)"


class Log:
    """Writes one line of JSON for each event."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._log = structlog.get_logger("spine")

    def request(self, scope: Scope, status: int, seconds: float, came: int, sent: int) -> None:
        """Note one request: by its pattern, status, time and sizes."""
        state: dict[str, Any] = scope.get("state", {})
        route = route_of(scope)
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        told = {
            "method": method,
            "route": route,
            "status": status,
            "milliseconds": round(seconds * 1000, 1),
            "bytes_in": came,
            "bytes_out": sent,
            "request": state.get("request_id"),
        }
        told |= {name: state[name] for name in ("code", "failed", "at") if name in state}
        if "failed" in state:
            self._metrics.failures.inc()
            self._log.error("request", **told)
        else:
            self._log.info("request", **told)

    def failure(self, lane: str, facts: Mapping[str, Any]) -> None:
        """Note that a job failed in a way that nobody foresaw: the kind of error and the place in our own code."""
        self._metrics.failures.inc()
        self._log.error("job", lane=lane, **{name: facts.get(name) for name in ("code", "failed", "at")})

    def event(self, name: str, **facts: object) -> None:
        """Note something that happened to the server itself."""
        self._log.info(name, **facts)

    def warning(self, name: str, **facts: object) -> None:
        """Note something that whoever runs the server should look at."""
        self._log.warning(name, **facts)


_METHODS: Final = frozenset(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])


def configure(level: str) -> None:
    """Send every log line to stderr as JSON, and silence the loggers that quote what they read."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _without_trace,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(number, logging.WARNING))
    logging.captureWarnings(capture=True)
    for name in _MUTE:
        # What a logger below says passes by a logger that is merely disabled.
        muted = logging.getLogger(name)
        muted.handlers, muted.propagate, muted.disabled = [logging.NullHandler()], False, True


def _without_trace(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A traceback may show what was being read: only the kind of error is kept."""
    told = event.pop("exc_info", None)
    if isinstance(told, tuple) and told[0] is not None:
        event["failed"] = told[0].__name__
    return event
