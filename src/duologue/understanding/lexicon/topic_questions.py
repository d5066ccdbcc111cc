"""How people ask about a topic rather than for a service, by language: folded regular expressions."""

TOPIC_QUESTIONS: dict[str, str] = {
    "en": (
        r"\b(?:is|are|was|were) there (?:any |an? |some )?(?:additional |extra |hidden |other )?(?:fees?|charges?|costs?|limits?|restrictions?|penalt\w+|requirements?|conditions?|discounts?|deadlines?|way|risks?)\b|"
        r"\bhow long (?:does|do|will|is|are|would|has|have|can)\b|\bhow (?:quickly|fast|soon|often|safe|secure) (?:does|do|will|is|are|would|can)\b|\bhow (?:does|do) (?!i\b|you\b|we\b)\w+|"
        r"\bwhat (?:is|are|does|do) (?:an? \w+|the (?:difference|meaning|purpose|benefits?|advantages?|point|maximum|minimum|fees?|costs?|charges?|price|policy|policies|requirements?|interest|rates?|limits?|deadlines?|rules?|conditions?|opening|business|process|best|average|consequences?)|your\b(?! (?:name|age|favou?rite|opinion|hobb|boss|mother|birthday)))|"
        r"\bwhat(?:'s| is) (?:an? \w+|included|covered|allowed|required|needed|the (?:difference|meaning|maximum|minimum|fees?|costs?|charges?|price|policy|requirements?|interest|rate|limit|deadline|process)|your\b(?! (?:name|age|favou?rite|opinion|hobb|boss|mother|birthday)))|\bwhat does .{1,60}\b(?:mean|cover|include|cost)\b|\bwhat (?:will |would |does )?happens?(?: to| if| when| with| after)?\b|"
        r"\bwhat (?:kinds?|types?|sorts?) of\b|\b(?:what|which) (?:documents?|fees?|charges?|countries|payment methods|requirements|information|hours|times|days)\b|"
        r"\bis (?:it|this|that) (?:possible|safe|free|necessary|required|allowed|legal|mandatory|secure|true|normal|refundable)\b|"
        r"\b(?:is|are|am) .{1,60}\b(?:allowed|permitted|included|covered|refundable|required)\b|\b(?<!how )(?:do|does) (?:you|your \w+|the \w+|this|that|it|my \w+|we|i) (?:offer|have|charge|support|accept|ship|deliver|provide|cover|cost|include|expire|sell|serve|allow|refund|guarantee|work|take|get|earn|need|have to|pay)\b|"
        r"^(?:\W|and |but |so |wait |ok |okay )*(?:why|when (?:do|does|is|are|will|can))\b|\b(?:opening|business|working|office|store) hours\b|\b(?:tell me|know|learn|information|info|read|explain)(?: me)?(?: more| something)? (?:about|on)\b|\b(?:can|could|would|will|please) (?:you )?(?:please )?explain\b|"
        r"\bhow many (?:days|weeks|months|hours|times|people|items|attempts) (?:do|can|does|will|are|may)\b|\b(?:have|had|got) (?:a |another |some |one )?(?:quick |general )?questions?\b|\bhow much (?:does|do|will|would) .{1,60}\b(?:cost|charge|be)\b"
    ),
    "de": (
        r"\b(?:gibt|fallen|entstehen|kommen) (?:es |da |dabei |dafur |irgendwelche )*(?:gebuhren|kosten|ein limit|grenzen|einschrankungen|bedingungen|rabatte?|fristen?)\b|\bwie lange (?:dauert|dauern|braucht|ist|sind|kann|muss|gilt)\b|\bwie (?:schnell|oft|sicher) (?:ist|sind|geht|wird|kann)\b|"
        r"\bwie funktionier(?:t|en)\b|\bwas (?:ist|sind|bedeutet|heisst|kostet|kosten) (?:ein|eine|der unterschied|die|der|das)?\b|\bwas passiert\b|\bwelche (?:unterlagen|dokumente|gebuhren|kosten|voraussetzungen|bedingungen|arten)\b|"
        r"\bist (?:es|das) (?:moglich|sicher|kostenlos|notig|notwendig|erlaubt|pflicht)\b|\b(?:bietet|bieten|habt|haben|verlangt|verlangen|akzeptiert|akzeptieren|liefert|liefern) (?:ihr|sie)\b|^(?:\W|und |aber )*(?:warum|wieso|weshalb)\b|"
        r"\b(?:offnungszeiten|geschaftszeiten)\b|\b(?:wie hoch|was kostet|wie viel kostet|wieviel kostet|wie teuer)\b|\berklar\w*\b|\b(?:eine|noch eine) frage zu\b"
    ),
    "fr": r"\by a-?t-?il (?:des |un )?(?:frais|limite|conditions)|\bcombien de temps\b|\bqu'est-ce qu(?:e|')|\bpourquoi\b|\best-il possible\b|\bhoraires\b|\bcombien coute\b|\bque se passe\b|\bcomment fonctionne\b",
    "es": r"\bhay (?:algun[ao]? |algun )?(?:comision|comisiones|cargos?|costos?|limite)\b|\bcuanto (?:tarda|tiempo|cuesta)\b|\bque (?:es|son|significa|pasa)\b|\bpor que\b|\bes posible\b|\bhorarios?\b|\bcomo funciona\b",
    "it": r"\bci sono (?:commissioni|costi|limiti|spese)\b|\bquanto (?:tempo|costa|ci vuole)\b|\b(?:che )?cos'?e\b|\bcosa (?:significa|succede)\b|\bperche\b|\be possibile\b|\borari\b|\bcome funziona\b",
    "nl": r"\bzijn er (?:kosten|limieten|voorwaarden)\b|\bhoe ?lang duurt\b|\bwat (?:is een|zijn|betekent|gebeurt|kost)\b|\bwaarom\b|\bis het mogelijk\b|\bopeningstijden\b|\bhoe werkt\b",
    "pt": r"\bha (?:alguma? )?(?:taxas?|custos?|limites?)\b|\bquanto (?:tempo|custa|demora)\b|\bo que (?:e|sao|significa|acontece)\b|\bpor que\b|\be possivel\b|\bhorarios?\b|\bcomo funciona\b",
}

# Asks after what belongs to the person: a flow looks that up, no document does.
OWN_AFFAIRS: dict[str, str] = {
    "en": r"\bwhat(?:'s| is| are) (?:my|the (?:status|state|balance) of my)\b|\bhow much (?:money )?(?:do|did|have) i (?:have|owe|spend|spent|got)\b|\bwhen (?:is|are|will|does) my\b|\bwhere (?:is|are) my\b",
    "de": r"\bwas (?:ist|sind) (?:mein|meine)\b|\bwie (?:hoch|ist|viel) (?:ist )?(?:mein|meine)\b|\bwann (?:ist|sind|kommt) mein\w*\b|\bwo (?:ist|sind|bleibt) mein\w*\b",
}
