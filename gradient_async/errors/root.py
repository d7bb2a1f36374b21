"""The root of the error tree, and the errors of a client that cannot send."""

from __future__ import annotations


class GradientAIError(Exception):
    """The root of every error that this SDK raises on purpose.

    Attributes:
        message: What went wrong, without the request that failed.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), self.args, self.__dict__.copy())


def _restore(
    error_class: type[GradientAIError], args: tuple[object, ...], attributes: dict[str, object]
) -> GradientAIError:
    error = error_class.__new__(error_class, *args)
    error.args = args
    error.__dict__.update(attributes)
    return error


class MissingAccessTokenError(GradientAIError, ValueError):
    """No access token was given, and the environment has none."""


class ClientClosedError(GradientAIError, RuntimeError):
    """The client was used after it was closed."""


class RateBudgetStoreError(GradientAIError):
    """The store of a shared rate budget was never reached, so that the process does not know its share."""
