"""Slot mappings written in code."""

import logging

from duologue.sdk.slots import SlotMapping

__all__ = ["SlotMapping"]

logger = logging.getLogger(__name__)
