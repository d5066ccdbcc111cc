"""What the REST channel reads in a body."""

import pytest

from duologue.channels.errors import BadRequestError
from duologue.channels.rest import RestChannel


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
