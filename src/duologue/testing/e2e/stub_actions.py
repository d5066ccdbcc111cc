"""Custom actions that answer from a test instead of being run."""

import sysconfig
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from duologue.core.errors import ActionError, ActionRejectedError
from duologue.core.events import Event
from duologue.core.ids import ConversationId
from duologue.core.values import OpenData
from duologue.ports.action_runner import ActionCall, ActionResult, ActionRunner
from duologue.project.e2e_tests import StubbedAction
from duologue.wire.events import parse_event

_OUR_CODE = Path(__file__).parents[2]
_STANDARD_LIBRARY = Path(sysconfig.get_path("stdlib"))


class ActionTrouble(msgspec.Struct, frozen=True, kw_only=True):
    """An action that a test needed and that did not run to its end."""

    action: str
    reason: str
    is_missing: bool = False
    """Nobody could run it; otherwise it failed."""


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
        self._troubles: dict[ConversationId, dict[ActionTrouble, None]] = {}
        self._known: frozenset[str] | None = None

    def stub_for(self, conversation_id: ConversationId, stubs: Mapping[str, StubbedAction]) -> None:
        """Use these stubs in one conversation, over those that hold everywhere."""
        self._by_conversation[conversation_id] = stubs

    def forget(self, conversation_id: ConversationId) -> tuple[ActionTrouble, ...]:
        """Let go of a conversation that has ended; its troubles with actions, in the order of the calls."""
        self._by_conversation.pop(conversation_id, None)
        return tuple(self._troubles.pop(conversation_id, ()))

    async def run(self, call: ActionCall) -> ActionResult:
        stub = self._find_stub(call)
        if stub is not None:
            return ActionResult(events=read_events(stub.events), responses=stub.responses)
        if self._fallback is None or not await self._is_known(call.action_name):
            reason = "its code is not here, and no test stubs it"
            self._note(call, ActionTrouble(action=call.action_name, reason=reason, is_missing=True))
            raise ActionError(
                f"The action {call.action_name!r} is not here; add its code, or a stub for it under"
                " `stub_custom_actions` in the test.",
                action_name=call.action_name,
            )
        try:
            return await self._fallback.run(call)
        except ActionRejectedError:
            raise
        except ActionError as error:
            self._note(call, ActionTrouble(action=call.action_name, reason=_explain(error)))
            raise

    def _note(self, call: ActionCall, trouble: ActionTrouble) -> None:
        self._troubles.setdefault(call.state.conversation_id, {})[trouble] = None

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


def _explain(error: ActionError) -> str:
    """What was raised first, and where in the author's code: a test may tell it, unlike a conversation's record."""
    first: BaseException = error
    while first.__cause__ is not None:
        first = first.__cause__
    frames = [frame for frame in traceback.extract_tb(first.__traceback__) if _is_of_author(frame.filename)]
    if not frames:
        return str(error)
    last = frames[-1]
    file = Path(last.filename)
    shown = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
    return f"{type(first).__name__}: {first} ({shown}:{last.lineno}, in {last.name})"


def _is_of_author(filename: str) -> bool:
    """Whether a file is neither ours nor of a library."""
    path = Path(filename)
    if "site-packages" in path.parts or filename.startswith("<"):
        return False
    return not any(path.is_relative_to(folder) for folder in (_OUR_CODE, _STANDARD_LIBRARY))


def read_events(events: Sequence[OpenData]) -> tuple[Event, ...]:
    """The events of a stub; `{"event": "slot", …}` as an action server would send them."""
    return tuple(parse_event(event) for event in events)
