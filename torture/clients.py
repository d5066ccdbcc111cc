"""Clients that keep a journal: each sends numbered messages, and each message again until it is answered."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from duologue.core.ids import ConversationId
from duologue.testing.journal import Journal
from torture.http_exchange import ExchangeError, HttpAnswer, HttpConnection
from torture.served_project import make_text
from torture.tally import Tally

WEBHOOK = "/webhooks/rest/webhook"
PATIENCE_SECONDS = (1.0, 2.0, 4.0, 10.0)
"""How long a client waits for one answer, by chance, before it asks again."""
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5
"""Seconds between two attempts: much shorter than `Retry-After` asks for, since that is harder on the server."""
SHORTEST_TALK, LONGEST_TALK = 30, 400
"""Messages of one conversation."""
MANNERS = {"repeat": 0.06, "double": 0.08, "shuffle": 0.02, "leave": 0.03}
"""How often clients misbehave, where they are allowed to; the names are those of the faults."""


class _Reply(msgspec.Struct, frozen=True):
    text: str = ""


class _Failure(msgspec.Struct, frozen=True):
    reason: str


class Client:
    """Somebody who talks to the assistant, in one conversation after the other."""

    def __init__(
        self,
        name: str,
        ports: Sequence[int],
        journal: Journal,
        tally: Tally,
        *,
        chance: random.Random,
        manners: frozenset[str],
        until: Callable[[], bool],
    ) -> None:
        self._name = name
        self._ports = ports
        self._journal = journal
        self._tally = tally
        self._chance = chance
        self._manners = manners
        self._until = until
        self._idle: dict[int, list[HttpConnection]] = {port: [] for port in ports}
        self._conversation_id = ConversationId(name)
        self._last = 0

    async def talk(self) -> None:
        """Send messages until the run is over; every message that was begun gets its answer."""
        talks = 0
        try:
            while not self._until():
                talks += 1
                self._conversation_id, self._last = ConversationId(f"{self._name}.{talks}"), 0
                await self._hold_conversation(self._chance.randint(SHORTEST_TALK, LONGEST_TALK))
        finally:
            for connections in self._idle.values():
                for connection in connections:
                    connection.close()

    async def _hold_conversation(self, length: int) -> None:
        while self._last < length and not self._until():
            await self._choose_manners()()

    def _choose_manners(self) -> Callable[[], Awaitable[None]]:
        lot = self._chance.random()
        for name, share in MANNERS.items():
            lot -= share if name in self._manners else 0
            if lot < 0:
                break
        else:
            return self._send_one
        return {
            "repeat": self._repeat,
            "double": self._send_double,
            "shuffle": self._send_shuffled,
            "leave": self._send_and_leave,
        }[name]

    async def _send_one(self) -> None:
        await self._deliver(self._begin_message())

    async def _send_double(self) -> None:
        """To all servers at once, each until it answers."""
        number = self._begin_message()
        self._tally.doubled += 1
        await asyncio.gather(*(self._deliver(number, port) for port in self._ports))

    async def _send_shuffled(self) -> None:
        """Some messages, none of which waits for another."""
        numbers = [
            self._begin_message(with_previous=place > 0) for place in range(self._chance.randint(2, 5))
        ]
        self._tally.shuffled += len(numbers)
        await asyncio.gather(*map(self._deliver, numbers))

    async def _send_and_leave(self) -> None:
        """Hang up before the answer can come, then ask again."""
        number = self._begin_message()
        port = self._chance.choice(self._ports)
        self._tally.attempts += 1
        self._tally.left += 1
        try:
            async with asyncio.timeout(self._chance.choice(PATIENCE_SECONDS)):
                connection = await HttpConnection.open(port)
        except (ExchangeError, TimeoutError):
            self._tally.unanswered["cannot connect"] += 1
        else:
            connection.send_and_leave(WEBHOOK, self._make_body(number))
        await self._deliver(number)

    async def _repeat(self) -> None:
        """An old message once more; in a new conversation there is none."""
        if self._last:
            self._tally.repeated += 1
            await self._deliver(self._chance.randint(1, self._last))
        else:
            await self._send_one()

    def _begin_message(self, *, with_previous: bool = False) -> int:
        self._last += 1
        message_id, text = str(self._last), make_text(self._last)
        self._journal.note_sent(self._conversation_id, message_id, text, with_previous=with_previous)
        return self._last

    def _make_body(self, number: int) -> bytes:
        text = make_text(number)
        return msgspec.json.encode(
            {"sender": self._conversation_id, "message": text, "message_id": str(number)}
        )

    async def _deliver(self, number: int, port: int | None = None) -> None:
        """Send a message until it is answered: to one server, or to any, another one after each failure."""
        body, began, pause = self._make_body(number), time.monotonic(), FIRST_PAUSE
        place = self._chance.randrange(len(self._ports))
        while True:
            target = port or self._ports[place % len(self._ports)]
            answer = await self._ask(target, body)
            if answer is not None and self._is_acknowledgement(answer, number):
                self._tally.note_wait(time.monotonic() - began)
                return
            place += 1
            await asyncio.sleep(pause * self._chance.uniform(0.5, 1.5))
            pause = min(LONGEST_PAUSE, pause * 2)

    def _is_acknowledgement(self, answer: HttpAnswer, number: int) -> bool:
        if answer.status == 200:
            self._note_acknowledged(number, answer.body)
            return True
        try:
            reason = msgspec.json.decode(answer.body, type=_Failure).reason
        except msgspec.MsgspecError:
            reason = "no reason"
        if answer.status == 503 and "retry-after" in answer.headers:
            self._tally.refused[reason] += 1
        else:
            self._tally.strange_answers[f"{answer.status} {reason}"] += 1
        return False

    def _note_acknowledged(self, number: int, body: bytes) -> None:
        texts = [reply.text for reply in msgspec.json.decode(body, type=list[_Reply])]
        entry = self._journal.find_entry(self._conversation_id, str(number))
        if entry is not None and not entry.is_acknowledged:
            self._tally.acknowledged += 1
        self._journal.note_acknowledged(self._conversation_id, str(number), texts)
        self._tally.note_answer()

    async def _ask(self, port: int, body: bytes) -> HttpAnswer | None:
        self._tally.attempts += 1
        connection: HttpConnection | None = None
        try:
            async with asyncio.timeout(self._chance.choice(PATIENCE_SECONDS)):
                connection = self._idle[port].pop() if self._idle[port] else await HttpConnection.open(port)
                return await connection.post(WEBHOOK, body)
        except TimeoutError:
            self._tally.unanswered["no answer in time"] += 1
        except ExchangeError as error:
            self._tally.unanswered[str(error).partition(" (")[0]] += 1
        finally:
            self._give_back(port, connection)
        return None

    def _give_back(self, port: int, connection: HttpConnection | None) -> None:
        if connection is not None and connection.is_usable:
            self._idle[port].append(connection)
        elif connection is not None:
            connection.close()
