"""The control step's dialog: what can be pressed, and that nothing slips under the mouse."""

from dataclasses import replace

import pytest

from her2scope.app.dialogs import ControlDialog
from her2scope.app.model.state import ControlPhase
from her2scope.app.model.views.control import ControlView
from her2scope.app.model.views.tone import Tone

MEASURED = ControlView(
    phase=ControlPhase.OPEN,
    title="The control passes",
    tone=Tone.OK,
    taken="2 fields",
    intense_complete="81.0%",
    membrane_od="0.95",
    limits="at least 50% and 0.50",
    reasons=(),
    offer="It offers t_intense = 0.685 in place of 0.60, by the mean of what its intense complete cells carry.",
    drift="",
    repeats=(),
    can_accept=True,
    can_finish=True,
    can_skip=True,
    can_reopen=False,
)


@pytest.fixture
def dialog(qapp):
    made = ControlDialog()
    made.show()
    made.show_view(MEASURED)
    qapp.processEvents()
    yield made
    made.close()


def _places(dialog):
    return {button.text(): button.y() for button in (dialog.accept_offer, dialog.finish, dialog.skip)}


def test_buttons_stay_where_they_are_when_the_offer_is_taken(qapp, dialog):
    before, bottom = _places(dialog), dialog.skip.mapToGlobal(dialog.skip.rect().bottomLeft()).y()
    dialog.show_view(replace(MEASURED, offer="", can_accept=False))
    qapp.processEvents()
    assert _places(dialog) == before
    assert dialog.skip.mapToGlobal(dialog.skip.rect().bottomLeft()).y() == bottom
    assert not dialog.accept_offer.isEnabled()
    assert dialog.finish.isEnabled()


def test_a_longer_text_gets_the_room_that_it_needs(qapp, dialog):
    before = dialog.height()
    dialog.show_view(replace(MEASURED, reasons=("one reason " * 12, "another reason " * 12), tone=Tone.FAULT))
    qapp.processEvents()
    assert dialog.height() > before
    assert all(label.height() >= label.heightForWidth(label.width()) for label in (dialog._reasons, dialog._offer))
