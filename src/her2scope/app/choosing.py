"""Opens the settings and puts what was chosen in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QInputDialog, QMessageBox

from her2scope.analysis.stain import StainProfile
from her2scope.app.colour_sets import colour_set
from her2scope.app.eyepiece import Eyepiece
from her2scope.app.lens_page import LensPage
from her2scope.app.model.lens_book import LensBook
from her2scope.app.model.state import Role
from her2scope.app.model.texts import say
from her2scope.app.preferences import Preferences, save_preferences
from her2scope.app.settings_window import SettingsWindow
from her2scope.app.setup_pages import DeviceFinder, SetupPages
from her2scope.app.workbench import Workbench
from her2scope.base.errors import Her2ScopeError
from her2scope.settings.guidelines import default_guideline, list_guidelines, load_guideline
from her2scope.settings.stains import DEFAULT_STAIN, load_stain, stain_files

_WELCOME = "Drag the picture to move the slide; press the space bar at tumour to analyse; Return keeps it; F1 is help."

_LATER = "The devices are used from the next start on."


@dataclass(frozen=True)
class Workplace:
    """The devices as the settings see them.

    Parameters
    ----------
    setup
        Name of the device set-up in use.
    book, use_lens
        Its objectives, and what puts one in force again after a measurement was forgotten.
    use_stain
        Puts a stain profile in force in the case in hand.
    find
        Lists what is connected.
    reopen, begin
        Opens the case again, or begins another, with the devices as they are then set up.
    """

    setup: str
    book: LensBook
    use_lens: Callable[[str], None]
    use_stain: Callable[[StainProfile], None]
    find: DeviceFinder
    reopen: Callable[[], None]
    begin: Callable[[], None]


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
    place
        The devices.
    """

    def __init__(self, desk: Workbench, eyepiece: Eyepiece, preferences: Preferences, place: Workplace) -> None:
        super().__init__(desk)
        self._desk, self._eyepiece, self._place = desk, eyepiece, place
        self.preferences = preferences
        actions = desk.window.actions_
        actions["settings"].triggered.connect(self.open)
        actions["who"].triggered.connect(self.ask_who)
        self._show_who()
        actions["theme"].setChecked(preferences.theme == "light")
        actions["theme"].triggered.connect(self._change_theme)
        desk.use_style(colour_set(preferences.colours))

    def welcome(self) -> None:
        """Say how to begin, the first time; not over a fault, which would be lost."""
        if not self.preferences.was_welcomed and not self._desk.window.banner.text:
            self._desk.hint(_WELCOME)
            self._keep(msgspec.structs.replace(self.preferences, was_welcomed=True))

    @Slot()
    def open(self) -> None:
        """Ask."""
        guidelines = [(name, load_guideline(name).title) for name in list_guidelines()]
        state = self._desk.session.state
        stains = [(name, name) for name in sorted({*stain_files(), state.stain.name})]
        shown = msgspec.structs.replace(
            self.preferences, devices=self._place.setup, guideline=state.guideline.name, stain=state.stain.name
        )
        setups, lenses = SetupPages(shown.devices, self._place.find), LensPage(self._place.book.rows())
        pages = (("Devices", setups.devices), ("Pedals", setups.pedals), ("Objectives", lenses))
        dialog = SettingsWindow(shown, guidelines, stains, pages, self._desk.window)
        dialog.may_save = setups.fault
        self._tell_new_cases(dialog, shown)
        if not dialog.exec():
            return
        self._forget(lenses)
        chosen = self._read_with(shown, dialog.preferences)
        if dialog.is_for_new_cases:
            in_hand = dialog.preferences
            chosen = msgspec.structs.replace(chosen, guideline=in_hand.guideline, stain=in_hand.stain)
        self.use(msgspec.structs.replace(chosen, devices=setups.name))
        self._use_setup(setups)

    def _tell_new_cases(self, dialog: SettingsWindow, shown: Preferences) -> None:
        """Say what new cases begin with, where the case in hand has another guideline or saved stain profile."""
        guideline = self.preferences.guideline or default_guideline()
        stain = self.preferences.stain or DEFAULT_STAIN
        if (guideline, stain) != (shown.guideline, shown.stain) and shown.stain in stain_files():
            dialog.tell_new_cases(f"{guideline}, {stain}")

    @Slot()
    def ask_who(self) -> None:
        """Ask who works."""
        question = "Your name goes into the record of every change, and into the signature:"
        name, done = QInputDialog.getText(self._desk.window, "Who works", question, text=self._desk.session.ledger.user)
        if done:
            self.use(msgspec.structs.replace(self.preferences, user=name.strip()))

    def _show_who(self) -> None:
        self._desk.window.actions_["who"].setText(f"Who works: {self.preferences.user or 'nobody is named'}…")

    def _read_with(self, shown: Preferences, chosen: Preferences) -> Preferences:
        """Read the case with what was chosen anew; what was left alone stays, in the case and for new ones."""
        desk, guideline, stain = self._desk, self.preferences.guideline, self.preferences.stain
        try:
            if chosen.guideline != shown.guideline:
                rules = load_guideline(chosen.guideline)
                guideline = chosen.guideline
                desk.act(lambda: desk.session.case.set_guideline(rules, "settings"))
            if chosen.stain != shown.stain:
                profile = load_stain(chosen.stain)
                stain = chosen.stain
                desk.act(lambda: self._place.use_stain(profile))
        except Her2ScopeError as error:
            desk.on_fault(str(error))
        return msgspec.structs.replace(chosen, guideline=guideline, stain=stain)

    def use(self, chosen: Preferences) -> None:
        """Put preferences in force, and keep them."""
        desk = self._desk
        desk.session.ledger.user = chosen.user
        desk.use_style(colour_set(chosen.colours))
        self._eyepiece.use(chosen.ar, chosen.alignment, chosen.ar_display)
        self._keep(chosen)

    def _forget(self, lenses: LensPage) -> None:
        """Forget the measurements that were ticked."""
        book = self._place.book
        self._forget_stains(lenses.forgotten_stains)
        for names, forget in (
            (lenses.forgotten_pixels, book.forget_pixel),
            (lenses.forgotten_whites, book.forget_white),
        ):
            for name in names:
                try:
                    forget(name)
                except Her2ScopeError as error:
                    self._desk.on_fault(str(error))
                self._place.use_lens(name)

    def _forget_stains(self, ticked: tuple[tuple[str, str], ...]) -> None:
        """Forget stain vectors, and say what becomes of the case in hand, which goes on with those that it has."""
        book, stain = self._place.book, self._desk.session.state.stain
        for name, profile in ticked:
            try:
                book.forget_stain(name, profile)
            except Her2ScopeError as error:
                self._desk.on_fault(str(error))
        names = [name for name, profile in ticked if profile == stain.name and name in book.unlike(stain)]
        if names:
            self._desk.hint(say("vectors.forgotten", lenses=", ".join(names)))
        if ticked:
            self._desk.refresh()  # the case now differs from what is kept

    def _use_setup(self, setups: SetupPages) -> None:
        """Keep a changed set-up, and ask whether to go on with it at once."""
        is_other_slide = setups.is_other_slide and bool(self._desk.session.state.of_role(Role.CASE))
        try:
            is_changed = setups.save()
        except Her2ScopeError as error:
            self._desk.on_fault(str(error))
            return
        if not is_changed and setups.name == self._place.setup:
            return
        question = "Use these devices now? The case is kept, and opened again with them."
        yes = QMessageBox.StandardButton.Yes
        if is_other_slide:
            self._ask_about_slide()
        elif QMessageBox.question(self._desk.window, "Devices", question) == yes:
            self._place.reopen()
        else:
            self._desk.hint(_LATER)

    def _ask_about_slide(self) -> None:
        """Ask which case another slide belongs to: fields of two patients must not mix."""
        box = QMessageBox(QMessageBox.Icon.Question, "Devices", "Use the other slide now?", parent=self._desk.window)
        box.setInformativeText("This case has fields already, and it is kept. Does the other slide belong to it too?")
        new = box.addButton("Begin a new case", QMessageBox.ButtonRole.AcceptRole)
        same = box.addButton("Go on with this case", QMessageBox.ButtonRole.AcceptRole)
        later = box.addButton("Later", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(new)
        box.setEscapeButton(later)
        box.exec()
        if box.clickedButton() is new:
            self._place.begin()
        elif box.clickedButton() is same:
            self._place.reopen()
        else:
            self._desk.hint(_LATER)

    @Slot()
    def _change_theme(self) -> None:
        name = "light" if self._desk.window.actions_["theme"].isChecked() else "dark"
        self._keep(msgspec.structs.replace(self.preferences, theme=name))
        self._desk.hint(f"Windows are {name} from the next start on.")

    def _keep(self, preferences: Preferences) -> None:
        self.preferences = preferences
        self._show_who()
        try:
            save_preferences(preferences)
        except Her2ScopeError as error:
            self._desk.on_fault(str(error))
