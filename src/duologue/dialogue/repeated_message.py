"""The user's latest message once more, after what led to it was taken back."""

from msgspec.structs import replace

from duologue.core.events import REPEATED, UserSpoke
from duologue.core.state import State


def repeat_message(state: State) -> UserSpoke | None:
    """The message with an intent that is certain now; None if nobody has spoken.

    It has no message id: that belongs to the first time.
    """
    message = state.last_message
    if message is None:
        return None
    understanding = message.understanding
    intent = replace(understanding.intent, confidence=1.0) if understanding.intent else None
    return UserSpoke(
        text=message.text,
        understanding=replace(understanding, intent=intent),
        channel=state.channel,
        user_id=state.user_id,
        metadata={**message.metadata, REPEATED: True},
    )
