"""Responses: one variation always fits, conditions and buttons work, channels exist."""

import re

from duologue.core.domain import Variation
from duologue.core.templates import TemplateError, check_jinja
from duologue.project.checks.conditions import check_condition
from duologue.project.checks.payloads import check_payload
from duologue.project.checks.subject import Subject
from duologue.project.credentials_reader import CHANNELS
from duologue.project.places import Place, below
from duologue.project.problems import Spot, suggest_name

_PLACEHOLDER = re.compile(r"\{(?P<name>[^{}\s]+)\}")
_FEW_BUTTONS = 100


def check_responses(subject: Subject) -> None:
    """Check every response of the project."""
    for name, variations in subject.reading.own_domain.responses.items():
        spot = subject.place_of("response", name)
        if not name.startswith("utter_"):
            subject.problems.warn(spot, f"The name of the response `{name}` does not begin with `utter_`.")
        for position, variation in enumerate(variations):
            place = spot.at(position) if isinstance(spot, Place) else spot
            _check_variation(subject, name, variation, place)
        _check_fallback(subject, name, variations, spot)
        _check_ids(subject, name, variations, spot)


def _check_variation(subject: Subject, name: str, variation: Variation, spot: Spot) -> None:
    if variation.channel is not None and variation.channel not in CHANNELS and "." not in variation.channel:
        subject.problems.warn(
            spot,
            f"`{name}` has a variation for the channel `{variation.channel}`, which is not known.",
            suggest_name(variation.channel, CHANNELS),
        )
    if isinstance(variation.condition, str):
        check_condition(subject, variation.condition, below(spot, "condition"), has_context=True)
    for condition in () if isinstance(variation.condition, str) else variation.condition or ():
        subject.require_slot(condition.name, below(spot, "condition"), "The condition looks at")
    for position, button in enumerate(variation.buttons):
        check_payload(subject, button.payload, below(spot, "buttons", position))
        _check_text(subject, button.title, spot, is_jinja=False)
    if variation.text:
        _check_text(subject, variation.text, spot, is_jinja=variation.metadata.get("template") == "jinja")


def _check_text(subject: Subject, text: str, spot: Spot, *, is_jinja: bool) -> None:
    if is_jinja:
        try:
            check_jinja(text)
        except TemplateError as error:
            subject.problems.error(below(spot, "text"), f"The template cannot be read. {error}")
        subject.used_slots.update(name for name in re.findall(r"slots\.(\w+)", text))
        return
    if "{" not in text:
        return
    for match in _PLACEHOLDER.finditer(text):
        name = match["name"]
        if name in subject.domain.slots:
            subject.used_slots.add(name)
        elif (hint := suggest_name(name, subject.domain.slots)) and not _may_be_passed(subject, name):
            subject.problems.warn(
                below(spot, "text"), f"There is no slot `{name}` to fill `{{{name}}}`.", hint
            )


def _may_be_passed(subject: Subject, name: str) -> bool:
    """Whether a custom action may give the value along: its code names it, or cannot be looked into."""
    if subject.has_code:
        return name in subject.words_of_code
    return bool(subject.domain.actions)


def _check_fallback(subject: Subject, name: str, variations: tuple[Variation, ...], spot: Spot) -> None:
    if variations and all(variation.condition is not None for variation in variations):
        subject.problems.warn(
            spot,
            f"Every variation of `{name}` has a condition; if none is true, nothing can be said.",
            "Add one without a condition.",
        )


def _check_ids(subject: Subject, name: str, variations: tuple[Variation, ...], spot: Spot) -> None:
    ids = [variation.id for variation in variations if variation.id is not None]
    for duplicate in sorted({found for found in ids if ids.count(found) > 1}):
        subject.problems.warn(
            spot, f"`{name}` has several variations with the id `{duplicate}`.", "Ids must differ."
        )
