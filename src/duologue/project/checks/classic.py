"""Classic assistants: forms, stories, rules and NLU data name only what exists."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from duologue.flows.patterns import DEFAULT_ACTIONS
from duologue.project.checks.subject import Subject
from duologue.project.fields import is_items, is_mapping, is_scalar, text_of
from duologue.project.places import Kind, below
from duologue.project.problems import Spot, suggest_name

_PAYLOAD_INTENT = re.compile(r"/([^{@\s]+)")


def check_classic(subject: Subject) -> None:
    """Check what classic assistants are made of; a flow assistant may hold some of it too."""
    _announce(subject)
    _check_forms(subject)
    _check_intents(subject)
    data = subject.definition.training_data
    collections: tuple[tuple[Kind, tuple[dict[str, Any], ...]], ...] = (
        ("story", data.stories),
        ("rule", data.rules),
        ("test", subject.reading.test_stories),
    )
    for kind, stories in collections:
        for index, story in enumerate(stories):
            _StoryCheck(subject, kind, index).check(story)
    _check_fallback_actions(subject)


def _announce(subject: Subject) -> None:
    data = subject.definition.training_data
    kinds = {"stories": data.stories, "rules": data.rules, "forms": subject.domain.forms}
    named = " and ".join(name for name, found in kinds.items() if found)
    if named:
        subject.problems.warn(
            subject.place_of("config"),
            f"The project has {named}; they are read and checked, but running them is not supported yet.",
        )


def _check_forms(subject: Subject) -> None:
    for name, form in subject.domain.forms.items():
        spot = subject.place_of("form", name)
        for slot in form.required_slots:
            subject.require_slot(slot, spot, f"The form `{name}` asks for")
            subject.used_responses.update((f"utter_ask_{slot}", f"utter_ask_{name}_{slot}"))
            subject.used_actions.update((f"action_ask_{slot}", f"action_ask_{name}_{slot}"))
        subject.used_actions.add(f"validate_{name}")
        for intent in form.ignored_intents:
            if intent not in subject.known_intents:
                subject.problems.warn(
                    spot,
                    f"The form `{name}` ignores the intent `{intent}`, which the domain does not declare.",
                    suggest_name(intent, subject.known_intents),
                )


def _check_intents(subject: Subject) -> None:
    """Intents of the training data are declared, and no sentence teaches two of them."""
    for intent in subject.reading.places.list_names("example"):
        if intent not in subject.known_intents and intent.partition("/")[0] not in subject.known_intents:
            subject.problems.warn(
                subject.place_of("example", intent),
                f"There are examples of the intent `{intent}`, which the domain does not declare.",
                suggest_name(intent, subject.domain.intents) or "Declare it under `intents:`.",
            )
    seen: dict[str, str] = {}
    for example in subject.definition.training_data.examples:
        first = seen.setdefault(example.text, example.intent)
        if first != example.intent:
            subject.problems.warn(
                subject.place_of("example", example.intent),
                f"The example `{example.text[:60]}` stands under `{first}` and under `{example.intent}`.",
                "Keep it under one of them.",
            )


def _check_fallback_actions(subject: Subject) -> None:
    """Responses and actions that the configuration names are in use."""
    for component in (
        *(subject.definition.config.policies or ()),
        *(subject.definition.config.pipeline or ()),
    ):
        names = {text_of(value) for value in component.options.values() if is_scalar(value)}
        subject.used_actions |= names
        subject.used_responses |= names


class _StoryCheck:
    """Looks through one story, rule or test story; what a test asserts may be doubtful, but harms nobody."""

    def __init__(self, subject: Subject, kind: Kind, index: int) -> None:
        self._subject = subject
        self._spot = subject.place_of(kind, str(index))
        self._is_test = kind == "test"

    def check(self, story: dict[str, Any]) -> None:
        for key in ("condition", "steps"):
            for position, step in _list_mappings(story.get(key)):
                self._check_step(step, self._at(key, position))

    def _check_step(self, step: dict[Any, Any], spot: Spot) -> None:
        for alternative in step.get("or") or () if is_items(step.get("or")) else ():
            if is_mapping(alternative):
                self._check_step(alternative, spot)
        for key, check in (
            ("intent", self._check_intent),
            ("action", self._check_action),
            ("active_loop", self._check_loop),
        ):
            if is_scalar(step.get(key)):
                check(text_of(step[key]), spot)
        for name in _list_slots(step.get("slot_was_set")):
            self._check_slot(name, spot)
        for name in _list_entities(step.get("entities")):
            self._check_entity(name, spot)
        if is_scalar(step.get("user")) and "intent" not in step:
            self._check_payload(text_of(step["user"]), spot)

    def _check_intent(self, intent: str, spot: Spot) -> None:
        name = intent.removeprefix("/").partition("{")[0]
        if (
            name not in self._subject.known_intents
            and name.partition("/")[0] not in self._subject.known_intents
        ):
            # An intent that never comes only makes the story useless.
            self._subject.problems.warn(
                spot,
                f"The intent `{name}` is not declared in the domain.",
                suggest_name(name, self._subject.known_intents),
            )

    def _check_payload(self, text: str, spot: Spot) -> None:
        match = _PAYLOAD_INTENT.match(text.strip())
        if match:
            self._check_intent(match[1], spot)

    def _check_action(self, action: str, spot: Spot) -> None:
        subject = self._subject
        subject.used_actions.add(action)
        subject.used_responses.add(action)
        if action in subject.known_actions or subject.has_response(action) or action.startswith("respond_"):
            return
        kind = "response" if action.startswith("utter_") else "action"
        self._note(
            spot,
            f"The {kind} `{action}` is not declared in the domain.",
            suggest_name(action, (*subject.known_actions, *subject.domain.responses)),
        )

    def _check_loop(self, name: str, spot: Spot) -> None:
        self._subject.used_actions.add(name)
        if name not in self._subject.domain.forms and name not in DEFAULT_ACTIONS:
            self._note(
                spot,
                f"The form `{name}` is not declared in the domain.",
                suggest_name(name, self._subject.domain.forms),
            )

    def _check_slot(self, name: str, spot: Spot) -> None:
        self._subject.used_slots.add(name)
        if name not in self._subject.domain.slots:
            self._note(
                spot,
                f"The slot `{name}` is not declared in the domain.",
                suggest_name(name, self._subject.domain.slots),
            )

    def _check_entity(self, name: str, spot: Spot) -> None:
        if name not in self._subject.domain.entities:
            self._subject.problems.warn(
                spot,
                f"The entity `{name}` is not declared in the domain.",
                suggest_name(name, self._subject.domain.entities),
            )

    def _note(self, spot: Spot, message: str, hint: str) -> None:
        note = self._subject.problems.warn if self._is_test else self._subject.problems.error
        note(spot, message, hint)

    def _at(self, *keys: object) -> Spot:
        return below(self._spot, *keys)


def _list_mappings(value: object) -> Iterator[tuple[int, dict[Any, Any]]]:
    if is_items(value):
        for position, item in enumerate(value):
            if is_mapping(item):
                yield position, item


def _list_slots(value: object) -> Iterable[str]:
    """Names in `slot_was_set`, as a list of names, of mappings, or one mapping."""
    if is_mapping(value):
        return [str(name) for name in value]
    names: list[str] = []
    for item in value if is_items(value) else ():
        if is_mapping(item):
            names += [str(name) for name in item]
        elif is_scalar(item):
            names.append(text_of(item))
    return names


def _list_entities(value: object) -> Iterable[str]:
    """Names in `entities`; `role` and `group` beside a name are no entities."""
    names: list[str] = []
    for item in value if is_items(value) else ():
        if is_mapping(item):
            names += [str(name) for name in item if name not in ("role", "group", "value", "start", "end")]
        elif is_scalar(item):
            names.append(text_of(item))
    return names
