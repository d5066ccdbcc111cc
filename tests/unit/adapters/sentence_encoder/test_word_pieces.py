"""Texts become word pieces that know where they stand."""

import pytest

from duologue.adapters.sentence_encoder.word_pieces import Piece, WordPieces

VOCABULARY = ("[UNK]", "[CLS]", "[SEP]", "play", "##ing", "cafe", "£", "##1", "'", "s", "日", "本", "_", "?")


def cut(text: str, most: int = 100) -> list[tuple[str, str]]:
    pieces = WordPieces(VOCABULARY).cut(text, most=most)
    return [(VOCABULARY[piece.number], text[piece.start : piece.end]) for piece in pieces]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Playing?", [("play", "Play"), ("##ing", "ing"), ("?", "?")]),
        ("CAFÉ's", [("cafe", "CAFÉ"), ("'", "'"), ("s", "s")]),
        ("cafe\u0301", [("cafe", "cafe\u0301"[:4])]),
        ("£1", [("£", "£"), ("##1", "1")]),
        ("日本", [("日", "日"), ("本", "本")]),
        ("play_play", [("play", "play"), ("_", "_"), ("play", "play")]),
        ("played", [("[UNK]", "played")]),
        ("", []),
    ],
)
def test_a_text_is_cut_into_the_longest_known_pieces(text: str, pieces: list[tuple[str, str]]) -> None:
    assert cut(text) == pieces


def test_what_is_too_long_is_left_out() -> None:
    assert cut("play play playing", most=3) == [("play", "play")] * 3
    assert WordPieces(VOCABULARY).cut("x" * 10_000, most=5) == [Piece(0, 0, 10_000)]
