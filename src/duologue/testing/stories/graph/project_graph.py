"""The page of a whole project: its stories, and its rules."""

from collections.abc import Sequence

from duologue.core.domain import Domain
from duologue.core.stories import Story
from duologue.dialogue.policies.story_paths import list_story_paths
from duologue.project.definition import IntentExample
from duologue.testing.stories.graph.story_graph import build_graph
from duologue.testing.stories.graph.story_page import write_page

TITLE = "Stories"


def draw_stories(
    stories: Sequence[Story],
    rules: Sequence[Story],
    domain: Domain,
    examples: Sequence[IntentExample],
    *,
    max_history: int,
) -> str:
    """One page with the graph of the stories and that of the rules."""
    said: dict[str, list[str]] = {}
    for example in examples:
        said.setdefault(example.intent.partition("/")[0], []).append(example.text)
    graphs = {
        "Stories": build_graph(list_story_paths(stories, domain).paths, max_history),
        "Rules": build_graph(list_story_paths(rules, domain).paths, max_history),
    }
    return write_page(TITLE, graphs, said)
