"""Distinct types for the names and identities that travel through the house."""

from typing import NewType

AssistantId = NewType("AssistantId", str)
ConversationId = NewType("ConversationId", str)
FlowId = NewType("FlowId", str)
FrameId = NewType("FrameId", str)
MessageId = NewType("MessageId", str)
ModelId = NewType("ModelId", str)
SessionId = NewType("SessionId", str)
StepId = NewType("StepId", str)
UserId = NewType("UserId", str)
