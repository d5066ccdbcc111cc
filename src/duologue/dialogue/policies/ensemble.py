"""All policies of an assistant together: whoever is surest has its way."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from duologue.core import history
from duologue.core.domain import Domain
from duologue.core.events import ACTION_LISTEN, Event
from duologue.core.state import State
from duologue.dialogue.policies.custom_policies import CustomPolicy, LearningPolicy
from duologue.dialogue.policies.learned.ted_policy import TedPolicy
from duologue.dialogue.policies.learned.unlikely_intent_policy import UnlikelyIntentPolicy
from duologue.dialogue.policies.memoization import MemoizationPolicy
from duologue.dialogue.policies.policy import PolicyScene, Prediction
from duologue.dialogue.policies.rules.rule_policy import RulePolicy
from duologue.dialogue.policies.situation import Featurizer
from duologue.dialogue.policies.view import RuleOnly, SceneView

OwnPolicy = RulePolicy | MemoizationPolicy | TedPolicy | UnlikelyIntentPolicy


class CustomMember:
    """A policy of an author's own among ours."""

    def __init__(self, policy: CustomPolicy, *, path: str) -> None:
        self.policy = policy
        self.path = path

    @property
    def name(self) -> str:
        return str(getattr(self.policy, "name", "") or self.path.rpartition(".")[2])

    @property
    def priority(self) -> int:
        return int(getattr(self.policy, "priority", 1))

    def predict(self, view: SceneView) -> Prediction | None:
        """What it says, with its name and priority."""
        prediction = self.policy.predict(view.scene)
        if prediction is None:
            return None
        return replace(prediction, policy=prediction.policy or self.name, priority=self.priority)

    def dump(self) -> Mapping[str, bytes]:
        return self.policy.dump() if isinstance(self.policy, LearningPolicy) else {}


Member = OwnPolicy | CustomMember


class PolicyEnsemble:
    """Asks every policy and chooses among what they say. Safe to use from several threads."""

    def __init__(self, members: Sequence[Member], domain: Domain) -> None:
        self._members = tuple(members)
        self._domain = domain
        self._featurizer = Featurizer(domain)
        rules = next((member for member in members if isinstance(member, RulePolicy)), None)
        self._rule_only = rules.learned.rule_only if rules else RuleOnly()
        # What rules are certain of no other policy can change, so they are asked first.
        self._in_order = sorted(members, key=lambda member: not isinstance(member, RulePolicy))

    @property
    def policies(self) -> Sequence[Member]:
        """Those that were trained, in the order of `config.yml`."""
        return self._members

    def choose(self, state: State, *, rejected: str | None = None) -> Prediction:
        """The prediction that wins; at worst to listen.

        Args:
            rejected: an action that has just declined to run; it is not chosen again at once.
        """
        predictions: list[Prediction] = []
        view = self._make_view(state, rejected)
        for place, member in enumerate(self._in_order):
            prediction = _ask(member, view)
            if prediction is None:
                continue
            predictions.append(prediction)
            if self._is_decided(prediction, self._in_order[place + 1 :]):
                break
        return _pick(predictions)

    def predict_all(self, state: State, *, rejected: str | None = None) -> tuple[Prediction, ...]:
        """What each policy says that has something to say, for those who want to see it all."""
        view = self._make_view(state, rejected)
        asked = (_ask(member, view) for member in self._in_order)
        return tuple(prediction for prediction in asked if prediction is not None)

    def dump(self) -> dict[str, bytes]:
        """What all policies have learned, as files."""
        return {
            f"{name_folder(place, member.name)}/{file}": data
            for place, member in enumerate(self._members)
            for file, data in sorted(member.dump().items())
        }

    def _make_view(self, state: State, rejected: str | None) -> SceneView:
        kept = state.history or history.begin(state.slots)
        scene = PolicyScene(
            moments=kept.list_moments(state.slots), is_whole=kept.is_whole, domain=self._domain, state=state
        )
        return SceneView(scene, self._featurizer, self._rule_only, rejected=rejected)

    def _is_decided(self, prediction: Prediction, others: Sequence[Member]) -> bool:
        if prediction.confidence < 1.0 or any(member.priority >= prediction.priority for member in others):
            return False
        if any(isinstance(member, CustomMember) for member in others):
            return False
        may_read_words = any(isinstance(member, TedPolicy) and member.can_read_words for member in others)
        return prediction.is_no_user_prediction or bool(prediction.is_end_to_end) or not may_read_words


def name_folder(place: int, name: str) -> str:
    """Where the files of a policy lie."""
    return f"{place}_{name}"


def _ask(member: Member, view: SceneView) -> Prediction | None:
    prediction = member.predict(view)
    if prediction is not None and prediction.action is not None and prediction.action == view.rejected:
        return replace(prediction, confidence=0.0)
    return prediction


def _pick(predictions: Sequence[Prediction]) -> Prediction:
    """The surest of those that count; of equals the one with the higher priority, then the first."""
    counting = [one for one in predictions if one.is_no_user_prediction]
    if not counting:
        counting = [one for one in predictions if one.is_end_to_end] or list(predictions)
    best = max(counting, key=lambda one: (one.confidence, one.priority), default=None)
    if best is None:
        return Prediction(action=ACTION_LISTEN, confidence=0.0)
    mandatory: tuple[Event, ...] = tuple(
        event for one in predictions if not one.are_events_optional for event in one.events
    )
    optional = best.events if best.are_events_optional else ()
    chosen = replace(best, events=(*mandatory, *optional), are_events_optional=True)
    if best.confidence <= 0.0 or (best.action is None and best.text is None):
        return replace(chosen, action=ACTION_LISTEN, text=None, confidence=0.0)
    return chosen
