"""What can go wrong with a device, and the one error that says so."""

from __future__ import annotations

from enum import StrEnum

from her2scope.base.errors import Her2ScopeError


class Fault(StrEnum):
    """Kinds of trouble, so that a window can choose an icon; the words are in the error."""

    MISSING = "missing"
    """No such device is connected."""
    UNPLUGGED = "unplugged"
    """It was there, and is gone."""
    FILE = "file"
    """A file of a folder cannot be used, and is left out."""
    TAKEN = "taken"
    """Another program holds it."""
    SILENT = "silent"
    """It is open, and no picture comes."""
    BANDWIDTH = "bandwidth"
    """Pictures arrive in pieces: the connection is too slow."""
    REFUSED = "refused"
    """The device does not take a setting, or the setting makes no sense."""
    ANALYSIS = "analysis"
    """A field could not be analysed."""
    PROGRAM = "program"
    """A mistake in this program."""


class DeviceError(Her2ScopeError):
    """A camera or pedal that cannot do what was asked.

    Parameters
    ----------
    fault
        The kind of trouble.
    what
        What happened, naming the device; the first half of the sentence.
    remedy
        What to do next; the second half, without a full stop.
    """

    def __init__(self, fault: Fault, what: str, remedy: str) -> None:
        super().__init__(f"{what}; {remedy}.")
        self.fault = fault
        self.what = what
        self.remedy = remedy
