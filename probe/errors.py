"""What ends a command early: a mistake of the user's, or a wish to stop."""


class UserError(Exception):
    """A mistake in what was asked or given, which the command line prints as one line before it exits with status 1.

    Its message says what is wrong, what was received and what is accepted.
    """


class NoTwin(UserError):
    """No untrained twin can be made of a network, for the reason that is told; a scan does without them."""


class NewerFormat(UserError):
    """Something was written whole by a newer probe: nothing of this one may be put in its place."""


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM came, and what was done is saved. The command line exits with status 130.

    Like KeyboardInterrupt it is no Exception: code of others that is being run must not take it for a failure.
    """


def quoted(text: str, most: int = 100) -> str:
    """Return what somebody wrote as a message repeats it: in quotation marks, and cut after ``most`` characters."""
    return repr(text if len(text) <= most else f"{text[:most]}…")
