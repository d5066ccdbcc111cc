"""The REST channel: one JSON object in, a list of messages (or one message a line) out."""

from collections.abc import Iterable, Mapping

import msgspec

from duologue.channels.errors import BadRequestError
from duologue.core.ids import ConversationId, MessageId, UserId
from duologue.core.messages import BotMessage, ReplyPiece, UserMessage
from duologue.core.values import OpenData
from duologue.wire.encoding import encode_json
from duologue.wire.members import is_list, is_object
from duologue.wire.messages import format_piece, format_reply

CHANNEL_NAME = "rest"
DEFAULT_SENDER = "default"
LONGEST_ID = 255
"""Characters of a sender, a message id, a user id: stores keep them in columns of this width."""
DEEPEST_METADATA = 64
"""Levels of lists and objects: what is nested deeper might not be read again."""
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
        metadata = _check_depth(request.metadata or {})
        return UserMessage(
            conversation_id=ConversationId(_read_sender(request.sender)),
            text=request.message,
            channel=request.input_channel or self.name,
            message_id=_read_message_id(request.message_id, headers.get("idempotency-key")),
            user_id=_read_user_id(metadata.get("user_id")),
            metadata=metadata,
        )

    def format(self, conversation_id: ConversationId, replies: Iterable[BotMessage]) -> bytes:
        """The replies as one JSON list."""
        return encode_json([part for reply in replies for part in format_reply(reply, conversation_id)])

    def format_lines(self, conversation_id: ConversationId, reply: BotMessage | ReplyPiece) -> bytes:
        """One reply of a streamed answer, or a piece of one: a JSON object a line."""
        if isinstance(reply, ReplyPiece):
            return encode_json(format_piece(reply, conversation_id)) + b"\n"
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
    except UnicodeDecodeError:
        raise BadRequestError(f"The body is not UTF-8 text; send JSON such as {EXAMPLE}.") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadRequestError(f"The body is not JSON ({error}); send JSON such as {EXAMPLE}.") from None


def _read_sender(sender: str | int | None) -> str:
    name = DEFAULT_SENDER if sender is None or sender == "" else str(sender)
    return _check_id(name, 'The "sender"')


def _read_message_id(in_body: str | int | None, in_header: str | None) -> MessageId | None:
    given = str(in_body) if in_body is not None else in_header
    return MessageId(_check_id(given, "The message id")) if given else None


def _read_user_id(user_id: object) -> UserId | None:
    if user_id is None:
        return None
    if not isinstance(user_id, str | int):
        raise BadRequestError('The "user_id" in the metadata must be a text or a number.')
    return UserId(_check_id(str(user_id), 'The "user_id" in the metadata'))


def _check_id(text: str, what: str) -> str:
    if len(text) > LONGEST_ID:
        raise BadRequestError(f"{what} is longer than {LONGEST_ID} characters.")
    # Stores know neither NUL nor half a surrogate pair.
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise BadRequestError(f"{what} holds a character that cannot be stored.")
    return text


def _check_depth(metadata: OpenData) -> OpenData:
    level: list[object] = [metadata]
    for _ in range(DEEPEST_METADATA):
        level = [item for value in level for item in _list_items(value)]
        if not level:
            return metadata
    raise BadRequestError(f'The "metadata" nests more than {DEEPEST_METADATA} levels deep.')


def _list_items(value: object) -> Iterable[object]:
    if is_object(value):
        return value.values()
    return value if is_list(value) else ()
