"""Fixtures that every test module may name."""

from __future__ import annotations

from tests.browser import browser
from tests.doors import server

__all__ = ["browser", "server"]
