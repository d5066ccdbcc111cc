"""Small words that join what is said, folded."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# After a yes or no, before what follows it.
JOINT_WORDS = _words(
    "but and except only however though although aber und nur ausser jedoch allerdings mais et sauf pero y salvo ma e tranne maar en "
    "behalve mas exceto"
)
# Stems of a question's words that make its answer a place.
PLACE_STEMS = _words(
    "city cities citi town place locat location destin destination countri country airport station hotel branch area region venue "
    "pharmac pharmaci stadt ort ziel land flughaf bahnhof filial"
)
# Between the name of something and its value: `the recipient is Bob`.
LINK_WORDS = _words(
    "is are was should be must = : ist sind war soll sollte auf est es e' sera is zijn deve sara"
)
