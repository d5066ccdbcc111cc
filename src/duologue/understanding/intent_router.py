"""`IntentBasedRouter`: the intent of a message says which part of an assistant it is for."""

from duologue.core.messages import UserMessage
from duologue.core.nlu_options import FALLBACK_INTENT, FallbackOptions
from duologue.core.router_options import IntentRouterOptions
from duologue.core.understanding import Intent
from duologue.flows.offers import Offers
from duologue.understanding.ladder import MAX_CHARACTERS
from duologue.understanding.nlu_rung import NluRung
from duologue.understanding.routing import Decision, Route
from duologue.understanding.text_parser import TextParser


class IntentBasedRouter:
    """Looks the intent up in the lists of the configuration; one in none of them goes where it is used."""

    def __init__(
        self, parser: TextParser, options: IntentRouterOptions, fallback: FallbackOptions | None = None
    ) -> None:
        self._nlu = NluRung(parser, fallback)
        self._routes = {
            **dict.fromkeys(options.nlu_entry.non_sticky, Route.CLASSIC_ONCE),
            **dict.fromkeys(options.nlu_entry.sticky, Route.CLASSIC),
            **dict.fromkeys(options.calm_entry.sticky, Route.FLOWS),
        }

    async def route(self, message: UserMessage, offers: Offers) -> Decision:
        parsed = await self._nlu.parse(message.text[:MAX_CHARACTERS])
        intent = self._nlu.find_intent(parsed)
        route, reason = self._look_up(intent, offers)
        return Decision(
            route=route,
            reason=reason,
            confidence=intent.confidence if intent else 0.0,
            intent=intent,
            intent_ranking=parsed.intents,
            entities=parsed.entities,
        )

    def warm_up(self) -> None:
        self._nlu.warm_up()

    def _look_up(self, intent: Intent | None, offers: Offers) -> tuple[Route, str]:
        if intent is None:
            return Route.UNKNOWN, "no intent is sure enough"
        listed = self._routes.get(intent.name)
        if listed is not None:
            return listed, f"the intent {intent.name} is listed"
        if intent.name == FALLBACK_INTENT:
            return Route.UNKNOWN, "no intent is sure enough"
        if intent.name in offers.flows.flows_by_intent:
            return Route.FLOWS, f"the intent {intent.name} is listed nowhere and triggers a flow"
        return Route.CLASSIC, f"the intent {intent.name} is listed nowhere and triggers no flow"
