"""What a message does to the conversation: cancel, correct, greet, ask again, skip, ask for a person."""

import re
from collections.abc import Collection, Sequence
from enum import StrEnum
from functools import lru_cache

import msgspec

from duologue.understanding.answers.answer import Span
from duologue.understanding.answers.framing import fillers_of
from duologue.understanding.answers.yes_no import recognise_yes_no
from duologue.understanding.lexicon import speech_phrases
from duologue.understanding.lexicon.function_words import STOP_WORDS
from duologue.understanding.lexicon.message_openings import GOODBYES, GREETINGS, THANKS
from duologue.understanding.message_form import choices_of
from duologue.understanding.text_features import fold_in_place, stem, tokenise, words_in


class SpeechActKind(StrEnum):
    """What a message can do besides naming a wish or a value."""

    CANCEL = "cancel"
    CORRECTION = "correction"
    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    HELP = "help"
    HANDOFF = "handoff"
    REPEAT = "repeat"
    SKIP = "skip"
    CHITCHAT = "chitchat"


class SpeechAct(msgspec.Struct, frozen=True, kw_only=True):
    """One act found in a message, and what the message says besides."""

    kind: SpeechActKind
    confidence: float
    span: Span
    rest: str = ""
    """What is left to understand: after a correction its new value, after a greeting the wish."""
    mentions: tuple[str, ...] = ()
    """Folded words that name what is corrected or cancelled: `amount` in `change the amount to 80`."""
    rejected: str | None = None
    """The old value, where a correction names it: `Anna` in `not Anna, Bob`."""


def recognise_speech_acts(
    text: str, *, languages: Sequence[str] = ("en",), active_words: Collection[str] = ()
) -> tuple[SpeechAct, ...]:
    """Every act of the message, the surest first.

    `active_words` are words of the flow in progress: `cancel the transfer` cancels a transfer in progress, while
    `cancel my standing order` is a wish of its own and comes back with low confidence.
    """
    # What a person wants of the conversation is said early; an essay is not searched to its end.
    text = text[:_LONGEST]
    plain = _HYPHEN.sub(" ", fold_in_place(text))
    if not plain.strip():
        return ()
    patterns = _patterns(tuple(languages))
    acts = [
        _cancel(text, plain, patterns, active_words),
        _correction(text, plain, patterns),
        *(_simple(kind, text, plain, patterns) for kind in patterns.whole),
        _handoff(plain, patterns, text),
    ]
    return tuple(sorted((act for act in acts if act), key=lambda act: -act.confidence))


def find_speech_act(acts: Sequence[SpeechAct], kind: SpeechActKind) -> SpeechAct | None:
    """The act of this kind, when the message has one."""
    return next((act for act in acts if act.kind is kind), None)


def find_dropped_wish(text: str, *, languages: Sequence[str]) -> str | None:
    """What the user says not to want any more: `to send money` of `I don't want to send money after all`."""
    match = _dropped(tuple(languages)).fullmatch(fold_in_place(text[:_LONGEST]).strip(" .!"))
    if match is None:
        return None
    return next((part for part in match.groups() if part), None)


@lru_cache(maxsize=32)
def _dropped(languages: tuple[str, ...]) -> re.Pattern[str]:
    edge = choices_of(speech_phrases.POLITE_EDGES, languages)
    said = choices_of(speech_phrases.DROPPED_WISHES, languages)
    return re.compile(rf"\W*(?:(?>(?:{edge})\b[\s,.!:;-]*))*(?:{said})\W*")


_LONGEST = 1000
# `pouvez-vous` and `laisse-moi` are two words each.
_HYPHEN = re.compile(r"(?<=\w)-(?=(?:vous|tu|moi|nous|je|il|elle|ce|me|lo|la)\b)")


class _Patterns(msgspec.Struct, frozen=True, kw_only=True):
    cancel_whole: re.Pattern[str]
    cancel_verb: re.Pattern[str]
    cancel_phrase: re.Pattern[str]
    correction: re.Pattern[str]
    statement: re.Pattern[str]
    contrast: re.Pattern[str]
    handoff: re.Pattern[str]
    whole: dict[SpeechActKind, tuple[re.Pattern[str], re.Pattern[str]]]
    """For acts that fill a message: alone, and at its start with something after."""
    languages: tuple[str, ...]


# Said to the assistant along with a greeting.
_ADDRESS = r"there|bot|assistant|friend|everyone|all|again|mate|team|zusammen|nochmal|leute|you|me|my"


@lru_cache(maxsize=32)
def _patterns(languages: tuple[str, ...]) -> _Patterns:
    edge = choices_of(speech_phrases.POLITE_EDGES, languages)
    verbs = choices_of(speech_phrases.CANCEL_VERBS, languages)
    objects = choices_of(speech_phrases.CANCEL_OBJECTS, languages)
    phrases = choices_of(speech_phrases.CANCEL_PHRASES, languages)
    # Languages share words (`no`, `ok`), so each step is atomic: a long row of them must not be tried every way.
    edges = rf"(?:(?>(?:{edge})\b[\s,.!:;-]*))*"
    tables = {
        SpeechActKind.GREETING: GREETINGS,
        SpeechActKind.THANKS: THANKS,
        SpeechActKind.GOODBYE: GOODBYES,
        SpeechActKind.HELP: speech_phrases.HELPS,
        SpeechActKind.REPEAT: speech_phrases.REPEATS,
        SpeechActKind.SKIP: speech_phrases.SKIPS,
        SpeechActKind.CHITCHAT: speech_phrases.CHITCHAT,
    }
    # German says the object first: `das abbrechen`, `ich will das stoppen`.
    core = rf"(?:(?:{objects})\s+)?(?:{verbs})(?>\s+(?:{objects})\b)*|{phrases}"
    return _Patterns(
        cancel_whole=re.compile(rf"\W*{edges}(?:{core})(?>[\s,.!]+(?:{core}|{edge})\b)*\W*"),
        cancel_verb=re.compile(rf"\b(?:{verbs})\b"),
        cancel_phrase=re.compile(rf"\b(?:{phrases})\b"),
        correction=re.compile(rf"\W*(?:{choices_of(speech_phrases.CORRECTION_OPENINGS, languages)})"),
        statement=re.compile(rf"\W*(?:{choices_of(speech_phrases.CORRECTION_STATEMENTS, languages)})\W*"),
        contrast=re.compile(rf"\W*(?:{choices_of(speech_phrases.CONTRASTS, languages)})\W*"),
        handoff=re.compile(rf"(?:{choices_of(speech_phrases.HANDOFFS, languages)})"),
        whole={
            kind: (
                re.compile(rf"\W*{edges}(?:{said})(?:[\s,.!?¿¡]+(?:{said}|{edge}|{_ADDRESS})\b){{0,4}}\W*"),
                re.compile(rf"\W*(?:{said})\b"),
            )
            for kind, table in tables.items()
            for said in [choices_of(table, languages)]
        },
        languages=languages,
    )


_CLAUSE_END = re.compile(r"[,.;!?]++\s*|(?<!\s)\s++(?:and|but|und|aber)\s+")
_SURE, _LIKELY, _POSSIBLE, _DOUBTFUL = 0.95, 0.8, 0.6, 0.25


def _cancel(text: str, plain: str, patterns: _Patterns, active_words: Collection[str]) -> SpeechAct | None:
    if patterns.cancel_whole.fullmatch(plain):
        # `not now` and `lieber nicht` answer a question just as well.
        also_answers = recognise_yes_no(text, languages=patterns.languages)
        confidence = _POSSIBLE if also_answers and also_answers.confidence > 0.9 else _SURE
        return SpeechAct(kind=SpeechActKind.CANCEL, confidence=confidence, span=(0, len(text)))
    if clause := _cancelling_clause(plain, patterns):
        rest = (text[: clause[0]] + text[clause[1] :]).strip(" ,.;!")
        return SpeechAct(kind=SpeechActKind.CANCEL, confidence=_LIKELY, span=clause, rest=rest)
    if match := patterns.cancel_phrase.search(plain):
        rest = text[match.end() :].strip(" ,.;!")
        return SpeechAct(kind=SpeechActKind.CANCEL, confidence=0.5, span=match.span(), rest=rest)
    if match := patterns.cancel_verb.search(plain):
        return _cancel_of_something(text, plain, match.span(), patterns, active_words)
    return None


def _cancelling_clause(plain: str, patterns: _Patterns) -> Span | None:
    start = 0
    ends = [
        *((match.start(), match.end()) for match in _CLAUSE_END.finditer(plain)),
        (len(plain), len(plain)),
    ]
    for end, following in ends:
        if plain[start:end].strip() and patterns.cancel_whole.fullmatch(plain, start, end):
            return start, end
        start = following
    return None


def _cancel_of_something(
    text: str, plain: str, verb: Span, patterns: _Patterns, active_words: Collection[str]
) -> SpeechAct:
    """A cancel with an object: of the flow in progress when it names nothing else."""
    said = [token.word for token in tokenise(plain[: verb[0]] + " " + plain[verb[1] :])]
    ordinary = fillers_of(patterns.languages) | words_in(STOP_WORDS, patterns.languages)
    named = tuple(word for word in said if word not in ordinary)
    active = {stem(word, language) for word in active_words for language in patterns.languages}
    is_active = all(any(stem(word, language) in active for language in patterns.languages) for word in named)
    confidence = (0.88 if named else 0.75) if is_active else _DOUBTFUL
    return SpeechAct(
        kind=SpeechActKind.CANCEL,
        confidence=confidence,
        span=verb,
        rest=text if not is_active else "",
        mentions=named,
    )


def _correction(text: str, plain: str, patterns: _Patterns) -> SpeechAct | None:
    start, is_opened, is_strong = _after_openings(plain, patterns)
    stated = patterns.statement.fullmatch(plain, start) or patterns.contrast.fullmatch(plain, start)
    if stated and (act := _stated_correction(text, stated, patterns, opened=is_opened)):
        return act
    rest = text[start:].strip(" ,.!;")
    if not is_opened or not (rest or is_strong):
        return None
    if _WRONG_CHOICE.search(plain[:start]):
        return SpeechAct(
            kind=SpeechActKind.CORRECTION,
            confidence=_POSSIBLE,
            span=(0, len(text)),
            mentions=_content_words(rest, patterns),
        )
    confidence = (0.85 if is_strong else 0.55) if rest else _POSSIBLE
    return SpeechAct(kind=SpeechActKind.CORRECTION, confidence=confidence, span=(0, start), rest=rest)


# `I selected the wrong card` names what is wrong, not what is right.
_WRONG_CHOICE = re.compile(r"\bthe wrong\W*$")
_WEAK_OPENING = re.compile(
    r"\W*(?:(?:yes|yeah|yep|ok|okay|sure|no|nope|ja|gut|nein)\W+(?:but|except(?: that)?|aber|nur)?|sorry|apologies|pardon|oops|whoops|ups|entschuldigung|verzeihung|tut mir leid|wait|hold on|hang on|one moment|moment|warte|halt|instead|in fact|actually|eigentlich)\W*(?:\w+ (?:second|sec|moment|minute)\W*)?"
)


_FILLERS = re.compile(
    r"\W*(?>(?:h+m+|u+m+|u+h+|a+h+|o+h+|oh|er+m?|ok|okay|well|so|ach|also|tja|na|naja|ahm|euh|eh)\b[\s,.!-]*){0,3}"
)


def _after_openings(plain: str, patterns: _Patterns) -> tuple[int, bool, bool]:
    """Where the message goes on after `sorry, I meant`, whether that was said, and whether it was clear."""
    start = lead = _FILLERS.match(plain).end()  # pyright: ignore[reportOptionalMemberAccess]
    is_strong = False
    while (match := patterns.correction.match(plain, start)) and match.end() > start:
        is_strong = is_strong or start > lead or not _WEAK_OPENING.fullmatch(match[0])
        start = match.end()
    return start, start > lead, is_strong


def _stated_correction(
    text: str, match: re.Match[str], patterns: _Patterns, *, opened: bool
) -> SpeechAct | None:
    """What `change the amount to 80`, `not Anna, Bob` or `the date is wrong` say."""
    # Group names end in a number and a language: each language words the same parts in its own order.
    groups = {
        name.split("_")[0].rstrip("0123456789"): match.span(name) for name in match.groupdict() if match[name]
    }
    new, old, what, bad = (groups.get(name) for name in ("new", "old", "what", "bad"))
    is_bare = not opened and what is None and bad is None
    if (old or is_bare) and recognise_yes_no(text, languages=patterns.languages):
        return None
    named = what or bad
    mentions = _content_words(text[slice(*named)], patterns) if named else ()
    if new:
        confidence = 0.85 if opened or what is None else 0.7
    else:
        # `the date is wrong` corrects; `change my address` may be a wish of its own.
        confidence = 0.65 if bad else 0.45 if opened else 0.3
    return SpeechAct(
        kind=SpeechActKind.CORRECTION,
        confidence=confidence,
        span=match.span(),
        rest=_TRAILING.sub("", text[slice(*new)]).strip(" ,.!;") if new else "",
        mentions=mentions,
        rejected=text[slice(*old)].strip() if old else None,
    )


def _content_words(text: str, patterns: _Patterns) -> tuple[str, ...]:
    ordinary = words_in(STOP_WORDS, patterns.languages)
    return tuple(token.word for token in tokenise(text) if token.word not in ordinary)


_TRAILING = re.compile(
    r"[\s,]+(?:instead|please|rather|then|thanks|bitte|lieber|stattdessen|draus)\W*$", re.IGNORECASE
)


def _simple(kind: SpeechActKind, text: str, plain: str, patterns: _Patterns) -> SpeechAct | None:
    whole, start = patterns.whole[kind]
    if whole.fullmatch(plain):
        return SpeechAct(kind=kind, confidence=_SURE, span=(0, len(text)))
    if kind in _MAY_OPEN and (match := start.match(plain)) and (rest := text[match.end() :].strip(" ,.!;")):
        return SpeechAct(kind=kind, confidence=0.4, span=match.span(), rest=rest)
    return None


_MAY_OPEN = frozenset({SpeechActKind.GREETING, SpeechActKind.THANKS})


def _handoff(plain: str, patterns: _Patterns, text: str) -> SpeechAct | None:
    match = patterns.handoff.search(plain)
    if match is None:
        return None
    words = len(tokenise(plain))
    confidence = 0.92 if words <= 12 else 0.8
    return SpeechAct(kind=SpeechActKind.HANDOFF, confidence=confidence, span=match.span())
