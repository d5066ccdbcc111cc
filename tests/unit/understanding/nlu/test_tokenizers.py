"""Texts become tokens whose places in the text are exact."""

import logging
from pathlib import Path

import pytest

from duologue.core.errors import DefinitionError
from duologue.core.nlu_options import JiebaOptions, TokenizerOptions
from duologue.understanding.nlu.tokenizers.jieba_words import JiebaTokenizer
from duologue.understanding.nlu.tokenizers.scripts import split_by_script
from duologue.understanding.nlu.tokenizers.tokenizer import Tokenizer
from duologue.understanding.nlu.tokenizers.whitespace import split_at_blanks


def words_of(text: str) -> list[str]:
    tokens = split_at_blanks(text)
    assert all(text[token.start : token.end] == token.text for token in tokens)
    return [token.text for token in tokens]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Book a table, please!", ["Book", "a", "table", "please"]),
        ("it's -5 degrees; 10'000.00", ["it", "s", "-5", "degrees", "10'000.00"]),
        ("write to me@x.org or https://x.org/?a=b", ["write", "to", "me@x.org", "or", "https://x.org/?a=b"]),
        ("(really) #1 @home & more...", ["really", "#1", "@home", "&", "more"]),
        ("hi 😀 there", ["hi", "there"]),
        ("नमस्ते आप कैसे हैं?", ["नमस्ते", "आप", "कैसे", "हैं"]),
        (":-)", [":-)"]),
        ("😀", ["😀"]),
        ("  ", []),
        ("", []),
    ],
)
def test_words_stand_between_blanks_without_their_punctuation(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我想订 2 张票", ["我", "想", "订", "2", "张", "票"]),
        ("アラームをキャンセルする", ["アラーム", "を", "キャンセル", "する"]),
        ("สวัสดี", ["ส", "วั", "ส", "ดี"]),
        ("book 北京 flight", ["book", "北", "京", "flight"]),
    ],
)
def test_scripts_without_blanks_are_split_by_their_signs(text: str, words: list[str]) -> None:
    tokens = split_by_script(text)
    assert [token.text for token in tokens] == words
    assert all(text[token.start : token.end] == token.text for token in tokens)


@pytest.mark.parametrize(
    ("pattern", "tokens"),
    [
        ("[a-z]+", [("abc", 0), ("def", 4)]),
        ("([a-z])[a-z]+", [("a", 0), ("d", 4)]),
        ("[A-Z]+", [("abc-def", 0)]),
    ],
)
def test_the_authors_pattern_splits_tokens_further(pattern: str, tokens: list[tuple[str, int]]) -> None:
    tokenizer = Tokenizer(TokenizerOptions(token_pattern=pattern), split_at_blanks)
    assert [(token.text, token.start) for token in tokenizer.tokenize("abc-def")] == tokens


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(DefinitionError, match="`token_pattern` is not a regular expression"):
        Tokenizer(TokenizerOptions(token_pattern="(["), split_at_blanks)


@pytest.mark.slow
def test_dictionaries_of_the_author_become_part_of_the_model(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("jieba")
    caplog.set_level(logging.ERROR)
    (tmp_path / "places.txt").write_text("蜂蜜火车站 100 n\n", encoding="utf-8")
    options = JiebaOptions(dictionary_path=str(tmp_path))
    tokenizer = JiebaTokenizer(options)
    tokenizer.train(())
    restored = JiebaTokenizer(options)
    restored.restore(tokenizer.dump())
    assert [token.text for token in restored.tokenize("去蜂蜜火车站")] == ["去", "蜂蜜火车站"]


def test_a_missing_folder_of_dictionaries_is_named() -> None:
    pytest.importorskip("jieba")
    with pytest.raises(DefinitionError, match="`nowhere`, which is no folder"):
        JiebaTokenizer(JiebaOptions(dictionary_path="nowhere")).train(())
