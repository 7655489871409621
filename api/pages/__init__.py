"""The pages: templates filled with plain data; everything that a case wrote is escaped and made visible."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from reasoner.layout import plain

FOLDER: Final = Path(__file__).parent
STATIC: Final = FOLDER / "static"


def render(name: str, **context: Any) -> str:
    """A template filled; a name that the context lacks is an error, never an empty place."""
    return _environment().get_template(name).render(**context)


def bidi(text: object) -> Markup:
    """Free text apart from the direction of what surrounds it, its hidden characters made visible.

    >>> str(bidi("<b>" + chr(0x202E)))
    '<bdi>&lt;b&gt;&lt;U+202E&gt;</bdi>'
    """
    return Markup("<bdi>{}</bdi>").format(plain(str(text)))


def href(address: object) -> str:
    """An address that may be followed: http, https or a path of our own; anything else leads nowhere.

    >>> href("javascript:alert(1)"), href("//elsewhere"), href("/v1/criteria"), href("https://doi.org/10.1000/1")
    ('#', '#', '/v1/criteria', 'https://doi.org/10.1000/1')
    """
    text = str(address)
    is_own = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if is_own or text.startswith(("https://", "http://")) else "#"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"bidi": bidi, "href": href}
    environment.globals["version"] = _version()
    return environment


def _version() -> str:
    try:
        return version("spine-reasoner")
    except PackageNotFoundError:
        return "unreleased"


__all__ = ["FOLDER", "STATIC", "bidi", "escape", "href", "render"]
