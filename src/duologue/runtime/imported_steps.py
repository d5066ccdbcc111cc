"""Where another server stands in a repair pattern, as a step of ours."""

import re

from msgspec.structs import replace

from duologue.core.stack import END, START, Frame, PatternFrame
from duologue.flows.flow import Flow
from duologue.flows.patterns import STOCK_FLOWS
from duologue.flows.steps import ActionStep

_MADE_ID = re.compile(r"(?P<place>\d+)_(?P<action>.+)")
"""The id of a step to which its author gave none."""
_PATTERNS: dict[str, Flow] = {flow.id: flow for flow in STOCK_FLOWS}


def fit_step(frame: Frame) -> Frame:
    """The frame with the step that does the same in our pattern; its steps have other ids than elsewhere.

    Most conversations wait in one: for the answer to a question, in `pattern_collect_information`.
    """
    pattern = _PATTERNS.get(frame.flow_id) if isinstance(frame, PatternFrame) else None
    if pattern is None or frame.step_id in (START, END) or pattern.find_step(frame.step_id) is not None:
        return frame
    made = _MADE_ID.fullmatch(frame.step_id)
    same = [
        step.id
        for step in pattern.steps
        if made is not None and isinstance(step, ActionStep) and step.action == made["action"]
    ]
    return replace(frame, step_id=same[0]) if len(same) == 1 else frame
