"""A fingerprint of our own code: what another version trained is not taken for what this one would."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path

import duologue

ROOMS_OF_NLU = ("adapters/sentence_encoder", "core", "understanding")
ROOMS_OF_POLICIES = ("core", "dialogue", "understanding/vectors")
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "python-crfsuite", "onnxruntime")
"""Libraries whose results may differ from version to version."""


@lru_cache
def digest_rooms(rooms: tuple[str, ...]) -> str:
    """Of the code in these rooms, and of the libraries that training makes use of."""
    digest = hashlib.sha256(duologue.__version__.encode())
    for room in rooms:
        folder = resources.files("duologue")
        for part in room.split("/"):
            folder /= part
        for name, content in _list_code(folder, room):
            digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    for library in _LIBRARIES:
        digest.update(f"{library} {_find_version(library)}\n".encode())
    return digest.hexdigest()


def digest_modules(dotted_paths: Iterable[str]) -> str:
    """Of the files that hold components or policies of the author's own."""
    digest = hashlib.sha256()
    for path in sorted(set(dotted_paths)):
        digest.update(path.encode() + b"\0" + _read_module(path.rpartition(".")[0]) + b"\0")
    return digest.hexdigest()


def _list_code(folder: Traversable, name: str) -> Iterable[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _list_code(entry, f"{name}/{entry.name}")
        elif entry.name.endswith(".py"):
            yield f"{name}/{entry.name}", entry.read_bytes()


def _find_version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _read_module(name: str) -> bytes:
    """The module's source; nothing if it has none, which importing it will tell."""
    try:
        found = find_spec(name)
        return Path(found.origin).read_bytes() if found and found.origin else b""
    except (ImportError, ValueError, OSError):
        return b""
