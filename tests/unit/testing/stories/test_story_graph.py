"""Stories become a graph, and the graph a page."""

from xml.etree import ElementTree

from duologue.core.stories import ActionStep, SlotStep, Story, StoryStep, UserStep
from duologue.project.definition import IntentExample
from duologue.testing.stories.graph.project_graph import draw_stories
from duologue.testing.stories.graph.story_graph import StoryGraph, build_graph
from duologue.testing.stories.graph.story_layout import BOX_HEIGHT, BOX_WIDTH, lay_out
from duologue.testing.stories.project_stories import list_test_paths
from tests.unit.testing.stories.story_scene import DOMAIN


def tell(name: str, *steps: StoryStep) -> Story:
    return Story(name=name, steps=steps, source=f"data/stories.yml:{len(name)}")


GREETED = (UserStep(intent="greet"), ActionStep(name="utter_greet"))
STORIES = [
    tell("an order", *GREETED, UserStep(intent="order"), ActionStep(name="action_order")),
    tell("no order", *GREETED, UserStep(intent="deny"), ActionStep(name="utter_sorry")),
]


def make_graph(*stories: Story, max_history: int = 2) -> StoryGraph:
    return build_graph(list_test_paths(stories, DOMAIN)[0], max_history)


def list_lines(graph: StoryGraph) -> list[tuple[str, str, str]]:
    names = [node.action for node in graph.nodes]
    return sorted((names[link.source], link.said.intent, names[link.target]) for link in graph.links)


def test_stories_with_the_same_beginning_share_it() -> None:
    graph = make_graph(*STORIES)
    assert list_lines(graph) == [
        ("", "greet", "utter_greet"),
        ("utter_greet", "deny", "utter_sorry"),
        ("utter_greet", "order", "action_order"),
    ]
    assert [node.is_end for node in graph.nodes] == [False, False, True, True]


def test_the_same_action_after_another_history_is_another_node() -> None:
    later = tell("sorry, then hello", UserStep(intent="deny"), ActionStep(name="utter_sorry"), *GREETED)
    actions = [node.action for node in make_graph(STORIES[0], later).nodes]
    assert actions.count("utter_greet") == 2
    merged = [node.action for node in make_graph(STORIES[0], later, max_history=1).nodes]
    assert merged.count("utter_greet") == 1


def test_a_line_that_leads_back_is_marked() -> None:
    graph = make_graph(tell("round and round", *GREETED * 4), max_history=1)
    assert [link.is_return for link in graph.links] == [False, True]


def test_no_two_boxes_overlap() -> None:
    steps = [
        (UserStep(intent=intent), ActionStep(name=f"utter_{intent}"))
        for intent in ("greet", "order", "deny", "faq")
    ]
    stories = [tell(f"{a}{b}", *steps[a], *steps[b], *steps[(a + b) % 4]) for a in range(4) for b in range(4)]
    spots = lay_out(make_graph(*stories)).spots
    assert all(
        abs(one.x - other.x) >= BOX_WIDTH or abs(one.y - other.y) >= BOX_HEIGHT
        for place, one in enumerate(spots)
        for other in spots[:place]
    )


def test_the_page_shows_what_is_said_and_what_holds() -> None:
    story = tell("a <size>", UserStep(intent="order"), SlotStep(name="size", value="<large>"), *GREETED[1:])
    examples = [IntentExample(intent="order", text="a soup, please")]
    page = draw_stories([story], [], DOMAIN, examples, max_history=2)
    svg = page[page.index("<svg") : page.index("</svg>") + 6]
    texts = [element.text or "" for element in ElementTree.fromstring(svg).iter()]
    assert {"order", "size = <large>", "utter_greet"} <= set(texts)
    assert "order\nsize = <large>\n“a soup, please”" in texts
    assert "a &lt;size&gt;" in page
