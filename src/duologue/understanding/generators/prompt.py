"""The prompt of a turn: first what never changes, so that providers can keep it, then where the conversation stands."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache, cached_property
from importlib.resources import files
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from duologue.core.generator_options import GeneratorOptions
from duologue.core.stack import FlowFrame
from duologue.core.templates import TemplateError, render_jinja
from duologue.flows.offers import Offers
from duologue.understanding.generators.flow_views import FlowView, FlowViews
from duologue.understanding.generators.prompt_lines import (
    list_flows,
    show_conversation,
    show_filled_slot,
    show_slot,
    show_text,
)
from duologue.understanding.generators.template_variables import list_variables

FLOW_CHARACTERS = 1_000
"""What the flows chosen for a turn may take; about a quarter of it in tokens."""
TOLD_ONCE_CHARACTERS = 8_000
"""What the flows in the part that never changes may take: providers keep that part, and it costs little."""

_GAP = re.compile(r"\n{3,}")
_MESSAGE = 4_000
_MOST_LINES, _USER_LINE, _REPLY_LINE = 6, 200, 140
_MAX_INTERRUPTED = 3

Now: TypeAlias = Callable[[tzinfo], datetime]
"""The time in a zone."""


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is sent."""

    prefix: str
    """The same from turn to turn."""
    text: str


class PromptBuilder:
    """Writes prompts for one assistant."""

    def __init__(
        self,
        views: FlowViews,
        options: GeneratorOptions,
        *,
        shows_all: bool,
        template: str | None = None,
        is_constrained: bool = False,
        now: Now = datetime.now,
    ) -> None:
        """`shows_all`: every flow fits into the prompt, so that they can be told once and for all.

        `template` is a prompt of the project's own, sent whole.
        """
        self._views = views
        self._options = options
        self._shows_all = shows_all
        self._template = template
        self._is_constrained = is_constrained
        self._now = now
        self._zone = find_zone(options.timezone)

    @cached_property
    def prefix(self) -> str:
        """Role, actions, rules, and the flows that are shown on every turn."""
        budget = TOLD_ONCE_CHARACTERS if self._options.flow_retrieval.active else None
        values = {
            "flows": list_flows(self._told_once, budget=budget),
            "is_constrained": self._is_constrained,
        }
        return _render(f"instructions_{self._options.dsl}", values)

    @cached_property
    def _told_once(self) -> list[FlowView]:
        return sorted(
            (
                view
                for view in self._views.by_id.values()
                if self._shows_all or (view.is_always_shown and not view.has_guard)
            ),
            key=lambda view: view.flow_id,
        )

    def build(self, text: str, offers: Offers, shown: Sequence[FlowView]) -> Prompt:
        """The prompt for a message.

        Raises:
            TemplateError: a prompt of the project's own cannot be rendered.
        """
        now = self._tell_time(offers) if self._options.include_date_time else None
        if self._template is not None:
            variables = list_variables(text, offers, shown, self._views, now)
            rendered = render_jinja(self._template, values=variables).strip()
            if not rendered:
                raise TemplateError("the prompt template renders to nothing")
            return Prompt(prefix="", text=rendered)
        values = self._describe_state(text, offers, shown)
        values["now"] = f"{now:%A, %Y-%m-%d, %H:%M} ({self._options.timezone})" if now else None
        return Prompt(prefix=self.prefix, text=_render("turn", values))

    def _describe_state(self, text: str, offers: Offers, shown: Sequence[FlowView]) -> dict[str, object]:
        told = {view.flow_id for view in self._told_once}
        open_now = {view.flow_id for view in shown}
        active = self._views.find(offers.active_flow.id) if offers.active_flow else None
        slots = self._views.list_active_slots(offers)
        asked = next((slot for slot in slots if offers.question and slot.name == offers.question.slot), None)
        more = [view for view in shown if view.flow_id not in told and view is not active]
        return {
            "flows": list_flows(more, budget=FLOW_CHARACTERS),
            # Told once, whatever their guards say: so the part that never changes stays the same.
            "closed": [
                view.flow_id
                for view in self._told_once
                if view.has_guard and view is not active and view.flow_id not in open_now
            ],
            "active": f"{active.flow_id}: {active.description}" if active else None,
            "interrupted": _list_interrupted(offers),
            "slots": [show_filled_slot(slot, offers.slots.get(slot.name)) for slot in slots],
            "asked": show_slot(asked) if asked else None,
            "conversation": show_conversation(
                offers.state.transcript, most=_MOST_LINES, user_limit=_USER_LINE, reply_limit=_REPLY_LINE
            ),
            "message": show_text(text, _MESSAGE),
        }

    def _tell_time(self, offers: Offers) -> datetime:
        """Now, or the time that a test of the project pretends it is."""
        pretended = offers.slots.get("mocked_datetime")
        if isinstance(pretended, str):
            try:
                moment = datetime.fromisoformat(pretended)
            except ValueError:
                return self._now(self._zone)
            return moment.astimezone(self._zone) if moment.tzinfo else moment.replace(tzinfo=self._zone)
        return self._now(self._zone)


def find_zone(name: str) -> tzinfo:
    """The time zone; UTC where the machine does not know it."""
    if name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _list_interrupted(offers: Offers) -> list[str]:
    active = offers.active_flow.id if offers.active_flow else None
    waiting = (frame.flow_id for frame in reversed(offers.state.stack) if isinstance(frame, FlowFrame))
    return [flow_id for flow_id in dict.fromkeys(waiting) if flow_id != active][:_MAX_INTERRUPTED]


def _render(name: str, values: Mapping[str, object]) -> str:
    """One of our own prompts; parts that are left out leave no gaps."""
    return _GAP.sub("\n\n", render_jinja(_read_template(name), values=values)).strip()


@cache
def _read_template(name: str) -> str:
    return (files("duologue.understanding.generators") / "prompts" / f"{name}.jinja2").read_text(
        encoding="utf-8"
    )
