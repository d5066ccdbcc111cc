"""Custom actions that answer from a test instead of being run."""

from collections.abc import Mapping, Sequence

from duologue.core.errors import ActionError
from duologue.core.events import Event
from duologue.core.ids import ConversationId
from duologue.core.values import OpenData
from duologue.ports.action_runner import ActionCall, ActionResult, ActionRunner
from duologue.project.e2e_tests import StubbedAction
from duologue.wire.events import parse_event


class StubActionRunner:
    """Answers with the stubs of the conversation that calls; any other action goes to the runner behind it.

    The runner behind is borrowed, so it is not closed here.
    """

    def __init__(
        self, fallback: ActionRunner | None = None, *, stubs: Mapping[str, StubbedAction] | None = None
    ) -> None:
        self._fallback = fallback
        self._everywhere = dict(stubs or {})
        self._by_conversation: dict[ConversationId, Mapping[str, StubbedAction]] = {}
        self._known: frozenset[str] | None = None
        self.missing: dict[str, None] = {}
        """Actions that were called and that nobody could run, in the order of the calls."""

    def stub_for(self, conversation_id: ConversationId, stubs: Mapping[str, StubbedAction]) -> None:
        """Use these stubs in one conversation, over those that hold everywhere."""
        self._by_conversation[conversation_id] = stubs

    async def run(self, call: ActionCall) -> ActionResult:
        stub = self._find_stub(call)
        if stub is not None:
            return ActionResult(events=read_events(stub.events), responses=stub.responses)
        if self._fallback is None or not await self._is_known(call.action_name):
            self.missing[call.action_name] = None
            raise ActionError(
                f"The action {call.action_name!r} is not here; add its code, or a stub for it under"
                " `stub_custom_actions` in the test.",
                action_name=call.action_name,
            )
        return await self._fallback.run(call)

    def _find_stub(self, call: ActionCall) -> StubbedAction | None:
        own = self._by_conversation.get(call.state.conversation_id, {})
        return own.get(call.action_name) or self._everywhere.get(call.action_name)

    async def _is_known(self, name: str) -> bool:
        if self._fallback is not None and self._known is None:
            self._known = await self._fallback.list_actions()
        # A runner that cannot tell its actions is asked and may refuse.
        return self._known is None or name in self._known

    async def list_actions(self) -> frozenset[str] | None:
        behind = await self._fallback.list_actions() if self._fallback else frozenset[str]()
        if behind is None:
            return None
        own = {name for stubs in self._by_conversation.values() for name in stubs}
        return behind | own | self._everywhere.keys()

    async def close(self) -> None:
        self._by_conversation.clear()


def read_events(events: Sequence[OpenData]) -> tuple[Event, ...]:
    """The events of a stub; `{"event": "slot", …}` as an action server would send them."""
    return tuple(parse_event(event) for event in events)
