"""The model archive: the same bytes for the same content, and safe to open."""

import gzip
import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from duologue import __version__
from duologue.project.archive import (
    ArchiveError,
    ArchiveMetadata,
    describe_definition,
    find_latest_archive,
    read_archive,
    read_metadata,
    read_model,
    write_archive,
)
from duologue.project.definition import AssistantDefinition
from tests.unit.project.written_project import read_definition

MORNING = datetime(2024, 2, 29, 8, 15, 0, tzinfo=UTC)
EVENING = datetime(2024, 2, 29, 20, 15, 0, tzinfo=UTC)


@pytest.fixture
def definition(tmp_path: Path) -> AssistantDefinition:
    return read_definition(
        tmp_path / "project",
        {
            "domain.yml": """\
                slots: {a: {type: any, initial_value: {2: x, true: y, null: [z]}}}
                responses: {utter_a: [{text: Hallo Wörld, custom: {deep: [1, {b: 2.5}]}}]}
                """,
            "data/f.yml": "flows:\n  f:\n    description: d\n    steps: [{collect: a, next: [{if: slots.a, then: END}, {else: END}]}]\n",
            "data/nlu.yml": "nlu:\n- intent: i\n  examples: ['go to [Rome](city)']\n",
        },
    )


def test_what_was_written_is_read_again(definition: AssistantDefinition, tmp_path: Path) -> None:
    path = write_archive(definition, tmp_path / "models", trained_at=MORNING)
    read, metadata = read_archive(path)
    assert read.flows == definition.flows
    assert read.training_data == definition.training_data
    assert read.domain.responses == definition.domain.responses
    assert read.domain.slots["a"].initial_value == {"2": "x", "true": "y", "null": ["z"]}
    assert metadata == describe_definition(read)
    assert (metadata.duologue_version, metadata.assistant_id, metadata.language) == (
        __version__,
        "test",
        "en",
    )


def test_the_time_goes_into_the_name_and_not_into_the_bytes(
    definition: AssistantDefinition, tmp_path: Path
) -> None:
    first = write_archive(definition, tmp_path, trained_at=MORNING)
    second = write_archive(definition, tmp_path, trained_at=EVENING)
    assert first.name.startswith("20240229-081500-")
    assert second.name == first.name.replace("081500", "201500")
    assert first.read_bytes() == second.read_bytes()


def test_only_the_fingerprint_of_the_changed_part_changes(definition: AssistantDefinition) -> None:
    before = describe_definition(definition)
    after = describe_definition(msgspec.structs.replace(definition, flows=()))
    assert [
        part for part in before.fingerprints if before.fingerprints[part] != after.fingerprints[part]
    ] == ["flows"]
    assert before.model_id != after.model_id


def test_an_archive_can_be_given_a_name_or_a_path(definition: AssistantDefinition, tmp_path: Path) -> None:
    assert write_archive(definition, tmp_path, trained_at=MORNING, name="mine").name == "mine.tar.gz"
    path = tmp_path / "deep" / "own.tar.gz"
    assert write_archive(definition, path, trained_at=MORNING) == path
    assert [found.name for found in path.parent.iterdir()] == ["own.tar.gz"]


def test_the_latest_archive_is_found(definition: AssistantDefinition, tmp_path: Path) -> None:
    assert find_latest_archive(tmp_path / "missing") is None
    assert find_latest_archive(tmp_path) is None
    write_archive(definition, tmp_path, trained_at=EVENING)
    latest = write_archive(definition, tmp_path, trained_at=MORNING)
    (tmp_path / "notes.txt").write_text("x")
    assert find_latest_archive(tmp_path) == latest
    assert find_latest_archive(latest) == latest


def pack(members: dict[str, bytes], *, link: str | None = None, claimed: int = 0) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        if link:
            member = tarfile.TarInfo(link)
            member.type = tarfile.SYMTYPE
            member.linkname = "/etc/passwd"
            tar.addfile(member)
        if claimed:
            member = tarfile.TarInfo("big")
            member.size = claimed
            # The header alone is enough to be refused; nobody reads on for the content.
            tar.fileobj.write(member.tobuf())  # pyright: ignore[reportOptionalMemberAccess]
    return packed.getvalue()


def metadata(version: int = 1) -> bytes:
    return msgspec.json.encode(
        ArchiveMetadata(
            model_id="m",
            assistant_id="a",
            duologue_version="9.9",
            format_version=version,
            language="en",
            fingerprints={},
        )
    )


FOREIGN = "this model was not made by Duologue; train one from the project with `duologue train`."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"hello", "this is not a model archive, or it is damaged."),
        (b"", "this is not a model archive, or it is damaged."),
        (gzip.compress(b"hello" * 500, mtime=0), "this is not a model archive, or it is damaged."),
        (pack({"metadata.json": metadata()})[:-40], "this is not a model archive, or it is damaged."),
        (pack({"metadata.json": b'{"rasa_open_source_version": "3.6"}', "components/x": b""}), FOREIGN),
        (pack({"readme": b""}), FOREIGN),
        (pack({"metadata.json": metadata()}), "the archive has no `definition.json`; train the model again."),
        (
            pack({"metadata.json": metadata(), "definition.json": b"{"}),
            "the archive is damaged; train the model again.",
        ),
        (
            pack({"metadata.json": metadata(), "definition.json": b"{}"}),
            "the archive is damaged; train the model again.",
        ),
        (
            pack({"metadata.json": metadata(3), "definition.json": b"{}"}),
            "the model was made by Duologue 9.9, which is newer; update Duologue or train the model again.",
        ),
        (pack({"../evil": b""}), "the archive holds `../evil`, which no model archive of ours does."),
        (pack({"/evil": b""}), "the archive holds `/evil`, which no model archive of ours does."),
        (pack({}, link="evil"), "the archive holds `evil`, which no model archive of ours does."),
        (pack({}, claimed=257 * 1024 * 1024), "unpacked, the archive is larger than 256 MB."),
    ],
    ids=lambda value: value if isinstance(value, str) else "archive",
)
def test_a_damaged_foreign_or_dangerous_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "model.tar.gz"
    path.write_bytes(content)
    with pytest.raises(ArchiveError) as caught:
        read_archive(path)
    assert str(caught.value) == f"{path}: {message}"


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="there is no such model archive"):
        read_archive(tmp_path / "none.tar.gz")


def test_what_was_trained_travels_with_the_definition(
    definition: AssistantDefinition, tmp_path: Path
) -> None:
    files = {"nlu/0.weights": b"\x00\x01", "core/rules.json": b"{}"}
    path = write_archive(
        definition, tmp_path, trained_at=MORNING, files=files, trained={"nlu": "abc", "core": "def"}
    )
    model = read_model(path)
    assert model.files == files
    assert model.definition == read_archive(path)[0]
    assert model.metadata.trained == {"nlu": "abc", "core": "def"}
    assert read_metadata(path) == model.metadata
    assert model.metadata.model_id != describe_definition(definition).model_id


def test_an_archive_of_the_first_format_loses_its_raw_stories_and_nothing_else(
    definition: AssistantDefinition, tmp_path: Path
) -> None:
    old = msgspec.to_builtins(definition)
    old["training_data"]["stories"] = [{"story": "s", "steps": [{"intent": "i"}]}]
    path = tmp_path / "old.tar.gz"
    del old["domain"]["slots"]  # its keys are not JSON's
    path.write_bytes(pack({"metadata.json": metadata(1), "definition.json": msgspec.json.encode(old)}))
    read, _ = read_archive(path)
    assert read.training_data.examples == definition.training_data.examples
    assert read.training_data.stories == ()
