"""Icons: line drawings in assets/icons, tinted with the theme's colours at every pixel ratio."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from her2scope.app.icon_files import icons_dir
from her2scope.app.theme import Theme
from her2scope.base.errors import ConfigError

_SIDES_PX = (16, 24, 32, 48, 64, 96)


def icon(name: str, theme: Theme) -> QIcon:
    """An icon by its file's name: text colour, muted when disabled, accent when switched on.

    Raises
    ------
    ConfigError
        When there is no such icon.
    """
    result = QIcon()
    states = (
        (theme.text, QIcon.Mode.Normal, QIcon.State.Off),
        (theme.line, QIcon.Mode.Disabled, QIcon.State.Off),
        (theme.accent, QIcon.Mode.Normal, QIcon.State.On),
    )
    for colour, mode, state in states:
        for side in _SIDES_PX:
            result.addPixmap(tinted(name, colour, side), mode, state)
    return result


def tinted(name: str, colour: str, side_px: int) -> QPixmap:
    """One icon as a square pixmap of `side_px`, its lines in `colour` (#rrggbb).

    Raises
    ------
    ConfigError
        When there is no such icon.
    """
    drawing = QSvgRenderer(QByteArray(_svg(name).replace("#000", colour).encode()))
    image = QImage(side_px, side_px, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    drawing.render(painter, QRectF(0, 0, side_px, side_px))
    painter.end()
    return QPixmap.fromImage(image)


@cache
def _svg(name: str) -> str:
    path = icons_dir() / f"{name}.svg"
    if not path.is_file():
        raise ConfigError(f"{path}: the icon is missing; install HER2Scope again.")
    return path.read_text(encoding="utf-8")
