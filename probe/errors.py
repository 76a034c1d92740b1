"""The one error that means "the user can mend this": the command line prints it as one line and exits 1."""


class UserError(Exception):
    """A mistake in what was asked or given. Its message is one line: what is wrong, what was received, what is
    accepted."""
