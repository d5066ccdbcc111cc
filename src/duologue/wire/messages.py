"""Replies as channels and `bot` events spell them."""

from duologue.core.messages import BotMessage, Button, ReplyPiece
from duologue.core.values import OpenData
from duologue.wire.members import Members, is_object, require_object


def format_reply(reply: BotMessage, recipient_id: str) -> list[OpenData]:
    """What the REST channel answers: a reply's parts as messages of their own, in a fixed order.

    Paragraphs become messages of their own too, unless buttons hang on the text.
    """
    parts: list[OpenData] = []
    buttons = list(reply.quick_replies) or [format_button(button) for button in reply.buttons]
    if buttons:
        parts.append({"text": reply.text or "", "buttons": buttons})
    elif reply.text and (text := reply.text.strip()):
        parts.extend({"text": paragraph} for paragraph in text.split("\n\n") if paragraph)
    if reply.custom:
        parts.append({"custom": reply.custom})
    if reply.image:
        parts.append({"image": reply.image})
    if reply.attachment:
        parts.append({"attachment": reply.attachment})
    parts.extend(_describe_element(element) for element in reply.elements if is_object(element))
    return [{"recipient_id": recipient_id, **part} for part in parts]


def format_piece(piece: ReplyPiece, recipient_id: str) -> OpenData:
    """A line about a reply that is still being said: what a piece adds, with the number of its reply in the turn.

    The last line of a reply says that it is complete, and nothing that the pieces before it have not said.
    """
    formatted: OpenData = {"recipient_id": recipient_id, "stream_id": piece.number}
    if piece.is_last:
        return {**formatted, "is_last": True}
    message = piece.message
    if message.text:
        formatted["text"] = message.text
    for name, value in format_reply_data(message).items():
        if value:
            formatted[name] = value
    return formatted


def _describe_element(element: OpenData) -> OpenData:
    text = f"{element.get('title', '')} : {element.get('subtitle', '')}"
    buttons = element.get("buttons")
    return {"text": text, "buttons": buttons} if buttons else {"text": text}


def format_reply_data(reply: BotMessage) -> OpenData:
    """The `data` of a `bot` event; what the reply does not have is null."""
    return {
        "elements": list(reply.elements) or None,
        "quick_replies": list(reply.quick_replies) or None,
        "buttons": [format_button(button) for button in reply.buttons] or None,
        "attachment": reply.attachment,
        "image": reply.image,
        "custom": reply.custom or None,
    }


def parse_reply(text: str | None, data: OpenData, metadata: OpenData) -> BotMessage:
    """The reply of a `bot` event.

    Of the event's metadata, `utter_action` names the response it was made from and `metadata` holds what the
    author wrote there.
    """
    members = Members(data, "the `data` of a `bot` event")
    response = metadata.get("utter_action")
    own_metadata = metadata.get("metadata")
    return BotMessage(
        text=text,
        buttons=tuple(parse_button(item) for item in members.get_list("buttons")),
        image=members.find_text("image"),
        attachment=data.get("attachment"),
        elements=tuple(members.get_list("elements")),
        quick_replies=tuple(members.get_list("quick_replies")),
        custom=_parse_custom(data.get("custom")),
        response=response if isinstance(response, str) else None,
        metadata=own_metadata if is_object(own_metadata) else {},
    )


def _parse_custom(custom: object) -> OpenData:
    if is_object(custom):
        return custom
    return {"custom": custom} if custom else {}


def format_button(button: Button) -> OpenData:
    """A button; one that opens a page has no payload."""
    formatted: OpenData = {"title": button.title}
    if button.payload:
        formatted["payload"] = button.payload
    return {**formatted, **button.extra}


def parse_button(data: object) -> Button:
    """A button, with the members of its author's own in `extra`."""
    item = require_object(data, "A button")
    members = Members(item, "a button")
    extra = {name: value for name, value in item.items() if name not in ("title", "payload")}
    title, payload = members.find_text("title"), members.find_text("payload")
    return Button(title=title or "", payload=payload or "", extra=extra)
