"""Conversations in Redis or Valkey: one server, a master behind sentinels, or a cluster."""

import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from duologue.adapters.redis_connection import RedisConnection
from duologue.adapters.redis_keys import make_key, make_root
from duologue.adapters.redis_node import Command, Reply
from duologue.adapters.tracker_store.begun_work import BegunWork
from duologue.adapters.tracker_store.pending_append import PendingAppend, check_id, prepare_append
from duologue.adapters.tracker_store.redis_durability import Durability
from duologue.adapters.tracker_store.redis_index import Hint, Look, RedisIndex, read_look
from duologue.adapters.tracker_store.redis_options import RedisTrackerStoreOptions
from duologue.adapters.tracker_store.redis_scripts import APPEND, CLAIM, DELETE, LOAD, MARK, SCRIPTS
from duologue.core.errors import ConflictError, DuologueError
from duologue.core.events import Event
from duologue.core.ids import ConversationId, MessageId, UserId
from duologue.core.state import State
from duologue.ports.tracker_store import (
    ConversationPage,
    ConversationSummary,
    StoredConversation,
    TrackerStore,
    UnpublishedEvents,
)
from duologue.wire.events import decode_event
from duologue.wire.snapshot import decode_snapshot

_NOTHING_DONE = "0"
"""Revision of a change that was not made."""


class RedisTrackerStore:
    """A tracker store in Redis."""

    def __init__(self, options: RedisTrackerStoreOptions) -> None:
        self._connection = RedisConnection(options, timeout=options.socket_timeout, scripts=SCRIPTS)
        self._root = make_root(options.key_prefix)
        self._index = RedisIndex(self._connection, self._root, may_expire=bool(options.record_exp))
        self._durability = Durability(options, self._connection.where)
        self._milliseconds_to_live = str(int((options.record_exp or 0) * 1000))
        self._work = BegunWork()
        self._probe_key = f"{self._root}{{index}}:probe".encode()

    @classmethod
    async def open(cls, options: RedisTrackerStoreOptions) -> "RedisTrackerStore":
        """The store in a Redis that can be written to.

        Raises:
            StorageUnavailableError: it cannot be reached, or not be written to now.
            StorageRefusedError: it refuses us.
        """
        store = cls(options)
        try:
            await store.check_health()
            async with store._busy():
                await store._durability.examine(store._connection, store._probe_key)
        except BaseException:
            await store._connection.close()
            raise
        return store

    async def load(
        self, conversation_id: ConversationId, *, message_id: MessageId | None = None
    ) -> StoredConversation | None:
        check_id(conversation_id)
        keys = self._make_keys(conversation_id)
        async with self._busy():
            (reply,) = await self._run(keys[0], [LOAD.call(keys, *([message_id] if message_id else []))])
            if reply is None:
                return None
            snapshot, tail, place = reply
            state = decode_snapshot(snapshot) if snapshot else None
            if snapshot and state is None:  # of another release
                (tail,) = await self._run(keys[0], [("LRANGE", keys[1], 0, -1)])
        return StoredConversation(
            snapshot=state,
            tail=tuple(decode_event(data) for data in tail),
            message_at=None if place is None else int(place),
        )

    async def append(
        self,
        conversation_id: ConversationId,
        events: Sequence[Event],
        *,
        expected: int,
        snapshot: State | None = None,
        wake_at: float | None = None,
        publish: bool = False,
    ) -> None:
        pending = prepare_append(
            conversation_id, events, expected=expected, snapshot=snapshot, wake_at=wake_at, publish=publish
        )
        message_ids = [row.message_id for row in pending.rows if row.message_id]
        if len(set(message_ids)) != len(message_ids):
            raise ConflictError("An append has two messages with the same id.")
        hint = Hint(conversation_id=conversation_id, token=secrets.token_hex(8), length=pending.length)
        keys = self._make_keys(conversation_id)
        async with self._busy():
            change = APPEND.call(keys, *self._spell(pending, hint.token))
            outcome, found = await self._change(keys[0], change, hint if pending.rows else None)
            if outcome:
                self._index.settle_later(Look(conversation_id=conversation_id, revision=_NOTHING_DONE), hint)
            elif pending.rows:
                self._index.settle_later(read_look(conversation_id, found), hint)
        if outcome == 1:
            raise ConflictError(f"The conversation has {found} events, not {expected} as the append expects.")
        if outcome == 2:
            raise ConflictError("A message with the same id is stored in the conversation already.")

    async def load_events(
        self, conversation_id: ConversationId, *, start: int = 0, stop: int | None = None
    ) -> list[Event]:
        check_id(conversation_id)
        if stop is not None and stop <= 0:
            return []
        keys = self._make_keys(conversation_id)
        last = -1 if stop is None else stop - 1
        async with self._busy():
            (found,) = await self._run(keys[0], [("LRANGE", keys[1], max(start, 0), last)])
        return [decode_event(data) for data in found]

    async def list_conversations(
        self, *, user_id: UserId | None = None, limit: int = 100, offset: int = 0
    ) -> list[ConversationSummary]:
        if limit <= 0:
            return []
        async with self._busy():
            looks = await self._index.list_by_time(user_id, limit=limit, offset=offset)
        return [_summarize(look) for look in looks]

    async def scan_conversations(
        self,
        *,
        cursor: str | None = None,
        limit: int = 100,
        since: float | None = None,
        until: float | None = None,
    ) -> ConversationPage:
        # A cursor is the id before it with a letter in front: there is an id that is empty.
        after = None if cursor is None else cursor[1:]
        async with self._busy():
            looks, last = await self._index.scan(after, limit=max(limit, 1))
        return ConversationPage(
            conversations=tuple(
                _summarize(look)
                for look in looks
                if (since is None or look.updated_at >= since) and (until is None or look.started_at < until)
            ),
            next_cursor=None if last is None else f"={last}",
        )

    async def list_due(self, now: float, *, limit: int = 100) -> list[ConversationId]:
        if limit <= 0:
            return []
        async with self._busy():
            looks = await self._index.list_due(now, limit=limit)
        return [ConversationId(look.conversation_id) for look in looks]

    async def list_unpublished(self, *, limit: int = 100) -> list[UnpublishedEvents]:
        if limit <= 0:
            return []
        async with self._busy():
            looks = await self._index.list_unpublished(limit=limit)
        return [
            UnpublishedEvents(
                conversation_id=ConversationId(look.conversation_id),
                start=look.publish_from,
                stop=look.length,
            )
            for look in looks
            if look.publish_from is not None
        ]

    async def mark_published(self, conversation_id: ConversationId, stop: int) -> None:
        check_id(conversation_id)
        keys = self._make_keys(conversation_id)
        async with self._busy():
            (found,) = await self._run(keys[0], [MARK.call(keys[:1], stop)])
            if found is not None:
                self._index.settle_later(read_look(conversation_id, found))

    async def claim_run(self, job: str, due: float) -> bool:
        async with self._busy():
            claim = CLAIM.call([self._index.runs_key], job, repr(due), secrets.token_hex(8))
            return bool(await self._change(self._index.runs_key, claim, None))

    async def delete(self, conversation_id: ConversationId, *, expected: int | None = None) -> bool:
        check_id(conversation_id)
        keys = self._make_keys(conversation_id)
        hint = Hint(conversation_id=conversation_id, token=secrets.token_hex(8), length=0)
        async with self._busy():
            deletion = DELETE.call(keys, *([] if expected is None else [expected]))
            outcome, found, *revision = await self._change(keys[0], deletion, hint)
            look = Look(
                conversation_id=conversation_id,
                revision=_NOTHING_DONE if outcome else revision[0].decode(),
            )
            await self._index.finish()
            await self._index.settle([(look, hint)])
        if outcome:
            raise ConflictError(
                f"The conversation has {found} events, not {expected} as the deletion expects."
            )
        return bool(found)

    async def check_health(self) -> None:
        async with self._busy():
            await self._connection.check_writable(self._probe_key)

    async def close(self) -> None:
        if await self._work.finish():
            await self._index.finish()
            await self._connection.close()

    # ---------------------------------------------------------------- asking Redis

    async def _change(self, key: bytes, change: Command, hint: Hint | None) -> Reply:
        """Make a change that is kept when this returns, with its hint before it."""
        commands = [] if hint is None else [self._index.hint(hint)]
        waits = self._durability.waits
        if hint is not None and self._connection.is_cluster:
            replies = await self._run(self._index.hints_key, [*commands, *waits], patient=len(waits))
            self._durability.check(waits, replies[1:])
            commands = []
        replies = await self._run(key, [*commands, change, *waits], patient=len(waits))
        self._durability.check(waits, replies[len(commands) + 1 :])
        return replies[len(commands)]

    async def _run(self, key: bytes, commands: Sequence[Command], *, patient: int = 0) -> list[Reply]:
        """The replies; the last few, so many as are patient, may be errors."""
        replies = await self._connection.run(key, commands)
        for reply in replies[: len(replies) - patient]:
            if isinstance(reply, Exception):
                raise reply
        return replies

    @asynccontextmanager
    async def _busy(self) -> AsyncGenerator[None]:
        """Closing waits for what is done inside, and what Redis complains about becomes an error of ours."""
        from redis.exceptions import RedisError

        with self._work.one_more():
            try:
                yield
            except DuologueError:
                raise
            except (RedisError, OSError, TimeoutError) as error:
                raise self._connection.describe(error) from None

    def _make_keys(self, conversation_id: str) -> tuple[bytes, bytes]:
        return (
            make_key(self._root, "conversation", conversation_id),
            make_key(self._root, "events", conversation_id),
        )

    def _spell(self, pending: PendingAppend, token: str) -> list[str | bytes | int]:
        messages = [(row.message_id, row.sequence) for row in pending.rows if row.message_id]
        return [
            pending.expected,
            token,
            repr(pending.updated_at) if pending.updated_at else "0",
            repr(pending.started_at) if pending.started_at else "0",
            pending.user_id or "",
            pending.snapshot or b"",
            "" if pending.wake_at is None else repr(pending.wake_at),
            "1" if pending.is_promised else "0",
            self._milliseconds_to_live,
            len(messages),
            *(word for message in messages for word in message),
            *(row.data for row in pending.rows),
        ]


def _summarize(look: Look) -> ConversationSummary:
    return ConversationSummary(
        conversation_id=ConversationId(look.conversation_id),
        user_id=None if look.user_id is None else UserId(look.user_id),
        started_at=look.started_at,
        updated_at=look.updated_at,
        length=look.length,
    )


async def open_store(options: RedisTrackerStoreOptions) -> TrackerStore:
    """The store in the Redis that the options name.

    Raises:
        StorageUnavailableError: it cannot be reached, or not be written to now.
        StorageRefusedError: it refuses us.
    """
    return await RedisTrackerStore.open(options)
