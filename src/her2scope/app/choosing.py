"""Opens the settings and puts what was chosen in force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import msgspec
from PySide6.QtCore import QObject, Slot

from her2scope.app.colour_sets import colour_set
from her2scope.app.eyepiece import Eyepiece
from her2scope.app.preferences import Preferences, save_preferences
from her2scope.app.settings_window import SettingsWindow
from her2scope.app.workbench import Workbench
from her2scope.base.errors import Her2ScopeError
from her2scope.settings.devices import device_files
from her2scope.settings.guidelines import default_guideline, list_guidelines, load_guideline

_WELCOME = "Drag the picture to move the slide; press the space bar at tumour to analyse; Return keeps it; F1 is help."

_FIRST_SLIDE = "The simulated slide is made now, and appears within a minute."


class Choosing(QObject):
    """Binds the settings.

    Parameters
    ----------
    desk
        Where they are used.
    eyepiece
        Follows its own part.
    preferences
        As loaded.
    find_cameras
        Lists what is plugged in, one line each.
    """

    def __init__(
        self,
        desk: Workbench,
        eyepiece: Eyepiece,
        preferences: Preferences,
        find_cameras: Callable[[], Sequence[str]],
    ) -> None:
        super().__init__(desk)
        self._desk, self._eyepiece, self._find_cameras = desk, eyepiece, find_cameras
        self.preferences = preferences
        actions = desk.window.actions_
        actions["settings"].triggered.connect(self.open)
        actions["theme"].setChecked(preferences.theme == "light")
        actions["theme"].triggered.connect(self._change_theme)
        desk.use_style(colour_set(preferences.colours))

    def welcome(self) -> None:
        """Say how to begin, the first time."""
        if not self.preferences.was_welcomed:
            kind = self._desk.bench.camera.info.kind
            self._desk.hint(f"{_WELCOME} {_FIRST_SLIDE}" if kind == "simulated" else _WELCOME)
            self._keep(msgspec.structs.replace(self.preferences, was_welcomed=True))

    @Slot()
    def open(self) -> None:
        """Ask."""
        guidelines = [(name, load_guideline(name).title) for name in list_guidelines()]
        names = [(name, name.replace("_", " ")) for name in device_files()]
        shown = self.preferences
        if not shown.guideline:
            shown = msgspec.structs.replace(shown, guideline=self._desk.session.state.guideline.name)
        dialog = SettingsWindow(shown, names, guidelines, self._find_cameras, self._desk.window)
        if dialog.exec():
            self.use(dialog.preferences)

    def use(self, chosen: Preferences) -> None:
        """Put preferences in force, and keep them."""
        desk = self._desk
        name = chosen.guideline or default_guideline()
        if name != desk.session.state.guideline.name:
            desk.act(lambda: desk.session.case.set_guideline(load_guideline(name), "settings"))
        desk.session.ledger.user = chosen.user
        desk.use_style(colour_set(chosen.colours))
        self._eyepiece.use(chosen.ar, chosen.alignment)
        self._keep(chosen)

    @Slot()
    def _change_theme(self) -> None:
        name = "light" if self._desk.window.actions_["theme"].isChecked() else "dark"
        self._keep(msgspec.structs.replace(self.preferences, theme=name))
        self._desk.hint(f"Windows are {name} from the next start on.")

    def _keep(self, preferences: Preferences) -> None:
        self.preferences = preferences
        try:
            save_preferences(preferences)
        except Her2ScopeError as error:
            self._desk.on_fault(str(error))


def camera_lines(find: Callable[[], Sequence[object]]) -> Callable[[], Sequence[str]]:
    """A function that lists cameras as lines of text."""
    return partial(_lines, find)


def _lines(find: Callable[[], Sequence[object]]) -> list[str]:
    return [f"{getattr(info, 'name', info)} (serial {getattr(info, 'serial', '?')})" for info in find()]
