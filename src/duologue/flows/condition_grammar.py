"""The grammar of conditions: a text such as `slots.amount > 100` becomes a tree of nodes with positions."""

import re
from collections.abc import Iterator
from typing import Literal as OneOf
from typing import NoReturn, TypeAlias

import msgspec

from duologue.flows.condition_tree import (
    Compared,
    CompareOperator,
    ConditionError,
    Contains,
    Joined,
    Literal,
    LiteralValue,
    Matches,
    Name,
    Node,
    Not,
    SetOf,
    Special,
)

MAX_LENGTH = 100_000
MAX_DEPTH = 64

TokenKind: TypeAlias = OneOf["number", "word", "quoted", "sign", "keyword", "end"]


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """One word, number, text or sign of a condition."""

    kind: TokenKind
    text: str
    position: int

    def is_one_of(self, *texts: str) -> bool:
        return self.kind in ("keyword", "sign") and self.text in texts


_KEYWORDS = frozenset(
    ("is", "and", "or", "not", "contains", "matches", "true", "false", "undefined", "null", "empty")
)
_CONSTANTS: dict[str, LiteralValue] = {"true": True, "false": False, "null": None}
_COMPARE_OPERATORS: dict[str, CompareOperator] = {
    "=": "=",
    "==": "=",
    "is": "=",
    "!=": "!=",
    ">": ">",
    ">=": ">=",
    "<": "<",
    "<=": "<=",
}
_BETWEEN_VALUES = (*_COMPARE_OPERATORS, "and", "or", "contains", "matches")
# A number is tried before a word, so `5x` is two tokens while `x5` and `x-5` are one.
_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*)
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<word>[\w\-.:;]+)
      | (?P<quoted>"[^"]*"|'[^']*')
      | (?P<sign>!=|>=|<=|==|[<>=(){}])""",
    re.VERBOSE,
)
_FOREIGN_SIGNS = {
    "&&": "write 'and' instead",
    "&": "write 'and' instead",
    "||": "write 'or' instead",
    "|": "write 'or' instead",
    "!": "write 'not', or '!=' to compare",
    ",": "separate the members of a set with spaces, as in {'a' 'b'}",
    "[": "write a set in braces, as in {'a' 'b'}",
    "]": "write a set in braces, as in {'a' 'b'}",
    "$": "write slots.name for a slot",
    "%": "arithmetic is not part of conditions",
    "+": "arithmetic is not part of conditions",
    "*": "arithmetic is not part of conditions",
    "/": "put quotes around text and regular expressions",
}
_FOREIGN_WORDS = {
    "in": "write {'a' 'b'} contains slots.name",
    "equals": "write '=='",
    "eq": "write '=='",
    "like": "write 'matches' with a regular expression",
    "isnt": "write 'is not'",
    "contain": "write 'contains'",
    "match": "write 'matches'",
}


def parse_tree(text: str, *, bare_names_are_slots: bool) -> Node:
    """Read a whole condition, or raise `ConditionError` for its first mistake."""
    if len(text) > MAX_LENGTH:
        raise ConditionError(f"The condition is longer than {MAX_LENGTH} characters.", MAX_LENGTH)
    return _Parser(text, bare_names_are_slots).parse()


def describe_place(text: str, position: int) -> str:
    """Name a position for people: `column 7`, or with its line if the condition has several."""
    column = position - text.rfind("\n", 0, position)
    if "\n" not in text.strip():
        return f"column {column}"
    return f"line {text.count(chr(10), 0, position) + 1}, column {column}"


def _read_tokens(text: str) -> Iterator[Token]:
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            _refuse_character(text, position)
        if token := _name_token(found):
            yield token
        position = found.end()
    yield Token(kind="end", text="", position=len(text.rstrip()))


def _name_token(found: re.Match[str]) -> Token | None:
    word, position = found.group(), found.start()
    match found.lastgroup:
        case "number":
            return Token(kind="number", text=word, position=position)
        case "quoted":
            return Token(kind="quoted", text=word, position=position)
        case "sign":
            return Token(kind="sign", text=word, position=position)
        case "word" if word.lower() in _KEYWORDS:
            return Token(kind="keyword", text=word.lower(), position=position)
        case "word":
            return Token(kind="word", text=word, position=position)
        case _:
            return None


def _refuse_character(text: str, position: int) -> NoReturn:
    place = describe_place(text, position)
    character = text[position]
    if character in "'\"":
        other = '"' if character == "'" else "'"
        raise ConditionError(
            f"The text that opens with {character} at {place} is never closed; "
            f"close it, or use {other} around a text that holds {character}.",
            position,
        )
    sign = text[position : position + 2] if text[position : position + 2] in _FOREIGN_SIGNS else character
    hint = _FOREIGN_SIGNS.get(sign, "put quotes around text")
    raise ConditionError(f"{sign!r} at {place} has no meaning in a condition; {hint}.", position)


class _Parser:
    """Recursive descent, one method per rule.

    expression := unary [("and" | "or") expression]
    unary      := "not" unary | term
    term       := factor [operator factor]
    factor     := value | name | "(" expression ")" | "{" factor* "}"
    """

    def __init__(self, text: str, bare_names_are_slots: bool) -> None:
        self.text = text
        self.bare_names_are_slots = bare_names_are_slots
        self.tokens = tuple(_read_tokens(text))
        self.index = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def take(self) -> Token:
        token = self.tokens[self.index]
        self.index += 1
        return token

    def refuse(self, what: str, position: int, hint: str = "") -> NoReturn:
        place = describe_place(self.text, position)
        raise ConditionError(f"{what} at {place}{'; ' + hint if hint else ''}.", position)

    def parse(self) -> Node:
        if self.token.kind == "end":
            raise ConditionError(
                "The condition at column 1 is empty; write one such as slots.name == 'text'.", 0
            )
        node = self.expression()
        if self.index < len(self.tokens) - 1:
            self.refuse_trailing()
        return node

    def expression(self, first: Node | None = None) -> Node:
        self.go_deeper()
        operands = [first or self.unary()]
        operator = None
        while self.token.is_one_of("and", "or"):
            if operator is None:
                operator = self.take().text
            elif self.token.text == operator:
                self.index += 1
            else:
                # `and` and `or` bind equally and to the right: `a and b or c` is `a and (b or c)`.
                operands[-1] = self.expression(operands[-1])
                break
            operands.append(self.unary())
        self.depth -= 1
        if operator is None:
            return operands[0]
        return Joined(operator="and" if operator == "and" else "or", operands=tuple(operands))

    def go_deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.refuse("The condition is nested too deeply", self.token.position, "split it into several")

    def unary(self) -> Node:
        if not self.token.is_one_of("not"):
            return self.term()
        self.index += 1
        self.go_deeper()
        operand = self.unary()
        self.depth -= 1
        return Not(operand=operand)

    def term(self) -> Node:
        left = self.factor()
        sign = self.token
        if sign.is_one_of("contains"):
            return self.contains(left)
        if sign.is_one_of("matches"):
            return self.matches(left)
        if not sign.is_one_of(*_COMPARE_OPERATORS):
            return left
        self.index += 1
        operator = _COMPARE_OPERATORS[sign.text]
        if sign.text == "is" and self.token.is_one_of("not"):
            self.index += 1
            operator = "!="
        return Compared(operator=operator, left=left, right=self.factor(), position=sign.position)

    def contains(self, container: Node) -> Node:
        sign = self.take()
        start = self.token.position
        item = self.factor()
        if not isinstance(item, Literal | Name):
            self.refuse(
                "'contains' cannot look for this",
                start,
                "put one text, number or name after it, and the set or list before it",
            )
        return Contains(container=container, item=item, position=sign.position)

    def matches(self, subject: Node) -> Node:
        sign = self.take()
        openings: list[Token] = []
        while self.token.is_one_of("("):
            openings.append(self.take())
        token = self.take()
        if token.kind not in ("word", "quoted"):
            self.refuse("'matches' needs a regular expression in quotes", token.position)
        for opening in reversed(openings):
            self.close(opening, ")")
        return Matches(subject=subject, pattern=self.check_pattern(token), position=sign.position)

    def check_pattern(self, token: Token) -> str:
        pattern = token.text.strip("'\"")
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            hint = "put flags such as (?i) at its start" if "global flags" in str(error) else ""
            self.refuse(f"The regular expression {pattern!r} cannot be read ({error})", token.position, hint)
        return pattern

    def factor(self) -> Node:
        token = self.take()
        match token.kind, token.text:
            case "number", number:
                return Literal(value=float(number), position=token.position)
            case "quoted", quoted:
                return Literal(value=quoted[1:-1], position=token.position)
            case "word", _:
                return self.name(token)
            case "keyword", "true" | "false" | "null":
                return Literal(value=_CONSTANTS[token.text], position=token.position)
            case "keyword", ("undefined" | "empty") as word:
                return Special(word=word, position=token.position)
            case "sign", "(":
                node = self.expression()
                self.close(token, ")")
                return node
            case "sign", "{":
                return self.set_literal(token)
            case _:
                return self.refuse_value(token)

    def name(self, token: Token) -> Name:
        first, *rest = token.text.split(".")
        if first not in ("slots", "context"):
            namespace = "slots" if self.bare_names_are_slots else ""
            return Name(
                namespace=namespace, name=first, path=tuple(rest), position=token.position, is_bare=True
            )
        if not rest or not rest[0]:
            self.refuse(
                f"{token.text!r} is not a whole name", token.position, f"write one such as {first}.name"
            )
        return Name(namespace=first, name=rest[0], path=tuple(rest[1:]), position=token.position)

    def set_literal(self, opening: Token) -> SetOf:
        members: list[Literal | Name] = []
        while not self.token.is_one_of("}"):
            token = self.token
            if token.kind == "end" or token.is_one_of(")", *_BETWEEN_VALUES):
                self.refuse_unclosed(opening, "}")
            member = self.factor()
            if not isinstance(member, Literal | Name):
                self.refuse(
                    f"{token.text!r} cannot be in a set",
                    token.position,
                    "a set holds texts, numbers, true, false, null and names",
                )
            members.append(member)
        self.index += 1
        return SetOf(members=tuple(members), position=opening.position)

    def close(self, opening: Token, sign: str) -> None:
        if self.token.is_one_of(sign):
            self.index += 1
        elif self.token.kind == "end":
            self.refuse_unclosed(opening, sign)
        else:
            self.refuse_trailing()

    def refuse_unclosed(self, opening: Token, sign: str) -> NoReturn:
        place = describe_place(self.text, opening.position)
        raise ConditionError(
            f"The {opening.text!r} at {place} is never closed; add {sign!r}.", opening.position
        )

    def refuse_value(self, token: Token) -> NoReturn:
        before = self.tokens[self.index - 2] if self.index > 1 else None
        if token.kind == "end":
            self.refuse(
                "The condition ends too early", token.position, "a value, a name or a condition is missing"
            )
        if before and before.is_one_of("=", "==") and token.is_one_of("=", "==", ">", "<", ">=", "<="):
            self.refuse(
                f"{before.text + token.text!r} is no operator",
                before.position,
                "write one of == != < <= > >=",
            )
        if before and before.is_one_of("<") and token.is_one_of(">"):
            self.refuse("'<>' is no operator", before.position, "write '!='")
        if token.is_one_of("not"):
            self.refuse(
                "'not' cannot stand here",
                token.position,
                "put it and its condition in parentheses, or write 'is not'",
            )
        self.refuse(f"A value or a name is expected before {token.text!r}", token.position)

    def refuse_trailing(self) -> NoReturn:
        token = self.token
        if token.is_one_of(*_COMPARE_OPERATORS, "contains", "matches"):
            hint = "join two comparisons with 'and', or put one in parentheses"
            self.refuse(f"A second comparison follows with {token.text!r}", token.position, hint)
        if token.is_one_of(")", "}"):
            self.refuse(f"{token.text!r} closes nothing", token.position, "remove it or open it before")
        near = self.tokens[max(self.index - 1, 0) : self.index + 1]
        for word in near:
            if hint := _FOREIGN_WORDS.get(word.text.lower()):
                self.refuse(f"{word.text!r} is no operator", word.position, hint)
        hint = "join conditions with 'and' or 'or', compare with '==', and put quotes around text"
        self.refuse(f"{token.text!r} is unexpected", token.position, hint)
