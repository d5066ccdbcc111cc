"""What the flows of an assistant say about themselves, for the matcher."""

from collections.abc import Iterable, Mapping, Sequence

from duologue.core.slots import Slot
from duologue.flows.flow import Flow, Flows
from duologue.flows.steps import CollectStep
from duologue.understanding.flow_matcher import FlowMatcher, FlowText, FlowTranslation
from duologue.understanding.text_features import tokenise


def build_matcher(
    flows: Flows,
    examples: Iterable[tuple[str, str]],
    languages: Sequence[str],
    slots: Mapping[str, Slot] | None = None,
) -> FlowMatcher:
    """A matcher over the project's flows; see `describe_flows`."""
    texts = describe_flows(flows, examples, slots or {})
    return FlowMatcher.build(texts, languages=tuple(language.split("-")[0] for language in languages))


def describe_flows(
    flows: Flows, examples: Iterable[tuple[str, str]], slots: Mapping[str, Slot]
) -> list[FlowText]:
    """What every flow that can be asked for says about itself.

    `examples` are (intent, sentence), counted for the flows they trigger; the values of `slots` speak for the flows
    that collect them.
    """
    by_intent: dict[str, list[str]] = {}
    for intent, text in examples:
        by_intent.setdefault(intent, []).append(text)
    return [
        _describe(flow, by_intent, slots) for flow in flows.user_flows.values() if flow.guard is not False
    ]


def list_wordings(flows: Flows, examples: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Whole sentences, normalised, that ask for one flow only: its names and its examples."""
    found: dict[str, str | None] = {}

    def note(sentence: str, flow_id: str) -> None:
        key = normalise_wording(sentence)
        found[key] = flow_id if found.get(key, flow_id) == flow_id else None

    by_intent = {
        trigger.intent: flow.id for flow in flows.user_flows.values() for trigger in flow.nlu_triggers
    }
    for flow in flows.user_flows.values():
        for name in (flow.name, *flow.translations.values()):
            note(name, flow.id)
    for intent, sentence in examples:
        if intent in by_intent:
            note(sentence, by_intent[intent])
    return {sentence: flow_id for sentence, flow_id in found.items() if flow_id is not None and sentence}


def normalise_wording(sentence: str) -> str:
    """The words alone, folded, one blank between them."""
    return " ".join(token.word for token in tokenise(sentence))


def _describe(flow: Flow, by_intent: Mapping[str, Sequence[str]], slots: Mapping[str, Slot]) -> FlowText:
    sentences = (text for trigger in flow.nlu_triggers for text in by_intent.get(trigger.intent, ()))
    return FlowText(
        flow_id=flow.id,
        name=flow.name,
        description=flow.description,
        examples=tuple(dict.fromkeys(sentences)),
        slot_words=tuple(_words_of_slots(flow)),
        details=tuple(_details(flow, slots)),
        translations=tuple(
            FlowTranslation(language=language, name=name) for language, name in flow.translations.items()
        ),
    )


def _words_of_slots(flow: Flow) -> Iterable[str]:
    for step in flow.steps:
        if isinstance(step, CollectStep):
            yield from step.slot.replace("-", "_").split("_")


_MOST_VALUES = 12
_SAYS_NOTHING = frozenset({"yes", "no", "true", "false", "other", "none", "unknown"})


def _details(flow: Flow, slots: Mapping[str, Slot]) -> Iterable[str]:
    """What the flow asks for: each slot's name, what the author says about it, and the values it can have."""
    for step in flow.steps:
        if not isinstance(step, CollectStep):
            continue
        slot = slots.get(step.slot)
        values = [str(value) for value in (slot.values or ())][:_MOST_VALUES] if slot else []
        told = [value for value in values if value.casefold() not in _SAYS_NOTHING]
        name = " ".join(step.slot.replace("-", "_").split("_"))
        yield ". ".join(part for part in (name, step.description, ", ".join(told)) if part)
