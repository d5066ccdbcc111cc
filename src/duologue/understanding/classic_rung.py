"""Understanding for the classic part of an assistant: an intent and entities, which its policies answer."""

import asyncio
from collections.abc import Sequence

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.messages import UserMessage
from duologue.core.nlu_options import FALLBACK_INTENT
from duologue.core.understanding import Evidence, Understanding
from duologue.flows.flow import Flows
from duologue.flows.offers import Offers
from duologue.understanding.asked_slots import find_asked
from duologue.understanding.ladder import Ladder
from duologue.understanding.payloads import Payload, parse_payload
from duologue.understanding.text_parser import ParsedText, TextParser

SURE = 0.7
"""The pipeline is sure of an intent from here on."""
GUESS = 0.6
"""What the flows understand with less than this is a guess."""


class ClassicRung:
    """Reads what the trained pipeline reads; it always answers, if only with no intent."""

    name = "classic"

    def __init__(self, parser: TextParser | None) -> None:
        """Without a parser, as in an assistant that has stories and no examples, payloads alone are understood."""
        self._parser = parser
        self._is_ready = False

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding:
        payload = parse_payload(message.text.strip())
        if payload is not None:
            return _follow(payload)
        parsed = await self._parse(message.text, find_asked(offers.state, offers.domain))
        intent = parsed.intents[0] if parsed.intents else None
        return Understanding(
            evidence=(Evidence(rung=self.name, confidence=intent.confidence if intent else 0.0),),
            intent=intent,
            entities=parsed.entities,
            intent_ranking=parsed.intents,
            response_selector=parsed.response_selector,
            is_for_policies=True,
        )

    def warm_up(self) -> None:
        """Make the pipeline ready."""
        if self._parser is not None:
            self._parser.warm_up()
        self._is_ready = True

    async def _parse(self, text: str, asked: Sequence[str]) -> ParsedText:
        parser = self._parser
        if parser is None:
            return ParsedText()
        if not self._is_ready:
            await asyncio.to_thread(self.warm_up)
        if parser.can_block:
            return await asyncio.to_thread(parser.parse, text, asked=asked)
        return parser.parse(text, asked=asked)


class FlowsFirstRung:
    """An assistant with flows and stories and no router: the flows answer what they understand, the policies the rest.

    Small talk, a flow that does nothing and what the flows can only guess at is for the policies too, if the trained
    pipeline is sure of an intent. While a form is under way its answers are for the policies.
    """

    name = "flows first"

    def __init__(self, flows: Ladder, classic: ClassicRung) -> None:
        self._flows = flows
        self._classic = classic

    def warm_up(self) -> None:
        self._flows.warm_up()
        self._classic.warm_up()

    async def prepare(self) -> None:
        """Let the rungs of the flows get what they have to wait for."""
        await self._flows.prepare()

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding:
        if offers.state.active_loop is not None:
            return await self._classic.understand(message, offers)
        by_flows = await self._flows.understand(message, offers)
        if says_something(by_flows) and not _is_weak(by_flows, offers):
            return by_flows
        by_policies = await self._classic.understand(message, offers)
        least = SURE if says_something(by_flows) else 0.0
        return by_policies if _is_understood(by_policies, least) else by_flows


def says_something(understanding: Understanding) -> bool:
    """Whether any command is more than that nothing can be done."""
    return any(not isinstance(command, cmd.CannotHandle) for command in understanding.commands)


def fills_only(understanding: Understanding) -> bool:
    """Whether it only gives values to slots."""
    return all(isinstance(command, cmd.SetSlot) for command in understanding.commands)


def _is_weak(understanding: Understanding, offers: Offers) -> bool:
    """Whether stories may well know better what the message is about."""
    if fills_only(understanding) and not offers.state.stack:
        return True  # values that no flow has asked for
    surest = max((one.confidence for one in understanding.evidence), default=1.0)
    return surest < GUESS or all(_does_nothing(command, offers.flows) for command in understanding.commands)


def _does_nothing(command: Command, flows: Flows) -> bool:
    match command:
        case cmd.ChitChat() | cmd.CannotHandle():
            return True
        case cmd.StartFlow(flow=name):
            flow = flows.find(name)
            return flow is not None and not flow.steps
        case _:
            return False


def _is_understood(understanding: Understanding, least: float) -> bool:
    intent = understanding.intent
    return intent is not None and intent.name != FALLBACK_INTENT and intent.confidence >= least


def _follow(payload: Payload) -> Understanding:
    commands: tuple[Command, ...] = tuple(
        cmd.SetSlot(name=name, value=value, extractor="BUTTON") for name, value in payload.slots or ()
    )
    intent = payload.intent
    return Understanding(
        commands=commands,
        evidence=(Evidence(rung="payload", confidence=intent.confidence if intent else 1.0),),
        intent=intent,
        entities=payload.entities,
        intent_ranking=(intent,) if intent else (),
        is_for_policies=True,
    )
