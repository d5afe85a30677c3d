// SPDX-License-Identifier: MIT
// What a room makes of what was read for it, while the store went on.
#include "server/engine/room.h"
#include "tests/unit/server/engine/engineprobe.h"

#include <QTest>

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

private:
    [[nodiscard]] static HistoryRing::Stretch entries(std::uint64_t first, std::uint64_t last,
                                                      std::size_t padding = 0)
    {
        HistoryRing::Stretch made{first, last + 1};
        for (std::uint64_t seq = first; seq <= last; ++seq)
            made.entries.push_back(
                {seq,
                 {},
                 {},
                 {},
                 SharedBytes("{\"seq\":" + std::to_string(seq) + "," + std::string(padding, ' '))});
        return made;
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
    m_room.emplace(std::make_shared<const std::string>("x"), "epoch", Room::Keeping::InStore);
}

void TestRoom::historyAheadOfTheRoom()
{
    m_room->restore({"epoch", 3, 1, {}});
    m_room->history(m_caller, {}, {{}, 1, 50}, entries(2, 5)); // 4 and 5 are committed, and not announced
    m_room->history(m_caller, {}, {{}, 3, 50}, entries(4, 5));
    QCOMPARE(m_port.take(), Lines({"history 2 3", "history"}));
}

void TestRoom::historyBehindTheRoom()
{
    m_room->restore({"epoch", 6, 1, entries(5, 6)}); // 5 and 6 were announced while 2 to 4 were read
    m_room->history(m_caller, {}, {{}, 1, 4}, entries(2, 4));
    m_room->history(m_caller, {}, {{}, 1, 50}, entries(2, 4));
    QCOMPARE(m_port.take(), Lines({"history 2 3 4 5 more", "history 2 3 4 5 6"}));
}

/// Messages of 8000 bytes: 16 are a page, 128 fill the ring.
void TestRoom::historyBesideAFullRing()
{
    m_room->restore({"epoch", 200, 1, entries(77, 200, 8000)});
    m_room->history(m_caller, {}, {{}, 60, 200}, entries(61, 76, 8000));
    m_room->history(m_caller, {}, {{}, 70, 200}, entries(71, 79, 8000));
    m_room->history(m_caller, {}, {{}, 74, 4}, entries(75, 78, 8000));
    m_room->history(m_caller, {}, {78, {}, 4}, entries(62, 77, 8000));
    QCOMPARE(m_port.take(), Lines({"history 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 more",
                                   "history 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 more",
                                   "history 75 76 77 78 more", "history 74 75 76 77 more"}));
}

void TestRoom::runAheadOfTheRoom()
{
    m_room->restore({"epoch", 3, 1, {}});
    m_room->complete({1, {}}, entries(2, 5));
    enter(EnterRequest::Since{"epoch", 1});
    QCOMPARE(m_port.take(), Lines({"entered x members=1 seq=3 events=2 recovered announced"}));
}

void TestRoom::droppedWhileItWasLoaded()
{
    m_room->forgetBefore(4);
    m_room->restore({"epoch", 5, 1, entries(1, 5)});
    enter(EnterRequest::Since{"epoch", 2});
    enter({});
    QCOMPARE(m_port.take(), Lines({"entered x members=1 seq=5 events=2 reason=too_old announced",
                                   "entered x members=1 seq=5 events=2"}));
}

void TestRoom::droppedWhileARunWasRead()
{
    m_room->restore({"epoch", 9, 1, {}});
    m_room->forgetBefore(4);
    m_room->complete({1, {}}, entries(2, 5));
    QCOMPARE(m_room->bytes(), std::size_t(0));
    QVERIFY(m_room->missingFor(EnterRequest{"x", {}, EnterRequest::Since{"epoch", 3}})); // reads it anew
}

void TestRoom::droppedWhileAPageWasRead()
{
    m_room->restore({"epoch", 9, 1, entries(8, 9)});
    m_room->forgetBefore(6);
    m_room->complete({{}, 8}, entries(4, 7));
    enter({});
    QCOMPARE(m_port.take(), Lines({"entered x members=1 seq=9 events=4 announced"}));
}

QTEST_APPLESS_MAIN(TestRoom)
#include "tst_room.moc"
