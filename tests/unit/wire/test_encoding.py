def test_half_a_character_deep_inside_values_stops_no_turn() -> None:
    intent = Entity(entity="x", value="\ud800")
    spoken = UserSpoke(text="/greet", understanding=Understanding(entities=(intent,)))
    assert "\ufffd".encode() in encode_event(spoken)
