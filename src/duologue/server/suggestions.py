"""Things to say to an assistant that one does not know yet."""

from duologue.flows.flow import Flow, Flows
from duologue.project.definition import AssistantDefinition, TrainingData

MOST_SUGGESTIONS = 5
LONGEST_SUGGESTION = 60


def suggest_sentences(definition: AssistantDefinition, flows: Flows) -> tuple[str, ...]:
    """How to start some flows, by an example or by the flow's name: the longest ones, which show most, and the first."""
    examples = _first_examples(definition.training_data)
    startable = [flow for flow in flows.user_flows.values() if _may_be_started(flow)]
    longest = sorted(startable, key=lambda flow: len(flow.steps), reverse=True)[: MOST_SUGGESTIONS - 1]
    sentences = [_sentence_for(flow, examples) for flow in (*longest, *startable)] or list(examples.values())
    fitting = dict.fromkeys(_begin(text) for text in sentences if 0 < len(text) <= LONGEST_SUGGESTION)
    return tuple(fitting)[:MOST_SUGGESTIONS]


def _first_examples(data: TrainingData) -> dict[str, str]:
    examples: dict[str, str] = {}
    for example in data.examples:
        examples.setdefault(example.intent, example.text)
    return examples


def _may_be_started(flow: Flow) -> bool:
    return flow.guard is not False and str(flow.guard).strip().lower() != "false"


def _sentence_for(flow: Flow, examples: dict[str, str]) -> str:
    for trigger in flow.nlu_triggers:
        if trigger.intent in examples:
            return examples[trigger.intent]
    return flow.name


def _begin(text: str) -> str:
    return text[:1].upper() + text[1:]
