"""A response's name becomes a message: which variation fits, and its words with the values filled in."""
