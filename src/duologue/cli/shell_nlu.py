"""`duologue shell nlu`: what the trained pipeline reads in each line."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from duologue.cli.project_folder import require_project
from duologue.cli.trained_parser import open_parser

if TYPE_CHECKING:
    from duologue.core.values import OpenData
    from duologue.understanding.text_parser import ParsedText

_LEAVING = frozenset(("/quit", "/stop", "/exit"))


def read_lines(folder: Path, model: Path | None) -> None:
    """Show what is read in each line of the terminal or of a pipe, until it ends."""
    if model is None:
        require_project(folder, None)
    _, parser = open_parser(folder.absolute(), model)
    is_terminal = sys.stdin.isatty()
    if is_terminal:
        click.echo(
            "Type a message and press Enter to see what is read in it; /quit or Ctrl-D ends.", err=True
        )
    while (text := _read_line(is_terminal=is_terminal)) is not None:
        if text:
            parsed = format_parsed(text, parser.parse(text))
            click.echo(msgspec.json.format(msgspec.json.encode(parsed), indent=2).decode())


def _read_line(*, is_terminal: bool) -> str | None:
    """None at the end."""
    try:
        text = input("> " if is_terminal else "").strip()
    except (EOFError, KeyboardInterrupt):
        return None
    return None if text in _LEAVING else text


def format_parsed(text: str, parsed: "ParsedText") -> "OpenData":
    """The JSON that Rasa shows for a message."""
    from duologue.wire.understanding import format_entity

    ranking = [{"name": intent.name, "confidence": intent.confidence} for intent in parsed.intents]
    return {
        "text": text,
        "intent": ranking[0] if ranking else {"name": None, "confidence": 0.0},
        "entities": [format_entity(entity) for entity in parsed.entities],
        "intent_ranking": ranking,
        **({"response_selector": parsed.response_selector} if parsed.response_selector else {}),
    }
