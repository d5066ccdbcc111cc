"""Things that exist only because code written for `rasa_sdk` imports them; nothing of ours uses them."""
