"""Answers of language models become commands: whatever is written around them, and however long it is.

All three command languages are read, and JSON, whichever was asked for: models mix them up. Nothing here says what
may be done; that is checked afterwards.
"""

import re
from collections.abc import Iterator, Sequence

import msgspec

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.values import SlotValue
from duologue.understanding.generators.answer_text import (
    clean_text,
    split_arguments,
    strip_thinking,
    unquote,
)
from duologue.understanding.generators.json_answer import JsonCommand, read_json_commands

MAX_CHARACTERS = 20_000
"""What stands behind this is not read."""
MAX_COMMANDS = 100
"""More commands than a person could mean in one message are not read."""

_MAX_UNREAD = 20
_MAX_UNREAD_CHARACTERS = 200
_MAX_NAME = 200


class ParsedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a model's answer says."""

    commands: tuple[Command, ...] = ()
    """As proposed, in order; none of them is checked."""
    unread_lines: tuple[str, ...] = ()
    """The first lines that say nothing we know, cut short. They may hold what the user said."""


def parse_answer(text: str) -> ParsedAnswer:
    """The commands in an answer, at most `MAX_COMMANDS`. Takes any text, in time linear in its length."""
    text = strip_thinking(clean_text(text[:MAX_CHARACTERS])).strip()
    found = read_json_commands(text)
    reader = _LineReader(text.split("\n")) if found is None else None
    commands: list[Command] = []
    unread: list[str] = []
    for item in reader.read() if reader else _read_items(found or ()):
        if isinstance(item, str):
            if len(unread) < _MAX_UNREAD:
                unread.append(item[:_MAX_UNREAD_CHARACTERS])
        else:
            commands.append(item)
            if len(commands) == MAX_COMMANDS:
                break
    return ParsedAnswer(commands=tuple(commands), unread_lines=tuple(unread))


# --------------------------------------------------------------------------------------- the words

_VERBS = re.compile(
    r"""(?:
        (?P<start>start[ _-]{0,2}flows?)
      | (?P<cancel>cancel[ _-]{0,2}flow)
      | (?P<clarify>disambiguate[ _-]{0,2}flows?|clarify)
      | (?P<set>set[ _-]{0,2}slots?)
      | (?P<knowledge>provide[ _-]{0,2}info|search[ _-]{0,2}and[ _-]{0,2}reply)
      | (?P<chitchat>off-?[ _]?topic[ _-]{0,2}reply|chit[ _-]?chat)
      | (?P<handoff>hand[ _-]?over|human[ _-]?hand[ _-]?off)
      | (?P<skip>skip[ _-]{0,2}question)
      | (?P<repeat>repeat[ _-]{0,2}(?:last[ _-]?)?(?:bot[ _-]?)?messages?)
      | (?P<nothing>cannot[ _-]{0,2}handle)
    )(?![\w-])[ \t]*:?[ \t]*""",
    re.IGNORECASE | re.VERBOSE,
)
_PLAIN: dict[str, Command] = {
    "cancel": cmd.CancelFlow(),
    "knowledge": cmd.KnowledgeAnswer(),
    "chitchat": cmd.ChitChat(),
    "handoff": cmd.HumanHandoff(),
    "skip": cmd.SkipQuestion(),
    "repeat": cmd.RepeatBotMessages(),
    "nothing": cmd.CannotHandle(),
}
_LEAD = re.compile(
    r"[\s>*•·+#\-–—\"'`“‘(\[]*(?:(?:\d{1,3}|[a-z])[.):]\s*)?(?:(?:actions?|commands?|output|answer)[ ]?\d{0,3}:\s*)?[\s*\-\"'`“]*",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s,;.&|\"'`*)\]]*(?:(?:and|then)\s+){0,2}", re.IGNORECASE)
_ENDING = re.compile(
    r"[\s.;,!:\"'`“”*)\]]*(?:$|[#(\[{<—–-]|//|(?:because|since|as|about|regarding|to)\b)", re.IGNORECASE
)
_NAME = re.compile(r"[\"'`“‘<\[]?(?P<name>[^\s,;:=\"'`”’()<>\[\]]+)[\"'`”’>\]]?")
_SEPARATOR = re.compile(r"[ \t]*(?:[=:][ \t]*|(?=[\s\"'`“])[ \t]*|,[ \t]*)")
_CLOSING = {'"': '"', "'": "'", "`": "`", "“": "”"}


class _LineReader:
    """Reads an answer line by line."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._place = 0

    def read(self) -> Iterator[Command | str]:
        """Commands, and the lines that hold none."""
        while self._place < len(self._lines):
            line = self._lines[self._place].strip()
            self._place += 1
            if not line or line.startswith(("```", "~~~")):
                continue
            has_command = False
            for command in self._read_line(_unwrap(line)):
                has_command = True
                yield command
            if not has_command:
                yield line

    def _read_line(self, line: str) -> Iterator[Command]:
        """The command at the start of the line, and those that follow it directly."""
        rest: str | None = line
        while rest and (verb := _VERBS.match(rest)):
            command, rest = self._read_command(verb, rest)
            if command is None:
                return
            yield command
            if rest:
                rest = rest[_end_of(_BETWEEN, rest) :]

    def _read_command(self, verb: re.Match[str], text: str) -> tuple[Command | None, str | None]:
        """One command and what stands behind it; a value reaches to the end of its line."""
        kind, rest = verb.lastgroup or "", text[verb.end() :]
        if rest.startswith("("):
            arguments, end = split_arguments(rest, most=2 if kind == "set" else _MAX_NAME)
            return _call(kind, arguments), rest[end:]
        match kind:
            case "start":
                name = _NAME.match(rest)
                if name is None:
                    return None, None
                return cmd.StartFlow(flow=name["name"][:_MAX_NAME].rstrip(".")), rest[name.end() :]
            case "clarify":
                return _clarify(_names_in(rest)), None
            case "set":
                # A value may hold anything, also what looks like a command: nothing behind it is read as one.
                return self._read_slot(rest), None
            case _:
                return self._read_plain(kind, rest)

    def _read_plain(self, kind: str, rest: str) -> tuple[Command | None, str | None]:
        after = rest[_end_of(_BETWEEN, rest) :]
        is_alone = _ENDING.match(rest) is not None or _VERBS.match(after) is not None
        if kind == "cancel" and not is_alone:
            # `cancel flow transfer_money` names the flow that is cancelled; `cancel flow is not what …` is prose.
            is_alone = len(rest.split(None, 1)) == 1
        return (_PLAIN[kind], rest) if is_alone else (None, None)

    def _read_slot(self, rest: str) -> Command | None:
        name = _NAME.match(rest)
        if name is None:
            return None
        separator = _SEPARATOR.match(rest, name.end())
        value = rest[separator.end() :].strip() if separator else ""
        # Without a value the line was cut off; it must not empty the slot.
        return _set_slot(name["name"], self._complete(value)) if value else None

    def _complete(self, value: str) -> str:
        """A quoted value may go on in the lines below; then they are value, not commands."""
        if not value.startswith('"') or value.count('"') != 1:
            return value
        for place in range(self._place, len(self._lines)):
            line = self._lines[place]
            if '"' not in line:
                continue
            if line.index('"') != len(line.rstrip()) - 1:
                break
            whole = "\n".join((value, *self._lines[self._place : place + 1]))
            self._place = place + 1
            return whole.rstrip()
        return value


def _unwrap(line: str) -> str:
    """The line without bullets, numbers and quotes around it."""
    found = _LEAD.match(line)
    lead = found.group() if found else ""
    rest = line[len(lead) :].rstrip()
    for mark in lead[::-1].strip():
        if mark in _CLOSING and rest.endswith(_CLOSING[mark]):
            rest = rest[:-1].rstrip()
        elif mark == "*":
            rest = rest.removesuffix("*")
    return rest


def _end_of(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return found.end() if found else 0


def _names_in(text: str) -> list[str]:
    """Names up to the first thing that is none."""
    names: list[str] = []
    for word in text.split(None, MAX_COMMANDS)[:MAX_COMMANDS]:
        if word.startswith(("#", "//", "(", "—", "–")):
            break
        names.extend(
            name for part in word.split(",") if (name := part.strip("\"'`“”[].;:")) and name != "and"
        )
    return names


# -------------------------------------------------------------------------------- building commands


def _call(kind: str, arguments: Sequence[str]) -> Command | None:
    """`SetSlot(amount, 50)`."""
    match kind:
        case "start":
            return cmd.StartFlow(flow=_name(arguments[0])) if arguments else None
        case "clarify":
            return _clarify([_name(one) for one in arguments[:MAX_COMMANDS]])
        case "set":
            return _set_slot(_name(arguments[0]), arguments[1]) if len(arguments) > 1 else None
        case _:
            return _PLAIN[kind]


def _name(argument: str) -> str:
    text, _ = unquote(argument)
    return text.strip()[:_MAX_NAME]


def _clarify(names: Sequence[str]) -> Command:
    return cmd.Clarify(options=tuple(name[:_MAX_NAME] for name in names if name))


EMPTY_WORDS = frozenset({"", "none", "null", "undefined", "empty"})
"""As a bare word they stand for no value; in quotes they are text."""
_TRUTH = {"True": True, "true": True, "False": False, "false": False}


def _set_slot(name: str, written: str) -> Command:
    text, was_quoted = unquote(written)
    value: SlotValue = text
    if (not was_quoted and text.casefold() in EMPTY_WORDS) or not text.strip():
        value = None
    elif not was_quoted and text in _TRUTH:
        value = _TRUTH[text]
    return cmd.SetSlot(name=name[:_MAX_NAME], value=value)


def _read_items(items: Sequence[JsonCommand | str]) -> Iterator[Command | str]:
    """Commands of a JSON answer; texts in it may be lines of a command language."""
    for item in items:
        if isinstance(item, str):
            yield from _LineReader([item]).read()
        else:
            yield _from_json(item) or item.verb


def _from_json(item: JsonCommand) -> Command | None:
    verb = _VERBS.fullmatch(item.verb)
    kind = (verb.lastgroup or "") if verb else ""
    match kind:
        case "start":
            return cmd.StartFlow(flow=item.names[0][:_MAX_NAME]) if item.names else None
        case "clarify":
            return _clarify(item.names)
        case "set":
            value = None if item.value == "" else item.value
            return cmd.SetSlot(name=item.names[0][:_MAX_NAME], value=value) if item.names else None
        case "":
            return None
        case _:
            return _PLAIN[kind]
