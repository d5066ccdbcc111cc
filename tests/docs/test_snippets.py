"""Every snippet of the README and the documentation runs, or is read by the part of the product it speaks to."""

import re
import shlex
import shutil
import subprocess
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.markdown import Snippet, pages, read_snippets

REPOSITORY = Path(__file__).resolve().parents[2]
SNIPPETS = read_snippets(REPOSITORY)
LANGUAGES = {"console", "http", "json", "mermaid", "python", "text", "yaml"}
DEFAULT_FILES = {
    "config.yml": "recipe: default.v1\nlanguage: en\nassistant_id: documented\npipeline: []\npolicies:\n  - name: FlowPolicy\n",
    "domain.yml": 'version: "3.1"\n',
}
CODE = re.compile(r"(?ms)^```.*?^```|`[^`\n]*`")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")


def of(language: str) -> list[Any]:
    return [pytest.param(snippet, id=str(snippet)) for snippet in SNIPPETS if snippet.language == language]


def projects() -> list[Any]:
    by_page: defaultdict[str, list[Snippet]] = defaultdict(list)
    for snippet in SNIPPETS:
        if snippet.file:
            by_page[snippet.page].append(snippet)
    return [pytest.param(snippets, id=page) for page, snippets in by_page.items()]


def duologue(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("duologue")), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@cache
def help_of(*verbs: str) -> str:
    result = duologue(*verbs, "--help", folder=REPOSITORY)
    assert result.returncode == 0, f"duologue {' '.join(verbs)} --help: {result.stderr}"
    return result.stdout


def commands(snippet: Snippet) -> list[list[str]]:
    joined = snippet.text.replace("\\\n", " ")
    return [shlex.split(line[2:], comments=True) for line in joined.splitlines() if line.startswith("$ ")]


@pytest.mark.parametrize("snippet", [pytest.param(snippet, id=str(snippet)) for snippet in SNIPPETS])
def test_a_snippet_is_in_a_language_that_is_checked(snippet: Snippet) -> None:
    assert snippet.language in LANGUAGES


@pytest.mark.parametrize("snippet", of("python"))
def test_a_python_snippet_runs(snippet: Snippet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = compile(snippet.text, str(snippet), "exec", dont_inherit=True)
    exec(code, {"__name__": "snippet"})


@pytest.mark.parametrize("snippet", of("yaml"))
def test_a_yaml_snippet_is_a_mapping_or_a_list(snippet: Snippet) -> None:
    assert isinstance(yaml.safe_load(snippet.text), dict | list)


@pytest.mark.parametrize("snippets", projects())
def test_the_project_that_a_page_shows_is_valid(snippets: list[Snippet], tmp_path: Path) -> None:
    files = {str(snippet.file): snippet.text for snippet in snippets}
    assert len(files) == len(snippets), "A page shows one project; it names a file twice."
    if is_about_the_tiny_assistant(snippets[0].page):
        shutil.copytree(REPOSITORY / "examples" / "tiny", tmp_path, dirs_exist_ok=True)
    else:
        files = DEFAULT_FILES | files
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    result = duologue("data", "validate", folder=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


def is_about_the_tiny_assistant(page: str) -> bool:
    """Such a page makes a new assistant, and its files come on top."""
    return "$ duologue init" in (REPOSITORY / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("snippet", of("console"))
def test_a_command_of_a_console_snippet_exists_with_its_options(snippet: Snippet) -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    for program, *arguments in commands(snippet):
        if program == "make":
            targets = [argument for argument in arguments if "=" not in argument]
            assert all(re.search(rf"^{target}:", makefile, flags=re.MULTILINE) for target in targets), (
                arguments
            )
        if program == "duologue":
            verbs = verbs_of(arguments)
            options = {argument.partition("=")[0] for argument in arguments if argument.startswith("--")}
            assert all(option in help_of(*verbs) for option in options), (verbs, options)


def verbs_of(arguments: list[str]) -> list[str]:
    """The leading words that name a command: `data validate` has two, `run folder` has one."""
    words: list[str] = []
    for word in arguments:
        listed = re.search(rf"^  {re.escape(word)}(  |$)", help_of(*words), flags=re.MULTILINE)
        if word.startswith("-") or listed is None:
            break
        words.append(word)
    return words


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in pages(REPOSITORY)])
def test_a_link_to_a_file_leads_somewhere(page: Path) -> None:
    # Marks of entities in training data look like links.
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    targets = [match["target"].partition("#")[0] for match in LINK.finditer(text)]
    local = [
        target for target in targets if target and "://" not in target and not target.startswith("mailto:")
    ]
    assert [target for target in local if not (page.parent / target).exists()] == []
