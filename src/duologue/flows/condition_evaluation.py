"""Turn the tree of a condition into one quick function of the slots and the context."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, assert_never

from duologue.flows.condition_tree import (
    Compared,
    CompareOperator,
    Contains,
    Joined,
    Literal,
    Matches,
    Name,
    Node,
    Not,
    SetOf,
    Special,
)

Values: TypeAlias = Mapping[str, object]
# Any, because slot values are open data and Python itself decides how two of them compare.
Evaluate: TypeAlias = Callable[[Values, Values], Any]


class Undefined:
    """What a missing name stands for: false, holds nothing, equal only to `undefined` and `empty`."""

    def __bool__(self) -> bool:
        return False

    def __contains__(self, item: object) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Undefined | Empty)

    def __ne__(self, other: object) -> bool:
        # Not the opposite of equality: a missing name is both equal to `empty` and `is not empty`.
        return not isinstance(other, Undefined)

    def __hash__(self) -> int:
        return hash(None)


class Empty:
    """The word `empty`: false, equal to whatever has no length, so not to `null`."""

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Undefined | Empty):
            return True
        size = getattr(other, "__len__", None)
        return size is not None and size() == 0

    def __hash__(self) -> int:
        return hash(None)


UNDEFINED = Undefined()
EMPTY = Empty()

_COMPARISONS: dict[CompareOperator, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def compile_tree(node: Node) -> Evaluate:
    """Build the function; it never fails, whatever the slots hold."""
    match node:
        case Literal(value=value):
            return _constant(value)
        case Special(word=word):
            return _constant(UNDEFINED if word == "undefined" else EMPTY)
        case Name():
            return _compile_name(node)
        case SetOf():
            return _compile_set(node)
        case Not(operand=operand):
            return _compile_not(compile_tree(operand))
        case Joined():
            return _compile_joined(node)
        case Compared():
            return _compile_compared(node)
        case Contains(container=container, item=item):
            return _compile_contains(compile_tree(container), compile_tree(item))
        case Matches(subject=subject, pattern=pattern):
            return _compile_matches(compile_tree(subject), re.compile(pattern))
        case _:
            assert_never(node)


def _constant(value: object) -> Evaluate:
    def read_constant(slots: Values, context: Values) -> object:
        return value

    return read_constant


def _compile_name(node: Name) -> Evaluate:
    if node.path:
        return _compile_path(node)
    name = node.name

    def read_slot(slots: Values, context: Values) -> object:
        return slots.get(name, UNDEFINED)

    def read_context(slots: Values, context: Values) -> object:
        return context.get(name, UNDEFINED)

    match node.namespace:
        case "slots":
            return read_slot
        case "context":
            return read_context
        case "":
            return _constant(UNDEFINED)
        case _:
            assert_never(node.namespace)


def _compile_path(node: Name) -> Evaluate:
    """A name with further dots goes into nested mappings; a bare one may be the slot's whole name."""
    if not node.namespace:
        return _constant(UNDEFINED)
    in_context = node.namespace == "context"
    path = (node.name, *node.path)
    whole_name = ".".join(path)
    is_bare = node.is_bare

    def read_path(slots: Values, context: Values) -> object:
        value: Any = context if in_context else slots
        if is_bare and whole_name in value:
            return value[whole_name]
        for part in path:
            if not isinstance(value, Mapping) or part not in value:
                return UNDEFINED
            value = value[part]  # pyright: ignore[reportUnknownVariableType]  # open data
        return value  # pyright: ignore[reportUnknownVariableType]  # open data

    return read_path


def _compile_set(node: SetOf) -> Evaluate:
    if not any(isinstance(member, Name) for member in node.members):
        return _constant(frozenset(member.value for member in node.members if isinstance(member, Literal)))
    members = tuple(compile_tree(member) for member in node.members)

    def read_set(slots: Values, context: Values) -> object:
        values: set[object] = set()
        for member in members:
            value = member(slots, context)
            try:
                values.add(value)
            except TypeError:
                # A list or mapping cannot be in a set, so nothing equals it there.
                continue
        return frozenset(values)

    return read_set


def _compile_not(operand: Evaluate) -> Evaluate:
    def negate(slots: Values, context: Values) -> bool:
        return not operand(slots, context)

    return negate


def _compile_joined(node: Joined) -> Evaluate:
    operands = tuple(compile_tree(operand) for operand in node.operands)

    def all_hold(slots: Values, context: Values) -> bool:
        for operand in operands:  # noqa: SIM110  # a loop is twice as fast as all() over a generator
            if not operand(slots, context):
                return False
        return True

    def any_holds(slots: Values, context: Values) -> bool:
        for operand in operands:  # noqa: SIM110
            if operand(slots, context):
                return True
        return False

    return all_hold if node.operator == "and" else any_holds


def _compile_compared(node: Compared) -> Evaluate:
    compare = _COMPARISONS[node.operator]
    match node.left, node.right:
        case Name(namespace="slots", path=(), name=name), Literal(value=bool(value)):
            return _compile_slot_as_truth(name, compare, value)
        case Name(namespace="slots", path=(), name=name), Literal(value=value):
            return _compile_slot_compared(name, compare, value)
        case _:
            left, right = compile_tree(node.left), compile_tree(node.right)

    def compare_values(slots: Values, context: Values) -> bool:
        try:
            return compare(left(slots, context), right(slots, context))
        except TypeError:
            return False

    return compare_values


def _compile_slot_compared(name: str, compare: Callable[[Any, Any], Any], value: object) -> Evaluate:
    """The commonest comparison, a slot with a literal, in one call instead of three."""

    def compare_slot(slots: Values, context: Values) -> bool:
        try:
            return compare(slots.get(name, UNDEFINED), value)
        except TypeError:
            # Values without an order, such as null and a number, are neither greater nor less.
            return False

    return compare_slot


def _compile_slot_as_truth(name: str, compare: Callable[[Any, Any], Any], value: bool) -> Evaluate:
    """A slot beside `true` or `false`: a text slot that a button filled with `true` means the same."""

    def compare_truth(slots: Values, context: Values) -> bool:
        held = slots.get(name, UNDEFINED)
        if isinstance(held, str):
            held = _TRUTH_WORDS.get(held.casefold(), held)
        try:
            return compare(held, value)
        except TypeError:
            return False

    return compare_truth


_TRUTH_WORDS = {"true": True, "false": False}


def _compile_contains(container: Evaluate, item: Evaluate) -> Evaluate:
    def contains(slots: Values, context: Values) -> bool:
        try:
            return item(slots, context) in container(slots, context)
        except TypeError:
            return False

    return contains


def _compile_matches(subject: Evaluate, pattern: re.Pattern[str]) -> Evaluate:
    search = pattern.search

    def matches(slots: Values, context: Values) -> bool:
        value = subject(slots, context)
        return isinstance(value, str) and search(value) is not None

    return matches
