"""Which conversations there are, in orders of time, user and need, kept beside the conversations.

In a cluster the indexes live on another server than most conversations, so no step changes both at once. Before a
conversation changes, a hint says that it is going to; after it has, the indexes are settled and the hint is removed.
Whoever reads settles first what hints there are, so that nothing that is stored is ever missing, whoever crashed when.
What the indexes name is looked up before it is given, so that nothing that is gone is there.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec

from duologue.adapters.redis_connection import RedisConnection
from duologue.adapters.redis_keys import make_key
from duologue.adapters.redis_node import Command, Reply
from duologue.adapters.tracker_store.redis_scripts import HINT, LOOK, READ_HINTS, SETTLE

_MOST_AT_ONCE = 200
_HINT_SECONDS = 3600
"""Age at which a hint is given up: nobody takes that long between a hint and its deed."""
_ROUNDS = 5
_SETTLE_PAUSE = 0.02
"""Seconds for which changes are gathered; whoever reads meanwhile sees them by their hints."""
_SWEEP_PAUSE = 500
"""Changes after which the oldest conversations are looked at, if conversations expire."""


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What the indexes know about one conversation."""

    conversation_id: str
    revision: str
    length: int = 0
    """0 if it does not exist."""
    user_id: str | None = None
    started_at: float = 0.0
    updated_at: float = 0.0
    wake_at: float | None = None
    publish_from: int | None = None


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """A change that is going to be tried."""

    conversation_id: str
    token: str
    length: int
    """Length of the conversation when the change is done; once it is as long, there is nothing left to wait for."""

    def format(self) -> bytes:
        return f"{self.token}:{self.length}:{self.conversation_id}".encode()


class RedisIndex:
    """The indexes of one tracker store."""

    def __init__(self, connection: RedisConnection, root: str, *, may_expire: bool) -> None:
        self._connection = connection
        self._root = root
        self._may_expire = may_expire
        place = f"{root}{{index}}:"
        self.hints_key = f"{place}hints".encode()
        self.runs_key = f"{place}runs".encode()
        self._all, self._updated, self._due, self._unpublished = (
            f"{place}{name}".encode() for name in ("all", "updated", "due", "unpublished")
        )
        self._user = f"{place}user:".encode()
        self._settle_keys = (
            *(f"{place}entries".encode(), self._all, self._updated, self._due, self._unpublished),
            self.hints_key,
        )
        self._waiting: deque[tuple[Look, Hint | None]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._count = 0

    # ---------------------------------------------------------------- following changes

    def hint(self, hint: Hint) -> Command:
        """The command that goes before the change."""
        return HINT.call([self.hints_key], hint.format())

    def settle_later(self, look: Look, hint: Hint | None = None) -> None:
        """Bring the indexes up to a change, soon; a change that failed is told by a look of revision 0."""
        self._waiting.append((look, hint))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._settle_waiting())

    async def finish(self) -> None:
        """Return when the indexes know what they were told."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def settle(self, entries: Sequence[tuple[Look, Hint | None]]) -> None:
        """Bring the indexes up to changes."""
        for start in range(0, len(entries), _MOST_AT_ONCE):
            part = entries[start : start + _MOST_AT_ONCE]
            words = [word for look, hint in part for word in _spell(look, hint)]
            await self._ask(SETTLE.call(self._settle_keys, self._user, *words))

    async def _settle_waiting(self) -> None:
        # If it fails, the hints tell whoever reads next.
        with suppress(Exception):
            while self._waiting:
                await asyncio.sleep(_SETTLE_PAUSE)
                part = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_AT_ONCE))]
                await self.settle(part)
                self._count += len(part)
                if self._may_expire and self._count >= _SWEEP_PAUSE:
                    self._count = 0
                    await self._forget_expired()

    async def _forget_expired(self) -> None:
        for _ in range(_ROUNDS):
            oldest = await self._ask(("ZRANGE", self._updated, 0, _MOST_AT_ONCE - 1))
            gone = [
                look for look in await self.look_up([name.decode() for name in oldest]) if not look.length
            ]
            await self.settle([(look, None) for look in gone])
            if len(gone) < _MOST_AT_ONCE / 2:
                return

    # ---------------------------------------------------------------- reading

    async def list_by_time(self, user_id: str | None, *, limit: int, offset: int) -> list[Look]:
        """Conversations, the most recently changed first."""
        key = self._updated if user_id is None else self._user + user_id.encode()
        return await self._list(
            ("ZREVRANGE", key, offset, offset + limit - 1),
            lambda look: look.length > 0 and user_id in (None, look.user_id),
        )

    async def list_due(self, now: float, *, limit: int) -> list[Look]:
        """Conversations to wake, the earliest first."""
        return await self._list(
            ("ZRANGEBYSCORE", self._due, "-inf", repr(now), "LIMIT", 0, limit),
            lambda look: look.length > 0 and look.wake_at is not None and look.wake_at <= now,
        )

    async def list_unpublished(self, *, limit: int) -> list[Look]:
        """Conversations with events to publish, by id."""
        return await self._list(
            ("ZRANGE", self._unpublished, 0, limit - 1),
            lambda look: look.length > 0 and look.publish_from is not None,
        )

    async def scan(self, after: str | None, *, limit: int) -> tuple[list[Look], str | None]:
        """Conversations by id, and the last id of this part if there may be more."""
        await self._follow_hints()
        start = b"-" if after is None else b"(" + after.encode()
        found = await self._ask(("ZRANGEBYLEX", self._all, start, "+", "LIMIT", 0, limit))
        names = [name.decode() for name in found]
        looks = await self.look_up(names)
        await self.settle([(look, None) for look in looks if not look.length])
        return [look for look in looks if look.length], names[-1] if len(names) == limit else None

    async def _list(self, command: Command, is_right: Callable[[Look], bool]) -> list[Look]:
        """What an index names; what has changed since is settled, and the index is read anew."""
        await self._follow_hints()
        looks: list[Look] = []
        for _ in range(_ROUNDS):
            looks = await self.look_up([name.decode() for name in await self._ask(command)])
            wrong = [look for look in looks if not is_right(look)]
            if not wrong:
                break
            await self.settle([(look, None) for look in wrong])
        return [look for look in looks if is_right(look)]

    async def look_up(self, names: Sequence[str]) -> list[Look]:
        """The conversations as they are now."""
        if not names:
            return []
        keys = [make_key(self._root, "conversation", name) for name in names]
        replies = await self._connection.run_each([(key, LOOK.call([key])) for key in keys])
        return [read_look(name, _require(reply)) for name, reply in zip(names, replies, strict=True)]

    async def _follow_hints(self) -> None:
        """Settle what was changed, or may have been, without the indexes knowing."""
        now, found = await self._ask(READ_HINTS.call([self.hints_key], 5000))
        if not found:
            return
        hints = [
            (_read_hint(member), int(now) - float(at))
            for member, at in zip(found[::2], found[1::2], strict=True)
        ]
        names = list(dict.fromkeys(hint.conversation_id for hint, _ in hints))
        looks = {look.conversation_id: look for look in await self.look_up(names)}
        await self.settle(
            [
                (look, hint if look.length >= hint.length or age > _HINT_SECONDS else None)
                for hint, age in hints
                for look in (looks[hint.conversation_id],)
            ]
        )

    async def _ask(self, command: Command) -> Reply:
        return _require((await self._connection.run(self.hints_key, [command]))[0])


def read_look(conversation_id: str, reply: Reply) -> Look:
    """What `LOOK` says about a conversation."""
    length, user_id, started_at, updated_at, wake_at, publish_from, revision = reply
    return Look(
        conversation_id=conversation_id,
        revision=revision.decode(),
        length=int(length or 0),
        user_id=None if user_id is None else user_id.decode(),
        started_at=float(started_at or 0),
        updated_at=float(updated_at or 0),
        wake_at=None if wake_at is None else float(wake_at),
        publish_from=None if publish_from is None else int(publish_from),
    )


def _spell(look: Look, hint: Hint | None) -> tuple[str | bytes, ...]:
    return (
        look.conversation_id,
        look.revision,
        "1" if look.length else "0",
        look.user_id or "",
        repr(look.updated_at),
        "" if look.wake_at is None else repr(look.wake_at),
        "0" if look.publish_from is None else "1",
        b"" if hint is None else hint.format(),
    )


def _read_hint(member: bytes) -> Hint:
    token, length, name = member.decode().split(":", 2)
    return Hint(conversation_id=name, token=token, length=int(length))


def _require(reply: Reply) -> Reply:
    if isinstance(reply, Exception):
        raise reply
    return reply
