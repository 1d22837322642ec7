"""The eyepiece's display is never the one that the main window is on."""

import pytest

from her2scope.app.model.displays import eyepiece_display


@pytest.mark.parametrize(
    ("displays", "main", "chosen", "found"),
    [
        (["A"], "A", "", None),
        (["A", "B"], "A", "", "B"),
        (["A", "B"], "B", "", "A"),
        (["A", "B", "C"], "A", "C", "C"),
        (["A", "B"], "A", "C", None),
        (["A", "B"], "A", "A", None),
        ([], "A", "", None),
    ],
)
def test_the_display_that_is_chosen_or_free(displays, main, chosen, found):
    assert eyepiece_display(displays, main, chosen) == found
