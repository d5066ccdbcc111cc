"""Pipelines judged on sentences that they did not learn: cross-validation, and shares of the data."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from duologue.core.errors import DefinitionError
from duologue.project.definition import AssistantDefinition, IntentExample
from duologue.project.splitting import split_examples
from duologue.testing.nlu.answers import Answers, ask
from duologue.testing.nlu.judging import report_choices
from duologue.training.nlu_data import read_training_example
from duologue.training.opening import find_encoder
from duologue.training.trained_model import load_model
from duologue.training.trainer import TrainingOptions, train_model
from duologue.understanding.text_parser import TextParser

TEST_SHARE = 0.2
FEWEST_COMPARED = 5
"""An intent with fewer examples takes no part in a comparison."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned and judged in one fold."""

    learned: Answers
    """Of the sentences that were learned: how far the pipeline fits them."""
    judged: Answers


def cross_validate(
    definition: AssistantDefinition,
    examples: Sequence[IntentExample],
    folds: int,
    *,
    threads: int = 1,
    advance: Callable[[], None] = lambda: None,
) -> list[Trial]:
    """Learn from all folds but one and judge that one, for each of them.

    Raises:
        DefinitionError: no intent has as many examples as there are folds.
    """
    kept = drop_rare(examples, folds)
    if not kept:
        raise DefinitionError(
            f"No intent has {folds} examples, so there cannot be {folds} folds; take fewer."
        )
    trials: list[Trial] = []
    for learned, judged in _list_folds(kept, folds):
        parser = train_parser(definition, learned, threads=threads)
        trials.append(Trial(learned=_ask(parser, learned, threads), judged=_ask(parser, judged, threads)))
        advance()
    return trials


def compare_pipelines(
    definitions: Mapping[str, AssistantDefinition],
    examples: Sequence[IntentExample],
    *,
    excluded: Sequence[int],
    runs: int,
    threads: int = 1,
    advance: Callable[[], None] = lambda: None,
) -> tuple[dict[str, list[list[float]]], list[int]]:
    """The F1 of intents for each pipeline, run and share; and how many examples each share has.

    Args:
        definitions: the assistant with each of its configurations.
        excluded: percentages of the examples that are not learned.
    """
    kept = drop_rare(examples, FEWEST_COMPARED)
    if not kept:
        raise DefinitionError(f"No intent has {FEWEST_COMPARED} examples, so there is nothing to compare.")
    scores: dict[str, list[list[float]]] = {name: [[] for _ in range(runs)] for name in definitions}
    sizes: list[int] = []
    for run in range(runs):
        learned, judged = split_examples(kept, 1 - TEST_SHARE, run)
        for percentage in excluded:
            share = split_examples(learned, 1 - percentage / 100, run)[0] if percentage else learned
            if not run:
                sizes.append(len(share))
            for name, definition in definitions.items():
                answers = _ask(train_parser(definition, share, threads=threads), judged, threads)
                report = report_choices(answers.intents)
                scores[name][run].append(report["weighted avg"]["f1-score"])
                advance()
    return scores, sizes


def train_parser(
    definition: AssistantDefinition, examples: Sequence[IntentExample], *, threads: int = 1
) -> TextParser:
    """The assistant's pipeline, learned from these examples instead of its own.

    Raises:
        DefinitionError: it names no component that learns.
    """
    data = msgspec.structs.replace(definition.training_data, examples=tuple(examples))
    changed = msgspec.structs.replace(definition, training_data=data)
    options = TrainingOptions(parts=("nlu",), threads=threads)
    trained = train_model(changed, encoder=find_encoder(changed, threads=threads), options=options)
    parser = load_model(trained.files, changed, encoder=find_encoder(changed)).parser
    if parser is None:
        raise DefinitionError("`pipeline` of the configuration names nothing that learns from examples.")
    return parser


def drop_rare(examples: Sequence[IntentExample], fewest: int) -> list[IntentExample]:
    """The examples of intents that have enough of them; response keys count as intents."""
    counts = Counter(example.intent for example in examples)
    return [example for example in examples if counts[example.intent] >= fewest]


def _ask(parser: TextParser, examples: Sequence[IntentExample], threads: int) -> Answers:
    return ask(parser, [read_training_example(example) for example in examples], threads=threads)


def _list_folds(
    examples: Sequence[IntentExample], folds: int
) -> Iterator[tuple[list[IntentExample], list[IntentExample]]]:
    """Each intent is spread evenly over the folds; the same data always gives the same folds."""
    order = list(range(len(examples)))
    random.Random(0).shuffle(order)
    order.sort(key=lambda index: examples[index].intent)
    fold_of = {index: place % folds for place, index in enumerate(order)}
    for fold in range(folds):
        learned = [example for index, example in enumerate(examples) if fold_of[index] != fold]
        judged = [example for index, example in enumerate(examples) if fold_of[index] == fold]
        yield learned, judged
