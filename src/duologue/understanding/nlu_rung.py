"""`NLUCommandAdapter`: intents start flows through `nlu_trigger`, intents and entities fill slots."""

import asyncio
from collections.abc import Iterable, Sequence

import msgspec

from duologue.core.commands import SetSlot, StartFlow
from duologue.core.domain import Domain
from duologue.core.messages import UserMessage
from duologue.core.nlu_options import (
    FALLBACK_CLASSIFIER,
    FALLBACK_INTENT,
    NLU_ADAPTER,
    FallbackOptions,
)
from duologue.core.stack import find_active_chain
from duologue.core.understanding import Evidence, Intent, Understanding
from duologue.flows.flow import Flow, Flows
from duologue.flows.offers import Offers
from duologue.understanding.asked_slots import name_asked
from duologue.understanding.example_parser import ExampleData, ExampleParser
from duologue.understanding.generators.options import PipelineEntry
from duologue.understanding.ladder import MAX_CHARACTERS
from duologue.understanding.slot_mappings import SlotFiller, has_nlu_mappings
from duologue.understanding.text_parser import ParsedText, TextParser

SURE_INTENT = 0.5
"""Least confidence of an intent where the pipeline names no `FallbackClassifier`."""
SURE_DIGRESSION = 0.7
"""The same while a question is open, which the message may simply answer."""


class NluRung:
    """Turns intents and entities into commands; says nothing where no trigger and no mapping applies."""

    name = "nlu"

    def __init__(self, parser: TextParser, fallback: FallbackOptions | None = None) -> None:
        """`fallback` are the thresholds of the pipeline's `FallbackClassifier`; ours are taken if it has none."""
        self._parser = parser
        self._fallback = fallback
        self._is_ready = False

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        understanding = await self.read(message, offers)
        return understanding if understanding.commands else None

    async def read(self, message: UserMessage, offers: Offers) -> Understanding:
        """The intent and the entities of the message, with whatever commands follow from them."""
        text = message.text.lstrip("/")
        if len(text) > MAX_CHARACTERS:
            return Understanding()
        question = offers.question
        parsed = await self.parse(text, name_asked(question.slot, offers.domain) if question else ())
        intent = find_sure_intent(parsed.intents, self._fallback)
        flow = self._find_flow(parsed, intent, offers)
        starts = (StartFlow(flow=flow.id),) if flow else ()
        filled = SlotFiller(
            text, parsed, intent.name if intent else None, offers, {flow.id} if flow else ()
        ).fill()
        told = intent or (parsed.intents[0] if parsed.intents else None)
        return Understanding(
            commands=(*starts, *filled),
            evidence=(_explain(told, flow, filled),) if starts or filled else (),
            intent=told,
            entities=parsed.entities,
            intent_ranking=parsed.intents
            if told is None or told in parsed.intents
            else (told, *parsed.intents),
        )

    async def parse(self, text: str, asked: Sequence[str] = ()) -> ParsedText:
        """What the parser reads; the first text waits in a thread until it is ready."""
        if not self._is_ready:
            await asyncio.to_thread(self.warm_up)
        if self._parser.can_block:
            return await asyncio.to_thread(self._parser.parse, text, asked=asked)
        return self._parser.parse(text, asked=asked)

    def find_intent(self, parsed: ParsedText) -> Intent | None:
        """The intent that counts; see `find_sure_intent`."""
        return find_sure_intent(parsed.intents, self._fallback)

    def warm_up(self) -> None:
        """Learn from the examples."""
        self._parser.warm_up()
        self._is_ready = True

    def _find_flow(self, parsed: ParsedText, sure: Intent | None, offers: Offers) -> Flow | None:
        """The flow that the likeliest intent starts, unless it is under way.

        A trigger with a threshold of its own counts from there, however unsure the intent is otherwise.
        """
        likeliest = sure or (parsed.intents[0] if parsed.intents else None)
        if likeliest is None:
            return None
        under_way = {frame.flow_id for frame in find_active_chain(offers.state.stack)}
        for flow, threshold in offers.flows.flows_by_intent.get(likeliest.name, ()):
            is_sure = self._reaches(likeliest, threshold, is_sure=sure is not None, offers=offers)
            if is_sure and flow.id not in under_way and offers.is_startable(flow):
                return flow
        return None

    def _reaches(self, intent: Intent, threshold: float, *, is_sure: bool, offers: Offers) -> bool:
        if threshold:
            return intent.confidence >= threshold
        has_own_threshold = self._fallback is not None
        if has_own_threshold or offers.question is None:
            return is_sure
        return is_sure and intent.confidence >= SURE_DIGRESSION


def find_sure_intent(ranking: Sequence[Intent], fallback: FallbackOptions | None) -> Intent | None:
    """The likeliest intent if it is sure enough; with a `FallbackClassifier`, `nlu_fallback` takes its place."""
    options = fallback or FallbackOptions(threshold=SURE_INTENT)
    if not ranking:
        return None
    first = ranking[0]
    second = ranking[1].confidence if len(ranking) > 1 else 0.0
    if first.confidence >= options.threshold and first.confidence - second >= options.ambiguity_threshold:
        return first
    return Intent(name=FALLBACK_INTENT, confidence=options.threshold) if fallback else None


def _explain(intent: Intent | None, flow: Flow | None, filled: Sequence[SetSlot]) -> Evidence:
    parts = [f"the intent {intent.name} starts {flow.id}"] if flow and intent else []
    if filled:
        parts.append(f"mappings fill {', '.join(command.name for command in filled)}")
    confidence = intent.confidence if flow and intent else 1.0
    return Evidence(rung=NluRung.name, confidence=confidence, reason="; ".join(parts))


# ------------------------------------------------------------------------------------------ from a project


def build_nlu_rung(
    pipeline: Iterable[PipelineEntry],
    flows: Flows,
    domain: Domain,
    data: ExampleData,
    languages: Sequence[str],
    *,
    parser: TextParser | None = None,
) -> NluRung | None:
    """The adapter, if the pipeline names it and a trigger or a mapping of the project needs it.

    `parser` is a trained pipeline; without one, the examples of the project are learned when the assistant starts.
    """
    entries = tuple(pipeline)
    if all(entry.name != NLU_ADAPTER for entry in entries) or not _is_needed(flows, domain):
        return None
    parser = parser or ExampleParser(data, entities=domain.entities, languages=languages)
    return NluRung(parser, find_fallback(entries))


def find_fallback(pipeline: Iterable[PipelineEntry]) -> FallbackOptions | None:
    """The thresholds of the pipeline's `FallbackClassifier`; None if it has none."""
    for entry in pipeline:
        if entry.name == FALLBACK_CLASSIFIER:
            given = {key: value for key, value in entry.options.items() if value is not None}
            try:
                return msgspec.convert(given, FallbackOptions, strict=False)
            except msgspec.ValidationError:  # told with its line when the project is validated
                return FallbackOptions()
    return None


def _is_needed(flows: Flows, domain: Domain) -> bool:
    return any(flow.nlu_triggers for flow in flows.user_flows.values()) or has_nlu_mappings(domain)
