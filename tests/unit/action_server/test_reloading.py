"""Actions that are imported afresh when their files change."""

import asyncio
import logging
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from duologue.action_server.reloading import ReloadingCode, import_actions
from duologue.core.errors import DefinitionError

ACTION = """
from duologue.sdk import Action

class Say(Action):
    def name(self):
        return "{name}"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="{text}")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "actions").mkdir()
    write(tmp_path, "one", "action_say", "Hello.")
    return tmp_path


def write(folder: Path, file: str, name: str, text: str) -> None:
    (folder / "actions" / f"{file}.py").write_text(ACTION.format(name=name, text=text), encoding="utf-8")


def open_code(folder: Path) -> ReloadingCode:
    return ReloadingCode(partial(import_actions, "actions", folder, threads=2), folder)


async def ask(code: ReloadingCode, name: str = "action_say") -> Any:
    result = await code.run({"next_action": name, "sender_id": "ada", "tracker": {}})
    return result["responses"][0]["text"]


async def test_a_changed_file_is_imported_afresh(folder: Path) -> None:
    code = open_code(folder)
    before = await ask(code)
    write(folder, "one", "action_say", "Good morning.")
    assert (before, await ask(code)) == ("Hello.", "Good morning.")


async def test_a_new_file_brings_its_actions_and_a_deleted_one_takes_them_along(folder: Path) -> None:
    code = open_code(folder)
    write(folder, "two", "action_more", "More.")
    assert await ask(code, "action_more") == "More."
    (folder / "actions" / "one.py").unlink()
    assert code.names() == ["action_more"]


async def test_a_broken_file_is_named_once_and_the_code_of_before_goes_on(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    code = open_code(folder)
    (folder / "actions" / "one.py").write_text("def broken(:\n", encoding="utf-8")
    assert [await ask(code), await ask(code)] == ["Hello.", "Hello."]
    findings = [vars(record)["finding"] for record in caplog.records]
    assert len(findings) == 1
    assert "actions/one.py:1" in findings[0]
    write(folder, "one", "action_say", "Mended.")
    assert await ask(code) == "Mended."


async def test_a_call_under_way_ends_with_the_code_that_it_began_with(folder: Path) -> None:
    waiting = """
import asyncio
from duologue.sdk import action

@action("action_wait")
async def wait(dispatcher, tracker, domain):
    import actions.door
    actions.door.BEGUN.touch()
    while not actions.door.OPEN.exists():
        await asyncio.sleep(0.01)
    from actions.words import TEXT
    dispatcher.utter_message(text=TEXT)
"""
    (folder / "actions" / "one.py").write_text(waiting, encoding="utf-8")
    door = "from pathlib import Path\nBEGUN = Path(__file__).with_name('begun')\nOPEN = Path(__file__).with_name('open')\n"
    (folder / "actions" / "door.py").write_text(door, encoding="utf-8")
    (folder / "actions" / "words.py").write_text("TEXT = 'before'\n", encoding="utf-8")
    code = open_code(folder)
    call = asyncio.create_task(ask(code, "action_wait"))
    while not (folder / "actions" / "begun").exists():  # noqa: ASYNC110 - the author's code knows no event of ours
        await asyncio.sleep(0)
    (folder / "actions" / "words.py").write_text("TEXT = 'afterwards'\n", encoding="utf-8")
    assert code.names() == ["action_wait"]
    (folder / "actions" / "open").touch()
    assert [await call, await ask(code, "action_wait")] == ["before", "afterwards"]


def test_code_that_cannot_be_imported_at_the_start_is_an_error_with_its_line(folder: Path) -> None:
    (folder / "actions" / "one.py").write_text("import nothing_of_that_name\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"actions/one\.py:1.*nothing_of_that_name"):
        open_code(folder)


async def test_files_of_virtual_environments_are_not_watched(folder: Path) -> None:
    code = open_code(folder)
    environment = folder / "venv" / "lib"
    environment.mkdir(parents=True)
    (folder / "venv" / "pyvenv.cfg").touch()
    before = await ask(code)
    (environment / "module.py").touch()
    assert (before, await ask(code)) == ("Hello.", "Hello.")
