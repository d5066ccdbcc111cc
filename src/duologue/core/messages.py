"""What a person says to the assistant and what the assistant says back."""

import msgspec

from duologue.core.ids import ConversationId, MessageId, UserId
from duologue.core.reminders import Reminder
from duologue.core.values import OpenData


class UserMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message as a channel received it."""

    conversation_id: ConversationId
    text: str
    channel: str = "rest"
    message_id: MessageId | None = None
    """The platform's own id; the same id in the same conversation never makes a second turn."""
    user_id: UserId | None = None
    metadata: OpenData = {}
    reminder: Reminder | None = None
    """The reminder that came due: then nobody said anything. Channels leave it alone."""


class Button(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A choice offered beside a reply; pressing it sends `payload` as the user's text."""

    title: str
    payload: str
    extra: OpenData = {}
    """Further keys of the author, passed to the channel unchanged."""


class BotMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One reply; a channel that cannot show a part degrades it to text."""

    text: str | None = None
    buttons: tuple[Button, ...] = ()
    image: str | None = None
    attachment: object = None
    elements: tuple[object, ...] = ()
    quick_replies: tuple[object, ...] = ()
    custom: OpenData = {}
    response: str | None = None
    """Name of the domain response it was made from, if any."""
    metadata: OpenData = {}


class ReplyPiece(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a reply that is still being said.

    Who shows replies only as a whole passes over all pieces but the last, whose message is the whole reply.
    """

    number: int
    """Which of the turn's streamed replies it belongs to, counted from 1."""
    message: BotMessage
    """What the piece adds; of the last one, the whole reply."""
    is_last: bool = False
