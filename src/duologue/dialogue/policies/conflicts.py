"""Stories that go on differently from the same situation."""

from collections import defaultdict
from collections.abc import Sequence

from duologue.core.domain import Domain
from duologue.core.events import ACTION_LISTEN
from duologue.core.stories import Story
from duologue.dialogue.policies.finding import Finding
from duologue.dialogue.policies.situation import (
    ACTION,
    ACTION_TEXT,
    INTENT,
    TEXT,
    Featurizer,
    Situation,
    format_situations,
)
from duologue.dialogue.policies.story_examples import StoryExample, list_examples
from duologue.dialogue.policies.story_paths import list_story_paths

_MOST_NAMED = 3


def find_story_conflicts(
    stories: Sequence[Story], domain: Domain, max_history: int | None = None
) -> tuple[Finding, ...]:
    """Every situation, as far back as `max_history` moments, from which stories go on in several ways."""
    reading = list_story_paths([story for story in stories if not story.is_rule], domain)
    groups: defaultdict[str, dict[str, list[StoryExample]]] = defaultdict(dict)
    for example in list_examples(reading.paths, Featurizer(domain)):
        seen = example.situations[-max_history:] if max_history else example.situations
        groups[format_situations(seen)].setdefault(example.action, []).append(example)
    return tuple(_report(choices) for choices in groups.values() if len(choices) > 1)


def _report(choices: dict[str, list[StoryExample]]) -> Finding:
    first = next(iter(choices.values()))[0]
    ways = "; ".join(f"`{action}` {_name_stories(examples)}" for action, examples in choices.items())
    sources = [
        source for examples in choices.values() for example in examples for source in example.path.sources
    ]
    return Finding(
        message=f"Stories go on differently {_describe(first.situations[-1])}: {ways}. "
        "Make them agree, or let them differ earlier.",
        source=first.place.source if first.place else first.path.source,
        step=first.place.position if first.place else None,
        sources=tuple(dict.fromkeys(sources)),
        is_error=False,
    )


def _name_stories(examples: Sequence[StoryExample]) -> str:
    paths = {example.path.name: example.path.source for example in examples}
    named = [
        f"`{name}` ({source})" if source else f"`{name}`"
        for name, source in list(paths.items())[:_MOST_NAMED]
    ]
    more = len(paths) - len(named)
    return f"in {', '.join(named)}" + (f" and {more} more" if more else "")


def _describe(situation: Situation) -> str:
    action = situation.get(ACTION) or situation.get(ACTION_TEXT)
    if action == ACTION_LISTEN and (said := situation.get(INTENT) or situation.get(TEXT)):
        return f"after the user's `{said}`"
    return f"after `{action}`" if action else "at the beginning"
