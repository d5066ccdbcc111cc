"""The spans of a process that runs a project, sent where its endpoints say."""

from collections.abc import Sequence
from pathlib import Path

from duologue.project.endpoints import TypedEndpoint
from duologue.telemetry.export import Tracing, open_tracing
from duologue.telemetry.targets import TracingTarget

ASSISTANT_SERVICE = "duologue"
ACTIONS_SERVICE = "duologue-actions"


def open_project_tracing(
    endpoints: Sequence[TypedEndpoint], root: Path, *, service_name: str = ASSISTANT_SERVICE
) -> Tracing | None:
    """Begin with what the block `tracing` says; None if it says nothing that can be used.

    Args:
        endpoints: the entries of the block.
        root: the project's folder, from which relative paths count.
        service_name: the name of this process in traces, where no entry has one.
    """
    targets = [TracingTarget(type=one.type, options=one.options, place=one.place) for one in endpoints]
    return open_tracing(targets, service_name=service_name, folder=root) if targets else None
