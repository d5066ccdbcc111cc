"""Our `rasa_sdk` has the names and does what the stock one has and does; the reference page lists what differs."""

import json
import os
import site
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.peers.rasa_sdk import stock_python

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).with_name("compared")
PAGE = REPOSITORY / "docs" / "reference" / "rasa-sdk.md"
ALIAS = REPOSITORY / "src" / "duologue" / "rasa_alias"


@cache
def ask(program: str, *, with_alias: bool) -> Any:
    """Run a program of `compared/` in the environment of stock `rasa_sdk`, whose place our alias may take."""
    ours = [str(ALIAS), str(REPOSITORY / "src"), *site.getsitepackages()]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(ours if with_alias else [])}
    for name in ("SANIC_HOST", "ACTION_SERVER_SANIC_WORKERS", "RASA_SDK_TRACING_SERVICE_NAME"):
        environment.pop(name, None)
    result = subprocess.run(
        [str(stock_python()), str(PROGRAMS / program)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def differences(stock: Any, ours: Any, path: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(stock, dict) and isinstance(ours, dict):
        for name in stock:
            yield from differences(stock[name], ours.get(name, ""), f"{path}.{name}" if path else name)
    elif path.endswith("(parents)") and isinstance(ours, list):
        for parent in stock:
            if parent not in ours:
                yield path, parent, ""
    elif stock != ours:
        yield path, write(stock), write(ours)


def write(described: Any) -> str:
    return described if isinstance(described, str) else json.dumps(described)


def listed(heading: str) -> set[tuple[str, str]]:
    """The pairs of lines that the page shows: `-` what stock has or says, `+` what ours does."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [
        line[2:].strip() for line in section.splitlines() if line[:2] in {"- ", "+ "} or line in {"-", "+"}
    ]
    return set(zip(lines[::2], lines[1::2], strict=True))


def test_every_public_name_is_there_but_for_the_listed_differences() -> None:
    stock, ours = ask("names.py", with_alias=False), ask("names.py", with_alias=True)

    assert len(stock) > 20
    # A class is seen in every module that imports it; once is enough.
    found: set[tuple[str, str]] = set()
    for path, told, done in differences(stock, ours, ""):
        # A class is seen in every module that imports it.
        name = ".".join(path.split(".")[-2:])
        found.add((f"{name} {told}", f"{name} {done}".strip()))
    assert found == listed("Names that differ")


def test_it_behaves_the_same_but_for_the_listed_words() -> None:
    stock, ours = ask("behaviour.py", with_alias=False), ask("behaviour.py", with_alias=True)

    assert len(stock) > 25
    found: set[tuple[str, str]] = set()
    for name in stock:
        found |= unequal(stock[name], ours[name], name)
    assert {(told.strip(), done.strip()) for told, done in found} == listed("Words that differ")


def unequal(stock: Any, ours: Any, path: str) -> set[tuple[str, str]]:
    if isinstance(stock, dict) and isinstance(ours, dict):
        names = [*stock, *(name for name in ours if name not in stock)]
        pairs = [(stock.get(name), ours.get(name), f"{path}.{name}") for name in names]
    elif isinstance(stock, list) and isinstance(ours, list) and len(stock) == len(ours):
        pairs = [(*pair, f"{path}[{index}]") for index, pair in enumerate(zip(stock, ours, strict=True))]
    elif isinstance(stock, str) and isinstance(ours, str):
        return {(stock, ours)} - {(stock, stock)}
    else:
        assert stock == ours, path
        return set()
    return {found for pair in pairs for found in unequal(*pair)}
