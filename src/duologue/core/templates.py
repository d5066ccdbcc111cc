"""Fill texts with values: the plain `{name}` form of responses and, where an author asks for it, Jinja."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from duologue.core.errors import DefinitionError

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import SandboxedEnvironment

Values: TypeAlias = Mapping[str, object]

MAX_OUTPUT = 1_000_000
"""Characters that one rendering may produce."""
MAX_RANGE_ITEMS = 100_000
"""Numbers that all `range` calls of one rendering may produce together."""
MAX_REPEATED = 1_000_000
"""Size of what `*` may make of a text or a list."""

_NO_VALUES: Values = MappingProxyType({})
_log = logging.getLogger(__name__)


class TemplateError(DefinitionError):
    """A template that cannot be read or rendered."""


# ------------------------------------------------------------------------------------------ plain

_PLAIN_PIECE = re.compile(r"\{\{|\}\}|\{(?P<name>[^\n{}]+)\}|[{}]")
_NAME = re.compile(r"[\w.\-]+")


def render_plain(text: str, values: Values) -> str:
    """Put values in place of `{name}`, an unset one as `None`; `{{` and `}}` stand for single braces.

    The text between braces is looked up as it is, so nothing reaches into a value. An unknown name stays as
    written, with a warning. A text with a stray brace, such as plain JSON, keeps its doubled braces too.
    """
    if "{" not in text and "}" not in text:
        return text
    has_stray_brace = any(_is_stray(found, values) for found in _PLAIN_PIECE.finditer(text))

    def fill(found: re.Match[str]) -> str:
        piece, name = found.group(), found["name"]
        if name is None:
            return piece if has_stray_brace else piece[0]
        if name in values:
            return str(values[name])
        if _NAME.fullmatch(name):
            _log.warning("template.unknown_name", extra={"unknown_name": name})
        return piece

    return _PLAIN_PIECE.sub(fill, text)


def _is_stray(found: re.Match[str], values: Values) -> bool:
    name = found["name"]
    if name is None:
        return len(found.group()) == 1
    return name not in values and not _NAME.fullmatch(name)


def render_plain_data(data: Any, values: Values) -> Any:
    """Render every text in nested lists and mappings; keys and everything else stay."""
    return _render_texts(data, lambda text: render_plain(text, values))


def _render_texts(data: Any, render: Callable[[str], str]) -> Any:
    match data:
        case str():
            return render(data)
        case dict():
            return {key: _render_texts(value, render) for key, value in data.items()}  # pyright: ignore[reportUnknownVariableType]  # open data
        case list() | tuple():
            return [_render_texts(value, render) for value in data]  # pyright: ignore[reportUnknownVariableType]  # open data
        case _:
            return data


# ------------------------------------------------------------------------------------------ Jinja


class _Placeholder(msgspec.Struct, frozen=True, kw_only=True):
    namespace: Literal["slots", "context"]
    name: str


_Simple: TypeAlias = tuple[str | _Placeholder, ...]
_SIMPLE_PLACEHOLDER = re.compile(r"\{\{[ \t]*(slots|context)\.([^\W\d]\w*)[ \t]*\}\}")
_JINJA_OPENING = re.compile(r"\{\{|\{%|\{#")


def has_jinja(text: str) -> bool:
    """Whether the text holds a Jinja expression or statement."""
    return "{{" in text or "{%" in text


def render_jinja(
    text: str, *, slots: Values = _NO_VALUES, context: Values = _NO_VALUES, values: Values = _NO_VALUES
) -> str:
    """Render in a sandbox with the names `slots`, `context` and those of `values`; what is missing is empty.

    Raises `TemplateError` for a mistake in the template and for a rendering that grows out of bounds.
    """
    if not _JINJA_OPENING.search(text):
        return text
    compiled = _compile(text)
    if isinstance(compiled, tuple) and not ("slots" in values or "context" in values):
        return _fill_simple(compiled, slots, context)
    return _render_template(text, {"slots": slots, "context": context, **values})


def render_jinja_data(data: Any, *, slots: Values = _NO_VALUES, context: Values = _NO_VALUES) -> Any:
    """Render every text in nested lists and mappings with Jinja; keys and everything else stay."""
    return _render_texts(data, lambda text: render_jinja(text, slots=slots, context=context))


def render_name(text: str, slots: Values, context: Values) -> str:
    """Render the name of a step, an action or a response, such as `validate_{{context.collect}}`."""
    if not has_jinja(text):
        return text
    return render_jinja(text, slots=slots, context=context).strip()


def check_jinja(text: str) -> None:
    """Raise `TemplateError` if the text is not a readable Jinja template."""
    if _JINJA_OPENING.search(text):
        _compile(text)


@lru_cache(maxsize=1024)
def _compile(text: str) -> "_Simple | Template":
    """Most templates only name slots and context; those are split up and never load Jinja."""
    return _split_simple(text) or _compile_template(text)


def _split_simple(text: str) -> _Simple | None:
    if "\r" in text or _JINJA_OPENING.search(_SIMPLE_PLACEHOLDER.sub("", text)):
        return None
    parts: list[str | _Placeholder] = []
    end = 0
    # Jinja drops one newline at the end of a template, which YAML's `|` leaves there.
    text = text.removesuffix("\n")
    for found in _SIMPLE_PLACEHOLDER.finditer(text):
        parts.append(text[end : found.start()])
        namespace = "slots" if found[1] == "slots" else "context"
        parts.append(_Placeholder(namespace=namespace, name=found[2]))
        end = found.end()
    parts.append(text[end:])
    return tuple(part for part in parts if part)


def _fill_simple(parts: _Simple, slots: Values, context: Values) -> str:
    filled: list[str] = []
    for part in parts:
        if isinstance(part, str):
            filled.append(part)
        else:
            source = slots if part.namespace == "slots" else context
            filled.append(str(source.get(part.name, "")))
    return "".join(filled)


@lru_cache(maxsize=256)
def _compile_template(text: str) -> "Template":
    from jinja2 import TemplateSyntaxError

    try:
        return _get_environment().from_string(text)
    except TemplateSyntaxError as error:
        raise TemplateError(
            f"The template {_quote(text)} cannot be read at its line {error.lineno}: {_say(error)}."
        ) from error
    except RecursionError as error:
        raise TemplateError(f"The template {_quote(text)} is nested too deeply.") from error


def _render_template(text: str, values: dict[str, object]) -> str:
    template = _compile_template(text)
    pieces: list[str] = []
    size = 0
    try:
        for piece in template.generate(range=_build_range(), **values):
            pieces.append(piece)
            size += len(piece)
            if size > MAX_OUTPUT:
                raise TemplateError(
                    f"The template {_quote(text)} produces more than {MAX_OUTPUT} characters; look for a loop."
                )
    except TemplateError:
        raise
    except Exception as error:  # whatever the author's expression may raise
        raise TemplateError(f"The template {_quote(text)} cannot be rendered: {_say(error)}.") from error
    return "".join(pieces)


def _build_range() -> Callable[..., range]:
    """A `range` for one rendering, so that nested loops share one allowance."""
    left = MAX_RANGE_ITEMS

    def bounded_range(*bounds: int) -> range:
        nonlocal left
        numbers = range(*bounds)
        left -= len(numbers)
        if left < 0:
            raise OverflowError(f"its loops ask for more than {MAX_RANGE_ITEMS} numbers")
        return numbers

    return bounded_range


@lru_cache(maxsize=1)
def _get_environment() -> "SandboxedEnvironment":
    # Jinja takes a while to import and most assistants hardly use it, so core loads without it.
    from jinja2 import ChainableUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Environment(ImmutableSandboxedEnvironment):
        """Sandbox in which `slots.items` is the slot of that name and `*` cannot fill the memory."""

        intercepted_binops = frozenset(("*", "**"))

        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, Mapping) and attribute in obj:
                return obj[attribute]  # pyright: ignore[reportUnknownVariableType]  # open data
            return super().getattr(obj, attribute)

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            _refuse_huge(operator, left, right)
            return super().call_binop(context, operator, left, right)

    environment = Environment(undefined=ChainableUndefined)
    environment.filters["to_json_escaped_string"] = _quote_json  # pyright: ignore[reportUnknownMemberType]  # Jinja's own table
    return environment


def _quote_json(value: object) -> str:
    """A text as JSON writes it, quotes included; prompts hold what users say so that it stays data."""
    return json.dumps(str(value), ensure_ascii=False)


def _refuse_huge(operator: str, left: Any, right: Any) -> None:
    if operator == "**":
        is_huge = isinstance(right, int) and isinstance(left, int) and left.bit_length() * right > 10_000
    else:
        is_huge = (
            _measure_repeated(left, right) > MAX_REPEATED or _measure_repeated(right, left) > MAX_REPEATED
        )
    if is_huge:
        raise OverflowError(f"the result of {operator!r} is too large")


def _measure_repeated(sequence: Any, times: Any) -> int:
    if isinstance(sequence, str | list | tuple) and isinstance(times, int):
        return len(sequence) * times  # pyright: ignore[reportUnknownArgumentType]  # open data
    return 0


def _quote(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else line[:57] + "...")


def _say(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".").replace("\n", " ")
