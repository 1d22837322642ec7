"""Pedals of a device set-up as the settings edit them: new ones, names, keys, bytes; plain values."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence

from her2scope.app.model.texts import say
from her2scope.base.errors import ConfigError
from her2scope.devices.pedal import PedalAction
from her2scope.devices.presses import PressRule
from her2scope.devices.setup import KeyboardSetup, PedalSetup, SerialSetup, Treadle


def action_names() -> tuple[tuple[PedalAction, str], ...]:
    """What a press can ask for, in words."""
    return tuple((action, say(f"pedal.{action}")) for action in PedalAction)


def new_keyboard(pedals: Sequence[PedalSetup]) -> KeyboardSetup:
    """A keyboard pedal with a name and a key that no other pedal has."""
    taken = {pedal.key for pedal in pedals if isinstance(pedal, KeyboardSetup)}
    key = next(key for key in ("Space", *(f"F{n}" for n in range(5, 36))) if key not in taken)
    return KeyboardSetup(name=_free(say("pedal.keyboard"), pedals), key=key)


def new_serial(pedals: Sequence[PedalSetup], port: str) -> SerialSetup:
    """A pedal between RTS and CTS of a serial port, as switches without electronics are wired."""
    name = _free(say("pedal.serial"), pedals)
    return SerialSetup(name=name, port=port, treadles=(new_treadle((), name),))


def new_treadle(treadles: Sequence[Treadle], pedal: str) -> Treadle:
    """A contact on a line that no other contact of the pedal has; its presses take back where it is the second."""
    lines = {treadle.line for treadle in treadles}
    line = next((line for line in ("cts", "dsr", "cd", "ri") if line not in lines), "cts")
    action = PedalAction.TAKE_BACK if treadles else PedalAction.ANALYSE
    name = f"{pedal}, {say('pedal.treadle', n=len(treadles) + 1)}"
    return Treadle(name=name, line=line, short=action)  # type: ignore[arg-type]


def check_pedals(pedals: Sequence[PedalSetup]) -> None:
    """Raise ConfigError where two pedals have one key or port, or none analyses."""
    keys = [pedal.key.lower() for pedal in pedals if isinstance(pedal, KeyboardSetup)]
    ports = [pedal.port for pedal in pedals if isinstance(pedal, SerialSetup)]
    for found, what in ((keys, "pedal.same_key"), (ports, "pedal.same_port")):
        twice = next((one for one in found if found.count(one) > 1), None)
        if twice is not None:
            raise ConfigError(say(what, name=twice))
    rules = [rule for pedal in pedals for rule in _rules(pedal)]
    if pedals and not any(PedalAction.ANALYSE in {rule.short, rule.long} for rule in rules):
        raise ConfigError(say("pedal.no_analyse"))


def key_note(key: str, shortcuts: Mapping[str, str]) -> str:
    """What a key means in the window as well; empty when nothing.

    Parameters
    ----------
    key
        As a set-up has it.
    shortcuts
        What the window's keys do, by key.
    """
    names = {"pageup": "pgup", "pagedown": "pgdown", "escape": "esc", "delete": "del"}
    wanted = names.get(key.lower(), key.lower())
    found = next((what for name, what in shortcuts.items() if name.lower() == wanted), "")
    return say("pedal.shadows", what=found.rstrip("…")) if found else ""


def bytes_text(sent: str) -> str:
    """Bytes of a pedal as a person types them: backslash escapes for what cannot be seen."""
    return codecs.encode(sent, "unicode_escape").decode("ascii")


def bytes_of(text: str) -> str:
    """What a person typed as the bytes that it means; ConfigError for a broken escape."""
    try:
        return codecs.decode(text.encode("latin-1"), "unicode_escape")
    except (UnicodeError, ValueError) as error:
        raise ConfigError(say("pedal.bytes", text=text)) from error


def _rules(pedal: PedalSetup) -> tuple[PressRule, ...]:
    return pedal.treadles if isinstance(pedal, SerialSetup) else (pedal.presses,)


def _free(name: str, pedals: Sequence[PedalSetup]) -> str:
    taken = {pedal.name for pedal in pedals}
    return next(free for n in range(1, len(taken) + 2) if (free := name if n == 1 else f"{name} {n}") not in taken)
