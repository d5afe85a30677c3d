// SPDX-License-Identifier: MIT
// The checker finds each violation that is planted in a record without one.
#include "tests/integration/model/checker.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <algorithm>
#include <functional>

using namespace parlor::test::model;
using namespace Qt::StringLiterals;
using Kind = Violation::Kind;
using Plant = void (*)(Record &);

class ModelCheckerTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothingIsFoundWhereNothingIs();
    void everyPlantedViolationIsFound_data();
    void everyPlantedViolationIsFound();
    void everyKindIsPlanted();
    void everyPlantedLossIsFound_data();
    void everyPlantedLossIsFound();
};

namespace {

const QString kRoom = u"general"_s;

Message said(qint64 seq, const QString &id, const QString &cid, const QString &sender)
{
    return {kRoom, seq, id, cid, sender, u"text of "_s + cid};
}

const Message kOne = said(1, u"id1"_s, u"c0-1"_s, u"ANN"_s);
const Message kTwo = said(2, u"id2"_s, u"c0-2"_s, u"ANN"_s);
const Message kThree = said(3, u"id3"_s, u"c1-1"_s, u"BOB"_s);
const Message kFour = said(4, u"id4"_s, u"c0-3"_s, u"ANN"_s);

entry::Sent sent(const Message &message)
{
    return {message.room, message.cid, message.content};
}

entry::Acked acked(const Message &message, bool dup = false)
{
    return {message.room, message.cid, message.id, message.seq, dup, true};
}

Position at(qint64 seq)
{
    return {u"E"_s, seq, seq == 0 ? QString() : u"id%1"_s.arg(seq)};
}

entry::Synced synced(qint64 top, bool recovered, const std::vector<Message> &events = {})
{
    return {kRoom, at(top), recovered, {}, events, false};
}

/// A kill after Bob's third message, which Ann has not heard before it.
Record durable()
{
    const Position two = at(2);
    const Position three = at(3);
    const Log ann{entry::Opened{true, 1},
                  entry::Session{false, false, u"ANN"_s, u"ANN"_s},
                  entry::JoinAsked{kRoom, {}},
                  entry::Joined{kRoom, {}},
                  synced(0, false),
                  sent(kOne),
                  sent(kTwo),
                  acked(kOne),
                  entry::Heard{kOne},
                  acked(kTwo),
                  entry::Heard{kTwo},
                  entry::Opened{true, 2},
                  entry::Session{true, true, u"ANN"_s, u"ANN"_s},
                  entry::JoinAsked{kRoom, two},
                  entry::Joined{kRoom, two},
                  synced(3, true, {kThree}),
                  sent(kOne),
                  acked(kOne, true),
                  entry::Paged{kRoom, three, 3, {}, 10, u"E"_s, {kOne, kTwo}, false},
                  entry::Paged{kRoom, three, {}, 1, 1, u"E"_s, {kTwo}, true},
                  sent(kFour),
                  acked(kFour),
                  entry::Heard{kFour}};
    const Log bob{entry::Opened{true, 1},
                  entry::Session{false, false, u"BOB"_s, u"BOB"_s},
                  entry::JoinAsked{kRoom, {}},
                  entry::Joined{kRoom, {}, 50},
                  synced(1, false, {kOne}),
                  entry::Heard{kTwo},
                  sent(kThree),
                  acked(kThree),
                  entry::Heard{kThree},
                  entry::Opened{true, 2},
                  entry::Session{true, true, u"BOB"_s, u"BOB"_s},
                  entry::JoinAsked{kRoom, three},
                  entry::Joined{kRoom, three},
                  synced(3, true),
                  entry::Heard{kFour}};
    const Log v1{entry::Opened{false, 2}, entry::Session{false, false, u"V1"_s, u"V1"_s},
                 entry::Joined{kRoom, {}}, entry::Heard{kFour}};
    return {true, {ann, bob, v1}, {{kRoom, {u"E"_s, {kOne, kTwo, kThree, kFour}}}}};
}

/// A backup of the first message is put back: Ann's second one goes again, and Bob has come as far as the
/// lost one. Vera has only what the backup has.
Record forked()
{
    const Message again = said(2, u"id8"_s, kTwo.cid, kTwo.sender);
    const Message three = said(3, u"id9"_s, kThree.cid, kThree.sender);
    const Position one = at(1);
    const Position two = at(2);
    const Position newThree{u"E"_s, 3, u"id9"_s};
    const auto session = [](const QString &id, bool isResumed) {
        return entry::Session{isResumed, isResumed, id, id};
    };
    const Log ann{entry::Opened{true, 1},
                  session(u"ANN"_s, false),
                  entry::JoinAsked{kRoom, {}},
                  entry::Joined{kRoom, {}},
                  synced(0, false),
                  sent(kOne),
                  acked(kOne),
                  entry::Heard{kOne},
                  sent(kTwo),
                  acked(kTwo),
                  entry::Heard{kTwo},
                  entry::Opened{true, 2},
                  session(u"ANN"_s, true),
                  entry::JoinAsked{kRoom, two},
                  entry::Joined{kRoom, two},
                  entry::Synced{kRoom, one, false, u"ahead"_s, {kOne}, false},
                  sent(kTwo),
                  acked(again),
                  entry::Heard{again},
                  entry::Heard{three}};
    const Log bob{entry::Opened{true, 1},
                  session(u"BOB"_s, false),
                  entry::JoinAsked{kRoom, {}},
                  entry::Joined{kRoom, {}},
                  synced(0, false),
                  entry::Heard{kOne},
                  entry::Heard{kTwo},
                  entry::Opened{true, 2},
                  session(u"BOB"_s, true),
                  entry::JoinAsked{kRoom, two},
                  entry::Joined{kRoom, two},
                  entry::Synced{kRoom, {u"E"_s, 2, u"id8"_s}, false, u"diverged"_s, {kOne, again}, false},
                  sent(kThree),
                  acked(three),
                  entry::Heard{three}};
    const Log vera{entry::Opened{true, 1},
                   session(u"VERA"_s, false),
                   entry::JoinAsked{kRoom, {}},
                   entry::Joined{kRoom, {}},
                   synced(0, false),
                   entry::Heard{kOne},
                   entry::Opened{true, 2},
                   session(u"VERA"_s, true),
                   entry::JoinAsked{kRoom, one},
                   entry::Joined{kRoom, one},
                   entry::Synced{kRoom, newThree, true, {}, {again, three}, false}};
    return {true, {ann, bob, vera}, {{kRoom, {u"E"_s, {kOne, again, three}}}}, {{2, {{kRoom, 1}}}}};
}

/// A restart of a store that forgets: the resend is a new message.
Record forgetful()
{
    const Position one = at(1);
    const Message again = said(1, u"id9"_s, kOne.cid, kOne.sender);
    entry::Acked ack = acked(kOne);
    entry::Acked second = acked(again);
    ack.durable = second.durable = false;
    const Log ann{entry::Opened{true, 1},
                  entry::Session{false, false, u"ANN"_s, u"ANN"_s},
                  entry::JoinAsked{kRoom, {}},
                  entry::Joined{kRoom, {}},
                  synced(0, false),
                  sent(kOne),
                  ack,
                  entry::Heard{kOne},
                  entry::Opened{true, 2},
                  entry::Session{true, true, u"ANN"_s, u"ANN"_s},
                  entry::JoinAsked{kRoom, one},
                  entry::Joined{kRoom, one},
                  entry::Synced{kRoom, {u"F"_s, 0}, false, u"epoch"_s, {}, false},
                  sent(kOne),
                  second,
                  entry::Heard{again}};
    return {false, {ann}, {{kRoom, {u"F"_s, {again}}}}};
}

/// The n-th entry of its type in a client's log.
template <typename T>
Log::iterator find(Record &record, std::size_t client, int n)
{
    Log &log = record.clients[client];
    return std::find_if(log.begin(), log.end(),
                        [&n](const Entry &each) { return std::holds_alternative<T>(each) && n-- == 0; });
}

template <typename T>
T &nth(Record &record, std::size_t client, int n = 0)
{
    return std::get<T>(*find<T>(record, client, n));
}

template <typename T>
void drop(Record &record, std::size_t client, int n = 0)
{
    record.clients[client].erase(find<T>(record, client, n));
}

template <typename T>
void repeat(Record &record, std::size_t client, int n = 0)
{
    const auto at = find<T>(record, client, n);
    const Entry copy = *at;
    record.clients[client].insert(at, copy);
}

std::vector<Message> &history(Record &record)
{
    return record.rooms[kRoom].messages;
}

/// All that anybody was sent, the history too.
void everywhere(Record &record, const std::function<void(Message &)> &change)
{
    for (Log &log : record.clients) {
        for (Entry &each : log) {
            if (auto *heard = std::get_if<entry::Heard>(&each))
                change(heard->message);
            else if (auto *sync = std::get_if<entry::Synced>(&each))
                std::ranges::for_each(sync->events, change);
            else if (auto *page = std::get_if<entry::Paged>(&each))
                std::ranges::for_each(page->events, change);
        }
    }
    std::ranges::for_each(history(record), change);
}

/// Ann comes back from further behind, and is answered in two pages.
void resumeInPages(Record &record, const entry::Synced &second)
{
    nth<entry::JoinAsked>(record, 0, 1).since = nth<entry::Joined>(record, 0, 1).since = at(1);
    drop<entry::Heard>(record, 0, 1);
    auto &first = nth<entry::Synced>(record, 0, 1);
    first.events = {kTwo};
    first.more = true;
    record.clients[0].insert(std::next(find<entry::Synced>(record, 0, 1)), second);
}

struct Planted
{
    const char *name;
    Kind kind;
    Record (*made)();
    Plant plant;
};

using namespace entry;
const std::vector<Planted> kPlanted{
    {"a position of the lost history resumes", Kind::NotRecovered, forked,
     [](Record &r) { nth<Synced>(r, 1, 1) = synced(2, true); }},
    {"one that the backup has does not", Kind::NotRecovered, forked,
     [](Record &r) {
         nth<Synced>(r, 2, 1).recovered = false;
         nth<Synced>(r, 2, 1).reason = u"diverged"_s;
     }},
    {"ahead is called diverged", Kind::NotRecovered, forked,
     [](Record &r) { nth<Synced>(r, 0, 1).reason = u"diverged"_s; }},
    {"a restored store has another epoch", Kind::WrongEpoch, forked,
     [](Record &r) { nth<Synced>(r, 0, 1).top.epoch = u"F"_s; }},
    {"what the backup has is not there", Kind::TwoOrders, forked,
     [](Record &r) { history(r)[0].id = u"id7"_s; }},
    {"a lost message comes with the backup", Kind::TwoOrders, forked,
     [](Record &r) { nth<Synced>(r, 2, 1).events[0] = kTwo; }},
    {"what was said after the restore is lost", Kind::Lost, forked, [](Record &r) { history(r).pop_back(); }},
    {"what the backup has is said anew", Kind::WrongResend, forked,
     [](Record &r) {
         r.clients[0].push_back(sent(kOne));
         r.clients[0].push_back(acked(said(4, u"id12"_s, kOne.cid, kOne.sender)));
     }},
    {"a live message is missing", Kind::Hole, durable, [](Record &r) { drop<Heard>(r, 0, 0); }},
    {"a sync lacks its last", Kind::Hole, durable, [](Record &r) { nth<Synced>(r, 0, 1).events.clear(); }},
    {"a sync begins too late", Kind::Hole, durable,
     [](Record &r) {
         nth<JoinAsked>(r, 0, 1).since->seq = nth<Joined>(r, 0, 1).since->seq = 1;
         drop<Heard>(r, 0, 1);
     }},
    {"live begins after the sync", Kind::Hole, durable,
     [](Record &r) {
         nth<Synced>(r, 0, 1).events.clear();
         nth<Synced>(r, 0, 1).top.seq = 2;
     }},
    {"a page lacks one", Kind::Hole, durable, [](Record &r) { nth<Paged>(r, 0).events.pop_back(); }},
    {"a page is empty", Kind::Hole, durable, [](Record &r) { nth<Paged>(r, 0, 1).events.clear(); }},
    {"a page denies what is older", Kind::Hole, durable,
     [](Record &r) { nth<Paged>(r, 0).events.erase(nth<Paged>(r, 0).events.begin()); }},
    {"the history has a hole", Kind::Hole, durable,
     [](Record &r) { history(r).erase(history(r).begin() + 1); }},
    {"a join brings nothing of the past", Kind::Hole, durable,
     [](Record &r) { nth<Synced>(r, 1, 0).events.clear(); }},
    {"a position is refused, and nothing comes", Kind::Hole, durable,
     [](Record &r) {
         nth<Synced>(r, 0, 1).recovered = false;
         nth<Synced>(r, 0, 1).reason = u"too_old"_s;
         nth<Synced>(r, 0, 1).events.clear();
     }},
    {"a page denies what is newer", Kind::Hole, durable, [](Record &r) { nth<Paged>(r, 0, 1).more = false; }},
    {"a page promises what is not there", Kind::Hole, durable,
     [](Record &r) {
         nth<Paged>(r, 0, 1).events.push_back(kThree);
         nth<Paged>(r, 0, 1).limit = 2;
     }},
    {"a page has one of ten", Kind::Hole, durable,
     [](Record &r) {
         nth<Paged>(r, 0).events.erase(nth<Paged>(r, 0).events.begin());
         nth<Paged>(r, 0).more = true;
     }},
    {"a live message comes twice", Kind::Repeat, durable, [](Record &r) { repeat<Heard>(r, 1, 0); }},
    {"v1 hears one twice", Kind::Repeat, durable, [](Record &r) { repeat<Heard>(r, 2, 0); }},
    {"a sync repeats", Kind::Repeat, durable,
     [](Record &r) {
         auto &events = nth<Synced>(r, 0, 1).events;
         events.insert(events.begin(), kTwo);
     }},
    {"a join brings more than it asked for", Kind::Repeat, durable,
     [](Record &r) { nth<Joined>(r, 1, 0).history = 0; }},
    {"a message is in the history twice", Kind::Repeat, durable,
     [](Record &r) {
         history(r).push_back(kFour);
         history(r).back().seq = 5;
         history(r).back().id = u"id5"_s;
     }},
    {"two clients hear another order", Kind::TwoOrders, durable,
     [](Record &r) {
         std::swap(nth<Heard>(r, 0, 0).message.seq, nth<Heard>(r, 0, 1).message.seq);
         std::iter_swap(find<Heard>(r, 0, 0), find<Heard>(r, 0, 1));
     }},
    {"the history has another order", Kind::TwoOrders, durable,
     [](Record &r) {
         std::swap(history(r)[0], history(r)[2]);
         std::swap(history(r)[0].seq, history(r)[2].seq);
     }},
    {"an ack names another place", Kind::TwoOrders, durable, [](Record &r) { nth<Acked>(r, 1).seq = 2; }},
    {"two messages have one id", Kind::SameId, durable,
     [](Record &r) {
         everywhere(r, [](Message &m) { m.id.replace(u"id2"_s, u"id1"_s); });
         nth<Acked>(r, 0, 1).id = u"id1"_s;
     }},
    {"a new session has another's id", Kind::SameId, durable,
     [](Record &r) { nth<Session>(r, 2).clientId = nth<Session>(r, 2).user = u"ANN"_s; }},
    {"an acknowledged message is gone", Kind::Lost, durable,
     [](Record &r) {
         history(r).pop_back();
         for (const auto &[client, n] : {std::pair(0U, 2), std::pair(1U, 2), std::pair(2U, 0)})
             drop<Heard>(r, client, n);
     }},
    {"a heard message is gone", Kind::Lost, durable,
     [](Record &r) {
         history(r).pop_back();
         drop<Acked>(r, 0, 3);
     }},
    {"an echoed message is gone", Kind::Lost, durable,
     [](Record &r) {
         r.clients[2].insert(r.clients[2].end(), {Sent{kRoom, {}, u"v1's"_s}, Echoed{u"v1's"_s}});
     }},
    {"the whole history is gone", Kind::Lost, durable, [](Record &r) { history(r).clear(); }},
    {"v2 lacks the last message", Kind::Behind, durable, [](Record &r) { drop<Heard>(r, 1, 2); }},
    {"v1 lacks the last message", Kind::Behind, durable, [](Record &r) { drop<Heard>(r, 2, 0); }},
    {"an ack is not durable", Kind::NotDurable, durable, [](Record &r) { nth<Acked>(r, 0).durable = false; }},
    {"an ack promises too much", Kind::NotDurable, forgetful,
     [](Record &r) { nth<Acked>(r, 0, 1).durable = true; }},
    {"a session is not resumed", Kind::NotResumed, durable,
     [](Record &r) { nth<Session>(r, 0, 1).resumed = false; }},
    {"a session is another's", Kind::NotResumed, durable,
     [](Record &r) { nth<Session>(r, 0, 1).clientId = u"EVE"_s; }},
    {"a user is another", Kind::NotResumed, durable,
     [](Record &r) { nth<Session>(r, 0, 1).user = u"EVE"_s; }},
    {"a position is refused", Kind::NotRecovered, durable,
     [](Record &r) { nth<Synced>(r, 1, 1).recovered = false; }},
    {"a later page does not recover", Kind::NotRecovered, durable,
     [](Record &r) {
         resumeInPages(r, {kRoom, at(3), false, u"too_old"_s, {kThree}});
     }},
    {"a position of another epoch is taken", Kind::NotRecovered, forgetful,
     [](Record &r) { nth<Synced>(r, 0, 1).recovered = true; }},
    {"a refused position has another reason", Kind::NotRecovered, forgetful,
     [](Record &r) { nth<Synced>(r, 0, 1).reason = u"too_old"_s; }},
    {"a restart begins anew", Kind::WrongEpoch, durable,
     [](Record &r) { nth<Synced>(r, 1, 1).top.epoch = u"F"_s; }},
    {"the history has another epoch", Kind::WrongEpoch, durable,
     [](Record &r) { r.rooms[kRoom].epoch = u"F"_s; }},
    {"a page has another epoch", Kind::WrongEpoch, durable,
     [](Record &r) { nth<Paged>(r, 0).epoch = u"F"_s; }},
    {"a store that forgot goes on", Kind::WrongEpoch, forgetful,
     [](Record &r) { nth<Synced>(r, 0, 1).top.epoch = r.rooms[kRoom].epoch = u"E"_s; }},
    {"a resend gets another place", Kind::WrongResend, durable,
     [](Record &r) { nth<Acked>(r, 0, 2).seq = 4; }},
    {"a resend gets another id", Kind::WrongResend, durable,
     [](Record &r) { nth<Acked>(r, 0, 2).id = u"id5"_s; }},
    {"a resend is taken for new", Kind::WrongResend, durable,
     [](Record &r) { nth<Acked>(r, 0, 2).dup = false; }},
    {"a dup was sent only once", Kind::WrongResend, durable,
     [](Record &r) { nth<Acked>(r, 0, 3).dup = true; }},
    {"a dup of what the store forgot", Kind::WrongResend, forgetful,
     [](Record &r) { nth<Acked>(r, 0, 1).dup = true; }},
    {"a sender's messages change places", Kind::SendersOrder, durable,
     [](Record &r) { std::iter_swap(find<Sent>(r, 0, 0), find<Sent>(r, 0, 1)); }},
    {"nobody said it", Kind::Invented, durable,
     [](Record &r) { everywhere(r, [](Message &m) { m.content.replace(u"c1-1"_s, u"torn"_s); }); }},
    {"somebody else said it", Kind::Invented, durable,
     [](Record &r) { everywhere(r, [](Message &m) { m.sender.replace(u"BOB"_s, u"ANN"_s); }); }},
    {"an ack of what was not sent", Kind::Invented, durable,
     [](Record &r) { nth<Acked>(r, 0).room = u"attic"_s; }},
    {"an echo of what was not said", Kind::Invented, durable,
     [](Record &r) { r.clients[2].push_back(Echoed{kOne.content}); }},
    {"live before the echo", Kind::Stray, durable,
     [](Record &r) {
         const Message own{kRoom, 5, u"id5"_s, {}, u"V1"_s, u"v1's"_s};
         history(r).push_back(own);
         r.clients[2].insert(r.clients[2].end(),
                             {Sent{kRoom, {}, own.content}, Heard{own}, Echoed{own.content}});
     }},
    {"live before the sync", Kind::Stray, durable,
     [](Record &r) { std::iter_swap(find<Synced>(r, 1, 0), find<Heard>(r, 1, 0)); }},
    {"live without a join", Kind::Stray, durable, [](Record &r) { drop<Joined>(r, 2); }},
    {"live after leaving", Kind::Stray, durable,
     [](Record &r) { r.clients[1].insert(find<Heard>(r, 1, 0), Left{kRoom}); }},
    {"a sync unasked", Kind::Stray, durable, [](Record &r) { repeat<Synced>(r, 1, 1); }},
    {"an error", Kind::Refused, durable,
     [](Record &r) {
         r.clients[0].push_back(Refused{u"{}"_s, false});
     }},
    {"declined, and in the history", Kind::Declined, durable,
     [](Record &r) {
         r.clients[0].push_back(Declined{kRoom, kFour.cid, kFour.content});
     }},
    {"declined, and known when it comes again", Kind::WrongResend, durable,
     [](Record &r) {
         r.clients[0].insert(find<Acked>(r, 0, 3), {Declined{kRoom, kFour.cid, kFour.content}, sent(kFour)});
         nth<Acked>(r, 0, 3).dup = true;
     }},
    {"a connection is cut", Kind::Cut, durable, [](Record &r) { r.clients[0].push_back(Cut{u"1006"_s}); }},
    {"a replaced connection is not told", Kind::Cut, durable,
     [](Record &r) {
         r.clients[0].push_back(Ended{4007, {}});
     }},
    {"a connection ends for another reason", Kind::Cut, durable,
     [](Record &r) {
         r.clients[0].push_back(Ended{4200, 1001});
     }},
    {"a dead server says farewell", Kind::Cut, durable,
     [](Record &r) {
         r.clients[0].push_back(Ended{{}, 4200});
     }},
    {"a connection hangs", Kind::Cut, durable,
     [](Record &r) {
         r.clients[0].push_back(Ended{1000, 1000, true});
     }},
    {"the client's own position is wrong", Kind::WrongSince, durable,
     [](Record &r) { nth<JoinAsked>(r, 0, 1).since->seq = 1; }},
    {"the client's own position has another id", Kind::WrongSince, durable,
     [](Record &r) { nth<JoinAsked>(r, 0, 1).since->id = u"id1"_s; }},
    {"a sync's top is another message", Kind::TwoOrders, durable,
     [](Record &r) { nth<Synced>(r, 1, 1).top.id = u"id2"_s; }},
    {"a sync's top has no id", Kind::TwoOrders, durable,
     [](Record &r) { nth<Synced>(r, 0, 1).top.id.clear(); }},
};

// ---- losses

const Message kNewTwo = said(2, u"id9"_s, u"c1-9"_s, u"BOB"_s);

/// The second message is lost. Ann is told where she is, and Bob, who says the new one, when he comes back.
Record lossy()
{
    const Position two = at(2);
    const Position newTwo{u"E"_s, 2, u"id9"_s};
    const Synced told{kRoom, at(1), false, u"diverged"_s, {kOne}};
    const Synced toldAtJoin{kRoom, at(1), false, u"ahead"_s, {kOne}};
    const Log ann{Opened{true, 1},
                  Session{false, false, u"ANN"_s, u"ANN"_s},
                  JoinAsked{kRoom, {}},
                  Joined{kRoom, {}},
                  synced(0, false),
                  sent(kOne),
                  acked(kOne),
                  Heard{kOne},
                  Saved{},
                  sent(kTwo),
                  acked(kTwo),
                  Heard{kTwo},
                  Lost{true},
                  told,
                  Heard{kNewTwo}};
    const Log bob{Opened{true, 1},
                  Session{false, false, u"BOB"_s, u"BOB"_s},
                  JoinAsked{kRoom, {}},
                  Joined{kRoom, {}},
                  synced(0, false),
                  Heard{kOne},
                  Saved{},
                  Heard{kTwo},
                  Lost{true},
                  Opened{true, 1},
                  Session{true, true, u"BOB"_s, u"BOB"_s},
                  JoinAsked{kRoom, two},
                  Joined{kRoom, two},
                  toldAtJoin,
                  sent(kNewTwo),
                  acked(kNewTwo),
                  Heard{kNewTwo}};
    return {true, {ann, bob}, {{kRoom, {u"E"_s, {kOne, kNewTwo}}}}};
}

const std::vector<Planted> kPlantedLosses{
    {"a member is not told", Kind::TwoOrders, lossy, [](Record &r) { drop<Synced>(r, 0, 1); }},
    {"a member is not told, and nothing comes", Kind::Lost, lossy,
     [](Record &r) {
         drop<Synced>(r, 0, 1);
         drop<Heard>(r, 0, 2);
     }},
    {"who comes back is not told", Kind::Lost, lossy,
     [](Record &r) { nth<Synced>(r, 1, 1) = synced(2, true); }},
    {"an unasked sync has no reason", Kind::NotRecovered, lossy,
     [](Record &r) { nth<Synced>(r, 0, 1).reason.clear(); }},
    {"a position resumes, and does not", Kind::NotRecovered, lossy,
     [](Record &r) { nth<Synced>(r, 1, 1).recovered = true; }},
    {"what was kept is gone", Kind::Lost, lossy,
     [](Record &r) {
         history(r) = {kNewTwo};
         history(r)[0].seq = 1;
     }},
    {"what came after the loss is gone", Kind::Lost, lossy, [](Record &r) { history(r).pop_back(); }},
    {"a resend after the loss is no dup, and gone", Kind::Lost, lossy,
     [](Record &r) {
         const Message again = said(3, u"id10"_s, kTwo.cid, kTwo.sender);
         r.clients[0].insert(r.clients[0].end(), {sent(again), acked(again)});
     }},
    {"a message comes twice after the fork", Kind::Repeat, lossy,
     [](Record &r) {
         Message again = kNewTwo;
         again.seq = 3;
         again.id = u"id10"_s;
         history(r).push_back(again);
         for (Log &log : r.clients)
             log.push_back(Heard{again});
     }},
    {"a message has two places", Kind::SameId, lossy, [](Record &r) { nth<Heard>(r, 0, 2).message.seq = 3; }},
    {"a live message is missing", Kind::Behind, lossy, [](Record &r) { drop<Heard>(r, 0, 2); }},
    {"a live message has a hole before it", Kind::Hole, lossy,
     [](Record &r) { r.clients[0].push_back(Heard{said(4, u"id11"_s, u"c1-10"_s, u"BOB"_s)}); }},
    {"the sync has a hole", Kind::Hole, lossy, [](Record &r) { nth<Synced>(r, 0, 1).top = at(2); }},
    {"live without a join", Kind::Stray, lossy, [](Record &r) { drop<Joined>(r, 0); }},
    {"an ack is not durable", Kind::NotDurable, lossy, [](Record &r) { nth<Acked>(r, 0).durable = false; }},
    {"an error", Kind::Refused, lossy,
     [](Record &r) {
         r.clients[0].push_back(Refused{u"{}"_s, false});
     }},
    {"a connection is cut", Kind::Cut, lossy, [](Record &r) { r.clients[0].push_back(Cut{u"1006"_s}); }},
};

bool finds(const std::vector<Violation> &violations, Kind kind)
{
    return std::ranges::find(violations, kind, &Violation::kind) != violations.end();
}

} // namespace

void ModelCheckerTest::everyPlantedLossIsFound_data()
{
    QTest::addColumn<int>("row");
    for (std::size_t i = 0; i < kPlantedLosses.size(); ++i)
        QTest::newRow(kPlantedLosses[i].name) << static_cast<int>(i);
}

void ModelCheckerTest::everyPlantedLossIsFound()
{
    QFETCH(int, row);
    const Planted &planted = kPlantedLosses[static_cast<std::size_t>(row)];
    Record record = planted.made();
    QCOMPARE(describe(checkLoss(record)), QString());
    planted.plant(record);
    const auto violations = checkLoss(record);
    QVERIFY2(finds(violations, planted.kind), qPrintable(u"found: "_s + describe(violations)));
}

void ModelCheckerTest::nothingIsFoundWhereNothingIs()
{
    QCOMPARE(describe(check(durable())), QString());
    QCOMPARE(describe(check(forgetful())), QString());
    QCOMPARE(describe(check(forked())), QString());
    Record late = durable(); // v1: what an old connection still had to say comes after the new one's
    late.clients[2].insert(late.clients[2].end(), {Sent{kRoom, {}, u"first"_s}, Opened{false, 2},
                                                   Session{false, false, u"V2"_s, u"V2"_s}, Joined{kRoom, {}},
                                                   Sent{kRoom, {}, u"second"_s}, Echoed{u"second"_s}});
    const Message second{kRoom, 5, u"id5"_s, {}, u"V2"_s, u"second"_s};
    const Message first{kRoom, 6, u"id6"_s, {}, u"V1"_s, u"first"_s};
    for (const Message &each : {second, first}) {
        history(late).push_back(each);
        for (Log &log : late.clients)
            log.push_back(Heard{each});
    }
    QCOMPARE(describe(check(late)), QString());
    Record replaced = durable(); // the old connection's requests find its places taken
    replaced.clients[0].push_back(Refused{u"{}"_s, true});
    QCOMPARE(describe(check(replaced)), QString());
    Record inPages = durable();
    resumeInPages(inPages, synced(3, true, {kThree}));
    QCOMPARE(describe(check(inPages)), QString());
    Record full = durable(); // a page has no place for more
    auto &page = nth<Paged>(full, 0);
    page.events.erase(page.events.begin());
    page.more = true;
    page.bytes = 128 * 1024 - 100;
    QCOMPARE(describe(check(full)), QString());
    Record declined = durable(); // and taken when it comes again
    declined.clients[0].insert(find<Acked>(declined, 0, 3),
                               {Declined{kRoom, kFour.cid, kFour.content}, sent(kFour)});
    QCOMPARE(describe(check(declined)), QString());
    Record swapped = durable(); // the answers to two sends
    nth<Acked>(swapped, 0, 0).dup = true;
    nth<Acked>(swapped, 0, 2).dup = false;
    swapped.clients[0].insert(find<Sent>(swapped, 0, 0), sent(kOne));
    QCOMPARE(describe(check(swapped)), QString());
    Record unsure = durable(); // `unavailable`, though it was kept
    unsure.clients[0].insert(find<Acked>(unsure, 0, 3),
                             {Unsure{u"message"_s, kRoom, kFour.cid, kFour.content}, sent(kFour)});
    nth<Acked>(unsure, 0, 3).dup = true;
    QCOMPARE(describe(check(unsure)), QString());
    Record ended = durable();
    ended.clients[0].insert(ended.clients[0].end(), {Ended{4007, 4007}, Ended{}});
    QCOMPARE(describe(check(ended)), QString());
}

void ModelCheckerTest::everyPlantedViolationIsFound_data()
{
    QTest::addColumn<int>("row");
    for (std::size_t i = 0; i < kPlanted.size(); ++i)
        QTest::newRow(kPlanted[i].name) << static_cast<int>(i);
}

void ModelCheckerTest::everyPlantedViolationIsFound()
{
    QFETCH(int, row);
    const Planted &planted = kPlanted[static_cast<std::size_t>(row)];
    Record record = planted.made();
    planted.plant(record);
    const auto violations = check(record);
    QVERIFY2(finds(violations, planted.kind), qPrintable(u"found: "_s + describe(violations)));
}

void ModelCheckerTest::everyKindIsPlanted()
{
    for (int kind = 0; kind <= static_cast<int>(Kind::WrongSince); ++kind) {
        const bool isPlanted =
            std::ranges::find(kPlanted, static_cast<Kind>(kind), &Planted::kind) != kPlanted.end();
        QVERIFY2(isPlanted, qPrintable(nameOf(static_cast<Kind>(kind))));
    }
}

PARLOR_TEST_WITHIN(QCoreApplication, ModelCheckerTest)
#include "tst_model_checker.moc"
