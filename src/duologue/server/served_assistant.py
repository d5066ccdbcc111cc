"""What the server needs of an assistant."""

from typing import Protocol

from duologue.core.domain import Domain
from duologue.core.events import Event
from duologue.core.ids import ConversationId
from duologue.core.messages import UserMessage
from duologue.core.state import State
from duologue.dialogue.turn import Deliver, TurnReport
from duologue.flows.flow import Flows
from duologue.project.definition import AssistantDefinition


class ServedAssistant(Protocol):
    """The assistant as its server sees it."""

    @property
    def definition(self) -> AssistantDefinition: ...
    @property
    def flows(self) -> Flows: ...
    @property
    def domain(self) -> Domain: ...
    @property
    def model_id(self) -> str: ...

    async def handle(self, message: UserMessage, deliver: Deliver | None = None) -> TurnReport:
        """Run the turn of one message and store it.

        Raises:
            StorageUnavailableError: nothing was stored.
            ClosingError: the assistant is about to stop.
        """
        ...

    async def load_state(self, conversation_id: ConversationId) -> State | None: ...

    async def load_events(
        self, conversation_id: ConversationId, start: int = 0, stop: int | None = None
    ) -> list[Event]: ...

    async def check_health(self) -> None: ...

    def start(self) -> None:
        """Begin with what runs beside the turns."""
        ...

    async def close(self) -> None: ...
