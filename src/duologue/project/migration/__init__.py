"""Projects of earlier versions rewritten in the format of today, with what their authors wrote kept where it can be."""
