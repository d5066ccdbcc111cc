"""The condition language of flows: `slots.amount > 100 and not (slots.city == 'Paris')`.

It is the language of the `pypred` package, in which Rasa projects write their conditions:

* `and` and `or` bind equally and to the right: `a and b or c` is `a and (b or c)`. `not` binds tighter.
* Keywords know no case. A word without quotes is a name, a quoted one a text, and numbers are floats.
* A name that does not exist is `undefined`: false, without order, equal to `undefined` and `empty` only.
* `empty` equals everything without a length, so `''` and `[]`, but not `null`.
* `true` and `1` are equal, as are `false` and `0`; a text never equals a number.
* `matches` looks for a regular expression anywhere in a text; what is not a text never matches.

Where `pypred` fails or surprises without need, this language differs:

* A slot that holds the text `true` or `false` equals that constant; for `pypred` a text equals no constant.
* Values without an order, such as `null` and a number, are neither greater nor less; `pypred` raises.
* `contains` is false where it makes no sense, such as a number in a text; `pypred` raises.
* `slots.a.b` is `undefined` if `slots.a` is not a mapping; `pypred` raises or looks inside a text.
* A list cannot be in a set, so nothing equals it there; `pypred` raises.
* Sets hold values and names only; `pypred` accepts `{undefined}` or `{(a = b)}` and raises later.
* `undefined`, `empty` and `{}` alone are false; `pypred` takes them for unreadable.
* The words `slots` and `context` alone are refused, since they are always true.
* Carriage returns and other white space count as blanks.
* A condition may not be longer than 100 000 characters, nor nested deeper than 64 levels.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal, TypeAlias

import msgspec

from duologue.core.templates import TemplateError, check_jinja, has_jinja, render_jinja
from duologue.flows.condition_evaluation import compile_tree
from duologue.flows.condition_grammar import parse_tree
from duologue.flows.condition_tree import (
    Compared,
    CompareOperator,
    ConditionError,
    Contains,
    Joined,
    LiteralValue,
    Matches,
    Name,
    Node,
    Not,
    SetOf,
    Special,
)
from duologue.flows.condition_tree import Literal as LiteralNode

__all__ = [
    "Comparison",
    "Condition",
    "ConditionError",
    "LiteralValue",
    "Name",
    "PlainCondition",
    "TemplatedCondition",
    "parse_condition",
]

ComparisonOperator: TypeAlias = CompareOperator | Literal["contains", "matches", "in"]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A name set against a literal value, turned so that the name stands on the left.

    `{'a' 'b'} contains slots.x` is two comparisons with the operator `in`.
    """

    namespace: Literal["slots", "context", ""]
    name: str
    path: tuple[str, ...] = ()
    operator: ComparisonOperator
    value: LiteralValue
    position: int
    """Where the name stands."""


class PlainCondition:
    """A condition ready to be evaluated, about a microsecond each time."""

    __slots__ = ("_evaluate", "bare_names_are_slots", "comparisons", "is_constant", "names", "text")

    def __init__(self, text: str, *, bare_names_are_slots: bool = True) -> None:
        """Raises `ConditionError`; prefer `parse_condition`, which remembers what it has read."""
        tree = parse_tree(text, bare_names_are_slots=bare_names_are_slots)
        self.text = text
        self.bare_names_are_slots = bare_names_are_slots
        self._evaluate: Callable[[Mapping[str, object], Mapping[str, object]], Any] = compile_tree(tree)
        self.names: tuple[Name, ...] = tuple(_find_names(tree))
        """Every name in the order of the text."""
        self.comparisons: tuple[Comparison, ...] = tuple(_find_comparisons(tree))
        self.is_constant: bool | None = None if self.names else self.is_true({}, {})
        """What it always is, if it names nothing, as in `if: false`."""

    def is_true(self, slots: Mapping[str, object], context: Mapping[str, object]) -> bool:
        return bool(self._evaluate(slots, context))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlainCondition) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"PlainCondition({self.text!r})"

    def __reduce__(self) -> tuple[object, tuple[str, bool]]:
        # The compiled function cannot be copied or stored, the text can.
        return _parse_text, self._key

    @property
    def _key(self) -> tuple[str, bool]:
        return self.text, self.bare_names_are_slots


class TemplatedCondition:
    """A condition with Jinja in it: rendered first, then read and evaluated, each time."""

    __slots__ = ("_lookalikes", "bare_names_are_slots", "comparisons", "is_constant", "names", "text")

    def __init__(self, text: str, *, bare_names_are_slots: bool = True) -> None:
        """Raises `ConditionError` if the template, or the condition around plain `{{…}}`, is broken."""
        try:
            check_jinja(text)
        except TemplateError as error:
            raise ConditionError(str(error), 0) from error
        self.text = text
        self.bare_names_are_slots = bare_names_are_slots
        outline = _read_outline(text, bare_names_are_slots)
        self._lookalikes = str.maketrans(
            {quote: like for quote, like in _LOOKALIKES.items() if quote in text}
        )
        self.names: tuple[Name, ...] = outline.names if outline else ()
        """Names written in full; those that depend on a template are left out."""
        self.comparisons: tuple[Comparison, ...] = outline.comparisons if outline else ()
        self.is_constant: bool | None = None

    def is_true(self, slots: Mapping[str, object], context: Mapping[str, object]) -> bool:
        """Raises `ConditionError` if the values make it unreadable."""
        try:
            rendered = render_jinja(
                self.text,
                slots=_QuoteSafe(slots, self._lookalikes),
                context=_QuoteSafe(context, self._lookalikes),
            )
        except TemplateError as error:
            raise ConditionError(str(error), 0) from error
        return _parse_rendered(rendered, self.bare_names_are_slots).is_true(slots, context)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TemplatedCondition) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"TemplatedCondition({self.text!r})"

    def __reduce__(self) -> tuple[object, tuple[str, bool]]:
        return _parse_text, self._key

    @property
    def _key(self) -> tuple[str, bool]:
        return self.text, self.bare_names_are_slots


Condition: TypeAlias = PlainCondition | TemplatedCondition


def parse_condition(text: str | bool, *, bare_names_are_slots: bool = True) -> Condition:
    """Read a condition, or a YAML `true` or `false`; what was read before is remembered.

    With `bare_names_are_slots` a name without `slots.`, as older projects write it, stands for a slot.
    Raises `ConditionError`, one sentence that says what is wrong and where.
    """
    if isinstance(text, bool):
        text = "true" if text else "false"
    return _parse_text(text, bare_names_are_slots)


@lru_cache(maxsize=4096)
def _parse_text(text: str, bare_names_are_slots: bool) -> Condition:
    kind = TemplatedCondition if has_jinja(text) else PlainCondition
    return kind(text, bare_names_are_slots=bare_names_are_slots)


@lru_cache(maxsize=1024)
def _parse_rendered(text: str, bare_names_are_slots: bool) -> PlainCondition:
    return PlainCondition(text, bare_names_are_slots=bare_names_are_slots)


_LOOKALIKES = {"'": "’", '"': "”"}


class _QuoteSafe(Mapping[str, object]):
    """Values in which quotes cannot end a text of the condition: `'{{slots.name}}'` with the name O'Brien."""

    def __init__(self, values: Mapping[str, object], lookalikes: Mapping[int, str]) -> None:
        self.values_by_name = values
        self.lookalikes = lookalikes

    def __getitem__(self, name: str) -> object:
        value = self.values_by_name[name]
        return value.translate(self.lookalikes) if isinstance(value, str) else value

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)


_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
# A letter that nobody writes holds the place of an expression, as long as it, so that positions stay right.
_BLANK = "\ua66e"


def _read_outline(text: str, bare_names_are_slots: bool) -> PlainCondition | None:
    """Read the condition around its expressions, taking each for a word or, failing that, for a sign."""
    if "{%" in text or "{#" in text:
        return None
    outline = _EXPRESSION.sub(lambda found: _BLANK * len(found[0]), text)
    try:
        condition = PlainCondition(outline, bare_names_are_slots=bare_names_are_slots)
    except ConditionError as error:
        signs = _EXPRESSION.sub(lambda found: "=".ljust(len(found[0])), text)
        try:
            parse_tree(signs, bare_names_are_slots=bare_names_are_slots)
        except ConditionError:
            message = re.sub(f"{_BLANK}+", "{{…}}", error.message)
            raise ConditionError(message, error.position) from None
        return None
    condition.names = tuple(name for name in condition.names if not _is_blank(name.name, *name.path))
    condition.comparisons = tuple(
        comparison
        for comparison in condition.comparisons
        if not _is_blank(comparison.name, *comparison.path, str(comparison.value))
    )
    return condition


def _is_blank(*texts: str) -> bool:
    return any(_BLANK in text for text in texts)


def _find_names(node: Node) -> Iterator[Name]:
    match node:
        case Name():
            yield node
        case SetOf(members=parts) | Joined(operands=parts):
            for part in parts:
                yield from _find_names(part)
        case Not(operand=operand):
            yield from _find_names(operand)
        case Compared(left=left, right=right) | Contains(container=left, item=right):
            yield from _find_names(left)
            yield from _find_names(right)
        case Matches(subject=subject):
            yield from _find_names(subject)
        case LiteralNode() | Special():
            return


_TURNED: dict[CompareOperator, CompareOperator] = {
    "=": "=",
    "!=": "!=",
    ">": "<",
    ">=": "<=",
    "<": ">",
    "<=": ">=",
}


def _find_comparisons(node: Node) -> Iterator[Comparison]:
    match node:
        case Compared(left=Name() as name, right=LiteralNode(value=value)):
            yield _compare(name, node.operator, value)
        case Compared(left=LiteralNode(value=value), right=Name() as name):
            yield _compare(name, _TURNED[node.operator], value)
        case Contains(container=Name() as name, item=LiteralNode(value=value)):
            yield _compare(name, "contains", value)
        case Contains(container=SetOf(members=members), item=Name() as name):
            for member in members:
                if isinstance(member, LiteralNode):
                    yield _compare(name, "in", member.value)
        case Matches(subject=Name() as name, pattern=pattern):
            yield _compare(name, "matches", pattern)
        case Joined(operands=operands):
            for operand in operands:
                yield from _find_comparisons(operand)
        case Not(operand=operand):
            yield from _find_comparisons(operand)
        case Compared(left=left, right=right) | Contains(container=left, item=right):
            yield from _find_comparisons(left)
            yield from _find_comparisons(right)
        case Matches(subject=subject):
            yield from _find_comparisons(subject)
        case Name() | LiteralNode() | Special() | SetOf():
            return


def _compare(name: Name, operator: ComparisonOperator, value: LiteralValue) -> Comparison:
    return Comparison(
        namespace=name.namespace,
        name=name.name,
        path=name.path,
        operator=operator,
        value=value,
        position=name.position,
    )
