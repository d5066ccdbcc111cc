"""What a condition consists of once it is read: a tree of nodes, each with its place in the text."""

from typing import Literal as OneOf
from typing import TypeAlias

import msgspec

from duologue.core.errors import DefinitionError


class ConditionError(DefinitionError):
    """A condition that cannot be read; `position` is the offset of the offending character, from 0."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.position = position

    def __reduce__(self) -> tuple[type["ConditionError"], tuple[str, int]]:
        return ConditionError, (self.message, self.position)


CompareOperator: TypeAlias = OneOf["=", "!=", ">", ">=", "<", "<="]
LiteralValue: TypeAlias = str | float | bool | None


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """A value looked up at run time: `slots.order.id` has name `order` and path `("id",)`."""

    namespace: OneOf["slots", "context", ""]
    """Empty for a bare name that does not stand for a slot."""
    name: str
    position: int
    path: tuple[str, ...] = ()
    is_bare: bool = False
    """Written without `slots.` or `context.`; if no such slot exists, quotes were probably forgotten."""


class Literal(msgspec.Struct, frozen=True, kw_only=True):
    """A quoted text, a number, `true`, `false` or `null`."""

    value: LiteralValue
    position: int


class Special(msgspec.Struct, frozen=True, kw_only=True):
    """`undefined`, equal to what is not there, or `empty`, equal to what has no length."""

    word: OneOf["undefined", "empty"]
    position: int


class SetOf(msgspec.Struct, frozen=True, kw_only=True):
    """A set such as `{'a' 'b' 3}`; a bare word in it is a name, not a text."""

    members: tuple[Literal | Name, ...]
    position: int


class Not(msgspec.Struct, frozen=True, kw_only=True):
    """The opposite of its operand."""

    operand: "Node"


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """Two or more operands in a row that share one `and` or `or`."""

    operator: OneOf["and", "or"]
    operands: tuple["Node", ...]


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """Two values compared for equality or order."""

    operator: CompareOperator
    left: "Node"
    right: "Node"
    position: int


class Contains(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a text, list, mapping or set holds an item."""

    container: "Node"
    item: Literal | Name
    position: int


class Matches(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a regular expression is found anywhere in a text."""

    subject: "Node"
    pattern: str
    position: int


Node: TypeAlias = Name | Literal | Special | SetOf | Not | Joined | Compared | Contains | Matches
