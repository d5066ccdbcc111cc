"""How a slot wants a date or a time that was said in words: as it was said, or in the form that its author names."""

import re
from datetime import date

from duologue.flows.offers import Offers
from duologue.flows.steps import CollectStep
from duologue.understanding.answers.answer import Span
from duologue.understanding.lexicon.calendar_words import MONTHS
from duologue.understanding.text_features import fold_in_place

ISO = "%Y-%m-%d"
AS_SAID = ""
"""Nobody asks for a form, so the user's own words are the value."""

_PARTS = {"d": "%d", "m": "%m", "yyyy": "%Y", "jjjj": "%Y", "yy": "%y", "t": "%d", "tt": "%d"}
_PATTERN = re.compile(
    r"\b(yyyy|yy|jjjj|dd?|tt?|mm?)([-/. ])(dd?|tt?|mm?)\2(yyyy|yy|jjjj|dd?|tt?)\b", re.IGNORECASE
)
_DIGITS = re.compile(r"\bmatches\b.*(?:\\d|\[0-9\])", re.DOTALL)


def find_date_form(slot: str, offers: Offers) -> str:
    """The form that the slot's collect step asks for, as for `strftime`; empty where the user's words will do."""
    if f"validate_{slot}" in offers.domain.custom_actions:
        # Code that checks the value reads digits more easily than words.
        return ISO
    steps = [
        step
        for flow in offers.flows.flows_by_slot.get(slot, ())
        for step in flow.steps
        if isinstance(step, CollectStep) and step.slot == slot
    ]
    said = " ".join(step.description or "" for step in steps)
    if match := _PATTERN.search(said):
        parts = (_PARTS.get(part.lower()) or _PARTS[part.lower()[0]] for part in match.group(1, 3, 4))
        return match[2].join(parts)
    conditions = [str(rejection.condition) for step in steps for rejection in step.rejections]
    if re.search(r"\biso\b|\bhh\b", said, re.IGNORECASE) or any(_DIGITS.search(one) for one in conditions):
        return ISO
    return AS_SAID


def write_date(text: str, span: Span, iso: str | None, form: str) -> str:
    """The words of a date in the form that is asked for; a date that is not known stays as it was said."""
    if form and iso is not None:
        return date.fromisoformat(iso).strftime(form)
    start, end = span
    if (around := _AROUND.search(fold_in_place(text[:start]))) is not None:
        start = around.start(1)
    if (following := _FOLLOWING.match(fold_in_place(text[end:]))) is not None:
        end += following.end()
    return _LEAD.sub("", text[start:end].strip())


def write_time(text: str, span: Span, clock: str, form: str) -> str:
    """The words of a time of day; the clock where a form is asked for."""
    return clock if form else text[slice(*span)].strip()


# `any Saturday in September`, `the Monday after`, `Tuesday evening`: what belongs to a date beside the day itself.
_AROUND = re.compile(r"\b((?:any|every|each|some|jeden|irgendein)\s+)$")
_FOLLOWING = re.compile(
    r"\s+(?:early |late |fruh |spat )?(?:morning|noon|afternoon|evening|night|vormittag|mittag|nachmittag|abend|nacht|fruh)\b"
    rf"|\s+(?:after(?: next)?|before|danach|davor)\b(?=\W*$)|\s+(?:in|of|im) (?:{'|'.join(MONTHS)})\b"
)
_LEAD = re.compile(r"(?:(?:on|am|by|the|den|dem)\s+)+(?=\S)", re.IGNORECASE)
