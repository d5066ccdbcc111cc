"""The action server's book of effects: one line for each, written before the answer leaves, kept through a crash."""

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Something that an action did to the world."""

    key: str
    """The idempotency key of the call."""
    conversation_id: str
    number: int


class Ledger:
    """Effects by key; the same call made again has no second effect, a different one under the same key is written down."""

    def __init__(self, path: Path) -> None:
        self._known = {effect.key: effect for effect in read_ledger(path)}
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def note(self, effect: Effect) -> None:
        """Have the effect, unless it is known."""
        if self._known.get(effect.key) != effect:
            self._known[effect.key] = effect
            # One write to the kernel: a process that is killed afterwards has had its effect.
            os.write(self._file, msgspec.json.encode(effect) + b"\n")

    def close(self) -> None:
        os.close(self._file)


def read_ledger(path: Path) -> list[Effect]:
    """All effects, in their order; none where the file does not exist."""
    return list(_decode(path.read_bytes().splitlines())) if path.exists() else []


def _decode(lines: Iterable[bytes]) -> Iterable[Effect]:
    decoder = msgspec.json.Decoder(Effect)
    return (decoder.decode(line) for line in lines if line)
