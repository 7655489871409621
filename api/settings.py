"""What a server can be told: by environment (`SPINE_…`), by flags of `spine serve`, or by hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB: Final = 1024 * 1024


def data_folder() -> Path:
    """Where determinations are kept if nobody says where: the user's own folder for data."""
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "spine-reasoner"


class Settings(BaseSettings):
    """Every setting of a server, with its default; a flag wins over the environment."""

    model_config = SettingsConfigDict(env_prefix="SPINE_", extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on. Without a key, only a loopback address.")
    port: int = Field(8765, ge=0, le=65_535, description="Port to listen on; 0 takes a free one.")
    data: Path = Field(default_factory=data_folder, description="Folder in which determinations are kept.")
    store: str = Field(
        "",
        description="SPARQL server that holds the index instead of the folder: the address of its query service.",
    )
    store_update: str = Field("", description="Address of that server's update service; else the query service's.")
    store_graphs: str = Field("", description="Address of that server's graph store, if it has one.")
    store_user: str = Field("", description="User that the SPARQL server asks for.")
    store_password: SecretStr = Field(SecretStr(""), description="Password of that user.")
    store_digest: bool = Field(default=False, description="Whether that server wants the password as a digest.")
    key: SecretStr = Field(SecretStr(""), description="Key that callers must send as `Authorization: Bearer KEY`.")
    hosts: str = Field("", description="Names, by commas, under which the server may be addressed beside its address.")
    workers: int = Field(2, ge=1, le=64, description="Processes that read and determine cases.")
    query_workers: int = Field(2, ge=1, le=64, description="Processes that answer SPARQL queries.")
    case_seconds: float = Field(30.0, gt=0, le=600, description="Seconds that one case may take.")
    query_seconds: float = Field(5.0, gt=0, le=600, description="Seconds that one SPARQL query may take.")
    recheck_seconds: float = Field(120.0, gt=0, le=3_600, description="Seconds that judging a proof again may take.")
    memory: int = Field(1024, ge=128, le=65_536, description="Mebibytes that one worker may use.")
    waiting: int = Field(32, ge=0, le=10_000, description="Requests of one kind that may wait for a worker.")
    patience: float = Field(10.0, gt=0, le=120, description="Seconds that a case may wait for a worker.")
    query_patience: float = Field(1.0, gt=0, le=120, description="Seconds that a SPARQL query may wait for a worker.")
    body: int = Field(2 * MIB, ge=1_024, description="Bytes in the body of a request.")
    batch_body: int = Field(64 * MIB, ge=1_024, description="Bytes in the body of a batch or a proof.")
    batch_cases: int = Field(10_000, ge=1, description="Cases in one batch.")
    body_seconds: float = Field(30.0, gt=0, le=600, description="Seconds in which a body has to arrive.")
    warm: bool = Field(default=True, description="Whether pages are made before the first visitor asks for them.")
    rate: int = Field(0, ge=0, description="Requests a minute that one caller may send; 0 sets no limit.")
    connections: int = Field(512, ge=1, description="Connections that may be open at once.")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="How much is logged.")
