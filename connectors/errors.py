"""The four classes of error, chosen by what the caller does next."""


class KntcError(Exception):
    """A message that says what was found, expected, where, and what to do.

    Never holds a personal value; driver text is reduced before it gets here.
    """


class ConfigError(KntcError):
    """Global settings are broken: stop before touching anything.

    Raised for one office file it makes that office `misconfigured`; others run.
    """


class TransientError(KntcError):
    """May pass by itself: retry the call; `retry_after_s` when the server said so."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class SourceError(KntcError):
    """This office cannot be read tonight: give it up and go on with the others."""


class DeadlineError(SourceError):
    """The office's time is used up."""


class HeldError(KntcError):
    """The gate holds this office before anything is loaded; a person decides."""


class TargetError(KntcError):
    """The national database refuses work: stop all offices."""
