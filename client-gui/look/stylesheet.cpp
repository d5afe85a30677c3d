// SPDX-License-Identifier: MIT
#include "client-gui/look/stylesheet.h"

#include <array>

namespace parlor::gui {

namespace {

const char *const kSheet = R"(
QMainWindow, QDialog, QMessageBox { background: @window; }
QToolTip { background: @raised; color: @text; border: 1px solid @line; padding: 4px 6px; }

QMenuBar { background: @window; border-bottom: 1px solid @line; padding: 4px 10px; }
QMenuBar::item { padding: 5px 9px; border-radius: 6px; background: transparent; color: @text; }
QMenuBar::item:selected { background: @hover; }
QMenuBar::item:pressed { background: @accentTint; color: @accent; }
QMenu { background: @raised; border: 1px solid @line; padding: 6px; }
QMenu::item { padding: 6px 26px 6px 22px; border-radius: 6px; color: @text; }
QMenu::item:selected { background: @accentTint; color: @accent; }
QMenu::item:disabled { color: @muted; }
QMenu::separator { height: 1px; background: @line; margin: 6px 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 4px; }

QStatusBar { background: @window; border-top: 1px solid @line; }
QStatusBar::item { border: none; }
QSplitter::handle { background: @line; }

#roomPane { background: @side; }
#roomPane QListView { background: transparent; outline: none; }
#memberPane { background: @window; }
#memberPane QListView { background: transparent; outline: none; }
#chatPane { background: @window; }
#chatHead { background: @window; border-bottom: 1px solid @line; }
#messageView { background: @window; border: none; outline: none; }

QLabel { color: @text; background: transparent; }
QLabel[look="caption"] { color: @muted; font-size: 11px; font-weight: 600; letter-spacing: 1px; padding-left: 8px; }
QLabel[look="muted"] { color: @muted; }
QLabel[look="small"] { color: @muted; font-size: 12px; }
QLabel[look="strong"] { font-weight: 600; }
QLabel[look="title"] { font-size: 17px; font-weight: 700; }
QLabel[look="problem"] { color: @error; }

QLineEdit { background: @raised; color: @text; border: 1px solid @line; border-radius: 8px; padding: 6px 9px;
            min-height: 20px; selection-background-color: @accent; selection-color: @onAccent; }
QLineEdit:hover { border-color: @edge; }
QLineEdit:focus { border: 1px solid @accent; }

#composer { background: @raised; border: 1px solid @line; border-radius: 12px; }
#composer:hover { border-color: @edge; }
#composer[focused="true"] { border: 1px solid @accent; }
#composer QPlainTextEdit { background: transparent; color: @text; border: none;
                           selection-background-color: @accent; selection-color: @onAccent; }

QPushButton { background: @raised; color: @text; border: 1px solid @line; border-radius: 8px; padding: 6px 16px;
              min-height: 20px; }
QPushButton:hover { border-color: @edge; background: @hover; }
QPushButton:pressed { background: @accentTint; }
QPushButton:focus { border: 1px solid @accent; }
QPushButton:disabled { color: @muted; }
QPushButton[look="primary"] { background: @accent; color: @onAccent; border: 1px solid @accent; font-weight: 600; }
QPushButton[look="primary"]:hover { background: @accentHover; border-color: @accentHover; }
QPushButton[look="primary"]:pressed { background: @accentPressed; border-color: @accentPressed; }
QPushButton[look="primary"]:focus { border: 1px solid @text; }
QPushButton[look="primary"]:disabled { background: @disabled; color: @muted; border-color: @disabled; }
QPushButton[look="link"] { background: transparent; color: @accent; border: 1px solid transparent; font-weight: 600;
                           padding: 5px 8px; }
QPushButton[look="link"]:hover { background: @accentTint; }
QPushButton[look="link"]:focus { border-color: @accent; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: 8px; padding: 5px; }
QToolButton:hover { background: @hover; }
QToolButton:pressed { background: @accentTint; }
QToolButton:focus { border-color: @accent; }
QToolButton::menu-indicator { image: none; }

#notice { background: @errorGround; border-radius: 8px; }
#noticeText { color: @error; }
#notice[mood="good"] { background: @accentTint; }
#notice[mood="good"] #noticeText { color: @accent; }

#signInPane { background: @raised; border: none; border-bottom: 1px solid @line; }
QCheckBox { color: @text; spacing: 8px; }

#connectionBanner { border: none; border-bottom: 1px solid @line; }
#connectionBanner[mood="warning"] { background: @warningGround; }
#connectionBanner[mood="warning"] QLabel { color: @warning; }
#connectionBanner[mood="error"] { background: @errorGround; }
#connectionBanner[mood="error"] QLabel { color: @error; }
#connectionBanner[mood="good"] { background: @accentTint; }
#connectionBanner[mood="good"] QLabel { color: @accent; }
#connectionBanner QPushButton { background: transparent; font-weight: 600; padding: 4px 14px; }
#connectionBanner[mood="warning"] QPushButton { color: @warning; }
#connectionBanner[mood="error"] QPushButton { color: @error; }
#connectionBanner[mood="good"] QPushButton { color: @accent; }
#connectionBanner[mood="warning"] QPushButton[look="bannerAction"] { border: 1px solid @warning; }
#connectionBanner[mood="error"] QPushButton[look="bannerAction"] { border: 1px solid @error; }
#connectionBanner QPushButton[look="bannerLink"] { border: 1px solid transparent; }
#connectionBanner QPushButton:hover { background: @veil; }
#connectionBanner QPushButton:checked { background: @veil; }
#connectionBanner QPushButton:focus { border: 2px solid @text; padding: 3px 13px; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: @scroll; border-radius: 3px; min-height: 32px; margin: 2px; }
QScrollBar::handle:vertical:hover { background: @muted; }
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical { height: 0; }
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical { background: transparent; }
)";

} // namespace

QString styleSheet(const Tokens &tokens)
{
    // Longer names before those that they begin with.
    const std::array<std::pair<const char *, QString>, 20> names{{
        {"@window", tokens.window.name()},
        {"@side", tokens.side.name()},
        {"@raised", tokens.raised.name()},
        {"@text", tokens.text.name()},
        {"@muted", tokens.muted.name()},
        {"@line", tokens.line.name()},
        {"@accentTint", tokens.accentTint.name()},
        {"@accentHover", mixed(tokens.accent, tokens.text, 0.12).name()},
        {"@accentPressed", mixed(tokens.accent, tokens.text, 0.24).name()},
        {"@accent", tokens.accent.name()},
        {"@onAccent", tokens.onAccent.name()},
        {"@warningGround", tokens.warningGround.name()},
        {"@warning", tokens.warning.name()},
        {"@errorGround", tokens.errorGround.name()},
        {"@error", tokens.error.name()},
        {"@hover", mixed(tokens.window, tokens.text, 0.06).name()},
        {"@edge", mixed(tokens.line, tokens.text, 0.2).name()},
        {"@disabled", mixed(tokens.window, tokens.text, 0.09).name()},
        {"@scroll", mixed(tokens.window, tokens.text, 0.2).name()},
        {"@veil", QStringLiteral("rgba(%1, %2, %3, 8%)")
                      .arg(tokens.text.red())
                      .arg(tokens.text.green())
                      .arg(tokens.text.blue())},
    }};
    QString sheet = QString::fromLatin1(kSheet);
    for (const auto &[name, color] : names)
        sheet.replace(QLatin1String(name), color);
    return sheet;
}

} // namespace parlor::gui
