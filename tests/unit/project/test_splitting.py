"""Training data parted in two."""

from duologue.project.definition import IntentExample
from duologue.project.splitting import split_examples, split_stories


def list_examples(**counts: int) -> list[IntentExample]:
    return [
        IntentExample(intent=intent, text=f"{intent} {number}")
        for intent, count in counts.items()
        for number in range(count)
    ]


def test_each_intent_gives_its_share_and_the_seed_decides_which() -> None:
    examples = list_examples(many=50, some=11, few=2, single=1)
    learned, judged = split_examples(examples, 0.8, 7)
    assert sorted(example.text for example in (*learned, *judged)) == sorted(
        example.text for example in examples
    )
    assert len(learned) == round(64 * 0.8)
    counts = {
        intent: sum(example.intent == intent for example in judged)
        for intent in ("many", "some", "few", "single")
    }
    assert counts == {"many": 10, "some": 2, "few": 1, "single": 0}
    assert split_examples(examples, 0.8, 7) == (learned, judged)
    assert split_examples(examples, 0.8, 8) != (learned, judged)


def test_stories_keep_their_order_in_both_parts() -> None:
    learned, judged = split_stories(list(range(10)), 0.7, 1)
    assert (len(learned), len(judged)) == (7, 3)
    assert learned == sorted(learned)
    assert judged == sorted(judged)
    assert split_stories(["only"], 0.5, 1) == (["only"], [])
