"""What the window says of a field that counts with a caution."""

from dataclasses import replace

import pytest
from other_stains import turned
from PySide6.QtWidgets import QLabel

from her2scope.synth.tissue import render_field


@pytest.fixture(scope="module")
def field():
    """An unstained field of a laboratory with purple hematoxylin, under the camera of `desk`."""
    rendered = render_field("0", 41, pixel_um=0.424, size_px=640)
    return replace(rendered, rgb=turned(rendered, 0.5))


def said_in(card):
    """All sentences that a card shows."""
    return "\n".join(label.text() for label in card.findChildren(QLabel) if label.isVisible())


def test_purple_hematoxylin_is_said_with_the_field_and_with_the_case(desk, wait):
    desk.analyse()
    assert wait(lambda: desk.analysed is not None and desk.overlay is not None)
    said = said_in(desk.window.field_card)
    assert "the hematoxylin of this field is purpler than that of stain profile default: about " in said
    assert "Tools, Pick stain vectors" in said
    desk.keep()
    assert wait(lambda: "caution in 1 of 1 counted fields: the hematoxylin" in said_in(desk.window.case_panel))
    assert said_in(desk.window.case_panel).count("purpler than") == 1
    assert "no positive control was taken" in said_in(desk.window.case_panel)
