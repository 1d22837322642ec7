"""What is asked at the start: how to go on after a fault, since who starts from an icon sees no terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from PySide6.QtWidgets import QMessageBox

from her2scope.app.model.kept_cases import KeptCase
from her2scope.app.preferences import load_preferences, save_preferences
from her2scope.base.errors import Her2ScopeError
from her2scope.settings.devices import DEFAULT_DEVICES, load_devices, parse_devices
from her2scope.settings.guidelines import default_guideline, load_guideline
from her2scope.settings.locations import config_dir


@dataclass(frozen=True)
class Start:
    """What is wanted at the start: the device set-up of the command line, and whether a case is opened."""

    devices: str | None
    is_opening: bool


@dataclass(frozen=True)
class Way:
    """A way on after a fault: the button's text, and the start that it leads to."""

    text: str
    start: Start
    prepare: Callable[[], None] = lambda: None


def ways_on(start: Start) -> tuple[Way, ...]:
    """What helps where a start failed; only what is in trouble is replaced, and only by what can be read."""
    ways = []
    shipped = config_dir() / "devices" / f"{DEFAULT_DEVICES}.toml"
    if _fails(lambda: load_devices(start.devices or load_preferences().devices)):
        if not _fails(lambda: parse_devices(shipped)):
            ways.append(Way("Start on the simulated microscope", Start(str(shipped), start.is_opening)))
    elif start.is_opening:
        ways.append(Way("Begin a new case", Start(start.devices, is_opening=False)))
    elif _fails(lambda: load_guideline(load_preferences().guideline or default_guideline())) and not _fails(
        lambda: load_guideline(default_guideline())
    ):
        ways.append(Way(f"Use the guideline {default_guideline()}", start, _forget_guideline))
    return tuple(ways)


def ask_way(sentence: str, ways: Sequence[Way]) -> Way | None:
    """Say why the application cannot start, and offer ways on; None when it is closed."""
    box = QMessageBox(QMessageBox.Icon.Critical, "HER2Scope cannot start", sentence)
    buttons = {box.addButton(way.text, QMessageBox.ButtonRole.AcceptRole): way for way in ways}
    close = box.addButton(QMessageBox.StandardButton.Close)
    box.setDefaultButton(next(iter(buttons), close))
    box.setEscapeButton(close)
    box.exec()
    return next((way for button, way in buttons.items() if button is box.clickedButton()), None)


def ask_go_on(case: KeptCase) -> bool:
    """Offer to go on with the case that was not closed."""
    box = QMessageBox(QMessageBox.Icon.Question, "HER2Scope", f"Go on with the case {case.name}?")
    fields = "cannot be read" if case.fields is None else f"{case.fields} {'field' if case.fields == 1 else 'fields'}"
    box.setInformativeText(
        f"The program ended without closing it: {fields}, kept last at {case.changed}. "
        "It stays in the list of Case > Open either way."
    )
    go_on = box.addButton("Go on with it", QMessageBox.ButtonRole.AcceptRole)
    new = box.addButton("Begin a new case", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(go_on)
    box.setEscapeButton(new)
    box.exec()
    return box.clickedButton() is go_on


def _forget_guideline() -> None:
    save_preferences(msgspec.structs.replace(load_preferences(), guideline=""))


def _fails(deed: Callable[[], object]) -> bool:
    try:
        deed()
    except Her2ScopeError:
        return True
    return False
