"""What the user wants, in a closed vocabulary; understanding proposes these, the flows decide."""

import msgspec

from duologue.core.values import OpenData, SlotValue


class _Command(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="command"):
    pass


class StartFlow(_Command, tag="start flow", frozen=True, kw_only=True):
    flow: str
    is_explicit: bool = False
    """Asked for by an exact payload: the flow's guard does not count."""


class CancelFlow(_Command, tag="cancel flow", frozen=True, kw_only=True):
    pass


class SetSlot(_Command, tag="set slot", frozen=True, kw_only=True):
    name: str
    value: SlotValue = None
    extractor: str = "LLM"
    """Who read the value: `LLM`, `NLU`, `LOCAL` (our local understander) or `BUTTON` (an exact payload)."""


class CorrectSlots(_Command, tag="correct slots", frozen=True, kw_only=True):
    corrected_slots: tuple[SetSlot, ...]


class Clarify(_Command, tag="clarify", frozen=True, kw_only=True):
    options: tuple[str, ...] = ()
    """Flow ids to choose from."""


class CannotHandle(_Command, tag="cannot handle", frozen=True, kw_only=True):
    reason: str = "cannot_handle_default"


class ChitChat(_Command, tag="chitchat", frozen=True, kw_only=True):
    pass


class KnowledgeAnswer(_Command, tag="knowledge", frozen=True, kw_only=True):
    pass


class HumanHandoff(_Command, tag="human handoff", frozen=True, kw_only=True):
    pass


class SkipQuestion(_Command, tag="skip question", frozen=True, kw_only=True):
    pass


class RepeatBotMessages(_Command, tag="repeat bot messages", frozen=True, kw_only=True):
    pass


class SessionStart(_Command, tag="session start", frozen=True, kw_only=True):
    pass


class SessionEnd(_Command, tag="session end", frozen=True, kw_only=True):
    pass


class UserSilence(_Command, tag="user silence", frozen=True, kw_only=True):
    pass


class Restart(_Command, tag="restart", frozen=True, kw_only=True):
    pass


class HandleCodeChange(_Command, tag="handle code change", frozen=True, kw_only=True):
    pass


class ReportError(_Command, tag="error", frozen=True, kw_only=True):
    error_type: str = "rasa_internal_error_default"
    info: OpenData = {}


class Noop(_Command, tag="noop", frozen=True, kw_only=True):
    pass


class ChangeFlow(_Command, tag="change flow", frozen=True, kw_only=True):
    pass


Command = (
    StartFlow
    | CancelFlow
    | SetSlot
    | CorrectSlots
    | Clarify
    | CannotHandle
    | ChitChat
    | KnowledgeAnswer
    | HumanHandoff
    | SkipQuestion
    | RepeatBotMessages
    | SessionStart
    | SessionEnd
    | UserSilence
    | Restart
    | HandleCodeChange
    | ReportError
    | Noop
    | ChangeFlow
)
"""The closed set of commands; the tags are the `command` names of `parse_data.commands`."""
