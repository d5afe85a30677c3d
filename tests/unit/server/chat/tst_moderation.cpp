// SPDX-License-Identifier: MIT
// What moderators do, between clients and an engine: who may, who is told, and who goes.
#include "server/chat/chat.h"
#include "server/engine/memoryengine.h"
#include "tests/support/testclass.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>

using namespace parlor;
using namespace std::chrono_literals;

namespace {

/// A token is `user` or `user/role`; of `boss` and `guard` the operator has said what they are.
class ToldRoles final : public Authenticator
{
public:
    Verdict check(std::string_view token, std::chrono::milliseconds) override
    {
        const std::size_t slash = std::min(token.find('/'), token.size());
        Grant grant{std::string(token.substr(0, slash))};
        const std::string_view role = token.substr(std::min(slash + 1, token.size()));
        grant.role = role == "moderator" ? Role::Moderator : role == "admin" ? Role::Admin : Role::Member;
        grant.role = std::max(grant.role, appointed(grant.user));
        if (grant.user == "narrow")
            grant.rooms = {"team-*"};
        return grant;
    }
    Role appointed(std::string_view user) const override
    {
        return user == "boss" ? Role::Admin : user == "guard" ? Role::Moderator : Role::Member;
    }
};

class LinePeer final : public Peer
{
public:
    void sendText(std::string_view payload) override
    {
        got.append(QJsonDocument::fromJson(QByteArray(payload.data(), static_cast<qsizetype>(payload.size())))
                       .object());
    }
    void sendBinary(std::string_view) override {}
    void deliver(const Slice &, Route) override {}
    void close(CloseCode code, std::string_view why) override
    {
        if (closed == 0) {
            closed = static_cast<int>(code);
            reason = QByteArray(why.data(), static_cast<qsizetype>(why.size()));
        }
    }
    void holdInput() override {}
    void releaseInput() override {}
    bool isOpen() const override { return closed == 0; }
    bool isDrained() const override { return true; }
    bool isGone() const override { return false; }

    QList<QJsonObject> got;
    int closed = 0;
    QByteArray reason;
};

struct HeldPort final : DeliveryPort
{
    void deliver(Delivery delivery) override { kept.push_back(std::move(delivery)); }
    std::vector<Delivery> kept;
};

struct Visitor
{
    LinePeer peer;
    PeerNumber number = 0;
    std::unique_ptr<PeerListener> session;
};

QByteArray field(const QJsonObject &frame, const char *name)
{
    return frame[QLatin1String(name)].toString().toUtf8();
}

} // namespace

class TestModeration : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void onlyModeratorsMay();
    void aKick();
    void aBanOfAUser();
    void aBanOfANetwork();
    void nobodyBansTheirOwnNetwork();
    void aMute();
    void aSlowRoom();
    void thoseAboveStay();
    void rulesOfRooms();
    void roomsOfAToken();
    void theListLeavesOut();
    void theListGoesOn();
    void v1Clients();

private:
    Visitor &comes(const std::string &token, const char *address = "192.0.2.1",
                   std::string_view subprotocol = "parlor.v2")
    {
        Visitor &visitor = *m_visitors.emplace_back(std::make_unique<Visitor>());
        auto admitted = m_chat->admit(token, subprotocol);
        PeerInfo info{subprotocol, QHostAddress(QString::fromLatin1(address)),
                      std::get<Credential>(admitted)};
        visitor.number = m_chat->greet(visitor.peer, info);
        if (visitor.peer.isOpen())
            visitor.session = m_chat->accept(visitor.number);
        visitor.peer.got.clear();
        return visitor;
    }
    /// The first answer to it, and the rest is left in `got`.
    QJsonObject says(Visitor &visitor, const QByteArray &text)
    {
        visitor.peer.got.clear();
        visitor.session->onText({text.constData(), static_cast<std::size_t>(text.size())});
        settle();
        return visitor.peer.got.isEmpty() ? QJsonObject() : visitor.peer.got.takeFirst();
    }
    QByteArray codeOf(Visitor &visitor, const QByteArray &text)
    {
        const QJsonObject answer = says(visitor, text);
        return field(answer, "type") == "error" ? field(answer, "code") : field(answer, "type");
    }
    QByteArray message(Visitor &visitor, const char *room = "general")
    {
        QByteArray text = R"({"type":"message","room":"ROOM","content":"x","cid":"CID"})";
        return codeOf(visitor, text.replace("ROOM", room).replace("CID", QByteArray::number(++m_cid)));
    }
    QByteArray join(Visitor &visitor, const char *room)
    {
        return codeOf(visitor, QByteArray(R"({"type":"join","room":"ROOM"})").replace("ROOM", room));
    }
    void settle()
    {
        while (!m_port.kept.empty()) {
            for (Delivery &each : std::exchange(m_port.kept, {}))
                m_chat->onDelivery(std::move(each));
            (void)m_chat->flush(100);
        }
    }
    void passes(std::chrono::milliseconds time)
    {
        m_now += time;
        m_wall += time;
    }

    SteadyTime m_now{};
    std::chrono::milliseconds m_wall{};
    int m_cid = 0;
    WorkerMetrics m_metrics;
    HeldPort m_port;
    ClientRegistry m_registry;
    ChatLimits m_limits;
    ToldRoles m_roles;
    std::unique_ptr<MemoryEngine> m_engine;
    std::unique_ptr<ResumeTokens> m_resume;
    std::unique_ptr<Chat> m_chat;
    std::vector<std::unique_ptr<Visitor>> m_visitors; ///< of the chat
};

void TestModeration::init()
{
    m_visitors.clear();
    m_port.kept.clear();
    m_chat.reset();
    m_now = SteadyTime(1h);
    m_wall = 1'800'000'000'000ms;
    const WallClock clock = [this] { return m_wall; };
    m_limits = {};
    m_limits.requests = {};
    m_limits.roomPolicies = RoomPolicies({parseRoomRule("news write=moderator").value(),
                                          parseRoomRule("staff read=moderator").value(),
                                          parseRoomRule("mod-* make=moderator").value()});
    m_engine = std::make_unique<MemoryEngine>(RoomLimits{}, clock);
    m_resume = std::make_unique<ResumeTokens>("do-not-log-a-secret-of-thirty-two-bytes", clock);
    m_chat = std::make_unique<Chat>(
        ChatServices{*m_engine, *m_resume, m_limits, "host", clock, m_registry, &m_roles}, m_port, m_metrics,
        [this] { return m_now; });
    settle();
}

void TestModeration::onlyModeratorsMay()
{
    Visitor &eve = comes("eve");
    QCOMPARE(codeOf(eve, R"({"type":"moderate","action":"kick","user":"ann"})"), QByteArray("forbidden"));
    Visitor &mia = comes("mia/moderator");
    QCOMPARE(codeOf(mia, R"({"type":"moderate","action":"hug","user":"ann"})"), QByteArray("bad_request"));
    QCOMPARE(codeOf(mia, R"({"type":"moderate","action":"unban","user":"ann"})"), QByteArray("bad_request"));
    const QJsonObject ack = says(mia, R"({"type":"moderate","rid":4,"action":"kick","user":"ann"})");
    QCOMPARE(field(ack, "type") + ' ' + field(ack, "action"), QByteArray("ack kick"));
    QCOMPARE(ack[QLatin1String("rid")].toInt(), 4);
}

void TestModeration::aKick()
{
    Visitor &mia = comes("mia/moderator");
    Visitor &eve = comes("eve");
    Visitor &again = comes("eve", "192.0.2.2");
    Visitor &ann = comes("ann");
    QCOMPARE(join(eve, "general"), QByteArray("ack"));
    (void)says(mia, R"({"type":"moderate","action":"kick","user":"eve","reason":"enough"})");
    QCOMPARE(eve.peer.closed, 4005);
    QCOMPARE(eve.peer.reason, QByteArray("enough"));
    QCOMPARE(again.peer.closed, 4005);
    QCOMPARE(ann.peer.closed, 0);
    QCOMPARE(comes("eve").peer.closed, 0); // and may come back
}

void TestModeration::aBanOfAUser()
{
    Visitor &mia = comes("mia/moderator");
    Visitor &eve = comes("eve");
    (void)says(mia,
               R"({"type":"moderate","action":"ban","user":"eve","duration_ms":60000,"reason":"enough"})");
    QCOMPARE(eve.peer.closed, 4004);
    QVERIFY(eve.peer.reason.startsWith("you are banned until 2027-01-15T08:01:00.000Z: enough"));
    QCOMPARE(comes("eve").peer.closed, 4004); // by the token of its upgrade
    Visitor &late = comes("");
    QCOMPARE(late.peer.closed, 0);
    const QJsonObject refused = says(late, R"({"type":"auth","rid":1,"token":"eve"})");
    QCOMPARE(field(refused, "code"), QByteArray("banned"));
    QCOMPARE(late.peer.closed, 4004);
    passes(60s);
    QCOMPARE(comes("eve").peer.closed, 0);
}

void TestModeration::aBanOfANetwork()
{
    Visitor &mia = comes("mia/moderator");
    Visitor &eve = comes("eve", "198.51.100.7");
    Visitor &mapped = comes("ann", "::ffff:198.51.100.8");
    Visitor &silent = comes("", "198.51.100.9");
    Visitor &six = comes("sam", "2001:db8::1");
    (void)says(mia, R"({"type":"moderate","action":"ban","network":"198.51.100.0/24"})");
    QCOMPARE(eve.peer.closed, 4004);
    QCOMPARE(mapped.peer.closed, 4004);
    QCOMPARE(six.peer.closed, 0);
    QCOMPARE(silent.peer.closed, 0); // it may be somebody whom a moderator does not reach
    QCOMPARE(field(says(silent, R"({"type":"auth","token":"bob"})"), "code"), QByteArray("banned"));
    QCOMPARE(silent.peer.closed, 4004);
    QCOMPARE(comes("eve", "198.51.100.250").peer.closed, 4004);
    QCOMPARE(comes("amy/admin", "198.51.100.250").peer.closed, 0);
    QCOMPARE(comes("eve", "198.51.101.250").peer.closed, 0);
    (void)says(mia, R"({"type":"moderate","action":"unban","network":"198.51.100.0/24"})");
    QCOMPARE(comes("eve", "198.51.100.250").peer.closed, 0);
}

void TestModeration::nobodyBansTheirOwnNetwork()
{
    Visitor &mia = comes("mia/moderator", "192.0.2.1");
    QCOMPARE(codeOf(mia, R"({"type":"moderate","action":"ban","network":"192.0.2.0/24"})"),
             QByteArray("bad_request"));
    QCOMPARE(comes("eve", "192.0.2.2").peer.closed, 0);
}

void TestModeration::aMute()
{
    Visitor &mia = comes("mia/moderator");
    Visitor &eve = comes("eve");
    QCOMPARE(join(eve, "general"), QByteArray("ack"));
    QCOMPARE(join(eve, "random"), QByteArray("ack"));
    eve.peer.got.clear();
    (void)says(mia,
               R"({"type":"moderate","action":"mute","user":"eve","room":"general","duration_ms":60000})");
    QCOMPARE(eve.peer.got.size(), 1);
    QCOMPARE(field(eve.peer.got.first(), "type") + ' ' + field(eve.peer.got.first(), "action") + ' ' +
                 field(eve.peer.got.first(), "room"),
             QByteArray("moderated mute general"));
    QCOMPARE(eve.peer.got.first()[QLatin1String("until")].toDouble(), double((m_wall + 60s).count()));
    QCOMPARE(message(eve), QByteArray("forbidden"));
    QCOMPARE(codeOf(eve, R"({"type":"typing","room":"general","on":true})"), QByteArray("forbidden"));
    QCOMPARE(message(eve, "random"), QByteArray("ack"));
    eve.peer.got.clear();
    (void)says(mia, R"({"type":"moderate","action":"unmute","user":"eve","room":"general"})");
    QCOMPARE(field(eve.peer.got.value(0), "action"), QByteArray("unmute"));
    QCOMPARE(message(eve), QByteArray("ack"));
    (void)says(mia, R"({"type":"moderate","action":"mute","user":"eve","duration_ms":60000})");
    QCOMPARE(message(eve, "random"), QByteArray("forbidden"));
    passes(60s);
    QCOMPARE(message(eve, "random"), QByteArray("ack"));
}

void TestModeration::aSlowRoom()
{
    Visitor &mia = comes("mia/moderator");
    Visitor &eve = comes("eve");
    Visitor &elsewhere = comes("eve", "192.0.2.2");
    for (Visitor *each : {&mia, &eve, &elsewhere})
        QCOMPARE(join(*each, "general"), QByteArray("ack"));
    (void)says(mia, R"({"type":"moderate","action":"slow","room":"general","interval_ms":10000})");
    QCOMPARE(message(eve), QByteArray("ack"));
    passes(4s);
    QCOMPARE(message(elsewhere), QByteArray("rate_limited")); // of the user, not of the session
    const QJsonObject refused =
        says(eve, R"({"type":"message","room":"general","content":"x","cid":"again"})");
    QCOMPARE(refused[QLatin1String("retry_ms")].toInt(), 6000);
    QCOMPARE(message(mia), QByteArray("ack"));
    QCOMPARE(message(mia), QByteArray("ack"));
    passes(6s);
    QCOMPARE(message(eve), QByteArray("ack"));
    (void)says(mia, R"({"type":"moderate","action":"slow","room":"general","interval_ms":0})");
    QCOMPARE(message(eve), QByteArray("ack"));
}

void TestModeration::thoseAboveStay()
{
    Visitor &mia = comes("mia/moderator");
    Visitor &max = comes("max/moderator");
    Visitor &amy = comes("amy/admin");
    QCOMPARE(codeOf(mia, R"({"type":"moderate","action":"ban","user":"boss"})"), QByteArray("forbidden"));
    QCOMPARE(codeOf(mia, R"({"type":"moderate","action":"kick","user":"guard"})"), QByteArray("forbidden"));
    // Of others the roles are known only where they are connected.
    QCOMPARE(codeOf(mia, R"({"type":"moderate","action":"kick","user":"amy"})"), QByteArray("ack"));
    QCOMPARE(codeOf(mia, R"({"type":"moderate","action":"ban","user":"max"})"), QByteArray("ack"));
    QCOMPARE(amy.peer.closed, 0);
    QCOMPARE(max.peer.closed, 0);
    QCOMPARE(codeOf(amy, R"({"type":"moderate","action":"ban","user":"max"})"), QByteArray("ack"));
    QCOMPARE(max.peer.closed, 4004);
    QCOMPARE(codeOf(mia, R"({"type":"moderate","action":"unban","user":"max"})"), QByteArray("forbidden"));
}

void TestModeration::rulesOfRooms()
{
    Visitor &mia = comes("mia/moderator");
    Visitor &eve = comes("eve");
    QCOMPARE(join(eve, "staff"), QByteArray("forbidden"));
    QCOMPARE(join(mia, "staff"), QByteArray("ack"));
    QCOMPARE(join(eve, "mod-a"), QByteArray("forbidden"));
    QCOMPARE(join(mia, "mod-a"), QByteArray("ack"));
    QCOMPARE(join(eve, "mod-a"), QByteArray("ack")); // it is there now
    QCOMPARE(join(eve, "news"), QByteArray("ack"));
    QCOMPARE(message(eve, "news"), QByteArray("forbidden"));
    QCOMPARE(codeOf(eve, R"({"type":"typing","room":"news","on":true})"), QByteArray("forbidden"));
    QCOMPARE(codeOf(eve, R"({"type":"history","room":"news"})"), QByteArray("history"));
    QCOMPARE(message(eve, "mod-a"), QByteArray("ack"));
    m_limits.roomPolicies = RoomPolicies({parseRoomRule("mod-* read=moderator").value()});
    m_chat->onLimits(m_limits);
    settle();
    QCOMPARE(field(eve.peer.got.takeFirst(), "code"), QByteArray("forbidden")); // it has been put out
    eve.peer.got.clear();
    QCOMPARE(codeOf(eve, R"({"type":"history","room":"mod-a"})"), QByteArray("not_in_room"));
    QCOMPARE(join(eve, "mod-a"), QByteArray("forbidden"));
    QCOMPARE(codeOf(eve, R"({"type":"history","room":"news"})"), QByteArray("history"));
    QCOMPARE(codeOf(mia, R"({"type":"history","room":"mod-a"})"), QByteArray("history"));
}

void TestModeration::roomsOfAToken()
{
    Visitor &narrow = comes("narrow");
    QCOMPARE(join(narrow, "general"), QByteArray("forbidden"));
    QCOMPARE(join(narrow, "team-a"), QByteArray("ack"));
    QCOMPARE(message(narrow, "team-a"), QByteArray("ack"));
    // A moderator of some rooms acts in those alone, however they are spelled.
    Visitor &moderator = comes("narrow/moderator");
    QCOMPARE(codeOf(moderator, R"({"type":"moderate","action":"mute","user":"eve","room":"Team-A"})"),
             QByteArray("ack"));
    QCOMPARE(codeOf(moderator, R"({"type":"moderate","action":"mute","user":"eve","room":"general"})"),
             QByteArray("forbidden"));
    QCOMPARE(codeOf(moderator, R"({"type":"moderate","action":"mute","user":"eve"})"),
             QByteArray("forbidden"));
}

void TestModeration::theListLeavesOut()
{
    Visitor &mia = comes("mia/moderator");
    m_limits.roomPolicies = RoomPolicies({parseRoomRule("a* read=moderator").value()});
    m_chat->onLimits(m_limits);
    for (int i = 0; i < 7; ++i)
        QCOMPARE(join(mia, QByteArray("a" + QByteArray::number(i)).constData()), QByteArray("ack"));
    Visitor &eve = comes("eve");
    const auto list = [&](Visitor &visitor, const QByteArray &request) -> QByteArray {
        const QJsonObject answer = says(visitor, request);
        QByteArray names;
        for (const auto &each : answer[QLatin1String("rooms")].toArray())
            names += field(each.toObject(), "name") + ' ';
        return names + (answer[QLatin1String("more")].toBool() ? "more" : "");
    };
    QCOMPARE(list(eve, R"({"type":"rooms"})"), QByteArray("general random support "));
    QCOMPARE(list(eve, R"({"type":"rooms","limit":2})"), QByteArray("general random more"));
    QCOMPARE(list(eve, R"({"type":"rooms","limit":2,"after":"random"})"), QByteArray("support "));
    QCOMPARE(list(mia, R"({"type":"rooms","limit":2})"), QByteArray("a0 a1 more"));
}

/// More than are looked at for one answer: the next one goes on behind them.
void TestModeration::theListGoesOn()
{
    m_limits.roomPolicies = RoomPolicies({parseRoomRule("a* read=admin").value()});
    m_limits.roomsPerSession = 0;
    m_chat->onLimits(m_limits);
    Visitor &boss = comes("boss");
    for (int i = 0; i < 2'500; ++i)
        QCOMPARE(join(boss, QByteArray("a" + QByteArray::number(10'000 + i)).constData()), QByteArray("ack"));
    Visitor &eve = comes("eve");
    const QJsonObject none = says(eve, R"({"type":"rooms"})");
    QVERIFY(none[QLatin1String("rooms")].toArray().isEmpty());
    QVERIFY(none[QLatin1String("more")].toBool());
    QCOMPARE(none.size(), 3); // names of rooms that it may not read are told nowhere
    const QJsonObject rest = says(eve, R"({"type":"rooms","limit":2})");
    QCOMPARE(rest[QLatin1String("rooms")].toArray().size(), 2);
    QVERIFY(rest[QLatin1String("more")].toBool());
    const QJsonObject last = says(eve, R"({"type":"rooms","after":"random"})");
    QCOMPARE(last[QLatin1String("rooms")].toArray().size(), 1);
    QVERIFY(!last[QLatin1String("more")].toBool());
    // Once a list has come to its end the next one begins at the start.
    QVERIFY(says(eve, R"({"type":"rooms"})")[QLatin1String("rooms")].toArray().isEmpty());
}

void TestModeration::v1Clients()
{
    Visitor &mia = comes("mia/moderator");
    Visitor &eve = comes("eve", "192.0.2.2", {});
    QCOMPARE(codeOf(eve, R"({"type":"join","room":"staff"})"), QByteArray("forbidden"));
    (void)says(mia, R"({"type":"moderate","action":"mute","user":"eve"})");
    QCOMPARE(codeOf(eve, R"({"type":"message","content":"x"})"), QByteArray("forbidden"));
    QVERIFY(eve.peer.got.isEmpty()); // and it has not been let into general for it
    (void)says(mia, R"({"type":"moderate","action":"kick","user":"eve"})");
    QCOMPARE(eve.peer.closed, 4005);
}

PARLOR_TEST(TestModeration)
#include "tst_moderation.moc"
