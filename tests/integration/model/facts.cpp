// SPDX-License-Identifier: MIT
#include "tests/integration/model/facts.h"

#include <algorithm>

namespace parlor::test::model {

using namespace Qt::StringLiterals;
using Kind = Violation::Kind;

namespace {

QString shown(const Message &message)
{
    return u"%1/%2 \"%3\" (%4, cid %5, of %6)"_s.arg(message.room)
        .arg(message.seq)
        .arg(message.content.left(12).trimmed(), message.id, message.cid, message.sender);
}

} // namespace

Facts::Facts(const Record &record, std::vector<Violation> &violations)
    : m_record(record)
    , m_violations(violations)
{
    learnOrigins();
}

int Facts::era(int run) const
{
    if (!m_record.isDurable)
        return run;
    return static_cast<int>(
        std::ranges::count_if(m_record.forks, [run](const Fork &f) { return f.run <= run; }));
}

int Facts::eraOf(const QString &room, int era, qint64 seq) const
{
    if (!m_record.isDurable)
        return era;
    for (; era > 0; --era) {
        const auto &tops = m_record.forks[static_cast<std::size_t>(era) - 1].tops;
        const auto top = tops.find(room);
        if (seq > (top == tops.end() ? 0 : top->second))
            break;
    }
    return era;
}

bool Facts::isThere(const QString &id, int era) const
{
    const auto place = m_placeOfId.find(id);
    return place != m_placeOfId.end() && isIn(place->second, era);
}

void Facts::learnSession(const entry::Session &session, int client)
{
    m_ids.back().insert(session.clientId);
    if (!session.resumed && !m_sessions.insert(session.clientId).second)
        report(Kind::SameId, u"client %1: a new session has %2's id"_s.arg(client).arg(session.clientId));
}

void Facts::learnOrigins()
{
    for (std::size_t client = 0; client < m_record.clients.size(); ++client) {
        m_ids.emplace_back();
        int number = 0;
        for (const Entry &each : m_record.clients[client]) {
            if (const auto *session = std::get_if<entry::Session>(&each))
                learnSession(*session, static_cast<int>(client));
            else if (const auto *opened = std::get_if<entry::Opened>(&each))
                m_lastEra = std::max(m_lastEra, era(opened->run));
            else if (const auto *declined = std::get_if<entry::Declined>(&each))
                m_declined.insert(declined->content);
            else if (const auto *unsure = std::get_if<entry::Unsure>(&each))
                m_unsure.insert(unsure->content);
            else if (const auto *sent = std::get_if<entry::Sent>(&each))
                learnSent(*sent, static_cast<int>(client), ++number);
        }
    }
}

void Facts::learnSent(const entry::Sent &sent, int client, int number)
{
    m_origins.try_emplace(sent.content, Origin{client, number, sent.room, sent.cid});
    m_declined.erase(sent.content);
}

void Facts::sawEpoch(const QString &room, int era, const QString &epoch)
{
    if (m_record.isDurable)
        era = 0; // a backup is of the same store
    const auto [known, isNew] = m_epochs.try_emplace({room, era}, epoch);
    if (!isNew && known->second != epoch)
        return report(Kind::WrongEpoch, u"%1 has the epochs %2 and %3"_s.arg(room, known->second, epoch));
    for (const auto &[of, other] : m_epochs) {
        if (isNew && of.first == room && of.second != era && other == epoch)
            report(Kind::WrongEpoch, u"%1 goes on with %2 after a restart that forgot it"_s.arg(room, epoch));
    }
}

void Facts::judgeOrigin(const Message &message, const QString &by)
{
    const auto origin = m_origins.find(message.content);
    if (origin == m_origins.end() || origin->second.room != message.room ||
        origin->second.cid != message.cid ||
        !m_ids[static_cast<std::size_t>(origin->second.client)].contains(message.sender))
        report(Kind::Invented, by + u": nobody said "_s + shown(message));
}

void Facts::judgeId(const QString &id, const Place &place, const QString &by)
{
    const auto [known, isNew] = m_placeOfId.try_emplace(id, place);
    if (!isNew && known->second != place)
        report(Kind::SameId, by + u": %1 is the id of %2/%3 and of %4/%5"_s.arg(id, known->second.room)
                                      .arg(known->second.seq)
                                      .arg(place.room)
                                      .arg(place.seq));
}

void Facts::saw(const Message &message, int era, const QString &by)
{
    const Place place{message.room, eraOf(message.room, era, message.seq), message.seq};
    const auto [known, isNew] = m_places.try_emplace(place, message);
    if (!isNew) {
        if (known->second != message)
            report(Kind::TwoOrders,
                   by + u": "_s + shown(message) + u", but others have "_s + shown(known->second));
        return;
    }
    judgeOrigin(message, by);
    if (m_declined.contains(message.content))
        report(Kind::Declined, by + u": "_s + shown(message));
    judgeId(message.id, place, by);
    const auto [first, end] = m_placesOf.equal_range(message.content);
    for (auto other = first; other != end; ++other) {
        if (isIn(other->second, era))
            report(Kind::Repeat,
                   by + u": "_s + shown(message) + u" is number %1 as well"_s.arg(other->second.seq));
    }
    m_placesOf.emplace(message.content, place);
}

void Facts::sawAck(const entry::Acked &ack, int era, int client)
{
    const QString what = u"client %1, cid %2 in %3: number %4 (%5)"_s.arg(client)
                             .arg(ack.cid, ack.room)
                             .arg(ack.seq)
                             .arg(ack.id);
    if (ack.durable != m_record.isDurable)
        report(Kind::NotDurable, what);
    const Place place{ack.room, eraOf(ack.room, era, ack.seq), ack.seq};
    judgeId(ack.id, place, what);
    const auto [first, end] = m_answers.equal_range({ack.room, ack.cid});
    const auto known =
        std::find_if(first, end, [&](const auto &each) { return isIn(each.second.place, era); });
    if (known == end) {
        m_answers.emplace(std::pair(ack.room, ack.cid), Answer{ack, place});
        return;
    }
    entry::Acked &before = known->second.ack;
    if (before.id != ack.id || before.seq != ack.seq)
        report(Kind::WrongResend, what + u", but before number %1 (%2)"_s.arg(before.seq).arg(before.id));
    else if (!ack.dup && !before.dup)
        report(Kind::WrongResend, what + u" is no dup"_s);
    before.dup = before.dup && ack.dup; // the answers to two sends may change places
}

void Facts::judgeHistory()
{
    for (const auto &[room, history] : m_record.rooms)
        judgeRoom(room, history);
    judgeEchoes();
}

void Facts::judgeRoom(const QString &room, const RoomHistory &history)
{
    sawEpoch(room, m_lastEra, history.epoch);
    qint64 last = 0;
    std::map<QString, int> numbers; // of each session's last message so far; v1 has a new one each time
    for (const Message &message : history.messages) {
        if (message.seq != last + 1)
            report(message.seq > last ? Kind::Hole : Kind::Repeat,
                   u"history: %1 after %2"_s.arg(shown(message)).arg(last));
        last = message.seq;
        saw(message, m_lastEra, u"history"_s);
        const auto origin = m_origins.find(message.content);
        // A store that forgets takes an old message for a new one when it comes again.
        if (origin == m_origins.end() || !m_record.isDurable || !m_record.forks.empty() ||
            m_unsure.contains(message.content))
            continue;
        int &number = numbers[message.sender];
        if (origin->second.number < number)
            report(Kind::SendersOrder,
                   u"history: %1 comes after message %2 of client %3"_s.arg(shown(message))
                       .arg(number)
                       .arg(origin->second.client));
        number = origin->second.number;
    }
    for (const auto &[place, message] : m_places) {
        if (place.room == room && place.seq > last && isIn(place, m_lastEra))
            report(Kind::Lost, u"history ends before "_s + shown(message));
    }
    judgeAcks(room, history);
}

void Facts::judgeAcks(const QString &room, const RoomHistory &history)
{
    std::map<QString, const Message *> kept;
    for (const Message &message : history.messages)
        kept.try_emplace(message.cid, &message);
    for (const auto &[key, answer] : m_answers) {
        const auto &[its, cid] = key;
        if (its != room || !isIn(answer.place, m_lastEra))
            continue;
        const auto found = kept.find(cid);
        if (found == kept.end())
            report(Kind::Lost, u"history of %1 lacks cid %2, acknowledged as number %3"_s.arg(room, cid).arg(
                                   answer.ack.seq));
        else if (found->second->seq != answer.ack.seq || found->second->id != answer.ack.id)
            report(Kind::TwoOrders,
                   u"acknowledged as number %1 (%2), but in the history "_s.arg(answer.ack.seq)
                           .arg(answer.ack.id) +
                       shown(*found->second));
    }
}

/// After the rooms: what is in none of them, and was not heard either.
void Facts::judgeEchoes()
{
    for (const auto &[content, era] : m_echoes) {
        const auto [first, end] = m_placesOf.equal_range(content);
        const bool wasSeen =
            std::any_of(first, end, [this](const auto &each) { return isIn(each.second, m_lastEra); });
        if (era == m_lastEra && !wasSeen)
            report(Kind::Lost, u"no history has \"%1\", which was echoed"_s.arg(content.left(12).trimmed()));
    }
}

} // namespace parlor::test::model
