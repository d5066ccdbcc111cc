"""What an action of the platform sees."""

import msgspec

from duologue.core.domain import Domain
from duologue.core.events import BotSpoke, Event
from duologue.core.state import State
from duologue.core.values import OpenData, SlotValue
from duologue.flows.editing import StackEditor, build_context
from duologue.flows.flow import Flows
from duologue.ports.knowledge_source import KnowledgeSource
from duologue.ports.response_generator import ResponseGenerator


class ActionScene(msgspec.Struct, frozen=True, kw_only=True):
    """What a default action sees."""

    state: State
    flows: Flows
    domain: Domain
    responses: ResponseGenerator
    knowledge: KnowledgeSource | None = None
    """Answers questions; None if the project has nothing to answer them from."""

    @property
    def context(self) -> OpenData:
        return build_context(self.state.stack)

    def edit(self) -> StackEditor:
        return StackEditor(self.flows, self.domain, self.state)

    async def say(self, name: str, **variables: SlotValue) -> tuple[Event, ...]:
        """The reply of a response, or nothing where the project has emptied it."""
        message = await self.responses.generate(name, self.state, variables)
        return (BotSpoke(message=message),) if message else ()
