"""What people say before and after a free answer, by language: folded regular expressions."""

LEAD_INS: dict[str, str] = {
    "en": (
        r"(?:um+|uh+|hmm+|er+m?|oh|ok(?:ay)?|well|so|yes|yeah|sure|right|alright|hi|hello|sorry|actually|please|just|only|simply|maybe|probably|no)[,.!:]*\s+(?=\S)|"
        r"(?:it's|its|it is|it was|it would be|it'd be|it should be|that's|thats|that is|that would be|that was|this is|they are|they're|(?:there )?it (?:says|reads)(?: on (?:it|the \w+))?)[:,]?\s+(?:just\s+|called\s+)?|"
        r"(?:please\s+|can you\s+|could you\s+|you can\s+)*(?:send|bring|deliver|ship|post|mail|take|forward)\s+(?:(?:it|them|that|this|everything)\s+)?to\s+|(?:i|we) live (?:at|in|on)\s+|(?:the |my )?(?:code|reg(?:istration)?|plate|number|id|letters|digits)(?: (?:is|are)|[.:])\s*|"
        r"(?:i'm|im|i am|we are|we're)\s+(?:called\s+|just\s+)?|"
        r"(?:(?:my|our|the|his|her|their|its)\s+(?:\w+\s+){0,2})?(?:name|handle|reason|reference|address|description|title|subject|note|location|place|city|username|payee|recipient|account)\s*(?:(?:is|was|will be|would be|should be)(?: that)?\b|:|=)\s*|"
        r"(?:call (?:me|it|him|her)|i go by|i'm called|named?|called)\s+|"
        r"(?:i|we)(?:'d| would) (?:say|like|call it|go with)\s+(?:to (?:use|put|say|call it|go with|have|order|buy|get|book|take)\s+)?|(?:i|we) (?:need|want|take|choose|prefer)\s+(?:to (?:have|order|buy|get|use|take)\s+)?(?!to\b|you\b|it\b)|i(?:'ll| will) (?:say|go with|take|use)\s+|"
        r"(?:let's|let us|please|you can|can you)?\s*(?:say|use|put|write|enter|type|note|make (?:it|that)|set it to|change it to|go with|call it|send it to)\s+(?:down\s+|in\s+)?"
    ),
    "de": (
        r"(?:ahm+|ah+|hm+|oh|ok(?:ay)?|also|ja|gut|hallo|hi|sorry|bitte|nur|einfach|eigentlich|vielleicht|nein)[,.!:]*\s+(?=\S)|"
        r"(?:es|das|dies|der|die)\s+(?:ist|war|ware|sind|waren|heiss?t|lautet)\s+(?:einfach\s+|nur\s+)?|"
        r"(?:ich|wir)\s+(?:heiss?en?|bin|sind)\s+(?:der\s+|die\s+)?|"
        r"(?:(?:mein|meine|unser|unsere|der|die|das|sein|ihr|ihre|seine)\s+(?:\w+\s+){0,2})?"
        r"(?:name|grund|verwendungszweck|adresse|empfanger|beschreibung|ort)\s*(?:(?:ist|war|lautet|heiss?t|ware|soll)\b|:|=)\s*|"
        r"(?:nenn(?:en sie)? (?:mich|es)|man nennt mich)\s+|(?:ich\s+)?(?:nimm|nehme|schreib|schreibe|sag|sage|trag|verwende)\s+(?:einfach\s+|mal\s+|bitte\s+)?"
    ),
    "fr": r"(?:c'est|je suis|je m'appelle|mon \w+ est|ma \w+ est)\s+|(?:euh|alors|oui|non|juste)[, ]+",
    "es": r"(?:es|soy|me llamo|mi \w+ es|se llama)\s+|(?:eh|pues|si|no|solo)[, ]+",
    "it": r"(?:e'|sono|mi chiamo|il mio \w+ e|la mia \w+ e|si chiama)\s+|(?:eh|allora|si|no|solo)[, ]+",
    "nl": r"(?:het is|dat is|ik ben|ik heet|mijn \w+ is)\s+|(?:eh|nou|ja|nee|gewoon)[, ]+",
    "pt": r"(?:e|sou|me chamo|meu \w+ e|minha \w+ e)\s+|(?:eh|entao|sim|nao|so)[, ]+",
}

TRAILERS: dict[str, str] = {
    "en": r"[\s,]+(?:please|pls|plz|thanks|thank you|thx|i think|i guess|then|if possible|cheers)",
    "de": r"[\s,]+(?:bitte|danke|glaube ich|denke ich|dann|vielen dank|halt)",
    "fr": r"[\s,]+(?:merci|s'il (?:vous|te) plait)",
    "es": r"[\s,]+(?:por favor|gracias)",
    "it": r"[\s,]+(?:per favore|grazie)",
    "nl": r"[\s,]+(?:alsjeblieft|graag|bedankt)",
    "pt": r"[\s,]+(?:por favor|obrigad[oa])",
}

# Before a place: `in Rome`, `we would like to stay in Rome`.
PLACE_LEAD_INS: dict[str, str] = {
    "en": r"(?:(?:i|we)(?:'d|'m|'re| would| will| want| need| am| are)?\s+(?:(?:like|want|need|going|planning|travel(?:l)?ing|flying|looking)\s+)?(?:to\s+)?(?:(?:stay|go|be|travel|fly|live|drive|move|pick it up|look|search)\s+)?)?(?:in|at|near|to|into|from|around|somewhere in|close to)\s+",
    "de": r"(?:(?:ich|wir)\s+(?:mochten?|wollen|will|wurden? gerne?|fahren?|fliegen?|wohnen?)\s+)?(?:in|nach|bei|zum|zur|aus|von|nahe)\s+",
    "fr": r"(?:a|en|au|aux|dans|pres de|vers)\s+",
    "es": r"(?:en|a|cerca de|hacia|desde)\s+",
    "it": r"(?:a|in|vicino a|da|verso)\s+",
    "nl": r"(?:in|naar|bij|te|vlakbij|vanuit)\s+",
    "pt": r"(?:em|no|na|para|perto de|de)\s+",
}

# Before a name: `to Amy`, `an Anna`, `for my friend Bob`.
NAME_LEAD_INS: dict[str, str] = {
    "en": r"(?:to|for|with|from|by|pay|send|a|an|my|the|our)\s+(?:(?:friend|brother|sister|mom|mum|mother|dad|father|wife|husband|son|daughter|boss|colleague|partner|landlord|payee|contact|guy|person|company|business)\s+(?:named?\s+|called\s+|is\s+)?)?",
    "de": r"(?:(?:auf|unter) )?(?:den|dem|meinen?m?) namen?\s+|(?:an|auf|unter|fur|zu|mit|von|den|dem|die|der|meinen?|meine[rm]?)\s+(?:(?:freund|freundin|bruder|schwester|mutter|vater|frau|mann|sohn|tochter|chef|kollege|kollegin|kollegen|partner|vermieter)\s+(?:namens\s+)?)?",
    "fr": r"(?:a|pour|avec|de)\s+",
    "es": r"(?:a|para|con|de)\s+",
    "it": r"(?:a|per|con|di)\s+",
    "nl": r"(?:aan|voor|met|van)\s+",
    "pt": r"(?:a|para|com|de)\s+",
}

# Between the slot's own words and the answer: `the [amount] should be …`, `der [Betrag] ist …`.
OWNERS: dict[str, str] = {
    "en": r"my|our|the|his|her|their|its|a",
    "de": r"mein|meine|unser|unsere|der|die|das|ein|eine",
}
LINKS: dict[str, str] = {
    "en": r"is|was|are|will be|would be|should be|goes to|=|:",
    "de": r"ist|war|sind|soll|sollte|ware|lautet|geht an|heiss?t|=|:",
}
