"""The REST channel: one JSON object in, a list of messages (or one message a line) out."""

from collections.abc import Iterable, Mapping

import msgspec

from duologue.channels.errors import BadRequestError
from duologue.core.ids import ConversationId, MessageId, UserId
from duologue.core.messages import BotMessage, UserMessage
from duologue.core.values import OpenData
from duologue.wire.encoding import encode_json
from duologue.wire.messages import format_reply

CHANNEL_NAME = "rest"
DEFAULT_SENDER = "default"
LONGEST_SENDER = 255
"""Stores keep the conversation id in a column of this width."""
LONGEST_MESSAGE_ID = 255
EXAMPLE = '{"sender": "anna", "message": "Hello"}'


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    sender: str | int | None = None
    message: str | None = None
    input_channel: str | None = None
    metadata: OpenData | None = None
    message_id: str | int | None = None


class RestChannel:
    """Reads the bodies of `/webhooks/rest/webhook` and writes its replies."""

    name = CHANNEL_NAME

    def parse(self, body: bytes, headers: Mapping[str, str]) -> UserMessage:
        """The message in a request; header names are lower case.

        Raises:
            BadRequestError: the body is not a message of this channel.
        """
        request = _decode(body)
        if request.message is None:
            raise BadRequestError(f'The body has no "message"; send JSON such as {EXAMPLE}.')
        metadata = request.metadata or {}
        user_id = metadata.get("user_id")
        return UserMessage(
            conversation_id=ConversationId(_read_sender(request.sender)),
            text=request.message,
            channel=request.input_channel or self.name,
            message_id=_read_message_id(request.message_id, headers.get("idempotency-key")),
            user_id=UserId(str(user_id)) if user_id is not None else None,
            metadata=metadata,
        )

    def format(self, conversation_id: ConversationId, replies: Iterable[BotMessage]) -> bytes:
        """The replies as one JSON list."""
        return encode_json([part for reply in replies for part in format_reply(reply, conversation_id)])

    def format_lines(self, conversation_id: ConversationId, reply: BotMessage) -> bytes:
        """One reply of a streamed answer: a JSON object a line."""
        return b"".join(encode_json(part) + b"\n" for part in format_reply(reply, conversation_id))


def _decode(body: bytes) -> _Body:
    if not body.strip():
        raise BadRequestError(f"The body is empty; send JSON such as {EXAMPLE}.")
    try:
        return msgspec.json.decode(body, type=_Body)
    except msgspec.ValidationError as error:
        raise BadRequestError(
            f"The body does not fit this channel: {error}; send JSON such as {EXAMPLE}."
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequestError(f"The body is not JSON ({error}); send JSON such as {EXAMPLE}.") from None


def _read_sender(sender: str | int | None) -> str:
    name = DEFAULT_SENDER if sender is None or sender == "" else str(sender)
    if len(name) > LONGEST_SENDER:
        raise BadRequestError(f'The "sender" is longer than {LONGEST_SENDER} characters.')
    return name


def _read_message_id(in_body: str | int | None, in_header: str | None) -> MessageId | None:
    given = str(in_body) if in_body is not None else in_header
    if not given:
        return None
    if len(given) > LONGEST_MESSAGE_ID:
        raise BadRequestError(f"The message id is longer than {LONGEST_MESSAGE_ID} characters.")
    return MessageId(given)
