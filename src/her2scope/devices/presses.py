"""From a contact that opens, closes and bounces to presses: pure, the time is an argument."""

from __future__ import annotations

import math

import msgspec

from her2scope.base.errors import ConfigError
from her2scope.devices.pedal import PedalAction, PedalEvent, Phase


class PressRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the presses of one pedal mean.

    Parameters
    ----------
    short, long
        Actions of a short and of a long press. With long = "nothing" every press is short and acts at once;
        otherwise a short press acts when the foot comes up.
    long_s
        How long a press must last to be long, in s.
    debounce_s
        How long a contact is left to bounce after each change, in s; a press shorter than that still counts.

    Raises
    ------
    ConfigError
        When a time is not possible.
    """

    short: PedalAction = PedalAction.ANALYSE
    long: PedalAction = PedalAction.NOTHING
    long_s: float = 0.6
    debounce_s: float = 0.0

    def __post_init__(self) -> None:
        """Refuse times that lose presses."""
        if not 0 <= self.debounce_s <= 0.2:
            raise ConfigError(f"debounce_s = {self.debounce_s:g} loses presses or is negative; choose 0 to 0.2 s.")
        if not (0.2 < self.long_s <= 5 and self.long_s > self.debounce_s):
            raise ConfigError(f"long_s = {self.long_s:g} cannot be held apart from a short press; choose 0.3 to 5 s.")


class PressRecogniser:
    """Follows one contact and says when it makes a press.

    A change counts at once, and further changes within `debounce_s` only if they last. The owner calls `tick` when
    `deadline_s` has come; where it comes late, or not before the next change, what was due is done first and as of
    its own time, so that no press hides in the delay. All methods return the steps that are due, in order. Not for
    several threads at a time.

    Parameters
    ----------
    pedal
        Its name, for the events.
    rule
        What its presses mean.
    """

    def __init__(self, pedal: str, rule: PressRule) -> None:
        self._pedal = pedal
        self._rule = rule
        self._knows_long = rule.long is not PedalAction.NOTHING
        self._contact = False  # as last seen
        self._held = False  # as believed
        self._decided = True
        self._changed_s = -math.inf  # when the contact came to what is believed
        self._moved_s = -math.inf  # when it last moved
        self._down_s = -math.inf
        self._number = 0

    def start(self, *, closed: bool) -> None:
        """Take the contact as it stands, without a press."""
        self._contact = self._held = closed
        self._decided = True
        self._changed_s = -math.inf

    def down(self, now_s: float) -> list[PedalEvent]:
        """The contact was seen closed; may be repeated."""
        return self._see(now_s, closed=True)

    def up(self, now_s: float) -> list[PedalEvent]:
        """The contact was seen open; may be repeated."""
        return self._see(now_s, closed=False)

    def click(self, now_s: float) -> list[PedalEvent]:
        """The pedal reported a press and will report no end; repeats within `debounce_s` belong to the same press."""
        bounce = now_s - self._changed_s < self._rule.debounce_s
        self._changed_s = now_s
        return [] if bounce else [*self._begin(now_s), *self._decide(Phase.SHORT)]

    def tick(self, now_s: float) -> list[PedalEvent]:
        """Time has passed."""
        events: list[PedalEvent] = []
        while self.deadline_s <= now_s:
            events += self._decide(Phase.LONG) if self._contact == self._held else self._believe()
        return events

    def finish(self) -> list[PedalEvent]:
        """The pedal is gone: a press that has begun counts as short."""
        self._contact = self._held = False
        return self._decide(Phase.SHORT)

    @property
    def deadline_s(self) -> float:
        """When `tick` has something to say if nothing else happens; infinity when never."""
        if self._contact != self._held:
            return self._changed_s + self._rule.debounce_s
        return math.inf if self._decided else self._down_s + self._rule.long_s

    def _see(self, now_s: float, *, closed: bool) -> list[PedalEvent]:
        """What was due before this moment, then the contact as it is now."""
        events = self.tick(now_s)
        if closed != self._contact:
            self._contact, self._moved_s = closed, now_s
        return events + self.tick(now_s)

    def _believe(self) -> list[PedalEvent]:
        """The contact as it stands is no bounce: it is so since it last moved."""
        self._held, self._changed_s = self._contact, self._moved_s
        return self._begin(self._moved_s) if self._held else self._decide(self._length_until(self._moved_s))

    def _length_until(self, up_s: float) -> Phase:
        return Phase.LONG if self._knows_long and up_s >= self._down_s + self._rule.long_s else Phase.SHORT

    def _begin(self, now_s: float) -> list[PedalEvent]:
        self._number += 1
        self._down_s = now_s
        self._decided = False
        return [self._event(Phase.DOWN), *([] if self._knows_long else self._decide(Phase.SHORT))]

    def _decide(self, phase: Phase) -> list[PedalEvent]:
        if self._decided:
            return []
        self._decided = True
        return [self._event(phase)]

    def _event(self, phase: Phase) -> PedalEvent:
        actions = {Phase.DOWN: PedalAction.NOTHING, Phase.SHORT: self._rule.short, Phase.LONG: self._rule.long}
        return PedalEvent(phase, actions[phase], self._pedal, self._number, self._down_s)
