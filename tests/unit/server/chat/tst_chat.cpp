// SPDX-License-Identifier: MIT
// Sessions between a client and an engine that does what the test says, when it says so.
#include "server/chat/chat.h"
#include "tests/support/testclass.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>

using namespace parlor;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

/// Writes down what it is asked; the answers are the test's.
class AskedEngine final : public Engine
{
public:
    void attach(const Caller &) override {}
    void detach(const Caller &) override {}
    void enter(const Caller &, EnterRequest request) override { note("enter " + request.room); }
    void catchUp(const Caller &, const RoomName &room, const SyncPage &last) override
    {
        note("catch up " + *room + ' ' + std::to_string(last.lastSeq));
    }
    void leave(const Caller &, const std::string &room, RequestId) override { note("leave " + room); }
    void suspend(const Caller &, std::vector<RoomName>, SteadyTime) override {}
    void depart(const Caller &, std::span<const RoomName>, Departure) override {}
    void enteredTooLate(const Caller &, const RoomName &) override {}
    void tick(SteadyTime) override {}
    void publish(const Caller &, PublishRequest request) override { note("publish " + request.content); }
    void erase(const Caller &, EraseRequest request) override { note("erase of " + request.room); }
    void typing(const Caller &, const std::string &, bool) override {}
    void rename(const Caller &, std::span<const RoomName>) override {}
    void history(const Caller &, const std::string &room, RequestId, HistoryRange) override
    {
        note("history " + room);
    }
    void members(const Caller &, const std::string &, RequestId, std::string, std::uint32_t) override {}
    void rooms(const Caller &, RequestId, std::string, std::string, std::uint32_t) override {}
    void moderate(const Caller &, RequestId, Act act) override
    {
        note(std::string(toString(act.action)) + ' ' + act.user);
    }
    void flush() override {}
    void stop() override {}
    std::string chat() const override { return "chat"; }
    std::optional<StoreFigures> storeFigures() const override { return std::nullopt; }
    std::uint64_t roomCount() const override { return 0; }
    std::uint64_t historyBytes() const override { return 0; }

    [[nodiscard]] Lines take() { return std::exchange(m_asked, {}); }

private:
    void note(std::string line) { m_asked.push_back(std::move(line)); }

    Lines m_asked;
};

struct NoPort final : DeliveryPort
{
    void deliver(Delivery) override {}
};

/// A client's end of a connection: a line for each frame that it gets.
class FakePeer final : public Peer
{
public:
    void sendText(std::string_view payload) override
    {
        const auto json = QByteArray::fromRawData(payload.data(), static_cast<qsizetype>(payload.size()));
        const QJsonObject frame = QJsonDocument::fromJson(json).object();
        QString line = frame[QLatin1String("type")].toString();
        for (const char *field : {"code", "room", "cid", "sender"}) {
            if (const auto value = frame[QLatin1String(field)].toString(); !value.isEmpty())
                line += QLatin1Char(' ') + value;
        }
        if (frame[QLatin1String("more")].toBool())
            line += QStringLiteral(" more");
        note(line.toStdString());
    }
    void sendBinary(std::string_view) override {}
    void deliver(const Slice &, Route) override { note("live"); }
    void close(CloseCode code, std::string_view) override
    {
        note("close " + std::to_string(static_cast<int>(code)));
        m_isOpen = false;
    }
    void holdInput() override { m_isHeld = true; }
    void releaseInput() override { m_isHeld = false; }
    bool isOpen() const override { return m_isOpen; }
    bool isDrained() const override { return m_isDrained; }
    bool isGone() const override { return false; }

    void drain() { m_isDrained = true; }
    [[nodiscard]] bool isHeld() const { return m_isHeld; }
    [[nodiscard]] Lines take() { return std::exchange(m_got, {}); }

private:
    void note(std::string line)
    {
        if (!m_isOpen)
            return;
        m_isDrained = false;
        m_got.push_back(std::move(line));
    }

    Lines m_got;
    bool m_isOpen = true;
    bool m_isHeld = false;
    bool m_isDrained = true;
};

struct Client
{
    FakePeer peer;
    SessionKey key;
    std::unique_ptr<PeerListener> session;

    void says(const char *text) { session->onText(text); }
    /// It has read all that was sent.
    void reads()
    {
        peer.drain();
        session->onDrained();
    }
};

RoomName named(const char *room)
{
    return std::make_shared<const std::string>(room);
}

constexpr std::uint64_t kTop = 9;

/// The room's messages up to this one, as they catch up.
SyncPage pageTo(std::uint64_t seq)
{
    return {"E", {kTop, {}}, true, {}, {SharedBytes("{}")}, seq < kTop, seq};
}

} // namespace

class TestChat : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void aRefusedJoinEndsNoCatchUp_data();
    void aRefusedJoinEndsNoCatchUp();
    void aRefusedJoinAfterTheLastPage();
    void aDelayedPageDelaysNoOtherRoom_data();
    void aDelayedPageDelaysNoOtherRoom();
    void farewellsWaitForAnswers_data();
    void farewellsWaitForAnswers();
    void farewellsDoNotWaitForPagesOfWhoCatchesUp_data();
    void farewellsDoNotWaitForPagesOfWhoCatchesUp();
    void farewellsOfV1WaitForAnswers();
    void farewellsWaitForWhatWasSaidSince();
    void farewellsWaitForWhatIsReadBehindAnAnswer();
    void farewellsAreSpread_data();
    void farewellsAreSpread();
    void aRoomBeginsAnew();
    void theClusterIsTold();
    void nobodyStaysLongerThanTheWindow_data();
    void nobodyStaysLongerThanTheWindow();

private:
    Client &connectClient(std::string_view subprotocol)
    {
        Client &client = *m_clients.emplace_back(std::make_unique<Client>());
        client.key = {m_chat->greet(client.peer, {subprotocol, {}}), 1};
        client.session = m_chat->accept(client.key.slot);
        (void)client.peer.take();
        return client;
    }
    void entered(const Client &client, const char *room, std::uint64_t seq = kTop)
    {
        m_chat->onDelivery(delivery::Entered{client.key, m_who, {}, named(room), {}, 1, pageTo(seq), {}, 1});
    }
    void caughtUp(const Client &client, const char *room, std::uint64_t seq)
    {
        m_chat->onDelivery(delivery::CaughtUp{client.key, named(room), {}, 1, pageTo(seq)});
    }
    void refusedJoin(const Client &client, const char *room)
    {
        m_chat->onDelivery(delivery::Refused{client.key, {}, {ErrorCode::Unavailable, "no"}, room, {}, true});
    }

    void published(const Client &client, const char *cid = "")
    {
        m_chat->onDelivery(delivery::PublishDone{client.key, {}, named("x"), cid, "1", {}});
        m_chat->onDelivery(delivery::Published{named("x"), SharedBytes("{}")});
    }
    Client &member(std::string_view subprotocol)
    {
        Client &client = connectClient(subprotocol);
        client.says(R"({"type":"join","room":"x"})");
        entered(client, "x");
        (void)client.peer.take();
        return client;
    }
    void tick(std::chrono::milliseconds later)
    {
        m_now += later;
        m_chat->onTick();
        (void)m_chat->flush(100);
    }

    AskedEngine m_engine;
    NoPort m_port;
    WorkerMetrics m_metrics;
    const ResumeTokens m_tokens{"a secret of at least thirty-two bytes", [] { return 0ms; }};
    const ChatLimits m_limits{.requests = {100, 1000}}; ///< pages of sync wait for nothing
    ClientRegistry m_registry;
    SteadyTime m_now = SteadyTime(100s);
    const IdentityPtr m_who = std::make_shared<const Identity>("A");
    std::unique_ptr<Chat> m_chat;
    std::vector<std::unique_ptr<Client>> m_clients; ///< of the chat
};

void TestChat::init()
{
    m_chat = std::make_unique<Chat>(
        ChatServices{m_engine, m_tokens, m_limits, "host", [] { return 0ms; }, m_registry}, m_port, m_metrics,
        [this] { return m_now; });
}

void TestChat::cleanup()
{
    m_clients.clear();
    m_chat.reset();
    (void)m_engine.take();
}

/// A history went back: who was live and who was catching up gets one sync, and is live behind it.
void TestChat::aRoomBeginsAnew()
{
    Client &live = member("parlor.v2");
    Client &slow = connectClient("parlor.v2");
    slow.says(R"({"type":"join","room":"x"})");
    entered(slow, "x", 3);
    QCOMPARE(slow.peer.take(), Lines({"ack x", "room_users x", "sync x more"}));
    Client &old = member("");
    Client &elsewhere = connectClient("parlor.v2");
    (void)m_chat->flush(100);
    for (const auto &each : m_clients)
        (void)each->peer.take();
    m_chat->onDelivery(delivery::Diverged{named("x"), {m_who}, 1, pageTo(kTop)});
    (void)m_chat->flush(100);
    QCOMPARE(live.peer.take(), Lines({"live"}));
    QCOMPARE(slow.peer.take(), Lines({"room_users x", "live"}));
    QCOMPARE(old.peer.take(), Lines());
    QCOMPARE(elsewhere.peer.take(), Lines());
    (void)m_engine.take();
    slow.reads(); // the page that it was catching up with has left
    QCOMPARE(m_engine.take(), Lines());
    m_chat->onDelivery(delivery::Published{named("x"), SharedBytes("{}")});
    (void)m_chat->flush(100);
    QCOMPARE(slow.peer.take(), Lines({"live"}));
}

void TestChat::theClusterIsTold()
{
    Client &client = member("parlor.v2");
    Client &old = member("");
    m_chat->onDelivery(delivery::ClusterState{false});
    QCOMPARE(client.peer.take(), Lines({"server_state"}));
    QCOMPARE(old.peer.take(), Lines());
    FakePeer late;
    (void)m_chat->greet(late, {"parlor.v2", {}});
    QCOMPARE(late.take(), Lines({"connection", "server_state"}));
    m_chat->onDelivery(delivery::ClusterState{true});
    QCOMPARE(client.peer.take(), Lines({"server_state"}));
    QCOMPARE(late.take(), Lines({"server_state"}));
    FakePeer later;
    (void)m_chat->greet(later, {"parlor.v2", {}});
    QCOMPARE(later.take(), Lines({"connection"}));
}

void TestChat::aRefusedJoinEndsNoCatchUp_data()
{
    QTest::addColumn<bool>("isAskedFor");
    QTest::newRow("a page is on its way to the client") << false;
    QTest::newRow("the next page is on its way from the engine") << true;
}

void TestChat::aRefusedJoinEndsNoCatchUp()
{
    QFETCH(bool, isAskedFor);
    Client &client = connectClient("parlor.v2");
    client.says(R"({"type":"join","room":"x","since":{"epoch":"E","seq":0}})");
    entered(client, "x", 2);
    QCOMPARE(client.peer.take(), Lines({"ack x", "room_users x", "sync x more"}));
    if (isAskedFor)
        client.reads();
    QCOMPARE(m_engine.take(), isAskedFor ? Lines({"enter x", "catch up x 2"}) : Lines{"enter x"});
    client.says(R"({"type":"join","room":"x"})");
    if (isAskedFor) {
        caughtUp(client, "x", 4);
        QCOMPARE(client.peer.take(), Lines{"sync x more"});
    }
    client.reads();
    QCOMPARE(m_engine.take(), Lines{"enter x"}); // a page would be one of the stay that may begin
    refusedJoin(client, "x");
    QCOMPARE(client.peer.take(), Lines{"error unavailable x"});
    client.reads();
    QCOMPARE(m_engine.take(), Lines{isAskedFor ? "catch up x 4" : "catch up x 2"});
    caughtUp(client, "x", kTop);
    QCOMPARE(client.peer.take(), Lines({"room_users x", "sync x"}));
}

void TestChat::aRefusedJoinAfterTheLastPage()
{
    Client &client = connectClient("parlor.v2");
    client.says(R"({"type":"join","room":"x","since":{"epoch":"E","seq":0}})");
    entered(client, "x", 2);
    client.reads();
    client.says(R"({"type":"join","room":"x"})");
    caughtUp(client, "x", kTop);
    refusedJoin(client, "x");
    (void)client.peer.take();
    m_chat->onDelivery(delivery::Published{named("x"), SharedBytes("{}")});
    (void)m_chat->flush(100);
    QCOMPARE(client.peer.take(), Lines{"live"});
}

void TestChat::aDelayedPageDelaysNoOtherRoom_data()
{
    QTest::addColumn<bool>("isDrained"); // when it is said that the page comes later
    QTest::newRow("all that was sent has left") << true;
    QTest::newRow("something is on its way to the client") << false;
}

void TestChat::aDelayedPageDelaysNoOtherRoom()
{
    QFETCH(bool, isDrained);
    Client &client = connectClient("parlor.v2");
    for (const char *room : {"x", "y"}) {
        client.says(("{\"type\":\"join\",\"room\":\"" + std::string(room) + "\"}").c_str());
        entered(client, room, 2);
    }
    client.reads();
    QCOMPARE(m_engine.take(), Lines({"enter x", "enter y", "catch up x 2"})); // one page of all rooms
    if (!isDrained)
        client.says(R"({"type":"ping","t":1})");
    m_chat->onDelivery(delivery::PageDelayed{client.key, named("x")});
    if (!isDrained) {
        QCOMPARE(m_engine.take(), Lines());
        client.reads();
    }
    QCOMPARE(m_engine.take(), Lines{"catch up y 2"});
    caughtUp(client, "y", 4);
    client.reads();
    QCOMPARE(m_engine.take(), Lines{"catch up y 4"});
    caughtUp(client, "x", 4); // it could be read at last
    m_chat->onDelivery(delivery::PageDelayed{client.key, named("y")});
    client.reads();
    QCOMPARE(m_engine.take(), Lines{"catch up x 4"});
}

void TestChat::farewellsWaitForAnswers_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<Delivery>("answer");
    QTest::addColumn<std::string>("frame");
    const SessionKey key{0, 1};
    const RoomName x = named("x");
    QTest::newRow("message") << QByteArray(R"({"type":"message","room":"x","content":"hi","cid":"c"})")
                             << Delivery(delivery::PublishDone{key, {}, x, "c", "1", {}})
                             << std::string("ack x c");
    QTest::newRow("message that is refused")
        << QByteArray(R"({"type":"message","room":"x","content":"hi","cid":"c"})")
        << Delivery(delivery::Refused{key, {}, {ErrorCode::Unavailable, "no"}, "x", "c"})
        << std::string("error unavailable x c");
    QTest::newRow("join") << QByteArray(R"({"type":"join","room":"y"})")
                          << Delivery(
                                 delivery::Refused{key, {}, {ErrorCode::Unavailable, "no"}, "y", {}, true})
                          << std::string("error unavailable y");
    QTest::newRow("leave") << QByteArray(R"({"type":"leave","room":"x"})")
                           << Delivery(delivery::Left{key, x, {}}) << std::string("ack x");
    QTest::newRow("history") << QByteArray(R"({"type":"history","room":"x"})")
                             << Delivery(delivery::HistoryRead{key, {}, x, {}}) << std::string("history x");
    QTest::newRow("who") << QByteArray(R"({"type":"who","room":"x"})")
                         << Delivery(delivery::MembersListed{key, {}, x, {}, 0, false})
                         << std::string("room_users x");
    QTest::newRow("rooms") << QByteArray(R"({"type":"rooms"})")
                           << Delivery(delivery::RoomsListed{key, {}, {}, false}) << std::string("rooms");
}

void TestChat::farewellsWaitForAnswers()
{
    QFETCH(QByteArray, request);
    QFETCH(Delivery, answer);
    QFETCH(std::string, frame);
    Client &waits = member("parlor.v2");
    Client &idle = member("parlor.v2");
    waits.says(request.constData());
    m_chat->drain(10s);
    tick(500ms);
    QCOMPARE(idle.peer.take(), Lines({"reconnect", "close 4200"}));
    tick(9s);
    QCOMPARE(waits.peer.take(), Lines{"reconnect"});
    m_chat->onDelivery(std::move(answer));
    m_chat->onDelivery(delivery::Published{named("x"), SharedBytes("{}")});
    (void)m_chat->flush(100);
    Lines expected{frame, "live", "close 4200"};
    if (request.contains("leave"))
        expected.erase(expected.begin() + 1);
    QCOMPARE(waits.peer.take(), expected);
}

void TestChat::farewellsDoNotWaitForPagesOfWhoCatchesUp_data()
{
    QTest::addColumn<bool>("reads"); // so that the engine is asked for the next page
    QTest::newRow("a page lies unread in the client's queue") << false;
    QTest::newRow("the engine reads the next page") << true;
}

/// Else one client that does not read would hold the drain. What it lacks it gets where it comes back.
void TestChat::farewellsDoNotWaitForPagesOfWhoCatchesUp()
{
    QFETCH(bool, reads);
    Client &slow = member("parlor.v2");
    slow.says(R"({"type":"join","room":"y"})");
    entered(slow, "y", 3);
    (void)slow.peer.take();
    if (reads)
        slow.reads();
    m_chat->drain(10s);
    tick(500ms);
    QCOMPARE(slow.peer.take(), Lines({"reconnect", "close 4200"}));
}

void TestChat::farewellsOfV1WaitForAnswers()
{
    Client &waits = member("");
    Client &enters = connectClient("");
    Client &idle = member("");
    Client &newer = connectClient("parlor.v2");
    waits.says("1");
    waits.says("2");
    enters.says("first word"); // in general
    m_chat->drain(10s);
    tick(500ms);
    QCOMPARE(newer.peer.take(), Lines({"reconnect", "close 4200"}));
    QCOMPARE(idle.peer.take(), Lines{"close 1001"});
    published(waits);
    tick(1s);
    QCOMPARE(waits.peer.take(), Lines({"message server", "live"}));
    m_chat->onDelivery(delivery::PublishDone{enters.key, {}, named("general"), "", "1", {}});
    tick(1s);
    QCOMPARE(enters.peer.take(), Lines{"message server"});
    entered(enters, "general");
    published(waits);
    (void)m_chat->flush(100);
    QCOMPARE(waits.peer.take(), Lines({"message server", "live", "close 1001"}));
    QCOMPARE(enters.peer.take(), Lines({"room_users", "close 1001"}));
}

void TestChat::farewellsWaitForWhatWasSaidSince()
{
    Client &client = member("");
    client.says("1");
    m_chat->drain(10s);
    tick(1s);
    client.says("2"); // it is served until it goes
    published(client);
    (void)m_chat->flush(100);
    QCOMPARE(client.peer.take(), Lines({"message server", "live"}));
    published(client);
    (void)m_chat->flush(100);
    QCOMPARE(client.peer.take(), Lines({"message server", "live", "close 1001"}));
}

/// A join holds what was said behind it: it is read once the join is answered.
void TestChat::farewellsWaitForWhatIsReadBehindAnAnswer()
{
    Client &client = connectClient("");
    client.says(R"({"type":"join","room":"x"})");
    QVERIFY(client.peer.isHeld());
    m_chat->drain(10s);
    tick(1s);
    entered(client, "x");
    QVERIFY(!client.peer.isHeld());
    client.says("1");
    (void)m_chat->flush(100);
    QCOMPARE(client.peer.take(), Lines{"room_users"});
    published(client);
    (void)m_chat->flush(100);
    QCOMPARE(client.peer.take(), Lines({"message server", "live", "close 1001"}));
}

void TestChat::farewellsAreSpread_data()
{
    QTest::addColumn<int>("v1");
    QTest::addColumn<int>("v2");
    QTest::newRow("v1") << 50 << 0;
    QTest::newRow("v2") << 0 << 50;
    QTest::newRow("both") << 20 << 30;
}

/// Fifty clients, 20 ms apart: five in each tick, whatever they speak.
void TestChat::farewellsAreSpread()
{
    QFETCH(int, v1);
    QFETCH(int, v2);
    for (int i = 0; i < v1 + v2; ++i)
        (void)member(i < v1 ? "" : "parlor.v2");
    const auto closed = [this] {
        return std::ranges::count_if(m_clients, [](const auto &each) { return !each->peer.isOpen(); });
    };
    m_chat->drain(10s);
    QCOMPARE(closed(), 0);
    for (int expected = 5; expected <= 50; expected += 5) {
        tick(100ms);
        QCOMPARE(closed(), expected);
    }
    for (int i = 0; i < v1 + v2; ++i) {
        const auto &client = m_clients[static_cast<std::size_t>(i)];
        QCOMPARE(client->peer.take(), i < v1 ? Lines{"close 1001"} : Lines({"reconnect", "close 4200"}));
    }
}

void TestChat::nobodyStaysLongerThanTheWindow_data()
{
    QTest::addColumn<QByteArray>("subprotocol");
    QTest::addColumn<std::string>("close");
    QTest::newRow("v1") << QByteArray() << std::string("close 1001");
    QTest::newRow("v2") << QByteArray("parlor.v2") << std::string("close 4200");
}

void TestChat::nobodyStaysLongerThanTheWindow()
{
    QFETCH(QByteArray, subprotocol);
    QFETCH(std::string, close);
    Client &client = member(std::string_view(subprotocol.constData()));
    client.says(R"({"type":"message","room":"x","content":"hi","cid":"c"})");
    m_chat->drain(10s);
    tick(9'999ms);
    Lines lines = client.peer.take();
    QVERIFY(std::ranges::find(lines, close) == lines.end());
    tick(1ms);
    QCOMPARE(client.peer.take(), Lines{close});
}

PARLOR_TEST(TestChat)
#include "tst_chat.moc"
