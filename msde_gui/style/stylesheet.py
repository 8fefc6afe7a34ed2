"""How the widgets look: Qt's style sheet, with the theme's colours to be filled in."""

from string import Template

SHEET = Template("""
* { font-size: 13px; }
QFrame[card="true"] {
    background: $surface; border: 1px solid $line; border-radius: 8px; }
QFrame[card="true"] QLabel { background: transparent; }
QLabel[role="title"] { font-size: 20px; font-weight: 600; }
QLabel[role="heading"] { font-size: 14px; font-weight: 600; }
QLabel[role="dim"] { color: $dim; font-size: 12px; }
QPushButton {
    background: $raised; border: 1px solid $line; border-radius: 6px;
    padding: 5px 12px; }
QPushButton:hover { border-color: $accent; }
QPushButton:disabled { color: $dim; }
QPushButton[primary="true"] {
    background: $accent; color: $on_accent; border-color: $accent;
    font-weight: 600; }
QPushButton[primary="true"]:disabled {
    background: $raised; color: $dim; border-color: $line; }
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit {
    background: $raised; border: 1px solid $line; border-radius: 6px;
    padding: 4px 6px; selection-background-color: $accent; }
QTableView { outline: 0; }
QTableView, QListView, QTreeView {
    background: $surface; border: none; gridline-color: $line;
    selection-background-color: $raised; selection-color: $text; }
QHeaderView::section {
    background: $surface; color: $dim; border: none; padding: 6px;
    border-bottom: 1px solid $line; font-weight: 600; }
QProgressBar {
    background: $raised; border: none; border-radius: 3px; max-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QToolTip {
    background: $raised; color: $text; border: 1px solid $line; }
QCheckBox { spacing: 8px; }
QCheckBox::indicator {
    width: 14px; height: 14px; border: 1px solid $dim; border-radius: 4px;
    background: $raised; }
QCheckBox::indicator:checked {
    background: $accent; border-color: $accent; image: url("$check"); }
QTreeView::item { height: 24px; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle {
    background: $line; border-radius: 4px; min-height: 28px; min-width: 28px;
    margin: 1px; }
QScrollBar::handle:hover { background: $dim; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSlider::groove:horizontal { background: $raised; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal {
    background: $text; width: 12px; height: 12px; margin: -4px 0;
    border-radius: 6px; }
QToolButton { border: none; border-radius: 6px; padding: 4px; }
QToolButton:hover { background: $raised; }
QToolButton[tab="true"] { color: $dim; font-weight: 600; padding: 3px 8px; }
QToolButton[tab="true"]:checked { color: $text; background: $raised; }
QLabel[chip="true"] {
    background: $raised; border: 1px solid $line; border-radius: 9px;
    padding: 2px 8px; font-size: 12px; }
QPushButton[find="true"] { text-align: left; color: $dim; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url("$chevron"); width: 14px; height: 14px; }
QComboBox QAbstractItemView {
    background: $surface; border: 1px solid $line; outline: none; }
QMenu { background: $surface; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 5px 22px 5px 10px; border-radius: 4px; }
QMenu::item:selected { background: $raised; color: $text; }
QMenu::separator { background: $line; height: 1px; margin: 4px 6px; }
QMainWindow::separator { background: $bg; width: 10px; height: 4px; }
QToolBar { border: none; padding: 0; spacing: 0; background: $surface; }
QFrame[bar="top"] {
    background: $surface; border: none; border-bottom: 1px solid $line; }
QFrame[bar="bottom"] {
    background: $surface; border: none; border-top: 1px solid $line; }
QFrame[bar="left"] {
    background: $surface; border: none; border-right: 1px solid $line; }
QFrame[bar="left"] QToolButton {
    color: $dim; border-radius: 8px; padding: 6px 0; font-size: 12px; }
QFrame[bar="left"] QToolButton:checked { background: $raised; color: $text; }
QLabel[role="brand"] { font-size: 16px; font-weight: 700; }
QFrame[notice="true"] {
    background: $raised; border: none; border-bottom: 1px solid $line;
    border-left: 4px solid $loss; }
QFrame[dockhead="true"] {
    background: $surface; border: 1px solid $line; border-bottom: none;
    border-top-left-radius: 8px; border-top-right-radius: 8px; }
QFrame[dockbody="true"] {
    background: $surface; border: 1px solid $line; border-top: none;
    border-bottom-left-radius: 8px; border-bottom-right-radius: 8px; }
QFrame[popup="true"] {
    background: $surface; border: 1px solid $dim; border-radius: 10px; }
""")
