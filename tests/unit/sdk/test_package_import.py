"""An author's package, written as Rasa projects write theirs, is imported and run."""

import asyncio
import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from duologue.sdk.errors import (
    ActionExecutionRejection,
    ActionFailedError,
    ActionImportError,
    ActionRegistrationError,
)
from duologue.sdk.executor import ActionExecutor

WriteProject = Callable[..., Path]

BANK = {
    "actions/__init__.py": "",
    "actions/db.py": """
        import contextlib
        import os
        import sqlite3

        PATH = os.path.join(os.path.dirname(__file__), "bank.sqlite")

        @contextlib.contextmanager
        def connect():
            with contextlib.closing(sqlite3.connect(PATH)) as connection, connection:
                connection.execute("CREATE TABLE IF NOT EXISTS payees (name TEXT)")
                yield connection
    """,
    "actions/payees/__init__.py": "",
    "actions/payees/add.py": """
        from typing import Any, Dict, List, Text

        from rasa_sdk import Action, Tracker
        from rasa_sdk.events import SlotSet
        from rasa_sdk.executor import CollectingDispatcher
        from rasa_sdk.types import DomainDict

        from actions.db import connect
        from ..wording import polite

        class BaseAction(Action):
            def answer(self, dispatcher, text):
                dispatcher.utter_message(text=polite(text))

        class ActionAddPayee(BaseAction):
            def name(self) -> Text:
                return "action_add_payee"

            def run(self, dispatcher: CollectingDispatcher, tracker: Tracker,
                    domain: DomainDict) -> List[Dict[Text, Any]]:
                with connect() as connection:
                    connection.execute("INSERT INTO payees VALUES (?)", (tracker.get_slot("payee_name"),))
                self.answer(dispatcher, "added")
                return [SlotSet("payee_added", True)]
    """,
    "actions/payees/count.py": """
        from rasa_sdk import Action, ActionExecutionRejection

        class ActionCountPayees(Action):
            def name(self):
                return "action_count_payees"

            async def run(self, dispatcher, tracker, domain):
                import actions.db as db
                with db.connect() as connection:
                    count = connection.execute("SELECT count(*) FROM payees").fetchone()[0]
                if not count:
                    raise ActionExecutionRejection(self.name(), "nobody there")
                return [{"event": "slot", "name": "count", "value": count}]
    """,
    "actions/wording.py": """
        def polite(text):
            return text + ", thank you"
    """,
    "actions/forms.py": """
        from rasa_sdk import FormValidationAction

        class ValidatePayeeForm(FormValidationAction):
            def name(self):
                return "validate_payee_form"

            def validate_payee_name(self, value, dispatcher, tracker, domain):
                return {"payee_name": value.title()}
    """,
}


def call_of(name: str, **slots: Any) -> dict[str, Any]:
    return {"next_action": name, "tracker": {"sender_id": "ada", "slots": slots}, "domain": {}}


async def value_of(executor: ActionExecutor, name: str) -> Any:
    return (await executor.run(call_of(name)))["events"][0]["value"]


def answering(value: str) -> dict[str, str]:
    """Give a project whose one action answers through a helper that it imports while it runs."""
    return {
        "actions/__init__.py": "",
        "actions/helper.py": f"VALUE = {value!r}",
        "actions/actions.py": """
            import dataclasses
            import importlib
            from importlib import import_module
            from rasa_sdk import Action
            from rasa_sdk.events import SlotSet

            class ActionAnswer(Action):
                def name(self):
                    return "action_answer"

                def run(self, dispatcher, tracker, domain):
                    from actions.helper import VALUE
                    import actions.helper
                    found = [importlib.import_module("actions.helper"), import_module("actions.helper"),
                             import_module(".helper", __package__)]
                    assert all(module is actions.helper for module in found)
                    return [SlotSet("answer", VALUE)]
        """,
    }


async def test_a_package_with_submodules_helpers_and_a_database_runs(
    executor: ActionExecutor, write_project: WriteProject
) -> None:
    executor.register_package("actions", root=write_project(BANK))

    with pytest.raises(ActionExecutionRejection, match="nobody there"):
        await executor.run(call_of("action_count_payees"))
    added = await executor.run(call_of("action_add_payee", payee_name="Grace"))

    assert executor.names() == ["action_add_payee", "action_count_payees", "validate_payee_form"]
    assert added["responses"][0]["text"] == "added, thank you"
    assert await value_of(executor, "action_count_payees") == 1
    assert executor.place_of("action_add_payee").startswith("actions/payees/add.py:")


@pytest.mark.parametrize("given", ["actions", "actions/actions.py"])
async def test_a_package_or_file_can_be_given_by_its_path(
    executor: ActionExecutor, write_project: WriteProject, given: str
) -> None:
    executor.register_package(write_project(answering("yes")) / given)

    assert await value_of(executor, "action_answer") == "yes"


async def test_a_folder_without_init_and_a_single_file_work_too(
    executor: ActionExecutor, write_project: WriteProject
) -> None:
    source = 'from duologue.sdk import action\n\n@action("action_{0}")\nasync def run(d, t, m):\n    pass\n'
    root = write_project({"actions/one.py": source.format("one"), "more.py": source.format("two")})

    executor.register_package("actions", root=root)
    executor.register_package("more", root=root)

    assert executor.names() == ["action_one", "action_two"]


async def test_two_projects_with_packages_of_one_name_never_meet(write_project: WriteProject) -> None:
    first, second = ActionExecutor(), ActionExecutor()
    first.register_package("actions", root=write_project(answering("first"), "one"))
    second.register_package("actions", root=write_project(answering("second"), "two"))

    answers = await asyncio.gather(*(value_of(each, "action_answer") for each in (first, second) * 3))

    assert answers == ["first", "second"] * 3
    assert "actions" not in sys.modules
    first.close()
    second.close()


async def test_an_edited_project_is_imported_afresh(write_project: WriteProject) -> None:
    before = ActionExecutor()
    before.register_package("actions", root=write_project(answering("old")))
    after = ActionExecutor()
    after.register_package("actions", root=write_project(answering("new")))

    assert [await value_of(before, "action_answer"), await value_of(after, "action_answer")] == ["old", "new"]
    before.close()
    after.close()


@pytest.mark.parametrize("close", [True, False])
def test_nothing_stays_behind_when_an_executor_goes(write_project: WriteProject, close: bool) -> None:
    modules, finders, paths = set(sys.modules), list(sys.meta_path), list(sys.path)
    executor = ActionExecutor()
    executor.register_package("actions", root=write_project(answering("gone")))
    assert any(name.endswith(".actions.helper") or name.endswith(".actions.actions") for name in sys.modules)

    if close:
        executor.close()
    del executor
    gc.collect()

    left = {name for name in set(sys.modules) - modules if "actions.actions" in name or "project" in name}
    assert left == set()
    assert [finder for finder in sys.meta_path if type(finder).__name__ == "AuthorCode"] == [
        finder for finder in finders if type(finder).__name__ == "AuthorCode"
    ]
    assert sys.path == paths


async def test_a_folder_the_author_puts_on_the_path_is_theirs_alone(write_project: WriteProject) -> None:
    def hacking(value: str) -> dict[str, str]:
        return {
            "actions/actions.py": """
                import os, sys
                sys.path.append(os.path.dirname(os.path.abspath(__file__)))
                from rasa_sdk import Action
                from sdk_test_neighbour import VALUE

                class ActionAnswer(Action):
                    def name(self):
                        return "action_answer"

                    async def run(self, dispatcher, tracker, domain):
                        import sdk_test_neighbour
                        return [{"event": "slot", "name": "a", "value": [VALUE, sdk_test_neighbour.VALUE]}]
            """,
            "actions/sdk_test_neighbour.py": f"VALUE = {value!r}",
        }

    paths = list(sys.path)
    first, second = ActionExecutor(), ActionExecutor()
    first.register_package("actions", root=write_project(hacking("1"), "one"))
    second.register_package("actions", root=write_project(hacking("2"), "two"))

    assert [await value_of(first, "action_answer"), await value_of(second, "action_answer")] == [
        ["1"] * 2,
        ["2"] * 2,
    ]
    assert sys.path == paths
    first.close()
    second.close()


async def test_author_modules_are_ordinary_modules(
    executor: ActionExecutor, write_project: WriteProject
) -> None:
    source = """
        from __future__ import annotations

        import dataclasses
        import json as js
        import os.path
        import pickle
        import typing
        from importlib import resources
        from typing import Any, ClassVar

        import json_of_ours.reader as reader

        @dataclasses.dataclass
        class Row:
            kind: ClassVar[str] = "row"
            name: str = "x"

        from rasa_sdk import Action

        class ActionAnswer(Action):
            def name(self):
                return "action_answer"

            def run(self, dispatcher, tracker, domain):
                assert typing.get_type_hints(Row)["name"] is str
                row = pickle.loads(pickle.dumps(Row(name="y")))
                text = resources.files(__package__).joinpath("data.txt").read_text()
                return [{"event": "slot", "name": "a", "value": [row.name, text, reader.NAME, os.path.basename(__file__)]}]
    """
    root = write_project(
        {
            "actions/__init__.py": "",
            "actions/rows.py": source,
            "actions/data.txt": "data",
            "json_of_ours/reader.py": "NAME = 'reader'",
        }
    )

    executor.register_package("actions", root=root)

    assert await value_of(executor, "action_answer") == ["y", "data", "reader", "rows.py"]
    assert not list(root.rglob("__pycache__"))


def test_a_folder_named_like_the_standard_library_or_an_installed_package_is_no_trap(
    executor: ActionExecutor, write_project: WriteProject
) -> None:
    root = write_project(
        {
            "actions/__init__.py": "import json, msgspec\njson.dumps({}); msgspec.Struct",
            "json/readme.txt": "",
            "msgspec/readme.txt": "",
        }
    )

    executor.register_package("actions", root=root)


@pytest.mark.usefixtures("forget_imports")
async def test_actions_of_an_installed_library_are_registered_when_a_module_names_them(
    executor: ActionExecutor, write_project: WriteProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = write_project(
        {
            "sdk_test_library.py": """
                from duologue.sdk import Action

                class ActionShared(Action):
                    def name(self):
                        return "action_shared"

                    async def run(self, dispatcher, tracker, domain):
                        return []
            """
        },
        "site",
    )
    monkeypatch.syspath_prepend(str(library))
    root = write_project({"actions.py": "from sdk_test_library import ActionShared"})

    executor.register_package("actions", root=root)

    assert executor.names() == ["action_shared"]


@pytest.mark.usefixtures("forget_imports")
async def test_an_installed_package_can_be_registered_by_name(
    executor: ActionExecutor, write_project: WriteProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = 'from duologue.sdk import action\n\n@action("action_one")\nasync def one(d, t, m):\n    pass\n'
    monkeypatch.syspath_prepend(
        str(
            write_project({"sdk_test_installed/one.py": source, "sdk_test_installed/__init__.py": ""}, "site")
        )
    )

    executor.register_package("sdk_test_installed", root=write_project({"domain.yml": ""}))

    assert executor.names() == ["action_one"]


# What goes wrong


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (
            "\nimport requests_of_nobody",
            "actions/broken.py:2: cannot import 'requests_of_nobody': no such module",
        ),
        (
            "from actions.dbx import connect",
            "actions/broken.py:1: cannot import 'actions.dbx': no such module",
        ),
        (
            "from actions.fine import nothing",
            "actions/broken.py:1: cannot import name 'nothing' from 'actions.fine'",
        ),
        ("from rasa_sdk.forms import FormAction", "use FormValidationAction"),
        ("\n\ndef run(:", "actions/broken.py:3: invalid Python"),
        ("\nTOKEN = {}['TOKEN']", "actions/broken.py:2: importing it raises KeyError: 'TOKEN'"),
        ("raise SystemExit(1)", "actions/broken.py:1: importing it raises SystemExit: 1"),
        ("import rasa_sdk.endpoint", "actions/broken.py:1: cannot import 'sanic'"),
    ],
)
def test_a_broken_module_is_named_with_its_line(
    executor: ActionExecutor, write_project: WriteProject, source: str, problem: str
) -> None:
    root = write_project({"actions/__init__.py": "", "actions/fine.py": "", "actions/broken.py": source})

    with pytest.raises(ActionImportError) as caught:
        executor.register_package("actions", root=root)

    assert len(caught.value.problems) == 1
    assert problem in str(caught.value)
    assert "duologue_project" not in str(caught.value)
    assert caught.value.__cause__ is not None


def test_every_broken_module_is_reported_once(executor: ActionExecutor, write_project: WriteProject) -> None:
    root = write_project(
        {
            "actions/__init__.py": "",
            "actions/a.py": "import missing_one",
            "actions/b.py": "from actions import a",
            "actions/c.py": "import missing_two",
        }
    )

    with pytest.raises(ActionImportError) as caught:
        executor.register_package("actions", root=root)

    assert [problem.split(": ")[0] for problem in caught.value.problems] == [
        "actions/a.py:1",
        "actions/c.py:1",
    ]


def test_a_missing_package_is_said_with_the_folder(executor: ActionExecutor, tmp_path: Path) -> None:
    with pytest.raises(
        ActionImportError, match=r"no module or package 'actions' in .*, nor an installed one"
    ):
        executor.register_package("actions", root=tmp_path)


def test_two_actions_of_one_name_are_named_with_both_files(
    executor: ActionExecutor, write_project: WriteProject
) -> None:
    source = """
        from rasa_sdk import Action

        class ActionHi(Action):
            def name(self):
                return "action_hi"

            def run(self, dispatcher, tracker, domain):
                return []
    """
    root = write_project({"actions/one.py": source, "actions/two.py": source})

    with pytest.raises(ActionRegistrationError, match=r"at actions/one.py:8 and at actions/two.py:8; rename"):
        executor.register_package("actions", root=root)


async def test_a_subclass_stands_for_the_action_it_refines(
    executor: ActionExecutor, write_project: WriteProject
) -> None:
    root = write_project(
        {
            **answering("plain"),
            "actions/again.py": """
                from actions.actions import ActionAnswer

                class ActionAnswerBetter(ActionAnswer):
                    def run(self, dispatcher, tracker, domain):
                        return [{"event": "slot", "name": "answer", "value": "better"}]
            """,
        }
    )

    executor.register_package("actions", root=root)

    assert await value_of(executor, "action_answer") == "better"


async def test_a_failure_points_into_the_authors_code(
    executor: ActionExecutor, write_project: WriteProject
) -> None:
    root = write_project(
        {
            **answering("x"),
            "actions/helper.py": """
                import json

                def read(text):
                    return json.loads(text)
            """,
            "actions/late.py": """
                from rasa_sdk import Action

                class ActionLate(Action):
                    def name(self):
                        return "action_late"

                    async def run(self, dispatcher, tracker, domain):
                        from actions import helper
                        return helper.read('nonsense')
            """,
        }
    )
    executor.register_package("actions", root=root)

    with pytest.raises(
        ActionFailedError, match=r"'action_late' failed at actions/helper.py:5: JSONDecodeError"
    ):
        await executor.run(call_of("action_late"))
