// SPDX-License-Identifier: MIT
// Who a session is, where clients have to show a token: at the upgrade, by `auth`, and until it ends.
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

constexpr std::chrono::milliseconds kEpoch{1'800'000'000'000};

/// A token is `user`, `user/name`, `user//moderator`, or one of a few words; `expires` is an hour from the
/// start.
class SpokenTokens final : public Authenticator
{
public:
    Verdict check(std::string_view token, std::chrono::milliseconds) override
    {
        if (isUnavailable)
            return Refused{"there are no keys", false, 5s};
        if (token == "wrong")
            return Refused{"the token is not ours"};
        if (token == "old")
            return Refused{"the token has ended", true};
        if (token.starts_with("new:")) {
            if (!keysCame)
                return KeyAwaited{};
            token.remove_prefix(4);
        }
        const QList<QByteArray> parts =
            QByteArray(token.data(), static_cast<qsizetype>(token.size())).split('/');
        Grant grant{parts[0].toStdString()};
        grant.username = parts.value(1).toStdString();
        if (parts.value(2) == "moderator")
            grant.role = Role::Moderator;
        grant.rooms = rooms;
        grant.expires = kEpoch + expiresIn;
        return grant;
    }
    bool mayComeLater() const override { return isLaterAllowed; }

    bool keysCame = false;
    bool isLaterAllowed = true;
    bool isUnavailable = false;
    std::vector<std::string> rooms{};
    std::chrono::milliseconds expiresIn = 1h;
};

class SignInPeer final : public Peer
{
public:
    void sendText(std::string_view payload) override
    {
        got.append(QJsonDocument::fromJson(QByteArray(payload.data(), static_cast<qsizetype>(payload.size())))
                       .object());
    }
    void sendBinary(std::string_view) override {}
    void deliver(const Slice &, Route) override {}
    void close(CloseCode code, std::string_view) override { closed = static_cast<int>(code); }
    void holdInput() override { isHeld = true; }
    void releaseInput() override { isHeld = false; }
    bool isOpen() const override { return closed == 0; }
    bool isDrained() const override { return true; }
    bool isGone() const override { return false; }

    [[nodiscard]] QJsonObject take() { return got.isEmpty() ? QJsonObject() : got.takeFirst(); }

    QList<QJsonObject> got;
    int closed = 0;
    bool isHeld = false;
};

struct KeptPort final : DeliveryPort
{
    void deliver(Delivery delivery) override { kept.push_back(std::move(delivery)); }
    std::vector<Delivery> kept;
};

struct Guest
{
    SignInPeer peer;
    PeerNumber number = 0;
    std::unique_ptr<PeerListener> session;
};

QString str(const QJsonObject &frame, const char *field)
{
    return frame[QLatin1String(field)].toString();
}

} // namespace

class TestSignIn : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void nothingBeforeTheToken();
    void aTokenOpensTheSession();
    void refusedTokens();
    void theUpgradeShowsIt();
    void theUpgradeIsRefused();
    void whoSaysNothingGoes();
    void whoShowedNothingElseGoesWhenItEnds();
    void aRenewal();
    void aRenewalMayTakeRoomsAway();
    void keysThatCannotBeHad();
    void anotherUsersToken();
    void comingBack_data();
    void comingBack();
    void namesOfTokensStay();
    void aKeyThatIsAwaited();
    void aKeyThatTheUpgradeAwaits();
    void openServersTakeNoUsersSession();

private:
    Guest &comes(const std::string &token = {}, std::string_view subprotocol = "parlor.v2")
    {
        Guest &guest = *m_guests.emplace_back(std::make_unique<Guest>());
        auto admitted = m_chat->admit(token, subprotocol);
        guest.number = m_chat->greet(guest.peer, {subprotocol, {}, std::get<Credential>(admitted)});
        m_hello = guest.peer.take();
        return guest;
    }
    QJsonObject says(Guest &guest, const QByteArray &text)
    {
        if (!guest.session)
            guest.session = m_chat->accept(guest.number);
        guest.session->onText({text.constData(), static_cast<std::size_t>(text.size())});
        settle();
        return guest.peer.take();
    }
    /// The names in the room, as a member of it sees them.
    QStringList names(Guest &member)
    {
        member.peer.got.clear();
        QStringList found;
        for (const QJsonValue &each :
             says(member, R"({"type":"who","room":"general"})")[QLatin1String("members")].toArray())
            found += each[QLatin1String("username")].toString();
        found.sort();
        return found;
    }
    void settle()
    {
        for (Delivery &each : std::exchange(m_port.kept, {}))
            m_chat->onDelivery(std::move(each));
        (void)m_chat->flush(100);
    }
    void passes(std::chrono::milliseconds time)
    {
        m_now += time;
        m_wall += time;
        m_chat->onTick();
    }
    void make(Authenticator *authenticator);

    SteadyTime m_now{};
    std::chrono::milliseconds m_wall = kEpoch;
    WorkerMetrics m_metrics;
    KeptPort m_port;
    ClientRegistry m_registry;
    ChatLimits m_limits;
    SpokenTokens m_spoken;
    QJsonObject m_hello;
    std::unique_ptr<MemoryEngine> m_engine;
    std::unique_ptr<ResumeTokens> m_resume;
    std::unique_ptr<Chat> m_chat;
    std::vector<std::unique_ptr<Guest>> m_guests; ///< of the chat
};

void TestSignIn::init()
{
    m_now = SteadyTime(1h);
    m_wall = kEpoch;
    m_spoken = {};
    make(&m_spoken);
}

void TestSignIn::make(Authenticator *authenticator)
{
    m_guests.clear();
    m_port.kept.clear();
    const WallClock clock = [this] { return m_wall; };
    m_chat.reset();
    m_engine = std::make_unique<MemoryEngine>(RoomLimits{}, clock);
    if (!m_resume)
        m_resume = std::make_unique<ResumeTokens>("do-not-log-a-secret-of-thirty-two-bytes", clock);
    m_chat = std::make_unique<Chat>(
        ChatServices{*m_engine, *m_resume, m_limits, "host", clock, m_registry, authenticator}, m_port,
        m_metrics, [this] { return m_now; });
}

void TestSignIn::nothingBeforeTheToken()
{
    Guest &guest = comes();
    QCOMPARE(str(m_hello, "auth"), QStringLiteral("token"));
    for (const char *request :
         {R"({"type":"join","room":"general"})", R"({"type":"rooms"})", R"({"type":"nick","username":"Ann"})",
          R"({"type":"message","room":"general","content":"x","cid":"1"})"})
        QCOMPARE(str(says(guest, request), "code"), QStringLiteral("not_authenticated"));
    QCOMPARE(str(says(guest, R"({"type":"ping","t":1})"), "type"), QStringLiteral("pong"));
    QCOMPARE(str(says(guest, R"({"type":"auth","username":"Ann"})"), "code"),
             QStringLiteral("not_authenticated"));
    QCOMPARE(str(says(guest, R"({"type":"auth","token":"ann"})"), "user"), QStringLiteral("ann"));
    QCOMPARE(str(says(guest, R"({"type":"join","room":"general"})"), "type"), QStringLiteral("ack"));
}

void TestSignIn::aTokenOpensTheSession()
{
    Guest &guest = comes();
    const QJsonObject ack =
        says(guest, R"({"type":"auth","rid":1,"token":"ann/Ann/moderator","username":"Eve"})");
    QCOMPARE(str(ack, "user"), QStringLiteral("ann"));
    QCOMPARE(str(ack, "username"), QStringLiteral("Ann"));
    QCOMPARE(str(ack, "role"), QStringLiteral("moderator"));
    QCOMPARE(ack[QLatin1String("expires")].toInteger(), qint64((kEpoch + 1h).count()));
    // Whose token has no name may choose one, or is called as the user is.
    QCOMPARE(str(says(comes(), R"({"type":"auth","token":"bob","username":"Bobby"})"), "username"),
             QStringLiteral("Bobby"));
    QCOMPARE(str(says(comes(), R"({"type":"auth","token":"bob"})"), "username"), QStringLiteral("bob"));
}

void TestSignIn::refusedTokens()
{
    Guest &guest = comes();
    QCOMPARE(str(says(guest, R"({"type":"auth","token":"wrong"})"), "code"), QStringLiteral("auth_invalid"));
    QCOMPARE(str(says(guest, R"({"type":"auth","token":"old"})"), "code"), QStringLiteral("token_expired"));
    QVERIFY(guest.peer.isOpen());
    QCOMPARE(str(says(guest, R"({"type":"auth","token":"wrong"})"), "code"), QStringLiteral("auth_invalid"));
    QCOMPARE(guest.peer.closed, 4001);
}

void TestSignIn::theUpgradeShowsIt()
{
    Guest &guest = comes("ann/Ann");
    QVERIFY(!m_hello.contains(QLatin1String("auth")));
    QCOMPARE(str(says(guest, R"({"type":"join","room":"general"})"), "type"), QStringLiteral("ack"));
    Guest &other = comes("ann/Ann");
    QCOMPARE(str(says(other, R"({"type":"auth"})"), "user"), QStringLiteral("ann"));
    Guest &old = comes("bob/Bob", {}); // v1
    (void)says(old, R"({"type":"join","room":"general"})");
    QCOMPARE(names(guest), (QStringList{QStringLiteral("Ann"), QStringLiteral("Bob")}));
}

void TestSignIn::theUpgradeIsRefused()
{
    QVERIFY(std::holds_alternative<NotAdmitted>(m_chat->admit("wrong", "parlor.v2")));
    QVERIFY(std::holds_alternative<NotAdmitted>(m_chat->admit("", "")));
    QVERIFY(std::holds_alternative<Credential>(m_chat->admit("", "parlor.v2")));
    m_spoken.isLaterAllowed = false;
    QVERIFY(std::holds_alternative<NotAdmitted>(m_chat->admit("", "parlor.v2")));
}

void TestSignIn::whoSaysNothingGoes()
{
    Guest &silent = comes();
    Guest &speaks = comes();
    Guest &signedIn = comes();
    (void)says(speaks, R"({"type":"ping","t":1})");
    (void)says(signedIn, R"({"type":"auth","token":"ann"})");
    passes(9'999ms);
    QVERIFY(silent.peer.isOpen() && speaks.peer.isOpen());
    passes(1ms);
    QCOMPARE(silent.peer.closed, 4008);
    QCOMPARE(speaks.peer.closed, 4008);
    QVERIFY(signedIn.peer.isOpen());
}

void TestSignIn::whoShowedNothingElseGoesWhenItEnds()
{
    Guest &silent = comes("ann"); // by its upgrade
    Guest &old = comes("bob", {});
    Guest &signedIn = comes();
    (void)says(old, R"({"type":"join","room":"general"})");
    (void)says(signedIn, R"({"type":"auth","token":"cid"})");
    passes(1h + 59s);
    QVERIFY(silent.peer.isOpen() && old.peer.isOpen() && signedIn.peer.isOpen());
    passes(1s);
    QCOMPARE(silent.peer.closed, 4001);
    QCOMPARE(old.peer.closed, 4001);
    QCOMPARE(signedIn.peer.closed, 4001);
}

void TestSignIn::aRenewal()
{
    Guest &guest = comes();
    const QJsonObject first = says(guest, R"({"type":"auth","token":"ann/Ann"})");
    (void)says(guest, R"({"type":"join","room":"general"})");
    guest.peer.got.clear();
    m_spoken.expiresIn = 3h;
    const QJsonObject again = says(guest, R"({"type":"auth","rid":7,"token":"ann/Anne/moderator"})");
    QCOMPARE(again[QLatin1String("rid")].toInt(), 7);
    QCOMPARE(str(again, "client_id"), str(first, "client_id"));
    QCOMPARE(str(again, "username"), QStringLiteral("Anne"));
    QCOMPARE(str(again, "role"), QStringLiteral("moderator"));
    passes(2h);
    QVERIFY(guest.peer.isOpen());
    passes(1h + 60s);
    QCOMPARE(guest.peer.closed, 4001);
}

void TestSignIn::aRenewalMayTakeRoomsAway()
{
    Guest &guest = comes();
    Guest &other = comes("bob");
    (void)says(guest, R"({"type":"auth","token":"ann"})");
    (void)says(guest, R"({"type":"join","room":"general"})");
    (void)says(guest, R"({"type":"join","room":"random"})");
    (void)says(other, R"({"type":"join","room":"general"})");
    m_spoken.rooms = {"rand*"};
    guest.peer.got.clear();
    (void)says(guest, R"({"type":"auth","token":"ann"})");
    const QJsonObject told = guest.peer.take();
    QCOMPARE(str(told, "code"), QStringLiteral("forbidden"));
    QCOMPARE(str(told, "room"), QStringLiteral("general"));
    QCOMPARE(names(other), QStringList{QStringLiteral("bob")});
    guest.peer.got.clear();
    QCOMPARE(str(says(guest, R"({"type":"who","room":"random"})"), "type"), QStringLiteral("room_users"));
}

void TestSignIn::keysThatCannotBeHad()
{
    m_spoken.isUnavailable = true;
    const auto admitted = m_chat->admit("ann", "parlor.v2");
    QVERIFY(std::get<NotAdmitted>(admitted).retryAfter);
    Guest &guest = comes();
    const QJsonObject error = says(guest, R"({"type":"auth","token":"ann"})");
    QCOMPARE(str(error, "code"), QStringLiteral("unavailable"));
    QCOMPARE(error[QLatin1String("retry_ms")].toInt(), 5'000);
    QCOMPARE(guest.peer.closed, 4103); // clients come again
    m_spoken.isUnavailable = false;
    Guest &signedIn = comes("bob");
    m_spoken.isUnavailable = true;
    for (int i = 0; i < 3; ++i)
        QCOMPARE(str(says(signedIn, R"({"type":"auth","token":"bob"})"), "code"),
                 QStringLiteral("unavailable"));
    QVERIFY(signedIn.peer.isOpen());
}

void TestSignIn::anotherUsersToken()
{
    Guest &guest = comes();
    (void)says(guest, R"({"type":"auth","token":"ann"})");
    QCOMPARE(str(says(guest, R"({"type":"auth","token":"bob"})"), "code"), QStringLiteral("auth_invalid"));
    QVERIFY(guest.peer.isOpen());
}

void TestSignIn::comingBack_data()
{
    QTest::addColumn<QByteArray>("token");
    QTest::addColumn<bool>("resumed");
    QTest::newRow("the same user") << QByteArray("ann/Ann") << true;
    QTest::newRow("another user") << QByteArray("bob/Ann") << false;
}

void TestSignIn::comingBack()
{
    QFETCH(QByteArray, token);
    QFETCH(bool, resumed);
    const QJsonObject first = says(comes(), R"({"type":"auth","token":"ann/Ann"})");
    const QJsonObject again = says(comes(), R"({"type":"auth","token":")" + token + R"(","resume":")" +
                                                str(first, "resume").toUtf8() + "\"}");
    QCOMPARE(again[QLatin1String("resumed")].toBool(), resumed);
    QCOMPARE(str(again, "client_id") == str(first, "client_id"), resumed);
    QCOMPARE(str(again, "user").toUtf8(), token.split('/').first());
    // And without any token nobody comes back.
    QCOMPARE(
        str(says(comes(), R"({"type":"auth","resume":")" + str(first, "resume").toUtf8() + "\"}"), "code"),
        QStringLiteral("not_authenticated"));
}

void TestSignIn::namesOfTokensStay()
{
    Guest &named = comes();
    (void)says(named, R"({"type":"auth","token":"ann/Ann"})");
    QCOMPARE(str(says(named, R"({"type":"nick","username":"Eve"})"), "code"), QStringLiteral("forbidden"));
    Guest &nameless = comes();
    (void)says(nameless, R"({"type":"auth","token":"bob"})");
    QCOMPARE(str(says(nameless, R"({"type":"nick","username":"Eve"})"), "username"), QStringLiteral("Eve"));
}

void TestSignIn::aKeyThatIsAwaited()
{
    Guest &guest = comes();
    QVERIFY(says(guest, R"({"type":"auth","rid":3,"token":"new:ann"})").isEmpty());
    QVERIFY(guest.peer.isHeld);
    m_spoken.keysCame = true;
    m_chat->onKeysRefreshed();
    QVERIFY(!guest.peer.isHeld);
    const QJsonObject ack = guest.peer.take();
    QCOMPARE(ack[QLatin1String("rid")].toInt(), 3);
    QCOMPARE(str(ack, "user"), QStringLiteral("ann"));
}

void TestSignIn::aKeyThatTheUpgradeAwaits()
{
    Guest &guest = comes("new:ann", {});
    Guest &late = comes("new:bob");
    QVERIFY(guest.peer.isHeld);
    m_chat->onKeysRefreshed(); // they did not come
    QVERIFY(guest.peer.isHeld && guest.peer.isOpen());
    m_spoken.keysCame = true;
    m_chat->onKeysRefreshed();
    QVERIFY(!guest.peer.isHeld);
    (void)says(guest, R"({"type":"join","room":"general"})");
    (void)says(late, R"({"type":"join","room":"general"})");
    QCOMPARE(names(late), (QStringList{QStringLiteral("ann"), QStringLiteral("bob")}));
    m_spoken.keysCame = false;
    Guest &never = comes("new:eve");
    passes(10s);
    QCOMPARE(never.peer.closed, 4008);
}

void TestSignIn::openServersTakeNoUsersSession()
{
    const QJsonObject first = says(comes(), R"({"type":"auth","token":"ann/Ann"})");
    make(nullptr);
    const QJsonObject ack =
        says(comes(), R"({"type":"auth","resume":")" + str(first, "resume").toUtf8() + "\"}");
    QCOMPARE(ack[QLatin1String("resumed")].toBool(), false);
    QCOMPARE(str(ack, "user"), str(ack, "client_id"));
    QVERIFY(!ack.contains(QLatin1String("role")) && !ack.contains(QLatin1String("expires")));
}

PARLOR_TEST(TestSignIn)
#include "tst_signin.moc"
