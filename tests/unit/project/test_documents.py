"""Documents are read where a policy searches them, and travel in the archive."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from duologue.core.documents import Document
from duologue.project import documents
from duologue.project.archive import describe_definition, read_archive, write_archive
from tests.unit.project.written_project import read_definition, read_written, write_project

CONFIG = "assistant_id: test\npolicies:\n- name: FlowPolicy\n- name: EnterpriseSearchPolicy\n"
DOMAIN = 'version: "3.1"\n'
FAQ = json.dumps(
    [
        {"page_content": "When?", "metadata": {"title": "Hours", "type": "faq", "answer": "Ten to six."}},
        {"page_content": "Only a text."},
    ]
)


def read(folder: Path, files: dict[str, str], config: str = CONFIG) -> tuple[Document, ...]:
    return read_definition(folder, {"config.yml": config, "domain.yml": DOMAIN, **files}).documents


def list_problems(folder: Path, files: dict[str, str], config: str = CONFIG) -> list[str]:
    reading = read_written(folder, {"config.yml": config, "domain.yml": DOMAIN, **files})
    return [problem.format() for problem in reading.problems]


def test_texts_are_read_from_the_folder_and_those_below_it(tmp_path: Path) -> None:
    files = {
        "docs/b.txt": "Second.",
        "docs/a/c.MD": "First.",
        "docs/.hidden/x.txt": "No.",
        "docs/.x.txt": "No.",
        "docs/table.csv": "no",
        "docs/empty.txt": " \n",
    }

    assert read(tmp_path, files) == (
        Document(source="b.txt", text="Second."),
        Document(source="a/c.MD", text="First."),
    )


def test_frequent_questions_are_read_entry_by_entry(tmp_path: Path) -> None:
    assert read(tmp_path, {"docs/faq.json": FAQ}) == (
        Document(source="faq.json", text="When?", title="Hours", answer="Ten to six."),
        Document(source="faq.json", text="Only a text."),
    )


def test_the_configuration_names_the_folder(tmp_path: Path) -> None:
    config = f"{CONFIG}  vector_store: {{source: ./texts/library}}\n"

    assert read(tmp_path, {"texts/library/a.txt": "Open."}, config) == (
        Document(source="a.txt", text="Open."),
    )


def test_without_a_policy_that_searches_them_no_documents_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, {"docs/a.txt": "Open."}, "assistant_id: test\n") == ()


def test_the_archive_carries_the_documents(tmp_path: Path) -> None:
    definition = read_definition(
        tmp_path / "one", {"config.yml": CONFIG, "domain.yml": DOMAIN, "docs/a.txt": "Open."}
    )
    other = read_definition(
        tmp_path / "two", {"config.yml": CONFIG, "domain.yml": DOMAIN, "docs/a.txt": "Closed."}
    )
    archive = write_archive(definition, tmp_path / "models", trained_at=datetime(2026, 1, 1, tzinfo=UTC))

    assert read_archive(archive)[0].documents == (Document(source="a.txt", text="Open."),)
    before, after = (describe_definition(one).fingerprints for one in (definition, other))
    assert {part for part in before if before[part] != after[part]} == {"documents"}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {},
            "config.yml:4: warning: There is no folder `docs` with documents; no question is answered from them."
            " Make it, or name another under `vector_store.source`.",
        ),
        (
            {"docs/a.json": "{"},
            "docs/a.json: warning: The document is not JSON (Input data was truncated); it is left out.",
        ),
        (
            {"docs/a.json": '[{"page_content": "x"}, {"answer": "y"}, 7]'},
            "docs/a.json: warning: 2 of 3 entries have no `page_content`; they are left out."
            " Write each as `{page_content: …, metadata: {answer: …}}`.",
        ),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, files: dict[str, str], message: str) -> None:
    assert list_problems(tmp_path, files) == [message]


def test_a_document_in_another_encoding_is_left_out(tmp_path: Path) -> None:
    write_project(tmp_path, {"docs/good.txt": "Open."})
    (tmp_path / "docs" / "bad.txt").write_bytes("geöffnet".encode("latin-1"))

    assert list_problems(tmp_path, {}) == [
        "docs/bad.txt: warning: The document is not written in UTF-8; it is left out. Save it as UTF-8."
    ]


@pytest.mark.parametrize(("limit", "value"), [("MAX_BYTES", 15), ("MAX_FILES", 1)])
def test_too_many_documents_are_an_error_at_the_place_that_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(documents, limit, value)
    config = f"{CONFIG}  vector_store:\n    source: texts\n"

    (problem,) = list_problems(tmp_path, {"texts/a.txt": "0123456789", "texts/b.txt": "0123456789"}, config)

    assert problem.startswith(
        "config.yml:5: error: The documents in `texts` are more than this release searches:"
    )
    assert problem.endswith("Name a smaller folder under `vector_store.source`.")
