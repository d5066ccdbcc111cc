"""How one of several models is chosen, tried again, and left alone while it is sick."""
