"""What can go wrong between an assistant and the code of its author."""

# The three names without `Error` at the end are those that authors already import and catch.


class SdkError(Exception):
    """Every error the SDK raises on purpose; its text is one sentence for a person."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ActionExecutionRejection(SdkError):  # noqa: N818
    """Raise it inside `run` to decline; the assistant then chooses something else."""

    def __init__(self, action_name: str, message: str | None = None) -> None:
        super().__init__(message or f"Action '{action_name}' declined to run.")
        self.action_name = action_name


class ActionNotFound(SdkError):  # noqa: N818
    """No action of that name is registered."""

    def __init__(self, action_name: str, message: str | None = None) -> None:
        super().__init__(message or f"No action named '{action_name}' is registered.")
        self.action_name = action_name


class ActionMissingDomain(SdkError):  # noqa: N818
    """The call carries no domain, and none is known from an earlier call."""

    def __init__(self, action_name: str, message: str | None = None) -> None:
        super().__init__(
            message or f"The call of '{action_name}' has no domain; send it again with the domain."
        )
        self.action_name = action_name


class ActionFailedError(SdkError):
    """An action raised; the original exception is the cause."""

    def __init__(self, action_name: str, message: str) -> None:
        super().__init__(message)
        self.action_name = action_name


class ActionResultError(ActionFailedError):
    """An action returned something that is not a list of events."""


class ActionImportError(SdkError):
    """The author's code cannot be imported; `problems` has one sentence for each broken module."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ActionRegistrationError(SdkError):
    """A class or function cannot be an action as it is written, or its name is taken."""


class MissingMethodError(NotImplementedError):
    """A subclass leaves out a method it has to have, such as `name` or `run`."""


class NoCurrentCallError(SdkError):
    """`current_call` was asked for outside of a running action."""
