// SPDX-License-Identifier: MIT
#include "tests/gui/roomscript.h"

#include <array>

namespace parlor::gui::test {

namespace {

QString userOf(const QString &name)
{
    return QStringLiteral("user-") + name;
}

} // namespace

RoomScript &RoomScript::at(const QDateTime &time)
{
    m_time = time;
    return *this;
}

RoomScript &RoomScript::after(std::chrono::seconds pause)
{
    m_time = m_time.addSecs(pause.count());
    return *this;
}

ChatMessage RoomScript::says(const QString &name, const QString &text)
{
    ChatMessage message;
    message.room = QStringLiteral("general");
    message.seq = ++m_seq;
    message.id = QStringLiteral("id-%1").arg(m_seq);
    message.sender = userOf(name);
    message.user = userOf(name);
    message.username = name;
    message.text = text;
    message.timestamp = m_time.toUTC().toString(Qt::ISODateWithMs);
    return message;
}

QList<ChatMessage> RoomScript::chatter(int count)
{
    static const std::array kNames{QStringLiteral("Maren"), QStringLiteral("Abiola"), QStringLiteral("Rosa")};
    QList<ChatMessage> said;
    for (int i = 0; i < count; ++i) {
        after(std::chrono::seconds(i % 7 == 0 ? 600 : 20));
        const QString text = QStringLiteral("Message %1 of a longer talk. ").arg(i);
        said.append(
            says(kNames.at(static_cast<std::size_t>(i / 3) % kNames.size()), text.repeated(1 + i % 5)));
    }
    return said;
}

OutboxEntry RoomScript::writes(const QString &cid, const QString &text, OutboxState state,
                               const QString &problem) const
{
    OutboxEntry entry;
    entry.cid = cid;
    entry.room = QStringLiteral("general");
    entry.text = text;
    entry.composedAt = std::chrono::milliseconds(m_time.toMSecsSinceEpoch());
    entry.state = state;
    entry.problem = problem;
    return entry;
}

PublishReceipt RoomScript::accepts(const OutboxEntry &entry)
{
    PublishReceipt receipt;
    receipt.cid = entry.cid;
    receipt.room = entry.room;
    receipt.seq = ++m_seq;
    receipt.id = QStringLiteral("id-%1").arg(m_seq);
    receipt.timestamp = m_time.toUTC().toString(Qt::ISODateWithMs);
    return receipt;
}

SessionInfo RoomScript::self(const QString &name)
{
    return SessionInfo{userOf(name), userOf(name), name, false};
}

HistoryPage pageOf(const QList<ChatMessage> &messages, std::optional<quint64> before, bool more)
{
    HistoryPage page{.before = before, .messages = messages, .more = more};
    if (!messages.isEmpty())
        page.first = messages.first().seq;
    return page;
}

} // namespace parlor::gui::test
