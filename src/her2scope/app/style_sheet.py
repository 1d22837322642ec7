"""The Qt style sheet; @name; stands for a colour of the theme."""

STYLE_SHEET = """
QWidget { color: @text; }
QMainWindow, QDialog { background: @panel; }
QToolTip { background: @raised; color: @text; border: 1px solid @line; padding: 6px; }

QToolBar { background: @panel; border: 0; border-bottom: 1px solid @line; spacing: 2px; padding: 4px 8px; }
QToolBar::separator { background: @line; width: 1px; margin: 6px 6px; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 5px; }
QToolButton:hover { background: @raised; }
QToolButton:pressed { background: @line; }
QToolButton:checked { background: @raised; border-color: @accent; }
QToolButton:focus { border-color: @accent; }
QToolButton:disabled { color: @muted; }

QMenuBar { background: @panel; color: @muted; padding: 2px 6px; }
QMenuBar::item { padding: 4px 10px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: @raised; color: @text; }
QMenu { background: @raised; border: 1px solid @line; padding: 5px; }
QMenu::item { padding: 6px 26px 6px 26px; border-radius: 4px; }
QMenu::item:selected { background: @accent; color: @on_accent; }
QMenu::item:disabled { color: @muted; }
QMenu::separator { height: 1px; background: @line; margin: 5px 8px; }

QPushButton { background: @raised; border: 1px solid @line; border-radius: 6px; padding: 6px 14px; min-height: 18px; }
QPushButton:hover { border-color: @muted; }
QPushButton:focus { border-color: @accent; }
QPushButton:pressed, QPushButton:checked { background: @line; border-color: @accent; }
QPushButton:disabled { color: @muted; border-color: @line; background: @panel; }
QPushButton#primary { background: @accent; color: @on_accent; border-color: @accent; font-weight: 600; }
QPushButton#primary:disabled { background: @raised; color: @muted; border-color: @line; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QPushButton#compact { padding: 3px 7px; text-align: left; font-size: 12px; min-height: 16px; }

QLineEdit, QDoubleSpinBox, QSpinBox, QComboBox, QPlainTextEdit, QListWidget, QTableWidget {
  background: @ground; border: 1px solid @line; border-radius: 5px; padding: 4px 7px;
  selection-background-color: @accent; selection-color: @on_accent; }
QLineEdit:focus, QDoubleSpinBox:focus, QSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus { border-color: @accent; }
QDoubleSpinBox::up-button, QDoubleSpinBox::down-button, QSpinBox::up-button, QSpinBox::down-button { width: 0; }
QAbstractSpinBox QLineEdit { border: 0; padding: 0 5px; background: transparent; }
QComboBox::drop-down { border: 0; width: 22px; }
QComboBox::down-arrow { image: url(@icons;/chevron.svg); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @raised; border: 1px solid @line; }

QTableWidget { alternate-background-color: @panel; }
QTableWidget::item { padding: 3px 6px; }
QHeaderView { background: @panel; border: 0; }
QHeaderView::section { background: @panel; color: @muted; border: 0; border-bottom: 1px solid @line; padding: 5px 6px; }

QSlider::groove:horizontal { height: 4px; background: @line; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: @text; }
QSlider::handle:horizontal:focus { background: @accent; }

QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: 0; }
QScrollBar { background: transparent; width: 9px; height: 9px; margin: 0; }
QScrollBar::handle { background: @line; border-radius: 4px; min-height: 28px; min-width: 28px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QCheckBox, QRadioButton { spacing: 8px; padding: 3px 0; }
QCheckBox::indicator, QRadioButton::indicator {
  width: 14px; height: 14px; border: 1px solid @muted; background: @ground; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator { border-radius: 3px; }
QCheckBox::indicator:checked, QRadioButton::indicator:checked { background: @accent; border-color: @accent; }
QCheckBox:focus, QRadioButton:focus { color: @accent; }
QTabWidget::pane { border: 0; border-top: 1px solid @line; }
QTabBar::tab { background: transparent; color: @muted; padding: 8px 14px; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @text; border-bottom-color: @accent; }
QTabBar::tab:hover { color: @text; }

#side, #strip, #thresholds, #status { background: @panel; }
#side { border-left: 1px solid @line; }
#strip, #thresholds { border-top: 1px solid @line; }
#status { border-top: 1px solid @line; }
#card { background: @raised; border: 1px solid @line; border-radius: 8px; }
#heading { color: @muted; font-size: 11px; font-weight: 600; }
#muted { color: @muted; }
#small { color: @muted; font-size: 12px; }
#score { font-size: 44px; font-weight: 600; }
#score_small { font-size: 26px; font-weight: 600; }
#reading { font-size: 15px; font-weight: 600; }
#meaning { font-size: 14px; }
#good { color: @good; }
#caution { color: @caution; }
#bad { color: @bad; }
#chip { background: @raised; border: 1px solid @line; border-radius: 10px; padding: 2px 9px; }
#chip_caution { background: @raised; border: 1px solid @caution; color: @caution; border-radius: 10px;
  padding: 2px 9px; }
#chip_accent { background: @raised; border: 1px solid @accent; color: @accent; border-radius: 10px; padding: 2px 9px; }
#chip_bad { background: @raised; border: 1px solid @bad; color: @bad; border-radius: 10px; padding: 2px 9px; }
#research { color: @muted; font-size: 12px; padding: 0 8px; }
#banner { background: @raised; border: 1px solid @caution; border-left: 4px solid @caution; border-radius: 6px; }
#banner_bad { background: @raised; border: 1px solid @bad; border-left: 4px solid @bad; border-radius: 6px; }
#banner_info { background: @raised; border: 1px solid @accent; border-left: 4px solid @accent; border-radius: 6px; }
#cover { background: @ground; }
#note { background: @panel; border: 1px solid @line; border-radius: 6px; }
QProgressBar { background: @line; border: 0; border-radius: 2px; }
QProgressBar::chunk { background: @accent; border-radius: 2px; }
#thumb { background: @raised; border: 1px solid @line; border-radius: 7px; }
#thumb_open { background: @raised; border: 2px solid @accent; border-radius: 7px; }
"""
