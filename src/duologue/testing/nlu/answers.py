"""What a parser says of sentences, beside what their author says."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from duologue.core.nlu_options import FALLBACK_INTENT
from duologue.core.understanding import Entity
from duologue.understanding.nlu.message import TrainingExample, list_requested
from duologue.understanding.text_parser import ParsedText, TextParser

PRETRAINED = frozenset(("DucklingEntityExtractor", "DucklingHTTPExtractor", "SpacyEntityExtractor"))
"""What they find no author marks, so that it is not judged."""
_DEFAULT_SELECTOR = "default"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One label, as it is and as it was predicted."""

    text: str
    gold: str
    predicted: str | None
    confidence: float

    @property
    def is_right(self) -> bool:
        return self.gold == self.predicted


class Finds(msgspec.Struct, frozen=True, kw_only=True):
    """The entities of one sentence, as they are and as they were found."""

    text: str
    gold: tuple[Entity, ...]
    predicted: tuple[Entity, ...]


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; what cannot be judged, because too little is known, is empty."""

    intents: tuple[Choice, ...] = ()
    responses: tuple[Choice, ...] = ()
    """Response keys of retrieval intents."""
    entities: tuple[Finds, ...] = ()


def ask(
    parser: TextParser,
    examples: Sequence[TrainingExample],
    advance: Callable[[], None] = lambda: None,
    *,
    threads: int = 1,
) -> Answers:
    """Let the parser read each sentence.

    Intents and responses are judged if there are two of them at least, entities if any is marked.
    """
    asked: list[tuple[TrainingExample, ParsedText]] = []
    for one in _read_each(parser, examples, threads):
        asked.append(one)
        advance()
    keys = {example.response_key for example in examples if example.response_key}
    return Answers(
        intents=tuple(_compare_intent(*one) for one in asked if one[0].intent)
        if len({example.intent for example in examples}) > 1
        else (),
        responses=tuple(_compare_response(*one) for one in asked if one[0].response_key)
        if len(keys) > 1
        else (),
        entities=tuple(_compare_entities(*one) for one in asked)
        if any(example.entities for example in examples)
        else (),
    )


def _read_each(
    parser: TextParser, examples: Sequence[TrainingExample], threads: int
) -> Iterator[tuple[TrainingExample, ParsedText]]:
    """In order; an interruption does not wait for the rest."""

    def parse(example: TrainingExample) -> ParsedText:
        return parser.parse(example.text, asked=list_requested(example))

    pool = ThreadPoolExecutor(threads)
    try:
        parsed = pool.map(parse, examples)
        yield from zip(examples, parsed, strict=True)
    finally:
        pool.shutdown(cancel_futures=True)


def join(answers: Iterable[Answers]) -> Answers:
    """The answers of several runs as one."""
    runs = list(answers)
    return Answers(
        intents=tuple(choice for run in runs for choice in run.intents),
        responses=tuple(choice for run in runs for choice in run.responses),
        entities=tuple(finds for run in runs for finds in run.entities),
    )


def _compare_intent(example: TrainingExample, parsed: ParsedText) -> Choice:
    # The fallback would hide which intent was taken for the right one.
    ranking = [intent for intent in parsed.intents if intent.name != FALLBACK_INTENT] or parsed.intents
    best = ranking[0] if ranking else None
    return Choice(
        text=example.text,
        gold=example.intent,
        predicted=best.name if best else None,
        confidence=best.confidence if best else 0.0,
    )


def _compare_response(example: TrainingExample, parsed: ParsedText) -> Choice:
    selectors = parsed.response_selector
    chosen: Mapping[str, Any] = selectors.get(example.intent) or selectors.get(_DEFAULT_SELECTOR) or {}
    response: Mapping[str, Any] = chosen.get("response") or {}
    return Choice(
        text=example.text,
        gold=example.response_key or "",
        predicted=response.get("intent_response_key"),
        confidence=float(response.get("confidence") or 0.0),
    )


def _compare_entities(example: TrainingExample, parsed: ParsedText) -> Finds:
    found = tuple(entity for entity in parsed.entities if entity.extractor not in PRETRAINED)
    return Finds(text=example.text, gold=example.entities, predicted=found)
