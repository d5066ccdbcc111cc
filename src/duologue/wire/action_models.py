"""The bodies of the action protocol as models, for the schemas that are published."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from duologue.wire.event_models import Json, UserText


class Event(Struct):
    """Something that happened in a conversation. Its place is taken by the models of all kinds of events."""


class Button(Struct, kw_only=True):
    """A choice beside a message."""

    title: str
    payload: Annotated[str | None, Meta(description="What the user says by pressing it.")] = None


class Response(Struct, kw_only=True):
    """One message of the assistant. Members beside these are variables of the response that it names."""

    text: Annotated[
        str | int | float | bool | None, Meta(description="Text; a number is shown as it is written.")
    ] = None
    response: Annotated[
        str | None, Meta(description="A response of the domain, which the message is made from.")
    ] = None
    template: Annotated[str | None, Meta(description="An older name of `response`.")] = None
    image: Annotated[str | None, Meta(description="Address of a picture.")] = None
    attachment: Annotated[
        Any, Meta(description="Address of a file, or an object that the channel knows.")
    ] = None
    buttons: list[Button] | None = None
    elements: Annotated[list[Json] | None, Meta(description="Cards of a carousel.")] = None
    quick_replies: list[Json] | None = None
    custom: Annotated[Any, Meta(description="JSON for the channel; an object, as a rule.")] = None


class Answer(Struct, kw_only=True):
    """What an action did."""

    events: Annotated[list[Event] | None, Meta(description="In the order in which they happen.")] = None
    responses: Annotated[list[Response] | None, Meta(description="Said in this order.")] = None


class LatestMessage(Struct, kw_only=True):
    """What the user said last, and what was understood of it."""

    text: UserText | None = None
    intent: Annotated[Json | None, Meta(description="`name` and `confidence`.")] = None
    entities: list[Json] | None = None
    intent_ranking: list[Json] | None = None
    commands: list[Json] | None = None
    message_id: str | None = None
    metadata: Json | None = None


class Tracker(Struct, kw_only=True):
    """The conversation as it is when the action runs."""

    sender_id: Annotated[str, Meta(description="The conversation.")]
    slots: Annotated[Json, Meta(description="The value of every slot; null for an empty one.")]
    latest_message: LatestMessage | None = None
    events: Annotated[
        list[Event] | None, Meta(description="The latest events, oldest first; callers bound their number.")
    ] = None
    paused: bool = False
    followup_action: str | None = None
    active_loop: Annotated[Json | None, Meta(description="The active form: its `name`, or nothing.")] = None
    active_form: Annotated[Json | None, Meta(description="An older name of `active_loop`.")] = None
    latest_action_name: str | None = None
    latest_action: Json | None = None
    latest_input_channel: str | None = None
    latest_event_time: float | None = None
    stack: Annotated[list[Json] | None, Meta(description="The dialogue stack, bottom first.")] = None
    user_id: str | None = None
    current_session_id: str | None = None
    conversation_started_timestamp: float | None = None
    inactive: bool | None = None
    terminated: bool | None = None


class Domain(Struct, kw_only=True):
    """The assistant's domain, every default spelled out."""

    config: Json | None = None
    session_config: Json | None = None
    intents: Annotated[list[str | Json] | None, Meta(description="Names, or a name with its options.")] = None
    entities: list[str | Json] | None = None
    slots: dict[str, Json] | None = None
    responses: dict[str, list[Json]] | None = None
    actions: list[str | Json] | None = None
    forms: Json | None = None
    e2e_actions: list[str | Json] | None = None


class Call(Struct, kw_only=True):
    """One call of one action."""

    next_action: Annotated[
        str | None, Meta(description="The action to run; without one, the answer is null.")
    ] = None
    sender_id: Annotated[str | None, Meta(description="The conversation.")] = None
    tracker: Tracker | None = None
    domain: Annotated[
        Domain | None, Meta(description="Left out where the server is known to have it, by its digest.")
    ] = None
    domain_digest: Annotated[
        str | None, Meta(description="Stands for the domain: the same digest, the same domain.")
    ] = None
    version: Annotated[
        str | None, Meta(description="The version of Rasa's protocol that the caller speaks.")
    ] = None
    idempotency_key: Annotated[
        str | None, Meta(description="The same when a call is made again, as the header Idempotency-Key.")
    ] = None


class Refusal(Struct, kw_only=True):
    """Why an action did not run."""

    error: str
    action_name: str


class InvalidRequest(Struct, kw_only=True):
    """The body is no call."""

    error: str


class Failure(Struct, kw_only=True):
    """The action, or the server, failed."""

    error: str
    action_name: str | None = None
    request_body: Annotated[
        Any, Meta(description="The call; servers of Duologue tell back `next_action` and `sender_id` alone.")
    ] = None


class ActionName(Struct, kw_only=True):
    """One action that the server has."""

    name: str


class Health(Struct, kw_only=True):
    """The server is well."""

    status: Annotated[str, Meta(examples=["ok"])]
