"""How people ask for general knowledge, and what shows that they mean their own affairs, by language: folded regular expressions."""

GENERAL_OPENINGS: dict[str, str] = {
    "en": (
        r"what(?:'s| is| are| was| were) (?:the |a |an |your |some )?(?:fees?|costs?|charges?|prices?|rates?|difference|rules?|polic(?:y|ies)|requirements?|conditions?|terms|benefits?|advantages?|limits?|maximum|minimum|options|types?|kinds?|hours|opening hours|deadline|meaning|purpose|process|procedure|steps)|"
        r"what (?:does|do|did|happens|would happen|kinds? of|types? of|documents?|information) .+|what (?:can|should|must) (?:i|we|you|one) (?:do|bring|expect|know|use)\b.*|what(?:'s| is| are| was| were) (?!my\b)\w+ .+|"
        r"(?:how|why) (?:does|do|is|are|did|would|come|can)(?: an?| the| one| people| your)? (?!i\b|my\b)\w+.*|how (?:long|often|far|soon|safe|secure|old|big|quickly|fast) .+|"
        r"how much (?:does|do|is|are|would|will) (?:it|the|a|an|this|that|you|your) .+|how (?:do|can|should|would) (?:i|we|you|one) (?:know|tell|find out|recognise|recognize|avoid|protect|prevent|qualify|recover)\b.*|"
        r"(?:is|are) (?:there|it|they|the|a|an|your|these|those|any) .+|(?:do|does|did|can|will|would) (?:(?:the|your|a|an|this|that) \w+|you|they|it|people|anyone|someone) (?:offer|provide|accept|support|have|cover|charge|ship|deliver|work|expire|include|need|require|cost|apply|allow|take|open|sell|mean|affect)\b.*|"
        r"why .+|who (?:is|are|was|can|invented|wrote|won|founded|owns|runs)\b.*|when (?:is|are|was|were|did|do|does) (?!my\b)\w+.*|where (?:is|are|was|can) (?!my\b)\w+.*|"
        r"which .+|explain .+|tell me (?:about|more about|something about|how|what|why|when|whether) .+|what about .+|i(?: want| need| would like|'d like|'d love) to (?:know|understand|learn) .+|(?:i have|i've got) (?:a )?questions? .+"
    ),
    "de": (
        r"was (?:ist|sind|war|bedeutet|heisst|passiert|kostet|kosten|brauche ich|muss ich) .+|wie (?:funktioniert|funktionieren|geht|hoch|lange|oft|weit|sicher|teuer|alt|gross|viel kostet|viel kosten|erkenne ich|vermeide ich) .+|"
        r"warum .+|wieso .+|weshalb .+|wer (?:ist|war|hat|kann) .+|wann (?:ist|sind|war|hat|haben) (?!mein)\w+.*|welche[rsn]? .+|gibt es .+|(?:haben|bieten|akzeptieren|unterstutzen|liefern|verlangen|nehmen) sie .+|"
        r"erklar(?:e|en sie)? .+|was fur .+|worin .+|wodurch .+"
    ),
    "fr": r"qu'est-ce que? .+|quels? (?:est|sont) .+|quelles? (?:est|sont) .+|comment (?:fonctionne|marche|ca marche|savoir) .*|pourquoi .+|combien (?:coute|de temps|ca coute) .*|est-ce que vous .+|y a-t-il .+|qui (?:est|a) .+",
    "es": r"que (?:es|son|significa|pasa) .+|cual(?:es)? (?:es|son) .+|como funciona .+|por que .+|cuanto (?:cuesta|tarda|dura) .*|hay .+|quien (?:es|fue) .+|ofrecen .+",
    "it": r"che cos'e .+|cosa (?:e|sono|significa|succede) .+|quali sono .+|qual e .+|come funziona .+|perche .+|quanto (?:costa|dura|tempo) .*|ci sono .+|c'e .+|chi e .+",
    "nl": r"wat (?:is|zijn|betekent|gebeurt|kost) .+|hoe (?:werkt|werken|lang|vaak|duur) .+|waarom .+|welke .+|wie is .+|is er .+|zijn er .+|bieden jullie .+",
    "pt": r"o que (?:e|sao|significa|acontece) .+|qual(?:is)? (?:e|sao) .+|como funciona .+|por que .+|quanto (?:custa|tempo|demora) .*|existe .+|ha .+|quem (?:e|foi) .+",
}

# The user's own things: such a question is answered by looking them up.
OWN_AFFAIRS: dict[str, str] = {
    "en": r"my|mine|i have|i've got|i had|did i|have i|am i|was i|do i (?:owe|have|still)|i (?:ordered|bought|paid|booked|sent|spent|lost)",
    "de": r"mein\w*|habe ich|hab ich|bin ich|ich habe|ich hab",
    "fr": r"mon|ma|mes|ai-je|j'ai",
    "es": r"mi|mis|tengo|he",
    "it": r"mio|mia|miei|mie|ho",
    "nl": r"mijn|heb ik|ik heb",
    "pt": r"meu|minha|meus|minhas|tenho",
}

# A thing to do rather than to know.
WISHES: dict[str, str] = {
    "en": r"(?:can|could|would|will) you (?:please )?(?!tell|explain)\w+|(?<!how )(?<!what )(?<!where )(?<!when )(?:can|could|may) i (?:please )?\w+|i (?:want|need|would like|wanna|wish) (?:to (?!know|understand|learn)|a|an|my|some)|i'd like (?:to (?!know|understand|learn)|a|an)|please|help me",
    "de": r"(?:kannst du|konnen sie|konntest du|konnten sie)(?! .*(?:erklar|sagen))|ich (?:mochte|will|brauche|wurde gern)(?! wissen)|kann ich|bitte|hilf mir",
    "fr": r"je (?:veux|voudrais|souhaite)|pouvez-vous|s'il vous plait|puis-je",
    "es": r"quiero|quisiera|necesito|puede[sn]?|por favor|puedo",
    "it": r"voglio|vorrei|ho bisogno|puoi|potete|per favore|posso",
    "nl": r"ik (?:wil|zou graag|moet)|kunt u|kun je|alstublieft|alsjeblieft|kan ik",
    "pt": r"quero|queria|preciso|pode[mn]?|por favor|posso",
}
