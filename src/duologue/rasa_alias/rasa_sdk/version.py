"""The version of rasa_sdk whose names, signatures and behaviour these are."""

__version__ = "3.21.1"
