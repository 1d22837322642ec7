"""From contact to press: bounces, long presses, and nothing lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2scope.base.errors import ConfigError
from her2scope.devices.pedal import PedalAction, Phase
from her2scope.devices.presses import PressRecogniser, PressRule

PLAIN = PressRule(debounce_s=0.03)
TWO_WAY = PressRule(short=PedalAction.ANALYSE, long=PedalAction.KEEP, long_s=0.6, debounce_s=0.03)


def play(rule, contact, until_s=10.0):
    """Steps of a contact given as (time, closed), ticked at every deadline."""
    pedal = PressRecogniser("left", rule)
    steps = []
    for at, closed in [*contact, (until_s, None)]:
        while (due := pedal.deadline_s) < at:
            steps += [(round(due, 3), e) for e in pedal.tick(due)]
        seen = {True: pedal.down, False: pedal.up, None: pedal.tick}[closed](at)
        steps += [(at, e) for e in seen]
    return [(at, e.phase, e.number) for at, e in steps], [e for _, e in steps]


CASES = {
    "plain press acts at once": (PLAIN, [(1, True), (1.2, False)], [(1, "down", 1), (1, "short", 1)]),
    "short press acts on release": (TWO_WAY, [(1, True), (1.2, False)], [(1, "down", 1), (1.2, "short", 1)]),
    "long press acts while held": (TWO_WAY, [(1, True), (2, False)], [(1, "down", 1), (1.6, "long", 1)]),
    "bounces on closing": (
        TWO_WAY,
        [(1, True), (1.005, False), (1.01, True), (1.2, False)],
        [(1, "down", 1), (1.2, "short", 1)],
    ),
    "bounces on opening": (
        TWO_WAY,
        [(1, True), (1.2, False), (1.21, True), (1.22, False)],
        [(1, "down", 1), (1.2, "short", 1)],
    ),
    "shorter than the bounce time": (TWO_WAY, [(1, True), (1.01, False)], [(1, "down", 1), (1.03, "short", 1)]),
    "a held key repeats": (
        TWO_WAY,
        [(1, True), (1.1, True), (1.2, True), (1.3, False)],
        [(1, "down", 1), (1.3, "short", 1)],
    ),
    "two presses": (
        PLAIN,
        [(1, True), (1.1, False), (1.2, True), (1.3, False)],
        [(1, "down", 1), (1, "short", 1), (1.2, "down", 2), (1.2, "short", 2)],
    ),
}


WORN = PressRule(debounce_s=0.2)
AFTER_A_REST = {
    "the first release was never ticked": (PLAIN, [(1, True), (1, False), (1.5, True), (1.5, False)]),
    "a tap soon after a tap, on a worn contact": (WORN, [(1, True), (1.1, False), (1.35, True), (1.4, False)]),
    "a long press whose end came late": (TWO_WAY, [(1, True), (2, False), (2.1, True), (2.2, False)]),
}


@pytest.mark.parametrize(("rule", "contact"), AFTER_A_REST.values(), ids=AFTER_A_REST)
def test_no_press_hides_in_a_late_tick(rule, contact):
    """The thread that ticks stalls: only the contact's own changes are told, and one tick long after."""
    pedal, events = PressRecogniser("left", rule), []
    for at, closed in contact:
        events += pedal.down(at) if closed else pedal.up(at)
    events += pedal.tick(60)
    assert [(e.number, e.down_s) for e in events if e.phase is Phase.DOWN] == [(1, contact[0][0]), (2, contact[2][0])]
    told = [e.phase for e in events if e.phase is not Phase.DOWN]
    assert told == [Phase.LONG if rule is TWO_WAY else Phase.SHORT, Phase.SHORT]


@pytest.mark.parametrize(("rule", "contact", "steps"), CASES.values(), ids=CASES)
def test_contact_makes_presses(rule, contact, steps):
    assert play(rule, contact)[0] == steps


@given(st.lists(st.tuples(st.floats(0.04, 3), st.floats(0.04, 3)), max_size=30))
def test_presses_do_not_depend_on_when_the_clock_is_looked_at(holds_and_rests):
    """A tick at every deadline, and none at all until the end, give the same presses."""
    contact, now = [], 1.0
    for hold, rest in holds_and_rests:
        contact += [(now, True), (now + hold, False)]
        now += hold + rest
    prompt = play(TWO_WAY, contact, until_s=now + 10)[1]
    pedal, late = PressRecogniser("left", TWO_WAY), []
    for at, closed in contact:
        late += pedal.down(at) if closed else pedal.up(at)
    assert [*late, *pedal.tick(now + 10)] == prompt


def test_actions_come_with_the_decision_only():
    _, events = play(TWO_WAY, [(1, True), (1.1, False), (2, True), (3, False)])
    assert [e.action for e in events] == [
        PedalAction.NOTHING, PedalAction.ANALYSE, PedalAction.NOTHING, PedalAction.KEEP,
    ]  # fmt: skip
    assert [e.down_s for e in events] == [1, 1, 2, 2]


@given(st.lists(st.tuples(st.floats(0.04, 3), st.floats(0.04, 3)), max_size=30))
def test_every_press_is_told_once(holds_and_rests):
    """Whatever the rhythm, each press gives one DOWN and one decision, and the decision fits its length."""
    contact, now = [], 1.0
    for hold, rest in holds_and_rests:
        contact += [(now, True), (now + hold, False)]
        now += hold + rest
    _, events = play(TWO_WAY, contact, until_s=now + 10)
    assert [e.number for e in events] == [n for n in range(1, len(holds_and_rests) + 1) for _ in (0, 1)]
    told = [e.phase for e in events if e.phase is not Phase.DOWN]
    clear = [(hold, phase) for (hold, _), phase in zip(holds_and_rests, told, strict=True) if abs(hold - 0.6) > 1e-6]
    assert all((phase is Phase.LONG) == (hold > 0.6) for hold, phase in clear)


def test_a_pedal_that_reports_no_release_clicks_once_for_repeats():
    pedal = PressRecogniser("left", PLAIN)
    counts = [len(pedal.click(at)) for at in (1.0, 1.02, 1.045, 1.3)]
    assert counts == [2, 0, 0, 2]  # each repeat holds the bounce time open


def test_a_press_is_not_lost_with_its_pedal():
    pedal = PressRecogniser("left", TWO_WAY)
    pedal.down(1.0)
    assert [e.phase for e in pedal.finish()] == [Phase.SHORT]
    assert pedal.finish() == []


def test_a_contact_that_is_closed_at_the_start_is_no_press():
    pedal = PressRecogniser("left", TWO_WAY)
    pedal.start(closed=True)
    assert pedal.down(1.0) == []
    assert pedal.up(5.0) == []
    assert [e.phase for e in pedal.down(6.0)] == [Phase.DOWN]


@pytest.mark.parametrize("times", [{"debounce_s": 0.5}, {"debounce_s": -1}, {"long_s": 0.1}, {"long_s": float("nan")}])
def test_impossible_times_are_refused(times):
    with pytest.raises(ConfigError, match="choose"):
        PressRule(**times)
