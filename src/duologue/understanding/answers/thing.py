"""Things that a message names: `my red umbrella`, `the Harbour raincoat`."""

from collections.abc import Collection, Sequence
from functools import lru_cache

from duologue.understanding.answers.answer import Span
from duologue.understanding.answers.framing import fillers_of
from duologue.understanding.lexicon.calendar_words import (
    DAY_UNITS,
    MONTH_UNITS,
    MONTHS,
    RELATIVE_DAYS,
    WEEKDAYS,
)
from duologue.understanding.lexicon.function_words import GENERIC_WORDS, STOP_WORDS
from duologue.understanding.lexicon.thing_words import (
    DETERMINERS,
    LOOKING,
    NO_THINGS,
    PIECES,
    PLACE_PREPOSITIONS,
)
from duologue.understanding.text_features import Token, stem, tokenise, words_in

_LONGEST = 4
_OF = frozenset({"of", "von", "vom", "de", "di", "van"})


def find_things(text: str, *, languages: Sequence[str], general: Collection[str]) -> list[tuple[str, Span]]:
    """The things named after an article or `my`, each without it.

    `general` are stems of words that name no certain thing (`item`, `order`): where a message says only those,
    whatever else it names is not what is meant, so nothing is found.
    """
    tokens = tokenise(text)
    languages = tuple(languages)
    determiners = words_in(DETERMINERS, languages)
    found: list[tuple[str, Span]] = []
    for index in _bare_starts(text, tokens, languages):
        run = _noun_run(text, tokens[index:], languages)
        if run and stem(run[-1].word, languages[0]) not in general and run[-1].word not in NO_THINGS:
            following = next((later.word for later in tokens if later.start >= run[-1].end), None)
            if (
                following is None
                or following in _AFTER_NOUN
                or text[run[-1].end :].lstrip()[:1] in {",", "."}
            ):
                span = (run[0].start, run[-1].end)
                found.append((text[slice(*span)], span))
    for index, token in enumerate(tokens[:-1]):
        if token.word not in determiners or _is_placed(tokens, index):
            continue
        run = _noun_run(text, tokens[index + 1 :], languages)
        if not run:
            continue
        head = stem(run[-1].word, languages[0])
        if head in general:
            return []
        if run[-1].word in NO_THINGS:
            continue
        following = next((later.word for later in tokens if later.start >= run[-1].end), None)
        if following in _OF:
            continue
        span = (run[0].start, run[-1].end)
        found.append((text[slice(*span)], span))
    return found


_AFTER_NOUN = frozenset({"zum", "zur", "bitte", "mit", "fur", "please", "for", "with", "to", "und", "and"})
_TIMES = frozenset({"einmal", "zweimal", "dreimal", "viermal", "funfmal"})


def _bare_starts(text: str, tokens: Sequence[Token], languages: tuple[str, ...]) -> list[int]:
    """Where a thing is named without an article: `…, Pilzpfanne`, `einmal Rinderroulade`, in German also at the start."""
    starts: list[int] = []
    for index, token in enumerate(tokens):
        if not text[token.start].isupper():
            continue
        if index == 0:
            is_start = languages[0] == "de" and len(tokens) > 1
        else:
            gap = text[tokens[index - 1].end : token.start]
            is_start = tokens[index - 1].word in _TIMES or ("," in gap and index == len(tokens) - 1)
        if is_start:
            starts.append(index)
    return starts


def _is_placed(tokens: Sequence[Token], index: int) -> bool:
    """`on the bus` says where, not what; `looking for the shirt` says what."""
    if not index or tokens[index - 1].word not in PLACE_PREPOSITIONS:
        return False
    return not (index > 1 and tokens[index - 2].word in LOOKING)


def _noun_run(text: str, tokens: Sequence[Token], languages: tuple[str, ...]) -> list[Token]:
    ordinary = _ordinary_words(languages)
    run: list[Token] = []
    for token in tokens[:_LONGEST]:
        if run and text[run[-1].end : token.start].strip():
            break
        if token.word == "of" and run and run[-1].word in PIECES:
            run.append(token)
            continue
        is_verb_form = bool(run) and token.word.endswith(("ed", "ing")) and not text[token.start].isupper()
        if token.word in ordinary or token.word[0].isdigit() or is_verb_form:
            break
        run.append(token)
    while run and run[-1].word == "of":
        run.pop()
    return run


@lru_cache(maxsize=32)
def _ordinary_words(languages: tuple[str, ...]) -> frozenset[str]:
    grammar = words_in(STOP_WORDS, languages) | words_in(GENERIC_WORDS, languages) - {
        "new",
        "little",
        "good",
        "great",
        "nice",
    }
    times = MONTHS.keys() | WEEKDAYS.keys() | RELATIVE_DAYS.keys() | DAY_UNITS.keys() | MONTH_UNITS.keys()
    return frozenset(grammar | times | fillers_of(languages)) - {"perfect", "great", "fine", "book", "new"}
