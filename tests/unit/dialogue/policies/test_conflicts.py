"""Stories that go on in different ways are named with file and line."""

from duologue.dialogue.policies.conflicts import find_story_conflicts
from tests.unit.dialogue.policies.made_stories import DOMAIN, does, says, sets, story, user

HELLO = story("hello", user("greet"), does("utter_greet"), user("ask"), does("utter_answer"))


def test_stories_that_agree_are_fine() -> None:
    assert find_story_conflicts((HELLO, story("short", user("greet"), does("utter_greet"))), DOMAIN) == ()


def test_both_ways_on_are_named_with_their_stories() -> None:
    other = story("other", user("greet"), does("utter_welcome"))
    (finding,) = find_story_conflicts((HELLO, other), DOMAIN)
    assert finding.format() == (
        "data/hello.yml:1: warning: Stories go on differently after the user's `greet`: "
        "`utter_greet` in `hello` (data/hello.yml:1); `utter_welcome` in `other` (data/other.yml:1). "
        "Make them agree, or let them differ earlier."
    )
    assert finding.sources == ("data/hello.yml:1", "data/other.yml:1")


def test_stories_that_differ_earlier_conflict_only_for_a_short_history() -> None:
    other = story("other", user("bye"), does("utter_greet"), user("ask"), does("utter_other"))
    assert find_story_conflicts((HELLO, other), DOMAIN) == ()
    (finding,) = find_story_conflicts((HELLO, other), DOMAIN, max_history=1)
    assert "after the user's `ask`" in finding.message


def test_a_slot_that_counts_tells_stories_apart() -> None:
    vip = story("vip", user("greet"), sets("vip", True), does("utter_vip"))
    note = story("note", user("greet"), sets("note", "x"), does("utter_note"))
    assert find_story_conflicts((HELLO, vip), DOMAIN) == ()
    assert len(find_story_conflicts((HELLO, note), DOMAIN)) == 1


def test_words_conflict_too() -> None:
    stories = (
        story("one", says("where am I"), does("utter_here")),
        story("two", says("where am I"), does("utter_there")),
    )
    (finding,) = find_story_conflicts(stories, DOMAIN)
    assert "after the user's `where am I`" in finding.message
