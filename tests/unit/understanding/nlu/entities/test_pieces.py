"""Pieces of a text are fine enough for everything that people mark."""

import pytest

from duologue.understanding.nlu.entities.pieces import find_pieces, read_pieces
from duologue.understanding.nlu.message import Token


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("at 7pm, p.m.", ["at", "7", "pm", ",", "p", ".", "m", "."]),
        ("für $5 don't", ["für", "$", "5", "don", "'", "t"]),
        ("明天下雨 ok", ["明", "天", "下", "雨", "ok"]),
        ("", []),
    ],
)
def test_a_text_is_cut_wherever_a_value_may_begin_or_end(text: str, pieces: list[str]) -> None:
    read = read_pieces(text)
    assert [piece.text for piece in read] == pieces
    assert all(text[piece.start : piece.end] == piece.text for piece in read)


def test_a_tokenizer_may_cut_inside_a_word() -> None:
    tokens = [Token("haus", 0, 4), Token("tür", 4, 7)]
    assert [piece.text for piece in read_pieces("haustür auf", tokens)] == ["haus", "tür", "auf"]


def test_a_span_with_a_blank_at_its_edge_finds_the_words_inside() -> None:
    assert find_pieces(read_pieces("for quarter to 8pm please"), 3, 18) == range(1, 5)


def test_a_span_that_holds_less_than_half_of_a_word_finds_nothing() -> None:
    assert not find_pieces(read_pieces("hello"), 0, 2)
