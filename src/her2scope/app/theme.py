"""Colours and style sheet of every window: dark for a dim room, light by choice; one accent colour."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from her2scope.app.icon_files import icons_dir
from her2scope.app.style_sheet import STYLE_SHEET


@dataclass(frozen=True)
class Theme:
    """Colours of a theme, as #rrggbb.

    Parameters
    ----------
    name
        "dark" or "light".
    ground, panel, raised, line
        From the picture's surround to the borders of buttons.
    text, muted
        Words, and words that matter less.
    accent, on_accent
        What is chosen or runs, and text upon it.
    good, caution, bad
        Of states; always beside a word or a shape, never the only cue.
    """

    name: str
    ground: str
    panel: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    good: str
    caution: str
    bad: str


DARK = Theme(
    name="dark",
    ground="#0b0d10",
    panel="#14181d",
    raised="#1f252c",
    line="#2d353e",
    text="#e4e9ee",
    muted="#93a0ad",
    accent="#8aa4ff",
    on_accent="#0b0d10",
    good="#7fc8a9",
    caution="#e8c468",
    bad="#f2938c",
)
LIGHT = Theme(
    name="light",
    ground="#dfe3e8",
    panel="#f5f7f9",
    raised="#ffffff",
    line="#c3cbd4",
    text="#1a2129",
    muted="#566270",
    accent="#3553c8",
    on_accent="#ffffff",
    good="#1f7a57",
    caution="#8a6100",
    bad="#b3362c",
)
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}

FONT_PX = 13
"""Size of plain text in device-independent pixels."""


def style_sheet(theme: Theme) -> str:
    """The style sheet with the theme's colours filled in."""
    text = STYLE_SHEET.replace("@icons;", icons_dir().as_posix())
    for key in ("ground", "panel", "raised", "line", "text", "muted", "accent", "on_accent", "good", "caution", "bad"):
        text = text.replace(f"@{key};", f"{getattr(theme, key)};")
    return text


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Dress the whole application."""
    app.setStyle("Fusion")
    app.setPalette(_palette(theme))
    font = QFont(app.font())
    font.setPixelSize(FONT_PX)
    app.setFont(font)
    app.setStyleSheet(style_sheet(theme))


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.panel,
        role.Base: theme.ground,
        role.AlternateBase: theme.raised,
        role.Button: theme.raised,
        role.Text: theme.text,
        role.WindowText: theme.text,
        role.ButtonText: theme.text,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.muted,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Link: theme.accent,
    }
    for which, colour in colours.items():
        palette.setColor(which, QColor(colour))
    for which in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.line).lighter(140))
    return palette
