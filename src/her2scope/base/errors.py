"""The few errors of the program; each message is one sentence that says what to do next."""


class Her2ScopeError(Exception):
    """Base of every error that a user may see: one sentence naming the thing and the remedy."""


class InputError(Her2ScopeError):
    """An image, table or polygon file that cannot be used."""


class ConfigError(Her2ScopeError):
    """A guideline, stain profile or setting that cannot be used; names file and key."""


class OutputError(Her2ScopeError):
    """A result that cannot be written; names the folder and the remedy."""


class DeviceWarning(UserWarning):
    """A device gave way to the CPU: the results are the same, the time is not."""
