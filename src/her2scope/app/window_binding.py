"""Connects the window's actions to the workbench: a table, nothing else."""

from __future__ import annotations

from collections.abc import Callable

from her2scope.app.leaving import may_leave
from her2scope.app.workbench import Workbench


def bind(desk: Workbench) -> None:
    """Connect what needs no more than the workbench and the view."""
    window, view = desk.window, desk.window.view

    def fade() -> None:
        shown = window.actions_["overlay"].isChecked()
        view.set_opacity(window.fade.value() / 100 if shown else 0.0)

    slots: dict[str, Callable[[], object]] = {
        "analyse": desk.analyse,
        "continuous": desk.toggle_continuous,
        "keep": desk.keep,
        "live": lambda: view.drop_draft() or desk.go_live(),
        "take_back": desk.take_back,
        "undo": lambda: desk.act(desk.session.undo),
        "redo": lambda: desk.act(desk.session.redo),
        "overlay": fade,
        "thresholds": lambda: window.thresholds.setVisible(window.actions_["thresholds"].isChecked()),
        "fit": view.fit,
        "zoom_in": lambda: view.zoom_by(1.25),
        "zoom_out": lambda: view.zoom_by(0.8),
        "quit": window.close,
    }
    for name, slot in slots.items():
        window.actions_[name].triggered.connect(lambda _=False, slot=slot: slot())
    window.fade.valueChanged.connect(lambda _: fade())
    window.strip.chosen.connect(desk.on_strip)
    window.may_close.append(lambda: may_leave(desk))
    window.closing.connect(desk.stop)
    fade()
