"""What a run of the rig is told."""

from pathlib import Path

import msgspec

STORES = ("sqlite", "postgresql")
LOCKS = ("none", "valkey")


class RigOptions(msgspec.Struct, frozen=True, kw_only=True):
    """A run of the rig."""

    seed: int
    turns: int = 1000
    """The run ends when that many messages were answered and every fault was injected at least once."""
    minutes: float = 60.0
    """The run ends then in any case; it has failed if there is still too little done."""
    replicas: int = 2
    workers: int = 1
    """Worker processes of each server."""
    clients: int = 64
    store: str = "sqlite"
    locks: str = "none"
    settings: tuple[str, ...] = ()
    """Lines of PostgreSQL's configuration, such as `synchronous_commit=off`."""
    faults: tuple[str, ...] = ()
    pause: float = 3.0
    """Seconds between two faults, on average; each lasts some seconds, so that they overlap."""
    report: Path | None = None
    folder: Path | None = None
    """Where files of the run go, to be kept; by default a temporary folder."""
