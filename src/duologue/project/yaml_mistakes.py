"""What an author did wrong in a YAML file, told from what the parser stumbled over."""

import contextlib

import yaml


class YamlSyntaxError(Exception):
    """The text is not YAML that we accept; `line` counts from 1."""

    def __init__(self, line: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.hint = hint


_QUOTE_IT = "Put the text in quotes."
_ENDED_EARLY = ("did not find expected key", "did not find expected '-' indicator")
_EXPLANATIONS: tuple[tuple[str, str, str], ...] = (
    (
        "mapping values are not allowed",
        "A colon followed by a space stands where only text may stand.",
        "Put the text in quotes, or check the indentation.",
    ),
    (
        "could not find expected ':'",
        "A key without a colon, or a line that is not part of what stands above it.",
        "Check the colon and the indentation.",
    ),
    (
        "did not find expected '-' indicator",
        "This line does not continue the list above it.",
        "Begin it with `- ` or check the indentation.",
    ),
    (
        "did not find expected key",
        "This line does not continue the mapping above it.",
        "Check the indentation, and quotes inside quoted text.",
    ),
    ("found unexpected end of stream", "A quoted text is never closed.", "Add the missing quote."),
    (
        "did not find expected node content",
        "A `[` or `{` is never closed.",
        "Close it, or put the text in quotes.",
    ),
    ("did not find expected ',' or", "A `[` or `{` is never closed.", "Close it, or put the text in quotes."),
    (
        "found unknown escape character",
        "A backslash in double quotes is followed by a character that is no escape.",
        "Use single quotes, or double the backslash.",
    ),
    (
        "found undefined alias",
        "The alias is not defined above.",
        "Put a text that begins with `*` in quotes.",
    ),
)


def explain_mistake(error: yaml.YAMLError, text: str) -> YamlSyntaxError:
    """What the author did, from what the parser stumbled over."""
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark is not None else _line_of(error, text)
    if "control characters" in problem or "unacceptable character" in problem:
        return YamlSyntaxError(line, "A control character stands in the text.", "Remove it.")
    if "found a tab character" in problem:
        return YamlSyntaxError(line, "The line is indented with a tab.", "Use spaces.")
    if "cannot start any token" in problem and mark is not None:
        return _explain_token(line, mark.column, text)
    if mark is not None and problem in _ENDED_EARLY and (slip := _explain_ending(text, mark)) is not None:
        return slip
    for start, message, hint in _EXPLANATIONS:
        if start in problem:
            begun = getattr(error, "context_mark", None) if "never closed" in message else None
            return YamlSyntaxError(begun.line + 1 if begun else line, message, hint)
    return YamlSyntaxError(line, f"This is not valid YAML: {problem}.")


def _line_of(error: yaml.YAMLError, text: str) -> int:
    position = getattr(error, "position", None)
    return text.encode()[:position].count(b"\n") + 1 if isinstance(position, int) else 0


def _explain_token(line: int, column: int, text: str) -> YamlSyntaxError:
    lines = text.split("\n")
    character = lines[line - 1][column : column + 1] if line <= len(lines) else ""
    if character == "\t":
        return YamlSyntaxError(line, "The line is indented with a tab.", "Use spaces.")
    return YamlSyntaxError(line, f"A plain text cannot begin with `{character}`.", _QUOTE_IT)


def _explain_ending(text: str, mark: yaml.Mark) -> YamlSyntaxError | None:
    """A value in quotes or brackets that ended before the author thought so, with more text on the same line."""
    ended = _find_value_before(text, mark)
    if ended is None or ended.end_mark.line != mark.line:
        return None
    begun = ended.start_mark.line + 1
    if not isinstance(ended, yaml.ScalarToken):
        bracket = text.split("\n")[mark.line][ended.start_mark.column]
        opening = {"}": "{", "]": "["}[bracket]
        return YamlSyntaxError(mark.line + 1, f"A plain text cannot begin with `{opening}`.", _QUOTE_IT)
    if ended.style not in ("'", '"'):
        return None
    if begun <= mark.line:
        return YamlSyntaxError(
            begun,
            f"A quoted text begins here and ends only on line {mark.line + 1}.",
            "Add the missing quote at its end.",
        )
    return YamlSyntaxError(
        begun,
        "The text goes on after its closing quote.",
        "Put quotes of the other kind around the whole text.",
    )


def _find_value_before(text: str, mark: yaml.Mark) -> yaml.Token | None:
    found: yaml.Token | None = None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with contextlib.suppress(yaml.YAMLError):
        for token in yaml.scan(text, Loader=loader):  # pyright: ignore[reportUnknownMemberType] - untyped
            if token.start_mark.index >= mark.index:
                break
            if isinstance(token, yaml.ScalarToken | yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken):
                found = token
    return found
