"""Pieces of texts are counted as the options of a featurizer say."""

import pytest

from duologue.understanding.nlu.features.ngram_pieces import PieceReader
from duologue.understanding.nlu.features.ngrams import NgramCounter, learn_ngrams
from duologue.understanding.nlu.features.recipe import OWN_NGRAMS, FeatureRecipe, NgramOptions
from duologue.understanding.nlu.message import Token


def learn(options: NgramOptions, *texts: str) -> tuple[str, ...]:
    return learn_ngrams(options, [(text, ()) for text in texts]).pieces


@pytest.mark.parametrize(
    ("options", "text", "pieces"),
    [
        (NgramOptions(max_ngram=2), "Book a Table", ["book", "a", "table", "book a", "a table"]),
        (NgramOptions(lowercase=False), "Book it", ["Book", "it"]),
        (NgramOptions(stop_words=("a",)), "book a table", ["book", "table"]),
        (NgramOptions(strip_accents="unicode"), "café olé", ["cafe", "ole"]),
        (NgramOptions(strip_accents="ascii"), "naïve ☕", ["naive", ""]),
        (NgramOptions(analyzer="char_wb", min_ngram=3, max_ngram=3), "ab c", [" ab", "ab ", " c "]),
        (NgramOptions(analyzer="char", min_ngram=4, max_ngram=4), "ab  c", ["ab c"]),
        (NgramOptions(token_pattern=r"\w\w+"), "I am 12 or so", ["am", "0", "or", "so"]),
        (NgramOptions(oov_token="unknown", oov_words=("foo",)), "Foo bar", ["unknown", "bar"]),
    ],
)
def test_a_text_is_cut_as_the_options_say(options: NgramOptions, text: str, pieces: list[str]) -> None:
    assert list(PieceReader(options).read(text, ())) == pieces


def test_lemmas_stand_for_words_unless_they_are_not_wanted() -> None:
    tokens = (Token("ran", 0, 3, "run"), Token("home", 4, 8))

    assert list(PieceReader(NgramOptions()).read("ran home", tokens)) == ["run", "home"]
    assert list(PieceReader(NgramOptions(use_lemma=False)).read("ran home", tokens)) == ["ran", "home"]


def test_rare_frequent_and_supernumerary_pieces_are_left_out() -> None:
    texts = ("a b c", "a b d", "a e f")

    assert learn(NgramOptions(min_df=2), *texts) == ("a", "b")
    assert learn(NgramOptions(max_df=0.5), *texts) == ("c", "d", "e", "f")
    assert learn(NgramOptions(max_features=2), *texts) == ("a", "b")


def test_a_word_of_no_example_counts_as_unknown() -> None:
    options = NgramOptions(oov_token="unknown", oov_words=("foo",))
    counter = NgramCounter(learn_ngrams(options, [("foo bar", ()), ("bar", ())]))

    assert counter.weigh("never seen", ()) == counter.weigh("foo", ())


def test_weights_have_length_one_and_rare_pieces_weigh_most() -> None:
    counter = NgramCounter(learn_ngrams(NgramOptions(), [("a b", ()), ("a c", ()), ("a d", ())]))

    (_, often), (_, rare) = counter.weigh("a b zzz", ())

    assert rare > often
    assert often**2 + rare**2 == pytest.approx(1)


def test_a_recipe_counts_what_is_asked_for_once() -> None:
    usual = (NgramOptions(), NgramOptions(analyzer="char_wb", min_ngram=1, max_ngram=4))
    other = NgramOptions(analyzer="char", max_ngram=3)

    assert FeatureRecipe(ngrams=usual).list_ngrams() == OWN_NGRAMS
    assert FeatureRecipe(ngrams=(*usual, other)).list_ngrams() == (*OWN_NGRAMS, other)
    assert FeatureRecipe(ngrams=usual, is_own=False).list_ngrams() == usual
