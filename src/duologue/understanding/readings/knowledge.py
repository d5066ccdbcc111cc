"""A question about how things are, which documents answer and no flow does."""

import re
from functools import lru_cache

from duologue.core import commands as cmd
from duologue.flows.flow import Flows
from duologue.flows.steps import ActionStep
from duologue.understanding.flow_search import POSSIBLE_FLOW, SURE_FLOW
from duologue.understanding.lexicon import topic_questions
from duologue.understanding.lexicon.function_words import GENERIC_WORDS, STOP_WORDS
from duologue.understanding.message_form import choices_of, is_question, is_request, sentence_count
from duologue.understanding.readings.reading import Reading
from duologue.understanding.scene import Scene
from duologue.understanding.speech_acts import SpeechActKind
from duologue.understanding.text_features import fold_in_place, stem, tokenise, words_in

_FULLY_NAMED = 0.985
"""Score from which a flow is meant even by a question."""
_LONGEST = 500
_NOT_TOPICAL = (SpeechActKind.HELP, SpeechActKind.CHITCHAT, SpeechActKind.REPEAT, SpeechActKind.GREETING)


def can_search(flows: Flows) -> bool:
    """Whether the project answers questions of knowledge: its own `pattern_search` does more than regret."""
    flow = flows.find("pattern_search")
    return flow is not None and any(
        isinstance(step, ActionStep) and step.action != "utter_no_knowledge_base" for step in flow.steps
    )


def read_topic_question(scene: Scene) -> Reading | None:
    """`are there any fees for that?`: asks about something rather than for it, whatever flow is near."""
    if any(scene.find_act(kind) for kind in _NOT_TOPICAL):
        return None
    if not asks_about_a_topic(scene.text, scene.languages):
        return None
    best = scene.flows.find_best(scene.text)
    score = best.score if best else 0.0
    if best is not None and score >= POSSIBLE_FLOW:
        if score >= _FULLY_NAMED or not _says_more(scene, best.words):
            return None
        # Of several sentences one may ask, and another say what is wanted.
        if score >= SURE_FLOW and sentence_count(scene.text) > 1:
            return None
        if not scene.has_search and (
            score < SURE_FLOW or not is_question(scene.text, languages=scene.languages)
        ):
            return None
    elif not scene.has_search:
        return None
    return Reading(commands=(cmd.KnowledgeAnswer(),), confidence=0.8, reason="asks about a topic")


def asks_about_a_topic(text: str, languages: tuple[str, ...]) -> bool:
    """Whether the text is worded as a question about how things are, not about the person's own affairs."""
    plain = fold_in_place(text[:_LONGEST]).strip()
    return bool(_topical(languages).search(plain)) and not _mine(languages).search(plain)


def read_open_question(scene: Scene) -> Reading | None:
    """A question that no flow answers, where the assistant has documents to look in."""
    if not scene.has_search or scene.acts or len(scene.text.split()) < 2:
        return None
    if is_request(scene.text, languages=scene.languages) and not scene.text.rstrip().endswith("?"):
        return None
    if not is_question(scene.text, languages=scene.languages) and not _topical(scene.languages).search(
        fold_in_place(scene.text[:_LONGEST]).strip()
    ):
        return None
    return Reading(commands=(cmd.KnowledgeAnswer(),), confidence=0.65, reason="a question for no flow")


def _says_more(scene: Scene, explained: tuple[str, ...]) -> bool:
    """Whether a telling word of the message is not the flow's."""
    ordinary = words_in(STOP_WORDS, scene.languages) | words_in(GENERIC_WORDS, scene.languages)
    language = scene.languages[0]
    own = {stem(word, language) for word in explained} | set(explained)
    return any(
        token.word not in own and stem(token.word, language) not in own
        for token in tokenise(scene.text)
        if token.word not in ordinary and not token.word.isdigit()
    )


@lru_cache(maxsize=32)
def _topical(languages: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:{choices_of(topic_questions.TOPIC_QUESTIONS, languages)})")


@lru_cache(maxsize=32)
def _mine(languages: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:{choices_of(topic_questions.OWN_AFFAIRS, languages)})")
