"""How questions and requests begin, by language: folded regular expressions."""

# Words that open a question.
QUESTION_OPENINGS: dict[str, str] = {
    "en": (
        r"what(?:'s|s)?|where(?:'s)?|when(?:'s)?|why|who(?:'s|m|se)?|which|how(?:'s)?|"
        r"(?:can|could|would|will|should|may|do|does|did|is|are|am|was|were|have|has|had|isn't|aren't|don't|doesn't|can't|couldn't) "
        r"(?:i|you|we|they|he|she|it|there|the|my|your|this|that|these|those|anyone|someone|somebody|one)"
    ),
    "de": (
        r"was|wo|wohin|woher|wann|warum|wieso|weshalb|wer|wen|wem|wessen|welche[rsnm]?|wie|wieviele?|"
        r"(?:kann|konnen|kannst|konntest|konnten|konnte|darf|durfen|soll|sollte|muss|musste|ist|sind|bin|hat|haben|habe|hast|gibt|wird|werden|wurde|wurden|mochten|ware) "
        r"(?:ich|du|sie|er|es|wir|man|ihr|das|die|der|den|mein|meine|meinen|dein|deine|ihre|jemand|hier|denn)"
    ),
    "fr": r"que|quel(?:le)?s?|quoi|ou est|quand|pourquoi|qui|comment|combien|est ce que|est-ce que|qu'est-ce",
    "es": r"que|cual(?:es)?|donde|cuando|por que|quien(?:es)?|como|cuanto[s]?|cuanta[s]?|puedo|puede",
    "it": r"che|quale|quali|dove|quando|perche|chi|come|quanto|quanti|quanta|quante|posso|puo",
    "nl": r"wat|waar|wanneer|waarom|wie|welke?|hoe|hoeveel|kan|kunt",
    "pt": r"qual|quais|onde|quando|por que|quem|como|quanto[s]?|quanta[s]?|o que|posso|pode",
}

# Said by somebody who wants something done.
REQUESTS: dict[str, str] = {
    "en": (
        r"(?:i|we) (?:want|need|would like|wanna|would love|wish|have to|must|am trying|was trying|am looking|was wondering)\b|(?:i'd|we'd) (?:like|love)\b|"
        r"i'm (?:trying|looking|calling)\b|i was wondering|(?:can|could|would|will) you\b|(?:can|could|may) (?:i|we)\b|please (?:show|send|give|tell|help|cancel|change|transfer|"
        r"block|check|find|book|add|remove|list|update|pay|stop)\b|(?:help me|show me|tell me|give me|let me|let's)\b|"
        r"^(?:show|list|transfer|send|cancel|change|block|check|find|book|add|remove|delete|update|pay|order|view|start|stop|open|close|freeze|replace|report|activate|buy|play|set up|set)\s+\w"
    ),
    "de": (
        r"(?:ich|wir) (?:mochten?|will|wollen|wurden? gern|brauchen?|muss|mussen|hatten? gern)\b|(?:kannst|konntest|konnen|konnten) (?:du|sie)\b|(?:kann|konnte|darf) ich\b|"
        r"bitte (?:zeig|sende|schick|gib|sag|hilf|storniere|andere|uberweise|sperr|finde|buche|losche)|(?:zeig|gib|sag|hilf) mir\b|"
        r"^(?:zeige?|uberweise|sende|schicke?|storniere|kundige|andere|sperre?|finde|suche|buche|fuge|losche|entferne|zahle|bestelle)\s+\w"
    ),
    "fr": r"je (?:veux|voudrais|souhaite|dois)|j'aimerais|pouvez vous|peux tu|montre",
    "es": r"quiero|quisiera|necesito|me gustaria|puedes|podria[s]?|muestra|ensena",
    "it": r"vorrei|voglio|devo|mi serve|ho bisogno|puoi|potresti|mostra",
    "nl": r"ik (?:wil|zou graag|moet)|kun je|kunt u|laat .* zien",
    "pt": r"quero|queria|gostaria|preciso|pode(?:s|ria)? |mostre?",
}

GREETINGS: dict[str, str] = {
    "en": r"hi+|hello+|hey+(?: there)?|hi there|hello there|hiya|howdy|yo|greetings|good (?:morning|afternoon|evening|day)|morning|what'?s up|sup|how are you(?: doing)?(?: today)?|how do you do|nice to meet you",
    "de": r"hallo+|hallochen|hi+|hey+|guten (?:tag|morgen|abend)|moin(?: moin)?|servus|gruss? gott|gruezi|gruss? dich|tach|na|wie geht'?s(?: dir| ihnen)?|wie geht es (?:dir|ihnen)",
    "fr": r"bonjour|bonsoir|salut|coucou|allo|ca va",
    "es": r"hola|buenos dias|buenas(?: tardes| noches)?|que tal|como estas",
    "it": r"ciao|buongiorno|buonasera|salve|come stai|come va",
    "nl": r"hallo|hoi|hey|dag|goede(?:morgen|middag|avond)|goeden ?dag|hoe gaat het",
    "pt": r"ola|oi|bom dia|boa tarde|boa noite|tudo bem|e ai",
}

THANKS: dict[str, str] = {
    "en": r"thanks(?: a lot| so much| a bunch| a million| very much)?|thank you(?: so much| very much)?|thx|ty|cheers|many thanks|much appreciated|i appreciate it|appreciate it|thanks for (?:your|the) help|thank you for (?:your|the) help|that(?:'s| is| was) (?:very |really )?(?:helpful|kind)",
    "de": r"danke(?: schon| sehr| dir| ihnen| euch)?|dankeschon|vielen(?: lieben)? dank|herzlichen dank|besten dank|tausend dank|merci|danke fur (?:die|deine|ihre) hilfe|sehr (?:nett|freundlich)",
    "fr": r"merci(?: beaucoup| bien)?",
    "es": r"(?:muchas |mil )?gracias",
    "it": r"grazie(?: mille| tante)?|molte grazie",
    "nl": r"(?:dank je|dank u|bedankt)(?: wel)?|dankjewel|hartelijk dank",
    "pt": r"(?:muito )?obrigad[oa]|valeu",
}

GOODBYES: dict[str, str] = {
    "en": r"bye(?:[ -]?bye)?|good ?bye|see you(?: later| soon| around| tomorrow)?|see ya|cya|later|talk to you later|ttyl|take care|have a (?:nice|good|great|lovely) (?:day|one|evening|weekend|time)|good night|farewell|that(?:'s| is) all(?: for (?:now|today))?|i(?:'m| am) done",
    "de": r"tschuss+(?:i)?|tschau|ciao|bye|auf wiedersehen|auf wiederhoren|bis (?:dann|bald|spater|morgen|zum nachsten mal)|mach'?s gut|schonen (?:tag|abend)(?: noch)?|gute nacht|das war'?s|das war alles",
    "fr": r"au revoir|a bientot|a plus(?: tard)?|bonne (?:journee|soiree|nuit)|adieu|salut",
    "es": r"adios|hasta (?:luego|pronto|manana|la vista)|chao|nos vemos",
    "it": r"arrivederci|addio|a presto|a dopo|ciao|buona (?:giornata|serata|notte)",
    "nl": r"doei|dag|tot ziens|tot (?:later|straks|morgen)|fijne (?:dag|avond)",
    "pt": r"tchau|adeus|ate (?:logo|mais|breve|amanha)",
}
