// SPDX-License-Identifier: MIT
#include "client-gui/views/newmessagesbutton.h"

#include <QLocale>

namespace parlor::gui {

NewMessagesButton::NewMessagesButton(Where where, Theme &theme, QWidget *parent)
    : QPushButton(parent)
    , m_where(where)
{
    const bool above = where == Where::Above;
    setObjectName(above ? QStringLiteral("unreadAboveButton") : QStringLiteral("newMessagesButton"));
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::NoFocus); // who writes goes on writing; the keyboard has shortcuts
    setToolTip(above ? tr("Go to the first new message (Alt+Home)")
                     : tr("Go to the newest message (Ctrl+End)"));
    restyle(theme.tokens());
    connect(&theme, &Theme::changed, this, [this, &theme] { restyle(theme.tokens()); });
    hide();
}

void NewMessagesButton::setCount(quint64 messages, int mentions)
{
    setVisible(messages > 0);
    const bool above = m_where == Where::Above;
    const QString count = QLocale().toString(messages);
    QString text = above ? tr("↑ %1 new").arg(count) : tr("↓ %1 new").arg(count);
    QString name = above ? tr("New messages above: %1").arg(count) : tr("New messages below: %1").arg(count);
    if (mentions > 0) {
        text += tr(" · @%1").arg(mentions);
        name += tr(", mentions: %1").arg(mentions);
    }
    if (text == this->text())
        return;
    setText(text);
    setAccessibleName(name);
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
