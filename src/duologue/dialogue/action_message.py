"""A message as the action protocol spells it."""

from duologue.core.messages import BotMessage, Button
from duologue.core.values import OpenData


def parse_action_message(response: OpenData) -> BotMessage:
    """What an action said itself, without the response it may name."""
    return BotMessage(
        text=response.get("text") or None,
        buttons=tuple(
            Button(
                title=str(button.get("title", "")),
                payload=str(button.get("payload", button.get("title", ""))),
                extra={key: value for key, value in button.items() if key not in {"title", "payload"}},
            )
            for button in response.get("buttons") or ()
        ),
        image=response.get("image") or None,
        attachment=response.get("attachment") or None,
        elements=tuple(response.get("elements") or ()),
        quick_replies=tuple(response.get("quick_replies") or ()),
        custom=response.get("custom") or {},
    )


def is_empty(message: BotMessage) -> bool:
    """Whether there is nothing to show: an author empties a response to silence it."""
    parts = (
        message.text,
        message.buttons,
        message.image,
        message.attachment,
        message.elements,
        message.quick_replies,
        message.custom,
    )
    return not any(parts)
