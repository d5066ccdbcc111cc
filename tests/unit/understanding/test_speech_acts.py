"""Cancelling, correcting, greeting, asking again: what a message does to the conversation."""

import pytest

from duologue.understanding.speech_acts import (
    SpeechAct,
    SpeechActKind,
    find_dropped_wish,
    find_speech_act,
    recognise_speech_acts,
)

SURE = 0.75


def _find(
    text: str, kind: SpeechActKind, language: str = "en", active_words: tuple[str, ...] = ()
) -> SpeechAct | None:
    return find_speech_act(
        recognise_speech_acts(text, languages=(language,), active_words=active_words), kind
    )


@pytest.mark.parametrize(
    ("text", "language", "kind"),
    [
        ("stop", "en", SpeechActKind.CANCEL),
        ("forget it", "en", SpeechActKind.CANCEL),
        ("never mind", "en", SpeechActKind.CANCEL),
        ("sorry, I want to cancel that", "en", SpeechActKind.CANCEL),
        ("I changed my mind", "en", SpeechActKind.CANCEL),
        ("I don't want to do this anymore", "en", SpeechActKind.CANCEL),
        ("cancel, I'll do it later", "en", SpeechActKind.CANCEL),
        ("vergiss es", "de", SpeechActKind.CANCEL),
        ("ich möchte das abbrechen", "de", SpeechActKind.CANCEL),
        ("lass gut sein", "de", SpeechActKind.CANCEL),
        ("laisse tomber", "fr", SpeechActKind.CANCEL),
        ("olvídalo", "es", SpeechActKind.CANCEL),
        ("lascia perdere", "it", SpeechActKind.CANCEL),
        ("laat maar", "nl", SpeechActKind.CANCEL),
        ("deixa pra lá", "pt", SpeechActKind.CANCEL),
        ("hello there!", "en", SpeechActKind.GREETING),
        ("Guten Morgen", "de", SpeechActKind.GREETING),
        ("bonjour", "fr", SpeechActKind.GREETING),
        ("thank you so much", "en", SpeechActKind.THANKS),
        ("vielen Dank", "de", SpeechActKind.THANKS),
        ("see you later", "en", SpeechActKind.GOODBYE),
        ("tschüss", "de", SpeechActKind.GOODBYE),
        ("what can you do?", "en", SpeechActKind.HELP),
        ("hilfe", "de", SpeechActKind.HELP),
        ("I want to talk to a human", "en", SpeechActKind.HANDOFF),
        ("agent please", "en", SpeechActKind.HANDOFF),
        ("kann ich mit einem Mitarbeiter sprechen", "de", SpeechActKind.HANDOFF),
        ("say that again", "en", SpeechActKind.REPEAT),
        ("what did you say?", "en", SpeechActKind.REPEAT),
        ("wie bitte?", "de", SpeechActKind.REPEAT),
        ("skip this question", "en", SpeechActKind.SKIP),
        ("überspringen", "de", SpeechActKind.SKIP),
        ("are you a robot?", "en", SpeechActKind.CHITCHAT),
        ("wer bist du", "de", SpeechActKind.CHITCHAT),
        ("pouvez-vous répéter", "fr", SpeechActKind.REPEAT),
        ("¿puedes repetir?", "es", SpeechActKind.REPEAT),
        ("non ho capito", "it", SpeechActKind.REPEAT),
        ("overslaan", "nl", SpeechActKind.SKIP),
        ("o que você sabe fazer", "pt", SpeechActKind.HELP),
        ("what a lovely morning in our town", "en", SpeechActKind.CHITCHAT),
    ],
)
def test_clear_acts_are_sure(text: str, language: str, kind: SpeechActKind) -> None:
    act = _find(text, kind, language)
    assert act is not None
    assert act.confidence >= SURE


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("cancel my standing order", "en"),
        ("stop sending me emails", "en"),
        ("storniere meinen Dauerauftrag", "de"),
    ],
)
def test_cancelling_another_thing_is_a_wish_of_its_own(text: str, language: str) -> None:
    act = _find(text, SpeechActKind.CANCEL, language)
    assert act is not None
    assert act.confidence < 0.35
    assert act.mentions


def test_cancelling_the_flow_in_progress_by_its_name_is_sure() -> None:
    act = _find("cancel the transfer", SpeechActKind.CANCEL, active_words=("transfer", "money"))
    assert act is not None
    assert act.confidence >= SURE


def test_a_cancellation_leaves_the_next_wish() -> None:
    act = _find("never mind, what's my balance?", SpeechActKind.CANCEL)
    assert act is not None
    assert act.rest == "what's my balance?"


@pytest.mark.parametrize(
    ("text", "language", "rest"),
    [
        ("no wait, make it 60", "en", "60"),
        ("sorry I meant 65", "en", "65"),
        ("Sorry, I meant 65 and from Current", "en", "65 and from Current"),
        ("I meant in the future", "en", "in the future"),
        ("actually, Bob", "en", "Bob"),
        ("that's wrong, it should be 12", "en", "12"),
        ("make it 60 instead", "en", "60"),
        ("no, 60", "en", "60"),
        ("Moment, doch 60", "de", "60"),
        ("ich meinte 65", "de", "65"),
        ("mach 60 draus", "de", "60"),
        ("can we do 80 instead?", "en", "80"),
        ("hm, the amount is wrong, it's 55", "en", "55"),
        ("i made a mistake, send it to Bob", "en", "send it to Bob"),
        ("AABD I mean, sorry", "en", "AABD"),
        ("non attends, je voulais dire 60", "fr", "60"),
        ("no, quise decir 60", "es", "60"),
        ("scusa, intendevo 60", "it", "60"),
        ("nee, ik bedoel 60", "nl", "60"),
        ("não, queria dizer 60", "pt", "60"),
    ],
)
def test_a_correction_gives_the_new_value(text: str, language: str, rest: str) -> None:
    act = _find(text, SpeechActKind.CORRECTION, language)
    assert act is not None
    assert act.confidence >= 0.5
    assert act.rest == rest


@pytest.mark.parametrize(
    ("text", "language", "mentions", "rest"),
    [
        ("the amount should be 70", "en", ("amount",), "70"),
        ("change the amount to 80", "en", ("amount",), "80"),
        ("No, change my name to Jane", "en", ("name",), "Jane"),
        ("the date is wrong", "en", ("date",), ""),
        ("sorry, I selected the wrong card", "en", ("card",), ""),
        ("yes but change the amount", "en", ("amount",), ""),
        ("ändere den Betrag auf 80", "de", ("betrag",), "80"),
        ("der Betrag soll 70 sein", "de", ("betrag",), "70"),
    ],
)
def test_a_correction_names_what_it_corrects(
    text: str, language: str, mentions: tuple[str, ...], rest: str
) -> None:
    act = _find(text, SpeechActKind.CORRECTION, language)
    assert act is not None
    assert act.mentions == mentions
    assert act.rest == rest


@pytest.mark.parametrize(
    ("text", "language", "rejected", "rest"),
    [
        ("not Anna, Bob", "en", "Anna", "Bob"),
        ("Bob instead of Anna", "en", "Anna", "Bob"),
        ("60, not 50", "en", "50", "60"),
        ("change the recipient from Anna to Bob", "en", "Anna", "Bob"),
        ("nicht Anna, sondern Bob", "de", "Anna", "Bob"),
    ],
)
def test_a_contrast_gives_the_old_and_the_new_value(
    text: str, language: str, rejected: str, rest: str
) -> None:
    act = _find(text, SpeechActKind.CORRECTION, language)
    assert act is not None
    assert (act.rejected, act.rest) == (rejected, rest)


@pytest.mark.parametrize(
    "text",
    ["my card is not working", "I want to transfer money", "not now, thanks", "make a transfer", "yes"],
)
def test_what_corrects_nothing_is_no_correction(text: str) -> None:
    assert _find(text, SpeechActKind.CORRECTION) is None


@pytest.mark.parametrize(
    "text",
    [
        "I want to transfer money",
        "How can we solve world hunger?",
        "Amy",
        "12345678",
        "my card got stolen",
        "",
    ],
)
def test_ordinary_messages_are_no_acts(text: str) -> None:
    assert recognise_speech_acts(text) == ()


def test_a_greeting_before_a_wish_leaves_the_wish() -> None:
    act = _find("Hey, I want to transfer money", SpeechActKind.GREETING)
    assert act is not None
    assert act.confidence < 0.5
    assert act.rest == "I want to transfer money"


def test_a_refusal_that_could_be_an_answer_is_a_less_sure_cancellation() -> None:
    act = _find("not now", SpeechActKind.CANCEL)
    assert act is not None
    assert act.confidence < SURE


@pytest.mark.parametrize(
    ("text", "language", "dropped"),
    [
        ("I don't want to send money any more", "en", "send money"),
        ("ich brauche doch keine neue Karte mehr", "de", "neue karte"),
        ("ya no quiero enviar dinero", "es", "enviar dinero"),
    ],
)
def test_a_wish_can_be_taken_back(text: str, language: str, dropped: str) -> None:
    assert find_dropped_wish(text, languages=(language,)) == dropped


@pytest.mark.parametrize("word", ["no", "ok", "hello", "please", "not", "stop", "-", "sorry wait"])
def test_a_long_row_of_one_word_is_not_tried_in_every_way(word: str) -> None:
    # Languages share words; a pattern that tried each for each would not come back in a lifetime.
    languages = ("en", "de", "fr", "es", "it", "nl", "pt")
    acts = recognise_speech_acts(f"{word} " * 300 + "x", languages=languages)
    assert len(acts) <= len(SpeechActKind)
