"""What the REST channel reads in a body."""

import pytest

from duologue.channels.errors import BadRequestError
from duologue.channels.rest import RestChannel
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage, Button, ReplyPiece


@pytest.mark.parametrize(
    ("body", "conversation_id"),
    [
        (b'{"sender": 42, "message": "hi"}', "42"),
        (b'{"sender": "", "message": "hi"}', "default"),
        (b'{"sender": null, "message": "hi"}', "default"),
        (b'{"sender": "team/anna", "message": "hi"}', "team/anna"),
    ],
)
def test_the_sender_names_the_conversation(body: bytes, conversation_id: str) -> None:
    assert RestChannel().parse(body, {}).conversation_id == conversation_id


def test_the_id_in_the_body_wins_over_the_header() -> None:
    body = b'{"message": "hi", "message_id": "body"}'
    assert RestChannel().parse(body, {"idempotency-key": "header"}).message_id == "body"


def test_a_message_id_that_no_store_could_keep_is_refused() -> None:
    with pytest.raises(BadRequestError, match="longer than 255"):
        RestChannel().parse(b'{"message": "hi"}', {"idempotency-key": "k" * 256})


def test_an_empty_message_is_a_message() -> None:
    assert RestChannel().parse(b'{"message": ""}', {}).text == ""


def test_fields_of_a_newer_client_are_passed_over() -> None:
    assert RestChannel().parse(b'{"message": "hi", "later": {"a": 1}}', {}).text == "hi"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (rb'{"sender": "a\u0000b", "message": "hi"}', "sender"),
        (rb'{"message": "hi", "message_id": "\u0000"}', "message id"),
        (rb'{"message": "hi", "metadata": {"user_id": "\u0000"}}', "user_id"),
    ],
)
def test_an_id_with_a_character_that_no_store_knows_is_refused(body: bytes, what: str) -> None:
    with pytest.raises(BadRequestError, match=f"{what}.* holds a character that cannot be stored"):
        RestChannel().parse(body, {})


def test_half_a_surrogate_pair_in_the_header_is_refused() -> None:
    with pytest.raises(BadRequestError, match="cannot be stored"):
        RestChannel().parse(b'{"message": "hi"}', {"idempotency-key": "\ud800"})


@pytest.mark.parametrize("user_id", [b'{"a": 1}', b"[1]", b'"' + b"u" * 256 + b'"'])
def test_a_user_who_cannot_be_named_so_is_refused(user_id: bytes) -> None:
    with pytest.raises(BadRequestError, match="user_id"):
        RestChannel().parse(b'{"message": "hi", "metadata": {"user_id": %b}}' % user_id, {})


def metadata_of_depth(levels: int) -> bytes:
    return b'{"message": "hi", "metadata": {"x": %b}}' % (b"[" * (levels - 1) + b"]" * (levels - 1))


def test_metadata_may_be_nested_sixty_four_levels_deep() -> None:
    assert RestChannel().parse(metadata_of_depth(64), {}).metadata


@pytest.mark.parametrize("levels", [65, 500])
def test_metadata_that_is_nested_deeper_is_refused(levels: int) -> None:
    with pytest.raises(BadRequestError, match="nests more than 64 levels"):
        RestChannel().parse(metadata_of_depth(levels), {})


def test_a_reply_that_is_still_being_said_comes_a_piece_a_line() -> None:
    anna = ConversationId("anna")
    first = ReplyPiece(number=1, message=BotMessage(text="One "))
    second = ReplyPiece(
        number=1, message=BotMessage(text="two", buttons=(Button(title="More", payload="/more"),))
    )
    last = ReplyPiece(number=1, message=BotMessage(text="One two"), is_last=True)
    lines = [RestChannel().format_lines(anna, piece) for piece in (first, second, last)]
    assert lines == [
        b'{"recipient_id":"anna","stream_id":1,"text":"One "}\n',
        b'{"recipient_id":"anna","stream_id":1,"text":"two","buttons":[{"title":"More","payload":"/more"}]}\n',
        b'{"recipient_id":"anna","stream_id":1,"is_last":true}\n',
    ]
