"""Responses of the domain: variations, buttons, translations."""

from typing import Any

from duologue.core.domain import ResponseButton, SlotCondition, Translation, Variation
from duologue.project.fields import Fields, describe, is_items, is_mapping, is_scalar, text_of, with_text_keys
from duologue.project.places import Place
from duologue.project.problems import Problems

_VARIATION_KEYS = frozenset(
    (
        "allow_interruptions",
        "attachment",
        "button_type",
        "buttons",
        "channel",
        "condition",
        "custom",
        "elements",
        "id",
        "image",
        "metadata",
        "quick_replies",
        "text",
        "translation",
    )
)
_SAYING_KEYS = ("text", "custom", "image", "attachment", "buttons", "elements", "quick_replies")
_BUTTON_KEYS = frozenset(("title", "payload", "translation"))


def read_response(name: str, value: Any, place: Place, problems: Problems) -> tuple[Variation, ...]:
    """The variations of a response: a list, a lone mapping or a lone text."""
    if value is None or value == []:
        problems.error(place, f"The response `{name}` has no variation.", "Give it a `text`.")
        return ()
    if is_mapping(value) or is_scalar(value):
        problems.warn(place, f"The response `{name}` is not a list.", "Begin each variation with `- `.")
        variation = _read_variation(name, value, place, problems)
        return (variation,) if variation else ()
    if not is_items(value):
        problems.error(place, f"The response `{name}` must be a list of variations.")
        return ()
    variations = (_read_variation(name, item, place.at(index), problems) for index, item in enumerate(value))
    return tuple(variation for variation in variations if variation is not None)


def _read_variation(name: str, value: Any, place: Place, problems: Problems) -> Variation | None:
    if is_scalar(value):
        return Variation(text=text_of(value))
    if not is_mapping(value):
        problems.error(place, f"A variation of `{name}` must be a mapping, not {describe(value)}.")
        return None
    fields = Fields(with_text_keys(value), place, problems)
    if len(fields.data) == 1 and isinstance(text := fields.data.get("text"), str):
        return Variation(text=text)
    fields.warn_unknown(_VARIATION_KEYS, f"A variation of `{name}`")
    if not any(fields.has(key) for key in _SAYING_KEYS):
        problems.warn(place, f"A variation of `{name}` says nothing.", "Give it a `text`.")
    return Variation(
        text=fields.text("text"),
        id=fields.text("id"),
        channel=fields.text("channel"),
        condition=_read_condition(name, fields),
        buttons=tuple(_read_button(name, entry) for entry in fields.entries("buttons")),
        button_type=fields.text("button_type"),
        image=fields.text("image"),
        attachment=fields.data.get("attachment"),
        elements=_read_open_list(fields, "elements"),
        quick_replies=_read_open_list(fields, "quick_replies"),
        custom=_read_custom(fields),
        translation=_read_translation(fields),
        metadata=fields.mapping("metadata"),
        allow_interruptions=fields.flag("allow_interruptions", default=True),
    )


def _read_open_list(fields: Fields, key: str) -> tuple[object, ...]:
    """A list for the channel, which decides what it may hold; a lone mapping is a list of one."""
    value = fields.data.get(key)
    return (value,) if is_mapping(value) else tuple(item for _, item in fields.items(key))


def _read_custom(fields: Fields) -> dict[str, Any]:
    value = fields.data.get("custom")
    # Some channels take a bare list or text; it travels under one key, as Rasa's own channels expect.
    return fields.mapping("custom") if value is None or is_mapping(value) else {"custom": value}


def _read_translation(fields: Fields) -> dict[str, str]:
    return {
        language: text_of(text)
        for language, text in fields.mapping("translation").items()
        if is_scalar(text)
        or fields.refuse_at(fields.place.at("translation", language), "A translation must be a text.")
    }


def _read_condition(name: str, fields: Fields) -> str | tuple[SlotCondition, ...] | None:
    value = fields.data.get("condition")
    if value is None or is_scalar(value):
        return None if value is None else text_of(value)
    conditions: list[SlotCondition] = []
    for entry in fields.entries("condition"):
        slot = entry.text("name")
        if slot is None or entry.data.get("type", "slot") != "slot":
            entry.problems.error(
                entry.place,
                f"A condition of `{name}` is neither a text nor a slot with a value.",
                'Write `condition: slots.name = "value"`.',
            )
            continue
        conditions.append(SlotCondition(name=slot, value=entry.data.get("value")))
    return tuple(conditions)


def _read_button(name: str, fields: Fields) -> ResponseButton:
    title = fields.text("title")
    payload = fields.text("payload")
    if title is None:
        fields.problems.error(fields.place, f"A button of `{name}` has no `title`.")
    if payload is None and not fields.has("url"):
        fields.problems.warn(
            fields.place,
            f"A button of `{name}` has no `payload`; its title is sent instead.",
            "Add `payload`.",
        )
    return ResponseButton(
        title=title or "",
        payload=payload if payload is not None else "" if fields.has("url") else title or "",
        translation=_read_button_translation(fields),
        extra={key: value for key, value in fields.data.items() if key not in _BUTTON_KEYS},
    )


def _read_button_translation(fields: Fields) -> dict[str, Translation]:
    translations: dict[str, Translation] = {}
    inner = fields.child("translation")
    for language, value in inner.data.items():
        if is_scalar(value):
            translations[language] = Translation(title=text_of(value))
        elif is_mapping(value):
            part = inner.child(language)
            part.warn_unknown(("title", "payload"), "The translation of a button")
            translations[language] = Translation(title=part.text("title"), payload=part.text("payload"))
        else:
            inner.refuse(language, "must give a `title` and a `payload`")
    return translations
