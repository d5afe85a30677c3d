// SPDX-License-Identifier: MIT
// What a room makes of what was read for it, while the store went on.
#include "server/engine/room.h"
#include "tests/support/testclass.h"
#include "tests/unit/server/engine/engineprobe.h"

#include <QTest>

#include <algorithm>

using namespace parlor;
using Lines = std::vector<std::string>;

class TestRoom : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void historyAheadOfTheRoom();
    void historyBehindTheRoom();
    void historyBesideAFullRing();
    void runAheadOfTheRoom();
    void droppedWhileItWasLoaded();
    void droppedWhileARunWasRead();
    void droppedWhileAPageWasRead();
    void deletedWhileAPageWasRead();
    void deletedWhileARunWasRead();
    void deletedInARun();

private:
    [[nodiscard]] static MessagePlace place(std::uint64_t seq) { return {seq, Ulid(7, seq)}; }
    [[nodiscard]] static EnterRequest::Since since(std::uint64_t seq)
    {
        return {"epoch", seq, Ulid(7, seq).toString()};
    }
    [[nodiscard]] static StoredMessages entries(std::uint64_t first, std::uint64_t last,
                                                std::size_t padding = 0)
    {
        StoredMessages made{{}, {first, last + 1}};
        for (std::uint64_t seq = first; seq <= last; ++seq)
            made.stretch.entries.push_back(
                {seq,
                 {},
                 place(seq).id,
                 {},
                 SharedBytes("{\"seq\":" + std::to_string(seq) + "," + std::string(padding, ' '))});
        return made;
    }
    void answer(const Engine::HistoryRange &range, StoredMessages found)
    {
        m_room->answerHistory(m_caller, {}, history().page(range, std::move(found)));
    }
    [[nodiscard]] History &history() { return m_room->history(); }
    /// A message, as a store has it.
    [[nodiscard]] HistoryRing::Entry message(std::uint64_t seq)
    {
        PublishRequest request{m_room->name(), {}, place(seq).id, {}, R"("secret")"};
        return History::compose("x", m_caller, request, seq, {});
    }
    [[nodiscard]] HistoryRing::Entry deletion(std::uint64_t seq, std::uint64_t of)
    {
        PublishRequest request{m_room->name(), {}, place(seq).id};
        request.erasure = {place(of)};
        return History::compose("x", m_caller, request, seq, {});
    }
    [[nodiscard]] static bool hasSecret(const SyncPage &page)
    {
        return std::ranges::any_of(page.events, [](const SharedBytes &each) {
            return each.view().find("secret") != std::string_view::npos;
        });
    }
    void enter(std::optional<EnterRequest::Since> since)
    {
        EnterRequest request{"x"};
        request.history = 50;
        request.since = std::move(since);
        m_room->enter(m_caller, request);
    }

    ProbePort m_port;
    Caller m_caller;
    std::optional<Room> m_room;
};

void TestRoom::init()
{
    (void)m_port.take();
    m_caller.port = &m_port;
    m_caller.identity = std::make_shared<const Identity>(Identity{"A", "A", "A"});
    m_room.emplace(std::make_shared<const std::string>("x"), "epoch", History::Keeping::InStore);
}

void TestRoom::historyAheadOfTheRoom()
{
    history().restore({place(3)});
    answer({{}, 1, 50}, entries(2, 5)); // 4 and 5 are committed, and not announced
    answer({{}, 3, 50}, entries(4, 5));
    QCOMPARE(m_port.take(), Lines({"history 2 3", "history"}));
}

void TestRoom::historyBehindTheRoom()
{
    history().restore({place(6), entries(5, 6)}); // 5 and 6 were announced while 2 to 4 were read
    answer({{}, 1, 4}, entries(2, 4));
    answer({{}, 1, 50}, entries(2, 4));
    QCOMPARE(m_port.take(), Lines({"history 2 3 4 5 more", "history 2 3 4 5 6"}));
}

/// Messages of 8000 bytes: 16 are a page, 128 fill the ring.
void TestRoom::historyBesideAFullRing()
{
    history().restore({place(200), entries(77, 200, 8000)});
    answer({{}, 60, 200}, entries(61, 76, 8000));
    answer({{}, 70, 200}, entries(71, 79, 8000));
    answer({{}, 74, 4}, entries(75, 78, 8000));
    answer({78, {}, 4}, entries(62, 77, 8000));
    QCOMPARE(m_port.take(), Lines({"history 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 more",
                                   "history 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 more",
                                   "history 75 76 77 78 more", "history 74 75 76 77 more"}));
}

void TestRoom::runAheadOfTheRoom()
{
    history().restore({place(3)});
    history().complete({1, {}}, entries(1, 5));
    enter(since(1));
    QCOMPARE(m_port.take(), Lines({"entered x members=1 seq=3 events=2 recovered announced"}));
}

void TestRoom::droppedWhileItWasLoaded()
{
    history().raiseFloor(place(3));
    history().restore({place(5), entries(1, 5)});
    enter(since(2));
    enter({});
    QCOMPARE(m_port.take(), Lines({"entered x members=1 seq=5 events=2 reason=too_old announced",
                                   "entered x members=1 seq=5 events=2"}));
}

void TestRoom::droppedWhileARunWasRead()
{
    history().restore({place(9)});
    history().raiseFloor(place(3));
    history().complete({1, {}}, entries(1, 5));
    QCOMPARE(history().bytes(), std::size_t(0));
    QVERIFY(history().missingFor(EnterRequest{"x", {}, since(4)})); // reads it anew
}

void TestRoom::droppedWhileAPageWasRead()
{
    history().restore({place(9), entries(8, 9)});
    history().raiseFloor(place(5));
    history().complete({{}, 8}, entries(4, 7));
    enter({});
    QCOMPARE(m_port.take(), Lines({"entered x members=1 seq=9 events=4 announced"}));
}

/// What was read before the deletion is told behind it: nobody would delete it again.
void TestRoom::deletedWhileAPageWasRead()
{
    history().restore({place(3), {{}, {3, 4, {message(3)}}}});
    const StoredMessages read{{}, {1, 3, {message(1), message(2)}}};
    QVERIFY(hasSecret(history().page({{}, 0, 2}, read)));
    history().append(deletion(4, 1));
    history().append(deletion(5, 2));
    QVERIFY(!hasSecret(history().page({{}, 0, 2}, read)));
    QVERIFY(hasSecret(history().page({{}, 0, 3}, read)));
    history().append(deletion(6, 3));
    QVERIFY(!hasSecret(history().page({{}, 0, 3}, read)));
}

void TestRoom::deletedWhileARunWasRead()
{
    history().restore({place(3), {{}, {3, 4, {message(3)}}}});
    history().append(deletion(4, 2));
    history().complete({1, {}}, {{}, {1, 3, {message(1), message(2)}}});
    const SyncPage page = history().firstPage({"x", {}, since(1)});
    QCOMPARE(page.events.size(), std::size_t(1));
    QVERIFY(!hasSecret(page));
}

void TestRoom::deletedInARun()
{
    history().restore({place(3), {{}, {3, 4, {message(3)}}}});
    history().complete({1, {}}, {{}, {1, 3, {message(1), message(2)}}});
    QVERIFY(hasSecret(history().firstPage({"x", {}, since(1)})));
    history().append(deletion(4, 2));
    QVERIFY(!hasSecret(history().firstPage({"x", {}, since(1)})));
}

PARLOR_TEST(TestRoom)
#include "tst_room.moc"
