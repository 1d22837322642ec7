"""A slide that is still being made says so."""

import pytest

from her2scope.app.preparing import Preparing


class Growing:
    """How far the slide is, as the test wants it."""

    share: float | None = 0.0

    def progress(self):
        return self.share


@pytest.fixture
def preparing(desk):
    """The desk's own, on a camera whose slide grows; asked by hand."""
    found = desk.findChild(Preparing)
    grows = desk.bench.camera.grows = Growing()
    type(desk.bench.camera).progress = lambda camera: camera.grows.progress()
    found._timer.stop()
    yield found, grows
    del type(desk.bench.camera).progress


def test_a_camera_that_needs_no_preparing_shows_nothing(desk):
    assert not desk.findChild(Preparing).panel.isVisible()


def test_a_blank_slide_is_covered_and_a_growing_one_noted(desk, preparing):
    found, grows = preparing
    view = desk.window.view
    found._look()
    assert found.panel.geometry() == view.rect()
    assert found.panel._words.text() == "Preparing the simulated slide…"
    desk.window.resize(1000, 700)
    assert found.panel.geometry() == view.rect()
    grows.share = 0.5
    found._look()
    assert found.panel.width() < view.width() / 2
    assert found.panel._bar.value() == 50
    grows.share = None
    found._look()
    assert not found.panel.isVisible()


def test_a_result_is_not_covered_by_a_note(desk, wait, preparing):
    found, grows = preparing
    grows.share = 0.5
    desk.analyse()
    assert wait(lambda: desk.analysed is not None)
    found._look()
    assert not found.panel.isVisible()
    desk.go_live()
    found._look()
    assert found.panel.isVisible()
