"""Classic assistants: forms, stories, rules and NLU data name only what exists."""

from duologue.project.checks.nlu_data import check_nlu_data
from duologue.project.checks.stories import check_stories
from duologue.project.checks.subject import BUILTIN_INTENTS, Subject
from duologue.project.fields import is_scalar, text_of
from duologue.project.problems import Spot, suggest_name

_EXTERNAL = "EXTERNAL"
"""Intents of this prefix come from other programs, which need no examples."""


def check_classic(subject: Subject) -> None:
    """Check what classic assistants are made of; a flow assistant may hold some of it too."""
    _check_forms(subject)
    check_nlu_data(subject)
    check_stories(subject)
    _check_use_of_intents(subject)
    _check_fallback_actions(subject)


def _check_forms(subject: Subject) -> None:
    for name, form in subject.domain.forms.items():
        spot = subject.place_of("form", name)
        for slot in form.required_slots:
            if subject.require_slot(slot, spot, f"The form `{name}` asks for"):
                _check_form_slot(subject, name, slot, spot)
            subject.used_responses.update((f"utter_ask_{slot}", f"utter_ask_{name}_{slot}"))
            subject.used_actions.update((f"action_ask_{slot}", f"action_ask_{name}_{slot}"))
        subject.used_actions |= {f"validate_{name}", name}
        if name in subject.domain.actions and name not in subject.words_of_code:
            subject.problems.warn(
                subject.place_of("action", name),
                f"The form `{name}` stands under `actions` too, so that an action of that name is run in its place.",
                "Remove it from `actions`, unless you have such an action.",
            )
        for intent in form.ignored_intents:
            if intent not in subject.known_intents:
                subject.problems.warn(
                    spot,
                    f"The form `{name}` ignores the intent `{intent}`, which the domain does not declare.",
                    suggest_name(intent, subject.known_intents),
                )


def _check_form_slot(subject: Subject, form: str, slot: str, spot: Spot) -> None:
    """Something asks for the slot, and something fills it; the form's own code may do both."""
    if f"validate_{form}" in subject.known_actions:
        return
    if not any(subject.has_response(f"utter_ask_{name}") for name in (slot, f"{form}_{slot}")) and not any(
        f"action_ask_{name}" in subject.known_actions for name in (slot, f"{form}_{slot}")
    ):
        subject.problems.warn(
            spot,
            f"Nothing asks for the slot `{slot}` of the form `{form}`.",
            f"Define the response `utter_ask_{slot}`.",
        )
    if not subject.domain.slots[slot].mappings and not subject.own_flows:
        subject.problems.warn(
            spot,
            f"Nothing fills the slot `{slot}` of the form `{form}`: it has no mappings.",
            "Add one under `mappings:` of the slot.",
        )


def _check_use_of_intents(subject: Subject) -> None:
    """In an assistant of stories, an intent that none of them waits for leads nowhere."""
    if subject.own_flows or not subject.definition.is_classic:
        return
    data = subject.definition.training_data
    used = subject.used_intents | _list_mapped_intents(subject)
    taught = {example.intent.partition("/")[0] for example in data.examples}
    sent = _list_sent_intents(subject)
    for name in subject.domain.intents:
        spot = subject.place_of("intent", name)
        if name in BUILTIN_INTENTS or name.startswith(_EXTERNAL):
            continue
        if taught and name not in taught and name not in sent:
            # An entry without examples has been named already.
            if subject.reading.places.find("example", name) is None:
                subject.problems.warn(
                    spot, f"The intent `{name}` has no examples.", "Add some, or remove it."
                )
        elif (data.stories or data.rules) and name not in used and not subject.domain.forms:
            # Where there are forms, an intent may do nothing but carry entities into one.
            subject.problems.warn(
                spot, f"No story or rule waits for the intent `{name}`.", "Use it, or remove it."
            )


def _list_sent_intents(subject: Subject) -> set[str]:
    """Intents that buttons send, or that the project's code names."""
    payloads = (
        button.payload
        for variations in subject.domain.responses.values()
        for variation in variations
        for button in variation.buttons
    )
    sent = {payload.removeprefix("/").partition("{")[0] for payload in payloads if payload.startswith("/")}
    return sent | (subject.words_of_code & subject.domain.intents.keys())


def _list_mapped_intents(subject: Subject) -> set[str]:
    """Intents that fill slots, or that forms leave alone."""
    names = {intent for form in subject.domain.forms.values() for intent in form.ignored_intents}
    for slot in subject.domain.slots.values():
        for mapping in slot.mappings:
            names.update(mapping.intents, mapping.not_intents)
    return names


def _check_fallback_actions(subject: Subject) -> None:
    """Responses and actions that the configuration names are in use."""
    for component in (
        *(subject.definition.config.policies or ()),
        *(subject.definition.config.pipeline or ()),
    ):
        names = {text_of(value) for value in component.options.values() if is_scalar(value)}
        subject.used_actions |= names
        subject.used_responses |= names
