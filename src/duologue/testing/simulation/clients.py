"""Simulated clients: impatient, forgetful, and exact in what they write down."""

import asyncio
from collections.abc import Sequence

from duologue.core.errors import DuologueError
from duologue.core.ids import ConversationId, MessageId
from duologue.core.messages import UserMessage
from duologue.testing.journal import Journal
from duologue.testing.simulation.replica import SimulatedReplica
from duologue.testing.simulation.simulated_project import write_note
from duologue.testing.simulation.world import World

PATIENCE = 2.0
"""Virtual seconds that a client waits for an answer before it asks another server."""


class SimulatedClient:
    """Sends numbered messages in a conversation of its own, each until it is answered."""

    def __init__(
        self, name: str, world: World, replicas: Sequence[SimulatedReplica], journal: Journal
    ) -> None:
        self.conversation_id = ConversationId(name)
        self._world = world
        self._replicas = replicas
        self._journal = journal
        self._sent = 0

    async def talk(self, messages: int) -> None:
        """Send so many messages: one after the other, doubled, several at once, and old ones again."""
        chance = self._world.chance
        while self._sent < messages:
            kind = chance.random()
            if kind < 0.1:
                numbers = [self._write(with_previous=place > 0) for place in range(chance.randint(2, 3))]
                chance.shuffle(numbers)
                await asyncio.gather(*(self._say(number) for number in numbers))
            elif kind < 0.25:
                number = self._write()
                await asyncio.gather(self._say(number), self._say(number))
            else:
                await self._say(self._write())
            if chance.random() < 0.1:
                await self._say(chance.randint(1, self._sent))
            if chance.random() < 0.3:
                await asyncio.sleep(chance.expovariate(5.0))

    def _write(self, *, with_previous: bool = False) -> int:
        self._sent += 1
        number = self._sent
        self._journal.note_sent(
            self.conversation_id, self._name(number), write_note(number), with_previous=with_previous
        )
        return number

    def _name(self, number: int) -> str:
        return f"{self.conversation_id}-{number}"

    async def _say(self, number: int) -> None:
        message = UserMessage(
            conversation_id=self.conversation_id,
            text=write_note(number),
            channel="rest",
            message_id=MessageId(self._name(number)),
        )
        chance = self._world.chance
        while True:
            replica = chance.choice(self._replicas)
            try:
                async with asyncio.timeout(PATIENCE):
                    report = await replica.handle(message)
            except (DuologueError, ConnectionError, TimeoutError):
                await asyncio.sleep(chance.uniform(0.01, 0.3))
                continue
            self._journal.note_acknowledged(self.conversation_id, self._name(number), report.replies)
            return
