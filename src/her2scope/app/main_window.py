"""The main window: the picture in the middle, results at its right, the case's fields below."""

# ruff: noqa: N802  # Qt names the handlers
from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent
from PySide6.QtWidgets import (
    QLabel,
    QMainWindow,
    QSizePolicy,
    QSlider,
    QSplitter,
    QToolBar,
    QWidget,
)

from her2scope.analysis.classes import FIVE_CLASSES
from her2scope.analysis.overlay import OKABE_ITO
from her2scope.app.actions import ACTIONS, MENUS, make_actions
from her2scope.app.banner import Banner
from her2scope.app.case_panel import CasePanel, ScoreCard
from her2scope.app.cell_panel import CellPanel
from her2scope.app.field_strip import FieldStrip
from her2scope.app.live_view import LiveView
from her2scope.app.model.views.legend import class_label
from her2scope.app.parts import column, label, restyle, row
from her2scope.app.side import Side
from her2scope.app.status_bar import StatusLine
from her2scope.app.theme import Theme
from her2scope.app.threshold_bar import ThresholdBar

TITLE = "HER2Scope: research use only"


class MainWindow(QMainWindow):
    """Holds the widgets and the actions; what they show and do is bound from outside."""

    closing = Signal()

    def __init__(self, theme: Theme) -> None:
        """Lay the window out."""
        super().__init__()
        self.setWindowTitle(TITLE)
        self.theme = theme
        self.pedals: tuple[tuple[str, str], ...] = ()
        self.may_close: list[Callable[[], bool]] = []
        self.actions_: Mapping[str, QAction] = make_actions(self, theme)
        self.view = LiveView()
        self.second = LiveView()
        self.second.hide()
        self.banner = Banner(theme, self.view)
        self.field_card = ScoreCard("This field", "score_small")
        self.case_panel = CasePanel()
        names = {c: class_label(c) for c in FIVE_CLASSES}
        self.cell_card = CellPanel(names, OKABE_ITO.colours)
        self.side = Side(self.case_panel, self.field_card, self.cell_card)
        self.strip = FieldStrip(theme)
        self.thresholds = ThresholdBar(theme)
        self.thresholds.hide()
        self.status = StatusLine(theme)
        self.fade = QSlider(Qt.Orientation.Horizontal)
        self.mode = label("", "chip")
        self.objective = label("", "chip")
        self._make_menus()
        self._make_tool_bar()
        self._lay_out()
        self.view.installEventFilter(self)
        self.banner.changed.connect(self._place_banner)
        self.resize(1366, 768)

    def show_mode(self, text: str, style: str = "chip") -> None:
        """Say whether the picture is live, being analysed, or a result."""
        self.mode.setText(text)
        restyle(self.mode, style)

    def show_objective(self, text: str, style: str = "chip") -> None:
        """Show objective and pixel size."""
        self.objective.setText(text)
        restyle(self.objective, style)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that the program ends, if nobody objects."""
        if not all(may() for may in self.may_close):
            event.ignore()
            return
        self.closing.emit()
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the banners at the top of the picture."""
        if event.type() in {QEvent.Type.Resize, QEvent.Type.Show}:
            self._place_banner()
        return super().eventFilter(watched, event)

    def _place_banner(self) -> None:
        width = min(760, self.view.width() - 32)
        self.banner.setGeometry((self.view.width() - width) // 2, 14, width, self.banner.heightForWidth(width))

    def _make_menus(self) -> None:
        menus = {title: self.menuBar().addMenu(title) for title in MENUS}
        group = QActionGroup(self)
        for spec in ACTIONS:
            action = self.actions_[spec.id]
            self.addAction(action)
            if spec.menu:
                menus[spec.menu].addAction(action)
            if spec.group:
                group.addAction(action)
        self.actions_["tool_pan"].setChecked(True)
        self.actions_["overlay"].setChecked(True)

    def _make_tool_bar(self) -> None:
        bar = QToolBar("Tools")
        bar.setMovable(False)
        bar.setIconSize(QSize(22, 22))
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        menu = ""
        for spec in (spec for spec in ACTIONS if spec.in_tool_bar):
            if menu and spec.menu != menu:
                bar.addSeparator()
            menu = spec.menu
            bar.addAction(self.actions_[spec.id])
            if spec.id == "overlay":
                bar.addWidget(self._fade_slider())
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(space)
        chips = QWidget()
        chips.setLayout(row(self.mode, self.objective, margins=(4, 0, 4, 0)))
        bar.addWidget(chips)
        self.addToolBar(bar)

    def _fade_slider(self) -> QWidget:
        self.fade.setRange(0, 100)
        self.fade.setValue(90)
        self.fade.setFixedWidth(84)
        self.fade.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.fade.setToolTip("Fade the overlay")
        self.fade.setAccessibleName("Overlay opacity")
        holder = QWidget()
        holder.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        holder.setLayout(row(self.fade, margins=(6, 0, 6, 0)))
        return holder

    def _lay_out(self) -> None:
        pictures = QSplitter()
        pictures.addWidget(self.view)
        pictures.addWidget(self.second)
        pictures.setChildrenCollapsible(False)
        left = QWidget()
        layout = column(pictures, self.thresholds, self.strip)
        layout.setSpacing(0)
        layout.setStretch(0, 1)
        left.setLayout(layout)
        middle = row(left, self.side)
        middle.setSpacing(0)
        middle.setStretch(0, 1)
        whole = QWidget()
        body = column(middle, self.status)
        body.setSpacing(0)
        body.setStretch(0, 1)
        whole.setLayout(body)
        self.setCentralWidget(whole)


def hint(text: str) -> QLabel:
    """A quiet line."""
    return label(text, "muted")
