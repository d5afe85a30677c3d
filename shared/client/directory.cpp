// SPDX-License-Identifier: MIT
#include "shared/client/directory.h"

#include "shared/client/fromwire.h"
#include "shared/protocol/limits.h"

#include <utility>

namespace parlor {

Directory::Directory(Requests &requests, RatePacer &pacer, QObject *parent)
    : QObject(parent)
    , m_requests(requests)
    , m_pacer(pacer)
{
    m_turn.setSingleShot(true);
    connect(&m_turn, &QTimer::timeout, this, &Directory::askWaiting);
}

void Directory::requestHistory(const QString &room, std::optional<quint64> before,
                               std::optional<quint32> limit)
{
    const auto send = [this, name = room.toStdString(), before, limit](Requests::Handler handler) {
        m_requests.send(request::History{name, before, std::nullopt, limit}, std::move(handler));
    };
    const auto answered = [this, room, before](const frame::Any &any) {
        const auto *page = std::get_if<frame::History>(&any);
        if (!page)
            return;
        HistoryPage listed{.epoch = fromwire::text(page->epoch), .before = before, .more = page->more};
        if (!page->events.empty())
            listed.first = fromwire::event(page->events.front()).seq;
        for (const frame::Event &each : page->events) {
            if (const auto *message = std::get_if<frame::Message>(&each))
                listed.messages.append(fromwire::message(*message));
        }
        Q_EMIT historyListed(room, listed);
    };
    ask({tr("the history of %1").arg(room), send, answered,
         [this, room](const Refusal &refusal) { Q_EMIT historyRefused(room, refusal); }});
}

void Directory::requestMembers(const QString &room, const QString &after)
{
    const auto send = [this, name = room.toStdString(),
                       last = after.toStdString()](Requests::Handler handler) {
        m_requests.send(request::Who{name, std::nullopt, last}, std::move(handler));
    };
    const auto answered = [this, room](const frame::Any &any) {
        if (const auto *users = std::get_if<frame::RoomUsers>(&any))
            Q_EMIT membersListed(room, fromwire::members(users->members), users->count);
    };
    ask({tr("the members of %1").arg(room), send, answered});
}

void Directory::requestRooms(const QString &prefix, const QString &after)
{
    const auto send = [this, start = prefix.toStdString(),
                       last = after.toStdString()](Requests::Handler handler) {
        m_requests.send(request::Rooms{start, std::nullopt, last}, std::move(handler));
    };
    const auto answered = [this, prefix, after](const frame::Any &any) {
        const auto *rooms = std::get_if<frame::Rooms>(&any);
        if (!rooms)
            return;
        if (rooms->rooms.empty() && rooms->more)
            return requestRooms(prefix, after); // of so many it may read none: the server goes on
        QList<RoomSummary> list;
        for (const frame::RoomInfo &each : rooms->rooms)
            list.append(RoomSummary{fromwire::text(each.name), each.count, each.seq});
        Q_EMIT roomsListed(list, rooms->more);
    };
    ask({tr("the rooms"), send, answered});
}

void Directory::connectionLost()
{
    m_turn.stop();
    for (const Question &each : std::exchange(m_waiting, {}))
        refuse(each, fromwire::connectionLost());
}

void Directory::ask(const Question &question)
{
    if (!m_requests.isOpen()) {
        refuse(question, Refusal{{}, tr("not connected; try again when the connection is back")});
        return;
    }
    m_waiting.push_back(question);
    askWaiting();
}

void Directory::askWaiting()
{
    while (m_requests.isOpen() && !m_waiting.empty()) {
        if (const auto wait = m_pacer.waitFor(limits::kListCost); wait.count() > 0) {
            m_turn.start(wait);
            return;
        }
        const Question question = std::move(m_waiting.front());
        m_waiting.pop_front();
        question.send([this, question](const frame::Any *any) {
            if (!any) {
                refuse(question, fromwire::connectionLost());
            } else if (const auto *error = std::get_if<frame::Error>(any)) {
                const Refusal refusal = fromwire::refusal(*error);
                if (fromwire::isWorthRepeating(refusal))
                    m_pacer.drain(); // the others had better wait
                refuse(question, refusal);
            } else {
                question.answered(*any);
            }
        });
    }
}

void Directory::refuse(const Question &question, const Refusal &refusal)
{
    if (question.refused)
        question.refused(refusal);
    Q_EMIT requestRefused(question.what, refusal);
}

} // namespace parlor
