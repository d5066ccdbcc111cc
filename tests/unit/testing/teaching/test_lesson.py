"""An assistant is taught by a person who confirms and corrects; what was learned is written as data."""

from pathlib import Path

import pytest

from duologue.core.domain import Domain
from duologue.core.stories import ActionStep, Story, UserStep
from duologue.core.understanding import Entity
from duologue.dialogue.perform import Performer
from duologue.dialogue.policies.training import train_policies
from duologue.flows.flow import Flows
from duologue.project.nlu_files import read_nlu_data
from duologue.project.story_tests_reader import read_test_stories
from duologue.responses.templates import TemplateResponseGenerator
from duologue.testing.scripted import FrozenClock, ScriptedActions
from duologue.testing.teaching.lesson import Lesson, Taught
from duologue.testing.teaching.lesson_files import write_lesson
from duologue.understanding.text_parser import ParsedText
from tests.unit.testing.stories.story_scene import DOMAIN, KnownSentences, reads

RULE = Story(
    name="greet",
    steps=(UserStep(intent="greet"), ActionStep(name="utter_greet")),
    is_rule=True,
    source="data/rules.yml:1",
)


class ToldTerminal:
    """Answers what it was told to, then leaves."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.shown: list[str] = []

    async def ask(self, question: str) -> str:
        if not self._answers:
            raise EOFError
        return self._answers.pop(0)

    def tell(self, text: str) -> None:
        self.shown.append(text)

    @property
    def left(self) -> list[str]:
        return self._answers


async def teach(*answers: str, known: dict[str, ParsedText] | None = None, has_parser: bool = True) -> Taught:
    chooser = train_policies([], [RULE], DOMAIN, None)
    terminal = ToldTerminal(*answers)
    lesson = Lesson(
        domain=DOMAIN,
        chooser=chooser,
        parser=KnownSentences(known or {}) if has_parser else None,
        performer=make_performer(DOMAIN),
        terminal=terminal,
        clock=FrozenClock(),
    )
    taught = await lesson.hold()
    assert terminal.left == []
    return taught


def make_performer(domain: Domain) -> Performer:
    return Performer(
        flows=Flows([]),
        domain=domain,
        responses=TemplateResponseGenerator(domain),
        actions=ScriptedActions(),
        load_events=_load_nothing,
    )


async def _load_nothing(*_: object) -> tuple[()]:
    return ()


def write(taught: Taught, folder: Path, *, has_texts: bool = False) -> list[str]:
    written = write_lesson(taught, folder, DOMAIN, has_texts=has_texts)
    return [path.name for path in written]


def read_stories(folder: Path) -> list[tuple[str, ...]]:
    stories = read_test_stories(folder / "learned_stories.yml", root=folder).stories
    return [
        tuple(getattr(step, "name", None) or getattr(step, "intent", "") for step in s.steps) for s in stories
    ]


async def test_what_is_confirmed_becomes_a_story_and_an_example(tmp_path: Path) -> None:
    taught = await teach("hi", "", "", "y", "/quit", known={"hi": reads("greet")})
    assert write(taught, tmp_path) == ["learned_stories.yml", "learned_nlu.yml"]
    assert read_stories(tmp_path) == [("greet", "utter_greet")]
    assert [(one.intent, one.text) for one in read_nlu_data([tmp_path], root=tmp_path).examples] == [
        ("greet", "hi")
    ]


async def test_intent_entities_and_action_are_corrected(tmp_path: Path) -> None:
    answers = ["soup", "n", "order", "[soup](dish)", "n", "utter_sorry", "n", "action_listen", "/quit"]
    taught = await teach(*answers)
    write(taught, tmp_path, has_texts=True)
    (story,) = read_test_stories(tmp_path / "learned_stories.yml", root=tmp_path).stories
    message, action = story.steps
    assert isinstance(message, UserStep)
    assert (message.text, message.intent, message.entities[0].entity) == ("soup", "order", "dish")
    assert action == ActionStep(name="utter_sorry")


async def test_new_names_are_written_for_the_domain(tmp_path: Path) -> None:
    taught = await teach("hm", "n", "ponder", "", "n", "utter_hm", "n", "action_listen", "/quit")
    assert (taught.intents, taught.actions) == (("ponder",), ("utter_hm",))
    assert write(taught, tmp_path)[-1] == "learned_domain.yml"
    assert "utter_hm" in (tmp_path / "learned_domain.yml").read_text(encoding="utf-8")
    assert write(taught, tmp_path)[-1] == "learned_domain_1.yml"


async def test_a_step_is_taken_back_at_a_question(tmp_path: Path) -> None:
    answers = ["hi", "y", "n", "utter_sorry", "/undo", "y", "y", "/quit"]
    write(await teach(*answers, known={"hi": reads("greet")}), tmp_path)
    assert read_stories(tmp_path) == [("greet", "utter_greet")]


async def test_a_message_is_forgotten_before_it_counts(tmp_path: Path) -> None:
    assert await teach("hi", "/undo", "/quit") == Taught()


async def test_a_fork_keeps_both_conversations(tmp_path: Path) -> None:
    known = {"hi": reads("greet"), "soup": reads("order")}
    answers = ["hi", "y", "y", "y", "soup", "y", "n", "utter_sorry", "n", "action_listen"]
    write(await teach(*answers, "/fork", "2", "hi", "y", "y", "y", "/quit", known=known), tmp_path)
    assert read_stories(tmp_path) == [
        ("greet", "utter_greet", "order", "utter_sorry"),
        ("greet", "utter_greet", "greet", "utter_greet"),
    ]


async def test_lessons_add_up(tmp_path: Path) -> None:
    known = {"hi": reads("greet", Entity(entity="dish", value="hi", start=0, end=2))}
    taught = await teach("hi", "y", "y", "y", "/restart", "hi", "y", "y", "y", "/quit", known=known)
    write(taught, tmp_path)
    write(taught, tmp_path)
    assert len(read_stories(tmp_path)) == 4
    assert len(read_nlu_data([tmp_path], root=tmp_path).examples) == 1


async def test_without_a_pipeline_intents_are_written(tmp_path: Path) -> None:
    taught = await teach("hello", "/greet", "y", "y", "/quit", has_parser=False)
    assert write(taught, tmp_path) == ["learned_stories.yml"]


async def test_whoever_leaves_early_keeps_what_was_taught(tmp_path: Path) -> None:
    taught = await teach("hi", "y", "y", known={"hi": reads("greet")})
    write(taught, tmp_path)
    assert read_stories(tmp_path) == [("greet", "utter_greet")]


@pytest.mark.parametrize("words", [("core", "a", "b"), ("a", "b")])
def test_one_project_is_named(words: tuple[str, ...], tmp_path: Path) -> None:
    from click.testing import CliRunner

    from duologue.cli.interactive import learn_interactively

    outcome = CliRunner().invoke(learn_interactively, words)
    assert "one word too many" in outcome.output
