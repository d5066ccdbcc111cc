"""Several sources in one turn: what the trained part found and what a model proposes are one understanding.

Where they contradict each other, the trained part wins, wherever it stands in the pipeline.
"""

import logging
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.messages import UserMessage
from duologue.core.understanding import Understanding
from duologue.flows.offers import Offers
from duologue.understanding.ladder import Ladder, Rung
from duologue.understanding.nlu_rung import NluRung

_GUESSES = (cmd.StartFlow, cmd.Clarify, cmd.CannotHandle, cmd.ChitChat, cmd.KnowledgeAnswer)
"""What a message is for: said twice, in two ways, the second is a contradiction."""
_VAGUE = (cmd.Clarify, cmd.CannotHandle, cmd.Noop)

_log = logging.getLogger(__name__)


class MergingRung:
    """Asks the trained part, then the rungs below it, and puts together what they say."""

    name = "merging"

    def __init__(
        self, nlu: NluRung, below: Ladder, *, local: Rung | None = None, minimize_num_calls: bool = True
    ) -> None:
        """
        Args:
            below: the rungs that would answer without the trained part; a model that fails is theirs to replace.
            local: reads further values in a message for which no model is asked.
            minimize_num_calls: do not ask below where the trained part found a flow or the answer to the question.
        """
        self._nlu = nlu
        self._below = below
        self._local = local
        self._minimizes = minimize_num_calls

    def warm_up(self) -> None:
        self._nlu.warm_up()
        self._below.warm_up()

    async def prepare(self) -> None:
        """Let the rungs below get what they have to wait for."""
        await self._below.prepare()

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        found = await self._read(message, offers)
        if self._minimizes and _suffices(found, offers):
            values = await self._read_values(message, offers)
            return merge(found, values) if values else found
        below = await self._below.understand(message, offers)
        if not _brings_about_something((*found.commands, *below.commands), offers):
            found = replace(found, commands=(), evidence=())
        return merge(found, below)

    async def _read(self, message: UserMessage, offers: Offers) -> Understanding:
        try:
            return await self._nlu.read(message, offers)
        except Exception as error:  # as in the ladder: the rungs below answer
            _log.error("understanding.rung_failed", exc_info=error, extra={"rung": self._nlu.name})
            return Understanding()

    async def _read_values(self, message: UserMessage, offers: Offers) -> Understanding | None:
        """Further values of the same message, without their evidence: they come free of charge."""
        if self._local is None:
            return None
        try:
            read = await self._local.understand(message, offers)
        except Exception as error:
            _log.error("understanding.rung_failed", exc_info=error, extra={"rung": self._local.name})
            return None
        if read is None:
            return None
        values = tuple(one for one in read.commands if isinstance(one, cmd.SetSlot | cmd.StartFlow))
        return Understanding(commands=values)


def _suffices(found: Understanding, offers: Offers) -> bool:
    asked = offers.question.slot if offers.question else None
    return any(
        isinstance(command, cmd.StartFlow) or (isinstance(command, cmd.SetSlot) and command.name == asked)
        for command in found.commands
    )


def _brings_about_something(commands: Sequence[Command], offers: Offers) -> bool:
    """Whether the assistant has something to react to.

    A value for a slot that nothing asks for now is kept beside a wish; alone it would leave the user without a reply,
    where the rungs below at least ask again.
    """
    starting = [command.flow for command in commands if isinstance(command, cmd.StartFlow)]
    wanted = offers.active_slots.union(*map(offers.get_slots_of, starting))
    return any(
        command.name in wanted if isinstance(command, cmd.SetSlot) else not isinstance(command, _VAGUE)
        for command in commands
    )


def merge(nlu: Understanding, other: Understanding) -> Understanding:
    """One understanding of both; the intent and the entities are those of the trained part."""
    commands = (*nlu.commands, *_keep_compatible(other.commands, nlu.commands))
    return replace(
        other,
        commands=commands,
        evidence=(*nlu.evidence, *other.evidence),
        intent=nlu.intent or other.intent,
        entities=nlu.entities or other.entities,
        intent_ranking=nlu.intent_ranking or other.intent_ranking,
    )


def _keep_compatible(others: Sequence[Command], nlu: Sequence[Command]) -> Iterator[Command]:
    started = {command.flow for command in nlu if isinstance(command, cmd.StartFlow)}
    filled = {command.name for command in nlu if isinstance(command, cmd.SetSlot)}
    also_started = {command.flow for command in others if isinstance(command, cmd.StartFlow)}
    for command in others:
        match command:
            case cmd.SetSlot():
                # Our own rules read a value for one flow; of another flow they mean something else.
                is_astray = (
                    command.extractor == "LOCAL" and bool(started) and started.isdisjoint(also_started)
                )
                if command.name not in filled and not is_astray:
                    yield command
            case cmd.CorrectSlots():
                left = tuple(one for one in command.corrected_slots if one.name not in filled)
                if left:
                    yield replace(command, corrected_slots=left)
            case cmd.CannotHandle():
                if not nlu:
                    yield command
            case _:
                if not (started and isinstance(command, _GUESSES)):
                    yield command
