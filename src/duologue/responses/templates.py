"""Responses made from the templates of the domain."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from duologue.core.domain import Domain, ResponseButton, Variation
from duologue.core.messages import BotMessage, Button
from duologue.core.state import State
from duologue.core.templates import render_jinja, render_jinja_data, render_plain, render_plain_data
from duologue.core.values import OpenData, SlotValue
from duologue.flows.editing import build_context
from duologue.responses.selection import select_variation

LANGUAGE_SLOT = "language"


class TemplateResponseGenerator:
    """Fills the domain's templates; the default `ResponseGenerator`."""

    def __init__(
        self, domain: Domain, *, choose: Callable[[Sequence[Variation]], Variation] = random.choice
    ) -> None:
        self._domain = domain
        self._choose = choose

    def has_response(self, name: str) -> bool:
        return name in self._domain.responses

    async def generate(self, name: str, state: State, variables: OpenData) -> BotMessage | None:
        """The message, in the user's language where the author translated it."""
        slots = self._domain.get_slot_values(state.slots)
        context = build_context(state.stack)
        variation = select_variation(
            self._domain.responses.get(name, ()),
            slots=slots,
            context=context,
            channel=state.channel,
            choose=self._choose,
        )
        if variation is None:
            return None
        filling = _Filling(variation, slots, context, variables)
        return filling.fill(name, variation, slots.get(LANGUAGE_SLOT))


class _Filling:
    """Puts values into every part of one variation."""

    def __init__(
        self,
        variation: Variation,
        slots: Mapping[str, SlotValue],
        context: OpenData,
        variables: OpenData,
    ) -> None:
        self._is_jinja = variation.metadata.get("template") == "jinja"
        self._slots = {**slots, **variables}
        self._context = {**context, **variables}
        # A plain template may name what the running pattern is about, as `{canceled_name}`.
        self._values = {**context, **self._slots}

    def fill(self, name: str, variation: Variation, language: SlotValue) -> BotMessage:
        text = variation.text
        if isinstance(language, str):
            text = variation.translation.get(language, text)
        return BotMessage(
            text=None if text is None else self._text(text),
            buttons=tuple(self._button(button, language) for button in variation.buttons),
            image=None if variation.image is None else self._text(variation.image),
            attachment=self._any(variation.attachment),
            elements=tuple(self._any(element) for element in variation.elements),
            quick_replies=tuple(self._any(reply) for reply in variation.quick_replies),
            custom=self._any(variation.custom),
            response=name,
            metadata=variation.metadata,
        )

    def _text(self, text: str) -> str:
        if self._is_jinja:
            return render_jinja(text, slots=self._slots, context=self._context)
        return render_plain(text, self._values)

    def _button(self, button: ResponseButton, language: SlotValue) -> Button:
        translated = button.translation.get(language) if isinstance(language, str) else None
        title = (translated and translated.title) or button.title
        payload = (translated and translated.payload) or button.payload
        return Button(title=self._text(title), payload=self._text(payload), extra=self._any(button.extra))

    def _any(self, value: Any) -> Any:  # open data of the author: strings inside are templates too
        if not value:
            return value
        if self._is_jinja:
            return render_jinja_data(value, slots=self._slots, context=self._context)
        return render_plain_data(value, self._values)
