"""Names of people and payees: `Amy`, `to Bob Smith please`, `my name is Jane Foo`."""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from duologue.understanding.answers.answer import AmbiguousAnswer, Answer, Recognition, Span
from duologue.understanding.answers.framing import fillers_of
from duologue.understanding.answers.free_text import strip_lead_in
from duologue.understanding.lexicon.calendar_words import MONTHS, WEEKDAYS
from duologue.understanding.lexicon.currencies import CURRENCY_WORDS
from duologue.understanding.lexicon.function_words import GENERIC_WORDS, STOP_WORDS
from duologue.understanding.lexicon.lead_ins import NAME_LEAD_INS
from duologue.understanding.lexicon.spotting_words import GIVING_VERBS
from duologue.understanding.lexicon.synonyms import SYNONYM_GROUPS
from duologue.understanding.message_form import choices_of, is_pleasantry, is_question, is_request
from duologue.understanding.text_features import Token, fold, tokenise, words_in

_LONGEST_NAME = 5


def recognise_person_name(
    text: str, *, languages: Sequence[str] = ("en",), topic: Collection[str] = frozenset()
) -> Recognition:
    """The name that the message gives: alone, after a lead-in, or after `to`, `for` and their like."""
    if is_question(text, languages=languages) or is_pleasantry(text, languages=languages):
        return None
    if not is_request(text, languages=languages) and (alone := _whole_name(text, languages, topic)):
        return alone
    found = find_names(text, languages=languages)
    if len({name for name, _ in found}) > 1:
        return AmbiguousAnswer(
            candidates=tuple(name for name, _ in found), span=(found[0][1][0], found[-1][1][1])
        )
    return Answer(value=found[0][0], confidence=0.7, span=found[0][1]) if found else None


def _whole_name(text: str, languages: Sequence[str], topic: Collection[str]) -> Answer | None:
    start, end = strip_lead_in(
        text, languages=languages, topic=topic, extra=choices_of(NAME_LEAD_INS, languages)
    )
    value = text[start:end]
    if (relation := _RELATION.match(value)) is not None:
        start += relation.end()
        value = value[relation.end() :]
    words = value.split()
    if not words or len(words) > _LONGEST_NAME or not all(_can_be_in_name(word) for word in words):
        return None
    if is_pleasantry(value, languages=languages) or any(_is_grammar(word, languages) for word in words):
        return None
    topical = sum(fold(word) in _topical_words(tuple(languages)) for word in words)
    confidence = 0.92 if len(words) <= 3 else 0.8
    if topical == len(words) and not words[0][:1].isupper():
        confidence = 0.45
    elif topical:
        confidence -= 0.12 * topical
    return Answer(value=value, confidence=round(confidence, 3), span=(start, end))


# `my niece Polly`: how somebody is related is no part of the name.
_RELATION = re.compile(
    r"(?i:(?:(?:my|our|his|her|their|meine?[rnm]?|unsere?[rnm]?)\s+))?"
    r"(?:(?i:wife|husband|son|daughter|brother|sister|mother|father|mom|mum|dad|niece|nephew|uncle|aunt|cousin|friend|partner|colleague|boss|neighbou?r|flatmate|roommate|"
    r"girlfriend|boyfriend|fianc[eé]e?|grandma|grandpa|kid|child|landlord|landlady|sohn|tochter|bruder|schwester|mutter|vater|nichte|neffe|onkel|tante|freund|freundin|kollegin|kollege|nachbarin|nachbar|chefin|chef),?\s+)(?=[A-ZÄÖÜ])"
)
# Small words that stand inside names.
_PARTICLES = frozenset(
    [
        "von",
        "van",
        "de",
        "der",
        "den",
        "du",
        "da",
        "di",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
        "mac",
        "mc",
        "of",
        "and",
        "und",
        "the",
        "y",
        "e",
        "o",
        "s",
        "st",
        "dos",
        "das",
    ]
)


def _is_grammar(word: str, languages: Sequence[str]) -> bool:
    plain = fold(word.strip(".,!"))
    return plain in words_in(STOP_WORDS, languages) and plain not in _PARTICLES and not word[:1].isupper()


def _can_be_in_name(word: str) -> bool:
    letters = sum(char.isalpha() for char in word)
    return letters >= 1 and not any(char in word for char in "@?/\\=<>{}[]") and (letters * 2 >= len(word))


# `my wife Dana`
_RELATIONS = frozenset(
    [
        "friend", "brother", "sister", "mom", "mum", "mother", "dad", "father", "wife", "husband", "son", "daughter", "boss", "colleague",
        "partner", "landlord", "neighbour", "neighbor", "uncle", "aunt", "cousin", "freund", "freundin", "bruder", "schwester", "mutter",
        "vater", "frau", "mann", "sohn", "tochter", "chef", "chefin", "kollege", "kollegin", "vermieter",
    ]
)  # fmt: skip
_PREPOSITIONS: dict[str, frozenset[str]] = {
    "en": frozenset({"to", "for", "add", "remove", "with", "named", "called", "pay", "delete"}),
    "de": frozenset({"an", "für", "fur", "mit", "namens", "zu", "unter"}),
    "fr": frozenset({"à", "a", "pour", "avec"}),
    "es": frozenset({"a", "para", "con"}),
    "it": frozenset({"a", "per", "con"}),
    "nl": frozenset({"aan", "voor", "met"}),
    "pt": frozenset({"a", "para", "com"}),
}


def find_names(text: str, *, languages: Sequence[str]) -> list[tuple[str, Span]]:
    """Names after a preposition inside a sentence: `transfer 50 to Bob Smith tomorrow`."""
    tokens = tokenise(text)
    prepositions = words_in(_PREPOSITIONS, languages)
    ordinary = _ordinary_words(tuple(languages))
    found: list[tuple[str, Span]] = []
    for index, token in enumerate(tokens[:-1]):
        if (
            token.word in _RELATIONS
            and text[tokens[index + 1].start].isupper()
            and (run := _name_run(text, tokens[index + 1 :], ordinary))
        ):
            span = (run[0].start, run[-1].end)
            if all(span != other for _, other in found):
                found.append((text[span[0] : span[1]], span))
            continue
        is_given = token.word in GIVING_VERBS
        if token.word not in prepositions and not is_given:
            continue
        run = _name_run(text, tokens[index + 1 :], ordinary)
        if run and not text[run[0].start].isupper() and not _may_be_lower(text, token.word, tokens):
            continue
        if run and is_given and not _is_before_amount(text, tokens, index + 1 + len(run)):
            continue
        if run:
            span = (run[0].start, run[-1].end)
            found.append((text[span[0] : span[1]], span))
    return found


# Something goes to somebody: only then is an uncapitalised word after `to` a name, and no verb.
_GIVING = GIVING_VERBS | frozenset(
    {"money", "payment", "transfer", "go", "goes", "geld", "euro", "euros", "dollars", "bucks", "pounds"}
)


def _may_be_lower(text: str, preposition: str, tokens: Sequence[Token]) -> bool:
    """Whether this message writes names without capitals."""
    if any(char.isupper() for char in text[1:].replace("I", "")):
        return False
    if preposition in {"to", "zu"}:
        return any(token.word in _GIVING or token.word.isdigit() for token in tokens)
    return text[1:] == text[1:].lower()


def _is_before_amount(text: str, tokens: Sequence[Token], place: int) -> bool:
    """`send bob 25 dollars`: what is given follows at once."""
    following = tokens[place : place + 2]
    return bool(following) and (
        following[0].word[:1].isdigit()
        or text[following[0].start - 1] in "$€£"
        or (len(following) > 1 and following[1].word in CURRENCY_WORDS)
    )


def _name_run(text: str, tokens: Sequence[Token], ordinary: frozenset[str]) -> list[Token]:
    """The words of a name: capitalised ones in a row, or up to two uncapitalised words that are no ordinary ones."""
    run: list[Token] = []
    for token in tokens[:_LONGEST_NAME]:
        is_capital = text[token.start].isupper()
        if token.word in ordinary or not text[token.start].isalpha():
            break
        if run and (text[run[-1].end : token.start].strip() or is_capital != text[run[0].start].isupper()):
            break
        # `to bob smith`, but not `to bob quickly`.
        if run and not is_capital and (len(run) == 2 or token.word.endswith("ly") or text != text.lower()):
            break
        run.append(token)
    return run


@lru_cache(maxsize=32)
def _topical_words(languages: tuple[str, ...]) -> frozenset[str]:
    groups = (group for language in languages for group in SYNONYM_GROUPS.get(language, ()))
    return frozenset(word for group in groups for word in group.split())


@lru_cache(maxsize=32)
def _ordinary_words(languages: tuple[str, ...]) -> frozenset[str]:
    """Words that no name inside a sentence begins with."""
    grammar = words_in(STOP_WORDS, languages) | words_in(GENERIC_WORDS, languages)
    return (
        grammar
        | fillers_of(languages)
        | _topical_words(languages)
        | MONTHS.keys()
        | WEEKDAYS.keys()
        | _MORE_ORDINARY
    )


_MORE_ORDINARY = frozenset(
    [
        "tomorrow",
        "today",
        "tonight",
        "yesterday",
        "asap",
        "account",
        "accounts",
        "savings",
        "checking",
        "current",
        "euro",
        "euros",
        "dollars",
        "dollar",
        "pounds",
        "bucks",
        "payee",
        "contact",
        "list",
        "card",
        "cards",
        "bank",
        "app",
        "people",
        "persons",
        "person",
        "friend",
        "mom",
        "mum",
        "dad",
        "brother",
        "sister",
        "morgen",
        "heute",
        "ubermorgen",
        "konto",
        "girokonto",
        "sparkonto",
        "liste",
        "karte",
        "personen",
        "freund",
        "freundin",
        "euros",
        "pfund",
    ]
)
