"""One table of all actions: menu, tool bar, key and tool tip of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from her2scope.app.icons import icon
from her2scope.app.theme import Theme


@dataclass(frozen=True)
class ActionSpec:
    """An action.

    Parameters
    ----------
    id
        Its name in the code.
    menu
        Title of the menu that it stands in; empty for none.
    text
        In the menu.
    tip
        What it does, in the tool tip; the key is added.
    icon
        File name in assets/icons; empty for none.
    keys
        Shortcuts, the first of them shown.
    group
        Actions of a group are switched on one at a time.
    is_checkable
        Whether it switches something on and off.
    in_tool_bar
        Whether the tool bar shows it.
    """

    id: str
    menu: str
    text: str
    tip: str
    icon: str = ""
    keys: tuple[str, ...] = ()
    group: str = ""
    is_checkable: bool = False
    in_tool_bar: bool = False


def _tool(name: str, text: str, tip: str, picture: str, key: str) -> ActionSpec:
    return ActionSpec(f"tool_{name}", "Tools", text, tip, picture, (key,), "tool", True, True)


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("new_case", "Case", "New case…", "Start another case", "new_case", ("Ctrl+N",)),
    ActionSpec("open_case", "Case", "Open case…", "Go on with a case that was kept", "folder", ("Ctrl+O",)),
    ActionSpec("keep_elsewhere", "Case", "Keep elsewhere…", "Keep the case in another folder from now on", "save"),
    ActionSpec("name_case", "Case", "Name the case…", "Give the case a name or number", "name", ("F2",)),
    ActionSpec("sign", "Case", "Sign off…", "Enter your own score; nothing is filled in for you", "check", ("Ctrl+S",)),
    ActionSpec("ish", "Case", "ISH result…", "Enter the reflex ISH result of a 2+", "ish", ("Ctrl+I",)),
    ActionSpec("no_tumour", "Case", "No invasive tumour", "Declare that there is none: no score", "", (), "", True),
    ActionSpec("audit", "Case", "Changes…", "Every change of the case: who, when, what, why", "audit", ("Ctrl+L",)),
    ActionSpec("who", "Case", "Who works…", "Your name, for the record of every change and for signing", "name"),
    ActionSpec("settings", "Case", "Settings…", "Devices, pedal, guideline, colours, folders", "settings", ("Ctrl+,",)),
    ActionSpec("quit", "Case", "Quit", "Close all windows; the case stays saved", "exit", ("Ctrl+Q",)),
    ActionSpec("undo", "Edit", "Undo", "Take the last change back", "undo", ("Ctrl+Z",), in_tool_bar=True),
    ActionSpec("redo", "Edit", "Redo", "Do it again", "redo", ("Ctrl+Y", "Ctrl+Shift+Z"), in_tool_bar=True),
    ActionSpec("delete", "Edit", "Remove the chosen", "Remove the chosen cells or region", "trash", ("Del",)),
    ActionSpec(
        "analyse",
        "Field",
        "Analyse",
        "Analyse the field in view, as the pedal does",
        "analyse",
        (),
        "",
        False,
        True,
    ),
    ActionSpec("keep", "Field", "Keep in the case", "Keep the field shown", "keep", ("Return",), "", False, True),
    ActionSpec("live", "Field", "Back to live", "Leave the result and see the live picture", "live", ("Esc",)),
    ActionSpec(
        "take_back", "Field", "Take the last field back", "Take the last kept field out", "reset", ("Backspace",)
    ),
    ActionSpec(
        "continuous",
        "Field",
        "Continuous",
        "Analyse the newest picture again and again",
        "continuous",
        ("C",),
        "",
        True,
        True,
    ),
    ActionSpec("control_step", "Field", "Positive control…", "Take control fields first", "control", ("Ctrl+K",)),
    _tool("pan", "Move", "Drag the stage, or the picture of a result", "pan", "V"),
    _tool("select", "Choose cells", "Click or box cells to see and correct them", "select", "S"),
    _tool("include", "Include a region", "Only cells in it count: click corners, or draw freehand", "include", "I"),
    _tool("exclude", "Exclude a region", "Cells in it do not count: DCIS, inflammation, folds", "exclude", "X"),
    _tool("add_cell", "Add a missed cell", "Click where the program missed a tumour cell", "add_cell", "A"),
    ActionSpec("ruler", "Tools", "Pixel size…", "Two clicks on a stage micrometer, and its length", "ruler"),
    ActionSpec("white", "Tools", "White balance", "Take the white from empty glass in view", "white", ("W",)),
    ActionSpec("pick_stains", "Tools", "Pick stain vectors…", "Draw pure hematoxylin, then pure DAB", "picker"),
    ActionSpec(
        "overlay", "View", "Overlay", "Show or hide the result over the picture", "overlay", ("O",), "", True, True
    ),
    ActionSpec(
        "thresholds", "View", "Threshold bar", "Sliders for t_weak and t_intense", "threshold", ("T",), "", True, True
    ),
    ActionSpec(
        "patches", "View", "Patch reading", "Show the field's patches against the control", "patches", ("P",), "", True
    ),
    ActionSpec(
        "compare_control",
        "View",
        "Beside the control",
        "Show the control at the same scale",
        "compare",
        ("B",),
        "",
        True,
    ),
    ActionSpec(
        "eyepiece",
        "View",
        "Eyepiece window",
        "Show the overlay on the second display",
        "eyepiece",
        ("E",),
        "",
        True,
        True,
    ),
    ActionSpec("fit", "View", "Whole field", "See the whole field", "fit", ("F", "0")),
    ActionSpec("zoom_in", "View", "Zoom in", "Zoom in", "zoom_in", ("+", "=")),
    ActionSpec("zoom_out", "View", "Zoom out", "Zoom out", "zoom_out", ("-",)),
    ActionSpec("theme", "View", "Light windows", "Bright windows, for a bright room", "theme", (), "", True),
    ActionSpec("objective", "Microscope", "Next objective", "Turn to the next objective", "objective", ("N",)),
    ActionSpec("focus_up", "Microscope", "Focus up", "Focus 1 µm up", "focus", ("PgUp",)),
    ActionSpec("focus_down", "Microscope", "Focus down", "Focus 1 µm down", "focus", ("PgDown",)),
    ActionSpec("light_up", "Microscope", "More light", "Raise the lamp", "light", ("Ctrl+Up",)),
    ActionSpec("light_down", "Microscope", "Less light", "Lower the lamp", "light", ("Ctrl+Down",)),
    ActionSpec("left", "Microscope", "Stage left", "Move the stage", "", ("Left",)),
    ActionSpec("right", "Microscope", "Stage right", "Move the stage", "", ("Right",)),
    ActionSpec("up", "Microscope", "Stage up", "Move the stage", "", ("Up",)),
    ActionSpec("down", "Microscope", "Stage down", "Move the stage", "", ("Down",)),
    ActionSpec("help", "Help", "Help and shortcuts", "How to work, and every key", "help", ("F1",), "", False, True),
    ActionSpec("about", "Help", "About HER2Scope", "Versions, licence, research use only", "info"),
)

MENUS = tuple(dict.fromkeys(spec.menu for spec in ACTIONS if spec.menu))


def make_actions(parent: QObject, theme: Theme) -> Mapping[str, QAction]:
    """Every action of the table, by id, not yet connected."""
    made = {}
    for spec in ACTIONS:
        action = QAction(spec.text, parent)
        action.setObjectName(spec.id)
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setCheckable(spec.is_checkable)
        action.setToolTip(f"{spec.tip}  ({spec.keys[0]})" if spec.keys else spec.tip)
        action.setStatusTip(spec.tip)
        if spec.icon:
            action.setIcon(icon(spec.icon, theme))
        made[spec.id] = action
    return made


def show_key(action: QAction, key: str) -> None:
    """Show the key of a pedal beside the action that it does; the pedal listens for it, not the action."""
    if key:
        action.setText(f"{action.text()}\t{key}")
        action.setToolTip(f"{action.toolTip()}  ({key})")
