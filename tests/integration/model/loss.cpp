// SPDX-License-Identifier: MIT
// checkLoss(): it needs no numbering of times. A frame that says a history went another way divides what a
// client saw of a room, and each part is judged by itself.
#include "tests/integration/model/checker.h"

#include <deque>
#include <set>

namespace parlor::test::model {

using namespace Qt::StringLiterals;
using Kind = Violation::Kind;

namespace {

QString named(const Message &message)
{
    return u"%1/%2 \"%3\" (%4)"_s.arg(message.room)
        .arg(message.seq)
        .arg(message.content.left(12).trimmed(), message.id);
}

class LossCheck
{
public:
    LossCheck(const Record &record, std::vector<Violation> &violations)
        : m_record(record)
        , m_violations(violations)
    {
    }
    void run();

private:
    /// What a client was shown of a room since it was last told that something is another.
    struct View
    {
        bool isInside = false;
        bool isPaging = false;
        bool isAwaiting = false;
        std::optional<Position> since{};
        qint64 at = 0;
        std::map<qint64, Message> seen{};
        std::map<QString, qint64> contents{}; ///< their places
        /// Holes since the loss. A server that has not noticed it yet may put what it has in memory behind
        /// what is new; then it tells soon.
        QStringList doubts{};
    };
    /// A publish without an answer yet, and whether it was sent after the loss.
    using Open = std::map<std::pair<QString, QString>, std::deque<bool>>;

    void report(Kind kind, const QString &what)
    {
        m_violations.push_back({kind, u"client %1: "_s.arg(m_client) + what});
    }
    void judgeHistory(const RoomHistory &history);
    void follow(View &view, const Message &message, const QString &where);
    void judgeSeen(const QString &room, const View &view);
    void mustBeThere(const QString &room, const QString &id, qint64 seq, const char *why);

    void handle(const entry::Opened &opened);
    void handle(const entry::Joined &joined);
    void handle(const entry::Synced &sync);
    void handle(const entry::Heard &heard);
    void handle(const entry::Sent &sent);
    void handle(const entry::Acked &ack);
    void handle(const entry::Saved &) { m_isSaved = true; }
    void handle(const entry::Lost &lost);
    void handle(const entry::Left &left) { m_views[left.room].isInside = false; }
    void handle(const entry::Refused &refused);
    void handle(const entry::Unsure &unsure);
    void handle(const entry::Ended &ended);
    void handle(const entry::Cut &cut) { report(Kind::Cut, cut.why); }
    template <typename Other>
    void handle(const Other &)
    {
    }

    const Record &m_record;
    std::vector<Violation> &m_violations;
    std::map<QString, std::map<QString, qint64>> m_places; ///< of the histories: by room and id
    std::map<QString, Position> m_placeOfId;               ///< that anybody saw; `epoch` is the room
    int m_client = -1;
    // Of one client.
    bool m_isV2 = true;
    bool m_isSaved = false;
    bool m_isLost = false;
    std::map<QString, View> m_views;
    Open m_open;
    std::set<QString> m_old; ///< cids of messages that were sent before the loss
    std::vector<std::pair<QString, entry::Acked>> m_before; ///< acknowledged before Saved
};

void LossCheck::run()
{
    for (const auto &[room, history] : m_record.rooms)
        judgeHistory(history);
    for (const Log &log : m_record.clients) {
        ++m_client;
        m_isSaved = m_isLost = false;
        m_views.clear();
        m_open.clear();
        m_old.clear();
        m_before.clear();
        for (const Entry &each : log)
            std::visit([this](const auto &known) { handle(known); }, each);
        for (const auto &[room, view] : m_views)
            judgeSeen(room, view);
    }
}

void LossCheck::judgeHistory(const RoomHistory &history)
{
    qint64 last = 0;
    std::set<QString> contents;
    for (const Message &message : history.messages) {
        if (message.seq != last + 1)
            report(Kind::Hole, u"history: %1 after %2"_s.arg(named(message)).arg(last));
        last = message.seq;
        if (!contents.insert(message.content).second)
            report(Kind::Repeat, u"history has it twice: "_s + named(message));
        m_places[message.room].emplace(message.id, message.seq);
        m_placeOfId.emplace(message.id, Position{message.room, message.seq});
    }
}

/// v1 is not told of anything.
void LossCheck::follow(View &view, const Message &message, const QString &where)
{
    const auto [place, isNew] = m_placeOfId.try_emplace(message.id, Position{message.room, message.seq});
    if (!isNew && place->second != Position{message.room, message.seq})
        report(Kind::SameId, named(message) + u" is number %1, too"_s.arg(place->second.seq));
    if (!m_isV2)
        return;
    const QString text = where + u": %1 after %2"_s.arg(named(message)).arg(view.at);
    if (message.seq > view.at + 1 && m_isLost)
        view.doubts += text;
    else if (message.seq != view.at + 1)
        report(message.seq > view.at ? Kind::Hole : Kind::TwoOrders, text);
    view.at = message.seq;
    if (const auto [known, fresh] = view.seen.try_emplace(message.seq, message);
        !fresh && known->second != message)
        report(Kind::TwoOrders, named(message) + u", but before "_s + named(known->second));
    if (const auto first = view.contents.try_emplace(message.content, message.seq).first;
        first->second != message.seq)
        report(Kind::Repeat, named(message) + u" is number %1, too"_s.arg(first->second));
}

void LossCheck::judgeSeen(const QString &room, const View &view)
{
    if (!m_isV2 || !m_record.rooms.contains(room))
        return;
    for (const QString &doubt : view.doubts)
        report(Kind::Hole, doubt);
    const auto &messages = m_record.rooms.at(room).messages;
    if (view.isInside && view.at != (messages.empty() ? 0 : messages.back().seq))
        report(Kind::Behind, u"%1: %2 of %3"_s.arg(room).arg(view.at).arg(messages.size()));
    for (const auto &[seq, message] : view.seen)
        mustBeThere(room, message.id, seq, "seen, and nobody told it otherwise");
}

void LossCheck::mustBeThere(const QString &room, const QString &id, qint64 seq, const char *why)
{
    const auto &places = m_places[room];
    const auto found = places.find(id);
    if (found == places.end() || found->second != seq)
        report(Kind::Lost, u"%1/%2 (%3) is not there: %4"_s.arg(room).arg(seq).arg(id, QLatin1String(why)));
}

void LossCheck::handle(const entry::Opened &opened)
{
    m_isV2 = opened.isV2;
    m_open.clear();
    for (auto &[room, view] : m_views)
        view.isInside = view.isPaging = view.isAwaiting = false;
}

void LossCheck::handle(const entry::Joined &joined)
{
    View &view = m_views[joined.room];
    view.isInside = view.isAwaiting = true;
    view.isPaging = false;
    view.since = joined.since;
}

void LossCheck::handle(const entry::Synced &sync)
{
    View &view = m_views[sync.room];
    if (!view.isInside)
        report(Kind::Stray, u"a sync of %1"_s.arg(sync.room));
    const bool isFurther = view.isPaging && !sync.events.empty() && sync.events.front().seq == view.at + 1;
    const bool isFirst = view.isAwaiting;
    if (isFirst && sync.recovered != (view.since && sync.reason.isEmpty()))
        report(Kind::NotRecovered,
               u"%1: recovered %2, reason \"%3\""_s.arg(sync.room).arg(sync.recovered).arg(sync.reason));
    if (isFirst && view.since && sync.recovered) {
        if (sync.top.epoch != view.since->epoch)
            report(Kind::NotRecovered, u"%1 goes on in another epoch"_s.arg(sync.room));
        view.at = view.since->seq;
    } else if (!isFurther) {
        if (!isFirst && (sync.recovered || sync.reason.isEmpty()))
            report(Kind::NotRecovered, u"an unasked sync of %1: recovered %2, reason \"%3\""_s.arg(sync.room)
                                           .arg(sync.recovered)
                                           .arg(sync.reason));
        // It is told, or had forgotten by itself.
        if (!sync.reason.isEmpty())
            view.doubts.clear();
        view.seen.clear();
        view.contents.clear();
        view.at = sync.events.empty() ? sync.top.seq : sync.events.front().seq - 1;
    }
    view.isAwaiting = false;
    const QString where = u"sync since %1, top %2, recovered %3, reason \"%4\", more %5"_s
                              .arg(isFirst && view.since ? view.since->seq : -1)
                              .arg(sync.top.seq)
                              .arg(sync.recovered)
                              .arg(sync.reason)
                              .arg(sync.more);
    for (const Message &message : sync.events)
        follow(view, message, where);
    view.isPaging = sync.more;
    if (sync.more || view.at == sync.top.seq)
        return;
    const QString text = u"sync of %1 ends at %2, not %3"_s.arg(sync.room).arg(view.at).arg(sync.top.seq);
    if (m_isLost)
        view.doubts += text;
    else
        report(Kind::Hole, text);
}

void LossCheck::handle(const entry::Heard &heard)
{
    View &view = m_views[heard.message.room];
    if (m_isV2 && (!view.isInside || view.isAwaiting || view.isPaging))
        report(Kind::Stray, u"live "_s + named(heard.message));
    follow(view, heard.message, u"live"_s);
}

void LossCheck::handle(const entry::Sent &sent)
{
    m_open[{sent.room, sent.cid}].push_back(m_isLost);
    if (!m_isLost)
        m_old.insert(sent.cid);
}

void LossCheck::handle(const entry::Acked &ack)
{
    auto &open = m_open[{ack.room, ack.cid}];
    const bool isSince = !open.empty() && open.front();
    if (!open.empty())
        open.pop_front();
    if (!ack.durable)
        report(Kind::NotDurable, ack.cid);
    // A server that has not noticed yet remembers what was said before.
    if (isSince && !(ack.dup && m_old.contains(ack.cid)))
        mustBeThere(ack.room, ack.id, ack.seq, "acknowledged after the loss");
    if (!m_isSaved)
        m_before.emplace_back(ack.room, ack);
}

void LossCheck::handle(const entry::Lost &lost)
{
    m_isLost = true;
    if (!lost.isKept)
        return;
    for (const auto &[room, ack] : m_before)
        mustBeThere(room, ack.id, ack.seq, "acknowledged before what was lost");
}

void LossCheck::handle(const entry::Refused &refused)
{
    if (!refused.replaced)
        report(Kind::Refused, refused.frame);
}

void LossCheck::handle(const entry::Unsure &unsure)
{
    if (auto &open = m_open[{unsure.room, unsure.cid}]; unsure.type == u"message" && !open.empty())
        open.pop_front();
}

void LossCheck::handle(const entry::Ended &ended)
{
    if (ended.hung || ended.code != ended.expected)
        report(
            Kind::Cut,
            u"it ends with Close %1, not %2"_s.arg(ended.code.value_or(0)).arg(ended.expected.value_or(0)));
}

} // namespace

std::vector<Violation> checkLoss(const Record &record)
{
    std::vector<Violation> violations;
    LossCheck(record, violations).run();
    return violations;
}

} // namespace parlor::test::model
