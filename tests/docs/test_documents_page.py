"""The page on answering from documents: its project gives the answers that it promises, and every option is in its table."""

import re
from pathlib import Path

import msgspec
import pytest

from duologue.core.commands import KnowledgeAnswer
from duologue.core.search_options import SearchOptions
from duologue.project.project_reader import read_project
from duologue.runtime.knowledge import open_knowledge
from duologue.testing.conversation import Conversation
from tests.docs.markdown import snippets_of

ROW = re.compile(r"^\| (?P<question>[^|`]+) \| (?P<answer>[^|]+) \|$", re.MULTILINE)
PAGE = "docs/guides/answering-from-documents.md"


@pytest.fixture
def page(repository: Path) -> str:
    return (repository / PAGE).read_text(encoding="utf-8")


@pytest.fixture
def project(repository: Path, tmp_path: Path) -> Path:
    for snippet in snippets_of(repository / PAGE, repository):
        if snippet.file:
            path = tmp_path / snippet.file
            path.parent.mkdir(exist_ok=True)
            path.write_text(snippet.text.partition("\n")[2], encoding="utf-8")
    return tmp_path


async def test_every_question_of_the_page_gets_its_answer(page: str, project: Path) -> None:
    definition = read_project(project, environment={}).require_definition()
    rows = ROW.findall(page.partition("## Documents")[0])
    promised = [(question, answer) for question, answer in rows if question != "the user says"]

    async with Conversation.with_project(project, knowledge=open_knowledge(definition)) as talk:
        for question, answer in promised:
            await talk.says(question, KnowledgeAnswer())
            assert talk.texts == [answer]
    assert len(promised) == 4


def test_every_option_is_in_the_table(page: str) -> None:
    table = page.partition("## Options of")[2]
    missing = [field.name for field in msgspec.structs.fields(SearchOptions) if f"`{field.name}" not in table]

    assert missing == ["priority"]
