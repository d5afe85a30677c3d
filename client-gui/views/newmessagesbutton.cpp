// SPDX-License-Identifier: MIT
#include "client-gui/views/newmessagesbutton.h"

namespace parlor::gui {

NewMessagesButton::NewMessagesButton(Theme &theme, QWidget *parent)
    : QPushButton(parent)
{
    setObjectName(QStringLiteral("newMessagesButton"));
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::NoFocus); // who writes goes on writing; on the keyboard it is Ctrl+End
    setToolTip(tr("Go to the newest message (Ctrl+End)"));
    restyle(theme.tokens());
    connect(&theme, &Theme::changed, this, [this, &theme] { restyle(theme.tokens()); });
    hide();
}

void NewMessagesButton::setCount(int count)
{
    setVisible(count > 0);
    setText(tr("↓ %n new", nullptr, count));
    setAccessibleName(tr("%n new message(s) below", nullptr, count));
    adjustSize();
}

void NewMessagesButton::restyle(const Tokens &tokens)
{
    QString sheet = QStringLiteral(R"(
QPushButton { background: @accent; color: @onAccent; border: 0; border-radius: 14px; min-height: 28px;
              padding: 0 14px; font-weight: 600; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @pressed; }
)");
    sheet.replace(QStringLiteral("@accent"), tokens.accent.name());
    sheet.replace(QStringLiteral("@onAccent"), tokens.onAccent.name());
    sheet.replace(QStringLiteral("@hover"), mixed(tokens.accent, tokens.text, 0.15).name());
    sheet.replace(QStringLiteral("@pressed"), mixed(tokens.accent, tokens.text, 0.3).name());
    setStyleSheet(sheet);
}

} // namespace parlor::gui
