"""Results in the memory of one process: gone when it ends, and unknown to other workers."""

import msgspec

from duologue.core.errors import StorageUnavailableError
from duologue.ports.result_store import Begun, Claim, Remembered, ResultStore, UnderWay

MOST_BYTES = 256 * 1024 * 1024


class _Row(msgspec.Struct, kw_only=True):
    fence: int
    until: float
    result: bytes | None = None


class InMemoryResultStore:
    """A result store without anything outside; the oldest results go when it holds too much."""

    def __init__(self, *, most_bytes: int = MOST_BYTES) -> None:
        self._rows: dict[str, _Row] = {}
        self._last_fence = 0
        self._size = 0
        self._most_bytes = most_bytes
        self._is_closed = False

    async def claim(self, key: str, *, now: float, lease: float) -> Claim:
        self._require_open()
        row = self._rows.get(key)
        if row is not None and row.until > now:
            return UnderWay(until=row.until) if row.result is None else Remembered(result=row.result)
        self._remove(key)
        self._last_fence += 1
        self._rows[key] = _Row(fence=self._last_fence, until=now + lease)
        return Begun(fence=self._last_fence)

    async def renew(self, key: str, fence: int, *, now: float, lease: float) -> bool:
        row = self._find_held(key, fence)
        if row is not None:
            row.until = now + lease
        return row is not None

    async def finish(self, key: str, fence: int, result: bytes, *, now: float, keep: float) -> bool:
        if self._find_held(key, fence) is None:
            return False
        # Put in anew, so that the rows of results stand in the order in which they came.
        self._remove(key)
        self._rows[key] = _Row(fence=fence, until=now + keep, result=result)
        self._size += len(result)
        self._make_room()
        return True

    async def release(self, key: str, fence: int) -> None:
        if self._find_held(key, fence) is not None:
            self._remove(key)

    async def delete_expired(self, *, now: float, limit: int = 1000) -> int:
        self._require_open()
        over = [key for key, row in self._rows.items() if row.until <= now and row.result is not None]
        for key in over[:limit]:
            self._remove(key)
        return len(over[:limit])

    async def check_health(self) -> None:
        self._require_open()

    async def close(self) -> None:
        self._is_closed = True
        self._rows.clear()

    def _find_held(self, key: str, fence: int) -> _Row | None:
        self._require_open()
        row = self._rows.get(key)
        return row if row is not None and row.fence == fence and row.result is None else None

    def _remove(self, key: str) -> None:
        row = self._rows.pop(key, None)
        if row is not None:
            self._size -= len(row.result or b"")

    def _make_room(self) -> None:
        while self._size > self._most_bytes:
            self._remove(next(key for key, row in self._rows.items() if row.result is not None))

    def _require_open(self) -> None:
        if self._is_closed:
            raise StorageUnavailableError("The store of results is closed.")


async def open_store() -> ResultStore:
    """A store that forgets everything when the process ends."""
    return InMemoryResultStore()
