// SPDX-License-Identifier: MIT
#include "client-gui/views/composer.h"

#include "client-gui/views/elidedlabel.h"
#include "client-gui/views/messageinput.h"
#include "client-gui/views/restyle.h"
#include "shared/protocol/limits.h"

#include <QAccessible>
#include <QBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMouseEvent>
#include <QPushButton>

#include <cstdlib>

namespace parlor::gui {

namespace {

/// The count appears when so many code points are left.
constexpr qsizetype kCountFrom = 500;
constexpr auto kMaximum = static_cast<qsizetype>(limits::kContentCodePoints);

qsizetype codePoints(const QString &text)
{
    qsizetype count = 0;
    for (const QChar each : text)
        count += each.isLowSurrogate() ? 0 : 1;
    return count;
}

QString countText(qsizetype left)
{
    const QString count = QLocale().toString(std::abs(left));
    if (left >= 0)
        return Composer::tr("%1 left").arg(count);
    return left == -1 ? Composer::tr("1 character too many")
                      : Composer::tr("%1 characters too many").arg(count);
}

} // namespace

Composer::Composer(QWidget *parent)
    : QFrame(parent)
    , m_input(new MessageInput)
    , m_blocked(new QLabel)
    , m_count(new ElidedLabel)
    , m_send(new QPushButton(tr("Send")))
{
    setObjectName(QStringLiteral("composer"));
    m_input->setAccessibleName(tr("Message"));
    m_blocked->setObjectName(QStringLiteral("composerBlocked"));
    m_blocked->setProperty("look", QStringLiteral("problem"));
    m_blocked->setTextFormat(Qt::PlainText);
    m_blocked->setWordWrap(true);
    m_blocked->hide();
    m_count->setObjectName(QStringLiteral("composerCount"));
    m_count->setProperty("look", QStringLiteral("muted"));
    m_count->hide();
    m_send->setObjectName(QStringLiteral("sendButton"));
    m_send->setProperty("look", QStringLiteral("primary"));
    m_send->setAccessibleName(tr("Send the message"));

    auto *row = new QHBoxLayout;
    row->setSpacing(12);
    row->addWidget(m_input, 1, Qt::AlignVCenter);
    row->addWidget(m_send, 0, Qt::AlignBottom);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(18, 8, 10, 8);
    column->setSpacing(4);
    column->addWidget(m_blocked);
    column->addLayout(row);
    column->addWidget(m_count); // below: beside the text a narrow window has no room for it

    connect(m_input, &MessageInput::submitted, this, &Composer::submit);
    connect(m_send, &QPushButton::clicked, this, &Composer::submit);
    connect(m_input, &QPlainTextEdit::textChanged, this, &Composer::textChanged);
    connect(m_input, &MessageInput::focusChanged, this, [this](bool focused) {
        setProperty("focused", focused);
        restyle(*this);
    });
    setFocusProxy(m_input);
    setRoom({});
}

void Composer::setRoom(const QString &room)
{
    if (!m_room.isEmpty())
        m_drafts.insert(m_room, m_input->toPlainText());
    m_room = room;
    m_switching = true;
    m_input->setPlainText(m_drafts.value(room));
    m_input->moveCursor(QTextCursor::End);
    m_switching = false;
    m_input->setEnabled(!room.isEmpty());
    m_input->setPlaceholderText(room.isEmpty() ? tr("Join a room to write") : tr("Message #%1").arg(room));
    textChanged();
}

void Composer::setBlocked(const QString &why)
{
    if (why == m_blocked->text())
        return;
    const bool begins = m_blocked->text().isEmpty();
    m_blocked->setText(why);
    m_blocked->setVisible(!why.isEmpty());
    m_input->setAccessibleDescription(why);
    m_send->setEnabled(canSend());
    if (begins) { // not each second of a countdown
        QAccessibleEvent event(m_blocked, QAccessible::Alert);
        QAccessible::updateAccessibility(&event);
    }
}

bool Composer::isBlocked() const
{
    return !m_blocked->text().isEmpty();
}

bool Composer::canSend() const
{
    const QString text = m_input->toPlainText();
    return !m_room.isEmpty() && !isBlocked() && !text.trimmed().isEmpty() && codePoints(text) <= kMaximum;
}

void Composer::submit()
{
    if (!canSend())
        return;
    const QString text = m_input->toPlainText();
    m_input->remember(text);
    m_input->clear();
    m_drafts.remove(m_room);
    Q_EMIT sendRequested(text);
    m_input->setFocus();
}

void Composer::textChanged()
{
    const QString text = m_input->toPlainText();
    const qsizetype left = kMaximum - codePoints(text);
    const bool empty = text.trimmed().isEmpty();
    m_send->setEnabled(canSend());
    m_count->setVisible(left <= kCountFrom);
    m_count->setText(countText(left));
    m_count->setToolTip(tr("A message has at most %1 characters").arg(QLocale().toString(kMaximum)));
    const QString look = left >= 0 ? QStringLiteral("muted") : QStringLiteral("problem");
    if (m_count->property("look") != look) {
        m_count->setProperty("look", look);
        restyle(*m_count);
    }
    if (m_switching || m_room.isEmpty())
        return;
    if (!isBlocked()) // who is muted may not even say that they stopped
        Q_EMIT typing(!empty);
    Q_EMIT draftChanged(m_room, !empty);
}

} // namespace parlor::gui
