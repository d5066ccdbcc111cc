"""Our conditions agree with the `pypred` package, in whose language Rasa projects write theirs."""

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from duologue.flows.conditions import Condition, ConditionError, parse_condition

QUICK = settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# A test of one condition by the oracle: None if it refuses the text.
ReadByOracle = Callable[[str], Any]


@pytest.fixture(scope="module")
def read_by_oracle() -> Iterator[ReadByOracle]:
    """Read with pypred; its parser is built once, in memory, and its own warnings are not ours."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle: Any = pytest.importorskip("pypred")
        parser_module, predicate_module = sys.modules["pypred.parser"], sys.modules["pypred.predicate"]
        yacc: Any = sys.modules["ply.yacc"]
        grammar = yacc.yacc(module=parser_module, debug=0, write_tables=False, errorlog=yacc.NullLogger())
        patch.setattr(predicate_module, "get_parser", partial(_renew_parser, grammar))
        yield partial(_read, oracle)


def _renew_parser(grammar: Any, lexer: Any, debug: int) -> Any:
    grammar.errors = []
    grammar.lexer, lexer.parser = lexer, grammar
    return grammar


def _read(oracle: Any, text: str) -> Any:
    predicate = oracle.Predicate(text)
    if (
        predicate.ast is not None
        and not predicate.ast
        and not (predicate.lexer_errors or predicate.parser_errors)
    ):
        # It takes a lone `undefined`, `empty` or `{}` for a failed reading, since they count as false.
        predicate = oracle.Predicate(f"not not ({text}\n)")
    return predicate if predicate.is_valid() else None


def _ask_oracle(predicate: Any, slots: Mapping[str, Any], context: Mapping[str, Any]) -> bool | None:
    """Its answer, or None where it breaks on types that do not go together."""
    try:
        return predicate.evaluate({**slots, "slots": slots, "context": context})
    except (TypeError, AttributeError):
        return None


def _parse(text: str) -> Condition | ConditionError:
    try:
        return parse_condition(text)
    except ConditionError as error:
        return error


SLOT_NAMES = ("a", "b", "order-id", "größe", "x1")
NAMES = st.sampled_from(
    [
        *(f"slots.{name}" for name in SLOT_NAMES),
        *SLOT_NAMES,
        "context.a",
        "context.b",
        "slots.a.b",
        "context.a.b.c",
        "missing",
        "slots.missing",
    ]
)
PRIMITIVES = st.sampled_from(
    ["0", "1", "-1.5", "10", "'a'", '"a"', "''", "'10'", "'Paris'", '"it\'s"', "true", "FALSE", "Null"]
)
VALUES = st.one_of(NAMES, PRIMITIVES)
SPECIALS = st.sampled_from(["undefined", "empty", "Empty"])
SETS = st.lists(VALUES, max_size=4).map(lambda members: "{" + " ".join(members) + "}")
OPERATORS = st.sampled_from(["=", "==", "!=", "is", "is not", "IS NOT", ">", ">=", "<", "<="])
PATTERNS = st.sampled_from(["'^a'", '"(?i)PAR"', "'[0-9]+$'", "paris", "''", "'a|b'"])
SPACES = st.sampled_from([" ", "  ", "\n", "\t", " # remark\n"])
OPERANDS = st.one_of(VALUES, VALUES, SPECIALS, SETS)


def _spell(*parts: st.SearchStrategy[str] | str) -> st.SearchStrategy[str]:
    strategies = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.builds(lambda *words: words[-1].join(words[:-1]), *strategies, SPACES)


TERMS = st.one_of(
    OPERANDS,
    _spell(OPERANDS, OPERATORS, OPERANDS),
    _spell(OPERANDS, "contains", VALUES),
    _spell(OPERANDS, st.sampled_from(["matches", "Matches"]), PATTERNS),
)
EXPRESSIONS = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        _spell(inner, st.sampled_from(["and", "or", "AND", "Or"]), inner),
        _spell("not", inner),
        inner.map(lambda text: f"({text})"),
        _spell(inner.map(lambda text: f"({text})"), OPERATORS, OPERANDS),
    ),
    max_leaves=6,
)
SCALARS = st.sampled_from([None, True, False, 0, 1, -1.5, 10.0, "", "a", "10", "Paris", "abc"])
SLOT_VALUES = st.one_of(
    SCALARS,
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.dictionaries(st.sampled_from(["b", "c", "a"]), SCALARS, max_size=2),
    st.just({"b": {"c": "a"}}),
)
DATA = st.dictionaries(st.sampled_from(SLOT_NAMES), SLOT_VALUES, max_size=len(SLOT_NAMES))


@QUICK
@given(text=EXPRESSIONS, slots=DATA, context=DATA)
@example(text="a and b or x1", slots={"a": False, "b": True, "x1": True}, context={})
@example(text="missing is not empty", slots={}, context={})
@example(text="{a missing} contains nothing_here", slots={}, context={})
def test_an_expression_is_true_exactly_when_the_oracle_says_so(
    read_by_oracle: ReadByOracle, text: str, slots: dict[str, Any], context: dict[str, Any]
) -> None:
    predicate = read_by_oracle(text)
    assert predicate is not None
    ours = parse_condition(text).is_true(slots, context)
    assert _ask_oracle(predicate, slots, context) in (ours, None)


PIECES = st.sampled_from(
    [
        *("and", "or", "not", "NOT", "is", "is not", "=", "==", "!=", ">", "<=", "contains", "matches"),
        *("(", ")", "{", "}", "slots.a", "b", "5", "-1.", "2024-01-01", "5x", "'a b'", '""', "true", "null"),
        *("undefined", "empty", "'open", "!", ",", "&&", "$", "#", "a=b", "x;y:z", "''''"),
    ]
)
SOUP = st.lists(st.tuples(PIECES, st.sampled_from([" ", " ", "", "\n"])), max_size=8).map(
    lambda pieces: "".join(piece + space for piece, space in pieces)
)


@st.composite
def damaged_expressions(draw: st.DrawFn) -> str:
    text = draw(EXPRESSIONS)
    position = draw(st.integers(0, len(text)))
    return text[:position] + draw(PIECES) + text[position + draw(st.integers(0, 3)) :]


@QUICK
@given(text=st.one_of(SOUP, damaged_expressions()), slots=DATA)
@example(text="{undefined} contains a", slots={})
@example(text="{(a = b)} contains a", slots={})
@example(text="(a", slots={})
@example(text="a is not not b", slots={})
@example(text="a matches (('b'))", slots={"a": "abc"})
@example(text="a matches 5", slots={})
@example(text="{{a}} contains b", slots={})
def test_a_broken_text_is_refused_exactly_when_the_oracle_refuses_it(
    read_by_oracle: ReadByOracle, text: str, slots: dict[str, Any]
) -> None:
    predicate, ours = read_by_oracle(text), _parse(text)
    accepted_by_oracle_only = isinstance(ours, ConditionError) and predicate is not None
    assert not accepted_by_oracle_only or "cannot be in a set" in str(ours) or "not a whole name" in str(ours)
    assert isinstance(ours, ConditionError) or "{{" in text or predicate is not None
    if predicate is not None and not isinstance(ours, ConditionError):
        assert _ask_oracle(predicate, slots, {}) in (ours.is_true(slots, {}), None)
