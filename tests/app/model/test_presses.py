"""The book of presses: each ends once, in whatever order its steps and its end arrive."""

import pytest

from her2scope.app.model.presses import End, PressBook, unanswered
from her2scope.devices.pedal import PedalAction, PedalEvent, Phase


def step(number, phase, action=PedalAction.NOTHING):
    return PedalEvent(phase, action, "pedal", number, 0.0)


DOWN, SHORT = step(1, Phase.DOWN), step(1, Phase.SHORT, PedalAction.ANALYSE)
KEEP, NOTHING = step(1, Phase.LONG, PedalAction.KEEP), step(1, Phase.SHORT)


def test_a_press_waits_from_its_decision_to_its_end():
    book, seen = PressBook(), []
    for event in (DOWN, SHORT):
        book.note(event)
        seen.append((book.is_down, book.waiting))
    book.end(SHORT, End.SHOWN)
    assert [*seen, (book.is_down, book.waiting)] == [(True, 0), (False, 1), (False, 0)]
    assert book.ends == {End.SHOWN: 1, End.TOLD: 0, End.OTHER: 0}


def test_a_decision_that_comes_after_the_end_opens_nothing():
    book = PressBook()
    book.note(DOWN)
    book.end(SHORT, End.TOLD)
    book.note(SHORT)
    assert (book.is_down, book.waiting, book.ends[End.TOLD]) == (False, 0, 1)


@pytest.mark.parametrize("decision", [KEEP, NOTHING], ids=["keep", "nothing"])
def test_a_press_that_asks_for_no_analysis_ends_at_once(decision):
    book = PressBook()
    book.note(DOWN)
    book.note(decision)
    assert (book.is_down, book.waiting, book.ends[End.OTHER]) == (False, 0, 1)


def test_a_second_end_is_a_mistake():
    book = PressBook()
    book.note(DOWN)
    book.end(DOWN, End.SHOWN)
    with pytest.raises(KeyError):
        book.end(DOWN, End.TOLD)


def test_presses_without_a_result_are_counted():
    why = "There is no picture; wait."
    assert unanswered(1, why) == "A press brought no result. There is no picture; wait."
    assert unanswered(3, why) == "3 presses brought no result. The last one: There is no picture; wait."
