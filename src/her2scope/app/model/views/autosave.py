"""Whether the case is kept on disk, in words."""

from __future__ import annotations

from dataclasses import dataclass

from her2scope.app.model.texts import say, say_number
from her2scope.app.model.views.status import StatusItem
from her2scope.app.model.views.tone import Tone


@dataclass(frozen=True)
class Kept:
    """How the case stands with the disk.

    Parameters
    ----------
    folder
        Where it is kept.
    when
        Time of the last save, such as "10:42"; empty before the first.
    is_due
        Whether something is not on disk yet.
    fault
        Why the last save failed; empty when it did not.
    """

    folder: str
    when: str = ""
    is_due: bool = False
    fault: str = ""


def autosave_item(kept: Kept) -> StatusItem:
    """For the status line."""
    if kept.fault:
        return StatusItem("case", say("kept.fault"), Tone.FAULT, fault_text(kept.fault))
    if kept.is_due:
        return StatusItem("case", say("kept.due"), Tone.QUIET, say("kept.due_tip", folder=kept.folder))
    if not kept.when:
        return StatusItem("case", say("kept.nothing"), Tone.QUIET, say("kept.nothing_tip", folder=kept.folder))
    return StatusItem("case", say("kept.done", when=kept.when), Tone.OK, say("kept.done_tip", folder=kept.folder))


def fault_text(why: str) -> str:
    """What to say, and what to do, while the case cannot be kept."""
    return f"{say('autosave.fault', why=why)} {say('autosave.retry')}"


def recovered_text(folder: str) -> str:
    """What to say once it can be kept again."""
    return say("autosave.safe", folder=folder)


def lost_text(fields: int) -> str:
    """What to say where pictures of kept fields have vanished from the folder."""
    return say("autosave.lost", fields=say_number("fields", fields))
