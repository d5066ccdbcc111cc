"""The model archive: a definition packed into one file, the same bytes for the same content."""

import gzip
import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from duologue import __version__
from duologue.core.errors import DefinitionError
from duologue.project.archive_names import make_archive_name
from duologue.project.definition import AssistantDefinition
from duologue.project.fields import is_items, is_mapping

ARCHIVE_SUFFIX = ".tar.gz"
FORMAT_VERSION = 2
"""2 holds what was trained, and stories as they are understood instead of as they are written."""
MAX_ARCHIVE_BYTES = 256 * 1024 * 1024
"""Packed or unpacked, an archive may not be larger."""

_METADATA = "metadata.json"
_DEFINITION = "definition.json"
_TRAINED = ("nlu", "core")
"""Folders of what was trained from examples and stories."""
_MOST_MEMBERS = 5000
_LARGE_BYTES = 8 * 1024 * 1024


class ArchiveError(DefinitionError):
    """A file is not a model archive that this release can read."""


class ArchiveMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive says of itself."""

    model_id: str
    """Fingerprint of the whole content; equal content, equal id."""
    assistant_id: str
    duologue_version: str
    format_version: int
    language: str
    fingerprints: dict[str, str]
    """Of `config`, `domain`, `flows`, `training_data`, `prompt_templates` and `documents`: a part whose fingerprint is the same is the same."""
    trained: dict[str, str] = {}
    """Fingerprints of everything that `nlu` and `core` were trained from; a part that is missing was not trained."""


class ModelArchive(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that an archive holds."""

    definition: AssistantDefinition
    metadata: ArchiveMetadata
    files: dict[str, bytes] = {}
    """What was trained, by path: `nlu/…` and `core/…`."""


def write_archive(
    definition: AssistantDefinition,
    target: Path,
    *,
    trained_at: datetime,
    name: str | None = None,
    files: Mapping[str, bytes] | None = None,
    trained: Mapping[str, str] | None = None,
) -> Path:
    """Write the archive and give its path.

    Args:
        target: the folder for archives, made if missing, or the file to write if it ends in `.tar.gz`.
        name: instead of one made from the time and the content.
        files: what was trained, by its path in the archive, which begins with `nlu/` or `core/`.
        trained: fingerprints of the parts that were trained.

    Raises:
        ArchiveError: there is more to write than could be read again.
    """
    metadata = describe_definition(definition, trained)
    members = {
        **(files or {}),
        _METADATA: msgspec.json.format(msgspec.json.encode(metadata)),
        _DEFINITION: _encode(definition),
    }
    if sum(map(len, members.values())) > MAX_ARCHIVE_BYTES or len(members) > _MOST_MEMBERS:
        raise ArchiveError(f"The model is larger than {_show_limit()}; train it from less data.")
    packed = _pack(members)
    if target.name.endswith(ARCHIVE_SUFFIX):
        path = target
    else:
        stem = (name or make_archive_name(metadata.model_id, trained_at)).removesuffix(ARCHIVE_SUFFIX)
        path = target / f"{stem}{ARCHIVE_SUFFIX}"
    _write_whole(path, packed)
    return path


def describe_definition(
    definition: AssistantDefinition, trained: Mapping[str, str] | None = None
) -> ArchiveMetadata:
    """The metadata that an archive of this definition carries, with the fingerprints of its trained parts."""
    parts = {
        "config": definition.config,
        "domain": definition.domain,
        "flows": definition.flows,
        "training_data": definition.training_data,
        "prompt_templates": definition.prompt_templates,
        "documents": definition.documents,
    }
    fingerprints = {part: _fingerprint(_encode(value)) for part, value in parts.items()}
    trained = dict(sorted((trained or {}).items()))
    named = [f"{part}={fingerprint}" for part, fingerprint in trained.items()]
    return ArchiveMetadata(
        model_id=_fingerprint("".join([*fingerprints.values(), *named]).encode()),
        assistant_id=definition.config.assistant_id,
        duologue_version=__version__,
        format_version=FORMAT_VERSION,
        language=definition.config.language,
        fingerprints=fingerprints,
        trained=trained,
    )


def read_archive(path: Path) -> tuple[AssistantDefinition, ArchiveMetadata]:
    """Read what the project said, without what was trained; nothing is unpacked onto the disk.

    Raises:
        ArchiveError: it is missing, damaged, foreign or from a later release.
    """
    model = _read(path, has_files=False)
    return model.definition, model.metadata


def read_model(path: Path) -> ModelArchive:
    """Read an archive with everything in it; nothing is unpacked onto the disk.

    Raises:
        ArchiveError: it is missing, damaged, foreign or from a later release.
    """
    return _read(path, has_files=True)


def read_metadata(path: Path) -> ArchiveMetadata:
    """What an archive says of itself.

    Raises:
        ArchiveError: it is missing, damaged, foreign or from a later release.
    """
    return _decode_metadata(_unpack(path, lambda name: name == _METADATA, last=_METADATA), path)


def _read(path: Path, *, has_files: bool) -> ModelArchive:
    wanted = (_METADATA, _DEFINITION)
    members = _unpack(path, lambda name: name in wanted or (has_files and name.partition("/")[0] in _TRAINED))
    metadata = _decode_metadata(members, path)
    if _DEFINITION not in members:
        raise ArchiveError(f"{path}: the archive has no `{_DEFINITION}`; train the model again.")
    try:
        definition = _decode_definition(members[_DEFINITION], metadata.format_version)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, AttributeError, TypeError):
        raise ArchiveError(f"{path}: the archive is damaged; train the model again.") from None
    files = {name: content for name, content in members.items() if name not in wanted}
    return ModelArchive(definition=definition, metadata=metadata, files=files)


def _decode_definition(content: bytes, version: int) -> AssistantDefinition:
    if version >= FORMAT_VERSION:
        return msgspec.json.decode(content, type=AssistantDefinition)
    raw = msgspec.json.decode(content)
    for part in ("stories", "rules"):
        # The first format kept stories as written; no release that wrote it ran them.
        raw.get("training_data", {}).pop(part, None)
    return msgspec.convert(raw, type=AssistantDefinition)


def find_latest_archive(folder: Path) -> Path | None:
    """The archive written last, or None; a file given instead of a folder is taken as it is."""
    if folder.is_file():
        return folder
    if not folder.is_dir():
        return None
    found = list_archives(folder)
    return max(found, key=lambda path: (path.stat().st_mtime_ns, path.name), default=None)


def list_archives(folder: Path) -> list[Path]:
    """All archives of a folder by name."""
    return sorted(path for path in folder.iterdir() if path.name.endswith(ARCHIVE_SUFFIX) and path.is_file())


def _encode(value: object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except TypeError:
        # YAML allows keys such as `true`, JSON does not.
        return msgspec.json.encode(_with_text_keys(msgspec.to_builtins(value)))


def _with_text_keys(value: Any) -> Any:
    """A copy with text for every key. Any, because it walks open data."""
    if is_mapping(value):
        return {_show_key(key): _with_text_keys(part) for key, part in value.items()}
    if is_items(value):
        return [_with_text_keys(part) for part in value]
    return value


def _show_key(key: object) -> str:
    match key:
        case str():
            return key
        case None:
            return "null"
        case bool():
            return str(key).lower()
        case _:
            return str(key)


def _fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _pack(members: Mapping[str, bytes]) -> bytes:
    """A tar.gz without times, owners or anything else that differs between two runs."""
    packed = io.BytesIO()
    # What was learned is mostly numbers, which take long to pack and hardly shrink.
    is_large = sum(map(len, members.values())) > _LARGE_BYTES
    with (
        gzip.GzipFile(
            filename="", fileobj=packed, mode="wb", compresslevel=1 if is_large else 6, mtime=0
        ) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        # What describes the model comes first, so that it is read without the rest.
        for name in sorted(members, key=lambda name: (name != _METADATA, name != _DEFINITION, name)):
            member = tarfile.TarInfo(name)
            member.size = len(members[name])
            member.mode = 0o644
            tar.addfile(member, io.BytesIO(members[name]))
    return packed.getvalue()


def _write_whole(path: Path, content: bytes) -> None:
    """The file appears under its name only when it is complete."""
    try:
        _write_beside(path, content)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ArchiveError(f"{path}: the archive cannot be written: {reason}.") from error


def _write_beside(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _unpack(path: Path, is_wanted: Callable[[str], bool], last: str | None = None) -> dict[str, bytes]:
    """The wanted members; behind `last` nothing is read."""
    try:
        if path.stat().st_size > MAX_ARCHIVE_BYTES:
            raise ArchiveError(f"{path}: the archive is larger than {_show_limit()}.")
        with path.open("rb") as file, tarfile.open(fileobj=file, mode="r|gz") as tar:
            return _read_members(tar, path, is_wanted, last)
    except FileNotFoundError:
        raise ArchiveError(f"{path}: there is no such model archive.") from None
    except (OSError, EOFError, tarfile.TarError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise ArchiveError(f"{path}: the archive cannot be read: {error.strerror}.") from None
        raise ArchiveError(f"{path}: this is not a model archive, or it is damaged.") from None


def _read_members(
    tar: tarfile.TarFile, path: Path, is_wanted: Callable[[str], bool], last: str | None
) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    size = 0
    for count, member in enumerate(tar):
        size += member.size
        if size > MAX_ARCHIVE_BYTES or count > _MOST_MEMBERS:
            raise ArchiveError(f"{path}: unpacked, the archive is larger than {_show_limit()}.")
        name = member.name.removeprefix("./")
        if name.startswith("/") or ".." in name.split("/") or not (member.isfile() or member.isdir()):
            raise ArchiveError(f"{path}: the archive holds `{name}`, which no model archive of ours does.")
        if is_wanted(name) and (content := tar.extractfile(member)) is not None:
            members[name] = content.read()
        if name == last:
            break
    return members


def _decode_metadata(members: Mapping[str, bytes], path: Path) -> ArchiveMetadata:
    try:
        metadata = msgspec.json.decode(members.get(_METADATA, b""), type=ArchiveMetadata)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ArchiveError(
            f"{path}: this model was not made by Duologue; train one from the project with `duologue train`."
        ) from None
    if metadata.format_version > FORMAT_VERSION:
        raise ArchiveError(
            f"{path}: the model was made by Duologue {metadata.duologue_version}, which is newer; "
            "update Duologue or train the model again."
        )
    return metadata


def _show_limit() -> str:
    return f"{MAX_ARCHIVE_BYTES // 1024 // 1024} MB"
