"""Habits of the source that a linter does not know."""

import ast
from collections.abc import Iterator
from pathlib import Path

FORBIDDEN_NAMES = {"utils", "util", "helpers", "common", "shared", "base", "manager", "misc"}
# The SDK works without the rest of the house, so what an action asks for by name is read there.
READS_THE_ENVIRONMENT = {"runtime/settings.py", "sdk/secrets.py"}
# Its names, of files and of variables, are those of the package that it stands for.
ALIAS = "rasa_alias"


def modules(repository: Path) -> Iterator[tuple[str, ast.Module]]:
    house = repository / "src" / "duologue"
    for path in sorted(house.rglob("*.py")):
        if not {"templates", ALIAS} & set(path.parts):
            yield path.relative_to(house).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def test_no_room_or_file_has_a_name_that_says_nothing(repository: Path) -> None:
    house = repository / "src" / "duologue"
    found = [
        path
        for path in house.rglob("*")
        if path.suffix in {"", ".py"} and path.stem in FORBIDDEN_NAMES and ALIAS not in path.parts
    ]
    assert found == []


def test_every_module_opens_with_a_sentence(repository: Path) -> None:
    assert [
        name for name, module in modules(repository) if module.body and not ast.get_docstring(module)
    ] == []


def test_the_environment_is_read_in_the_settings_only(repository: Path) -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, module in modules(repository)
        if name not in READS_THE_ENVIRONMENT
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute | ast.Name)
        and (node.attr if isinstance(node, ast.Attribute) else node.id) in {"environ", "getenv"}
    ]
    assert found == []
