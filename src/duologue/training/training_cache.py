"""What was trained before, kept in a folder by the fingerprint of everything that it was trained from."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

MOST_BYTES = 512 * 1024 * 1024
"""Beyond this what was used longest ago is thrown away."""
_SUFFIX = ".trained"
_DIGEST_LENGTH = 32


class TrainingCache:
    """Files by fingerprint. Two processes may use one folder; an entry that is damaged is as good as none."""

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        """Nothing is written before something is kept."""
        self._folder = folder
        self._most_bytes = most_bytes

    def find(self, fingerprint: str) -> dict[str, bytes] | None:
        """What was kept under the fingerprint."""
        path = self._place(fingerprint)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        payload = memoryview(content)[_DIGEST_LENGTH:]
        if hashlib.sha256(payload).digest() != content[:_DIGEST_LENGTH]:
            return None
        try:
            files = msgspec.msgpack.decode(payload, type=dict[str, bytes])
        except msgspec.DecodeError:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # it was used just now, so it goes last
        return files

    def keep(self, fingerprint: str, files: Mapping[str, bytes]) -> None:
        """Keep the files; a folder that cannot be written to keeps nothing, and nobody has to know."""
        payload = msgspec.msgpack.encode(dict(files))
        with contextlib.suppress(OSError):
            self._make_folder()
            # A name of its own and then one step: nobody sees half an entry.
            handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(hashlib.sha256(payload).digest())
                    file.write(payload)
                Path(temporary).replace(self._place(fingerprint))
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
            self._throw_away()

    def _make_folder(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        ignore = self._folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")

    def _place(self, fingerprint: str) -> Path:
        return self._folder / f"{hashlib.sha256(fingerprint.encode()).hexdigest()[:40]}{_SUFFIX}"

    def _throw_away(self) -> None:
        found: list[tuple[int, int, Path]] = []
        for path in self._folder.glob(f"*{_SUFFIX}"):
            with contextlib.suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime_ns, status.st_size, path))
        size = sum(bytes_ for _, bytes_, _ in found)
        for _, bytes_, path in sorted(found):
            if size <= self._most_bytes:
                return
            with contextlib.suppress(OSError):
                path.unlink()
            size -= bytes_
