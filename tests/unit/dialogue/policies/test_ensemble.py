"""Whose choice counts when several policies have something to say."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from duologue.core.domain import Domain
from duologue.core.errors import DefinitionError
from duologue.core.values import OpenData
from duologue.dialogue.policies.ensemble import PolicyEnsemble
from duologue.dialogue.policies.policy import PolicyScene, Prediction
from duologue.dialogue.policies.training import load_policies, train_policies
from tests.unit.dialogue.policies.made_stories import (
    DOMAIN,
    LISTENED,
    after,
    did,
    does,
    hears,
    in_loop,
    loop,
    rule,
    story,
    user,
)
from tests.unit.dialogue.policies.test_rule_policy import Entry

HERE = "tests.unit.dialogue.policies.test_ensemble"


class Stubborn:
    """A policy of an author's own: always the same."""

    name = "Stubborn"
    priority = 1

    def __init__(self, action: str, confidence: float, *, is_no_user_prediction: bool = False) -> None:
        self._prediction = Prediction(
            action=action, confidence=confidence, is_no_user_prediction=is_no_user_prediction
        )

    @classmethod
    def create(cls, options: OpenData, domain: Domain) -> "Stubborn":
        del domain
        return cls(options["action"], options["confidence"], is_no_user_prediction="alone" in options)

    def predict(self, scene: PolicyScene) -> Prediction | None:
        return self._prediction if scene.moments else None


class Counting:
    """A policy of an author's own that learns how many choices there are."""

    name = "Counting"
    priority = 9

    def __init__(self) -> None:
        self.count = 0

    @classmethod
    def create(cls, options: OpenData, domain: Domain) -> "Counting":
        del options, domain
        return cls()

    def train(self, examples: Sequence[object]) -> None:
        self.count = len(examples)

    def dump(self) -> dict[str, bytes]:
        return {"count": str(self.count).encode()}

    def restore(self, files: dict[str, bytes]) -> None:
        self.count = int(files["count"])

    def predict(self, scene: PolicyScene) -> Prediction | None:
        del scene
        return Prediction(action=f"utter_{self.count}")


class Unfinished:
    """Not a policy."""


GREETING = rule("greeting", user("greet"), does("utter_greet"))
HELLO = story("hello", user("greet"), does("utter_greet"))
RULES = Entry(name="RulePolicy")


def stubborn(action: str, confidence: float, **options: object) -> Entry:
    return Entry(name=f"{HERE}.Stubborn", options={"action": action, "confidence": confidence, **options})


def train(*policies: Entry) -> PolicyEnsemble:
    return train_policies((HELLO,), (GREETING,), DOMAIN, policies)


def test_the_surest_policy_wins() -> None:
    ensemble = train(RULES, stubborn("utter_other", 0.5))
    assert ensemble.choose(after(hears("bye"))).action == "utter_other"
    assert ensemble.choose(after(hears("greet"))).action == "utter_greet"


def test_a_policy_less_sure_than_the_fallback_does_not_win() -> None:
    chosen = train(stubborn("utter_other", 0.2), RULES).choose(after(hears("bye")))
    assert (chosen.action, chosen.policy) == ("action_default_fallback", "RulePolicy")


def test_of_two_that_are_equally_sure_the_higher_priority_wins() -> None:
    chosen = train(stubborn("utter_other", 1.0), RULES).choose(after(hears("greet")))
    assert chosen.policy == "RulePolicy"


def test_priorities_can_be_changed() -> None:
    memory = Entry(name="MemoizationPolicy", options={"priority": 7})
    assert train(RULES, memory).choose(after(hears("greet"))).policy == "MemoizationPolicy"


def test_a_prediction_that_needs_no_message_overrules_surer_ones() -> None:
    ensemble = train_policies(
        (),
        (rule("book", user("book"), does("trip_form"), loop("trip_form")),),
        DOMAIN,
        [stubborn("utter_other", 2.0), RULES],
    )
    state = after(hears("book"), did("trip_form"), in_loop("trip_form"), LISTENED, hears("inform"))
    assert ensemble.choose(state).action == "trip_form"


def test_an_action_that_has_just_declined_is_not_chosen_again() -> None:
    ensemble = train(RULES, stubborn("utter_other", 0.4))
    chosen = ensemble.choose(after(hears("greet")), rejected="utter_greet")
    assert chosen.action == "utter_other"


def test_where_all_have_declined_the_assistant_listens() -> None:
    assert train(RULES).choose(after(hears("greet")), rejected="utter_greet").action == "action_listen"


def test_an_assistant_with_policies_of_flows_only_listens() -> None:
    assert train(Entry(name="FlowPolicy")).choose(after(hears("greet"))).action == "action_listen"


def test_a_policy_of_an_authors_own_learns_and_comes_back_from_its_files() -> None:
    policies = [Entry(name=f"{HERE}.Counting")]
    ensemble = train_policies((HELLO,), (), DOMAIN, policies, augmentation=0)
    again = load_policies(policies, ensemble.dump(), DOMAIN)
    assert again.choose(after(hears("bye"))).action == "utter_3"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere.at_all.Policy", "no module `nowhere` can be found"),
        (f"{HERE}.Absent", "has no class `Absent`"),
        (f"{HERE}.Unfinished", "has no method `create` and no `predict`"),
        ("RulesPolicy", "Did you mean `RulePolicy`?"),
    ],
)
def test_a_policy_that_cannot_be_made_is_named_with_a_way_out(name: str, message: str) -> None:
    with pytest.raises(DefinitionError, match=message.replace("?", r"\?")):
        train(Entry(name=name))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "from rasa.core.policies.policy import Policy\n",
            "is made for Rasa and cannot run here. Write a class",
        ),
        ("import absent_library\n", "needs the module `absent_library`, which is not installed"),
        ("raise RuntimeError('no key')\n", "cannot be imported: RuntimeError: no key"),
    ],
)
def test_a_module_that_cannot_be_imported_is_explained(
    code: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "policy_of_a_project.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DefinitionError, match=message):
        train(Entry(name="policy_of_a_project.Policy"))


def test_older_names_are_taken_over_with_a_note() -> None:
    notes: list[str] = []
    policies = [
        Entry(name="KerasPolicy", options={"epochs": 10, "max_history": 3}),
        Entry(name="FallbackPolicy", options={"core_threshold": 0.6, "nlu_threshold": 0.4}),
        Entry(name="FormPolicy"),
        Entry(name="rasa.core.policies.memoization.MemoizationPolicy"),
    ]
    ensemble = train_policies((HELLO,), (), DOMAIN, policies, report=notes.append)
    names = [policy.name for policy in ensemble.policies]
    assert names == ["TEDPolicy", "RulePolicy", "MemoizationPolicy"]
    fallback = next(one for one in ensemble.predict_all(after(hears("stop"))) if one.policy == "RulePolicy")
    assert fallback.confidence == pytest.approx(0.6)
    assert notes[0] == "`KerasPolicy` is a policy of Rasa 1; `TEDPolicy` takes its place."
    assert len(notes) == 3


def test_an_unknown_option_is_named_with_the_nearest_one() -> None:
    notes: list[str] = []
    policies = [Entry(name="MemoizationPolicy", options={"max_histori": 3})]
    train_policies((HELLO,), (), DOMAIN, policies, report=notes.append)
    assert notes == ["`MemoizationPolicy` has no option `max_histori`. Did you mean `max_history`?"]


def test_an_option_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(
        DefinitionError, match="`max_history` of `MemoizationPolicy` must be a whole number, not `many`"
    ):
        train(Entry(name="MemoizationPolicy", options={"max_history": "many"}))


def test_files_of_an_earlier_training_are_taken_where_nothing_has_changed() -> None:
    kept: dict[tuple[str, str], Mapping[str, bytes]] = {}
    trained: list[str] = []

    def learn(name: str, fingerprint: str, train: Callable[[], Mapping[str, bytes]]) -> Mapping[str, bytes]:
        if (name, fingerprint) not in kept:
            trained.append(name)
            kept[name, fingerprint] = train()
        return kept[name, fingerprint]

    policies = (Entry(name="MemoizationPolicy"), RULES)
    first = train_policies((HELLO,), (GREETING,), DOMAIN, policies, learn=learn)
    again = train_policies((HELLO,), (GREETING,), DOMAIN, policies, learn=learn)
    assert trained == ["MemoizationPolicy", "RulePolicy"]
    assert again.dump() == first.dump()
    train_policies((HELLO, story("bye", user("bye"), does("utter_bye"))), (), DOMAIN, policies, learn=learn)
    assert trained == ["MemoizationPolicy", "RulePolicy"] * 2
