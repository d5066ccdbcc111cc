"""What nobody uses: slots, responses and actions, as warnings."""

from duologue.flows.patterns import DEFAULT_ACTIONS
from duologue.project.checks.subject import Subject

_SAID_BY_DEFAULT_ACTIONS = frozenset(("utter_ask_rephrase", "utter_back", "utter_default", "utter_restart"))
"""A classic assistant says them when something is not understood, taken back or begun anew."""


def check_leftovers(subject: Subject) -> None:
    """Warn of what is declared and never used; runs last, when all uses are known."""
    if not subject.own_flows and not _has_stories(subject):
        return
    if _has_stories(subject):
        subject.used_responses |= _SAID_BY_DEFAULT_ACTIONS
        _note_questions(subject)
    _check_actions(subject)
    # Custom actions say responses and use slots; where their code is not here, nobody can tell.
    if subject.has_code or not subject.domain.actions:
        _check_responses(subject)
        _check_slots(subject)


def _has_stories(subject: Subject) -> bool:
    data = subject.definition.training_data
    return bool(data.stories or data.rules)


def _note_questions(subject: Subject) -> None:
    """Code that validates a form may let it ask for any other slot."""
    if not any(f"validate_{form}" in subject.known_actions for form in subject.domain.forms):
        return
    for slot in subject.domain.slots:
        for form in ("", *(f"{name}_" for name in subject.domain.forms)):
            subject.used_responses.add(f"utter_ask_{form}{slot}")
            subject.used_actions.add(f"action_ask_{form}{slot}")


def _check_responses(subject: Subject) -> None:
    for name in subject.reading.own_domain.responses:
        stem = name.partition("/")[0]
        if not ({name, stem} & subject.used_responses) and not _is_known_elsewhere(subject, name):
            subject.problems.warn(
                subject.place_of("response", name),
                f"The response `{name}` is never used.",
                "Remove it, or use it.",
            )


def _check_slots(subject: Subject) -> None:
    for name, slot in subject.reading.own_domain.slots.items():
        if name in subject.used_slots or slot.shared_for_coexistence or _is_known_elsewhere(subject, name):
            continue
        if subject.own_flows:
            subject.problems.warn(
                subject.place_of("slot", name), f"The slot `{name}` is never used.", "Remove it, or use it."
            )


def _check_actions(subject: Subject) -> None:
    for name in subject.domain.actions:
        if (
            name in DEFAULT_ACTIONS
            or name in subject.used_actions
            or name.startswith("validate_")
            or _is_known_elsewhere(subject, name, code=False)
        ):
            continue
        subject.problems.warn(
            subject.place_of("action", name),
            f"The action `{name}` is never run.",
            "Remove it, or run it in a flow."
            if subject.own_flows
            else "Remove it, or run it in a story or a rule.",
        )


def _is_known_elsewhere(subject: Subject, name: str, *, code: bool = True) -> bool:
    """Whether it overrides something of ours, or the project's code mentions it."""
    stock = name.endswith("_rasa") or name in subject.stock_names
    return stock or (code and name in subject.words_of_code)
