"""A lesson with the assistant of a project: its policies, its pipeline, its actions."""

from collections.abc import Sequence
from pathlib import Path

from duologue.core.events import Event
from duologue.core.ids import ConversationId
from duologue.dialogue.perform import Performer
from duologue.flows.flow import Flows
from duologue.ports.clock import SystemClock
from duologue.project.definition import AssistantDefinition
from duologue.project.endpoints import Endpoints
from duologue.project.endpoints_reader import read_endpoints
from duologue.responses.templates import TemplateResponseGenerator
from duologue.runtime.opening import ProjectProblemsError
from duologue.runtime.services import open_actions
from duologue.runtime.settings import Settings
from duologue.testing.classic_model import open_dialogue_model
from duologue.testing.teaching.lesson import Lesson, Taught
from duologue.testing.teaching.terminal import Terminal


async def hold_lesson(
    definition: AssistantDefinition,
    folder: Path,
    terminal: Terminal,
    settings: Settings,
    *,
    endpoints: Path | None = None,
    understands_words: bool = True,
) -> Taught:
    """Train what has changed, then talk until the person ends it.

    Args:
        understands_words: False leaves the pipeline out; messages are payloads, such as `/greet`.

    Raises:
        DefinitionError: the project cannot be trained or run as it is written.
    """
    model = open_dialogue_model(definition, folder)
    read = _read_endpoints(endpoints, folder, settings)
    actions = await open_actions(read.action_endpoint, folder, definition, settings)
    performer = Performer(
        flows=Flows(definition.flows),
        domain=definition.domain,
        responses=TemplateResponseGenerator(definition.domain),
        actions=actions,
        load_events=_load_nothing,
    )
    lesson = Lesson(
        domain=definition.domain,
        chooser=model.chooser,
        parser=model.parser if understands_words else None,
        performer=performer,
        terminal=terminal,
        clock=SystemClock(),
    )
    try:
        return await lesson.hold()
    finally:
        if actions is not None:
            await actions.close()


def _read_endpoints(path: Path | None, folder: Path, settings: Settings) -> Endpoints:
    path = path or folder / "endpoints.yml"
    if not path.exists():
        return Endpoints()
    reading = read_endpoints(path, root=folder, environment=settings.variables)
    if reading.problems.has_errors:
        raise ProjectProblemsError(reading.problems.errors)
    return reading.endpoints


async def _load_nothing(conversation_id: ConversationId, before: int) -> Sequence[Event]:
    """A lesson stores nothing; what was said so far is in its own record."""
    del conversation_id, before
    return ()
