"""How long conversations are kept, as `endpoints.yml` says it."""

from pathlib import Path

import pytest

from duologue.project.endpoints import ConversationDeletion
from duologue.project.endpoints_reader import EndpointsReading, read_endpoints

_INDENT = "    "


def read(folder: Path, *lines: str) -> EndpointsReading:
    path = folder / "endpoints.yml"
    text = "\n".join(("privacy:", "  tracker_store_settings:", *(_INDENT + line for line in lines)))
    path.write_text(text, encoding="utf-8")
    return read_endpoints(path, root=folder, environment={})


def test_a_deletion_is_read(tmp_path: Path) -> None:
    reading = read(tmp_path, 'deletion: {min_after_session_end: 1440, cron: "0 3 * * *"}')
    assert list(reading.problems) == []
    assert reading.endpoints.privacy.deletion == ConversationDeletion(
        min_after_session_end=1440, cron="0 3 * * *"
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('deletion: {cron: "0 3 * * *"}', "endpoints.yml:3: error: `deletion` needs `min_after_session_end`"),
        ("deletion: {min_after_session_end: 5}", "`deletion` needs `cron`"),
        (
            'deletion: {min_after_session_end: -1, cron: "0 3 * * *"}',
            "must be a number of minutes, 0 or more",
        ),
        (
            'deletion: {min_after_session_end: soon, cron: "0 3 * * *"}',
            "must be a number of minutes, 0 or more",
        ),
        (
            'deletion: {min_after_session_end: 5, cron: "0 3 * *"}',
            "`cron` must be a cron expression of five fields",
        ),
        ('deletion: {min_after_session_end: 5, cron: "61 3 * * *"}', "`cron` must be a cron expression"),
        ('deletion: {min_after_session_end: 5, cron: "0 0 31 2 *"}', "`cron` must be a cron expression"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, line: str, said: str) -> None:
    reading = read(tmp_path, line)
    [problem] = reading.problems.errors
    assert problem.format().startswith("endpoints.yml:3: ")
    assert said in problem.format()
    assert reading.endpoints.privacy.deletion is None


def test_a_misspelt_key_is_named(tmp_path: Path) -> None:
    reading = read(tmp_path, 'deletions: {min_after_session_end: 5, cron: "0 3 * * *"}')
    [warning] = reading.problems.warnings
    assert "`deletion`" in warning.format()


def test_anonymization_is_not_done_yet(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        'anonymization: {min_after_session_end: 60, cron: "0 1 * * *"}',
        'deletion: {min_after_session_end: 1440, cron: "0 3 * * *"}',
    )
    [warning] = reading.problems.warnings
    assert warning.format().startswith("endpoints.yml:3: ")
    assert "`anonymization` is not done yet" in warning.format()
    assert not reading.problems.has_errors


def test_a_deletion_leaves_time_for_anonymization(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        'anonymization: {min_after_session_end: 60, cron: "0 3 * * *"}',
        'deletion: {min_after_session_end: 60, cron: "0 3 * * *"}',
    )
    messages = [problem.format() for problem in reading.problems.errors]
    assert len(messages) == 2
    assert "comes before `anonymization`" in messages[0]
    assert "have the same `cron`" in messages[1]


def test_a_key_without_a_value_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    reading = read(tmp_path, "deletion:")
    assert list(reading.problems) == []
    assert reading.endpoints.privacy.deletion is None
