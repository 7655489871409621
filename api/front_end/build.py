"""What hatchling runs before a wheel is packed: the packages of the browser are laid among the static files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# While a wheel is built the project is not installed, so its root is where its modules are found.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from api.front_end.fetch import NODE_WHEEL, carry, is_carried


class FrontEnd(BuildHookInterface[BuilderConfig]):
    """Fetches what is not there yet, for a wheel and for an editable install alike."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """The node wheel, only when something has to be fetched."""
        return [] if is_carried() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's signature
        """Lays the files there, and has them packed although git ignores them."""
        carry()
        build_data["artifacts"].append("api/pages/static/vendor/")
