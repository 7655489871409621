"""Starts a server: looks at the settings, opens the store, and hands the application to uvicorn."""

from __future__ import annotations

import resource
import socket
import sys
from typing import TYPE_CHECKING, Final

import uvicorn
from fastapi import FastAPI

from api import watch
from api.access import is_loopback
from api.app import create_app
from api.connection import Connection
from api.keeping import open_for
from api.workers.isolation import no_core
from reasoner import Library
from reasoner.errors import SpineReasonerError

if TYPE_CHECKING:
    from api.settings import Settings


_OWN_FILES: Final = 512
"""Files that a server may hold open beside its connections."""


class ServerRefused(SpineReasonerError):  # noqa: N818  as the errors of the reasoner
    """A server that cannot be started as it was asked to."""


def serve(settings: Settings) -> None:
    """Serve until stopped; a signal lets what is being answered end first.

    Raises ServerRefused for an address that may not be listened on without a key, or that is taken.
    """
    if not settings.key.get_secret_value() and not is_loopback(settings.host):
        raise ServerRefused(
            "server.open",
            "Without a key the server answers this machine alone.",
            where=f"--host {settings.host}",
            mend="Set SPINE_KEY, or listen on 127.0.0.1.",
        )
    no_core()
    _have_room(settings.connections)
    with _listening(settings) as listening:
        watch.configure(settings.log_level)
        library = Library.read()
        store = open_for(library, settings)
        app = create_app(library, store, settings)
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        print(  # noqa: T201  the one line for the person who started it
            f"Serving http://{shown}:{port}/  (workbench /, contract /docs, SPARQL /sparql; kept in {settings.data})",
            file=sys.stderr,
            flush=True,
        )
        uvicorn.Server(configuration(app, settings)).run(sockets=[listening])


def configuration(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """How uvicorn is run: strict HTTP/1.1 by h11, no log of its own, no more connections than it is told, none for ever."""
    return uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        loop="asyncio",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        limit_concurrency=settings.connections,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=max(1, round(settings.case_seconds)),
        h11_max_incomplete_event_size=32 * 1024,
    )


def _have_room(connections: int) -> None:
    """As many open files as connections and our own work may need, where the machine allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OWN_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named outright: only then does asyncio send small answers at once.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host.strip("[]"), settings.port))
        listening.listen(settings.connections)
    except OSError as error:
        listening.close()
        raise ServerRefused(
            "server.address",
            f"This address cannot be listened on: {(error.strerror or 'unknown').lower()}.",
            where=f"{settings.host}:{settings.port}",
            mend="Choose another with --port.",
        ) from None
    return listening
