// SPDX-License-Identifier: MIT
// What a moderator does on one server holds on the other, and after a restart.
#include "tests/support/rawchat.h"
#include "tests/support/redisprocess.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"
#include "tests/support/tokenissuer.h"

#include <QStandardPaths>
#include <QTemporaryDir>

using namespace parlor::test;
using namespace Qt::StringLiterals;

namespace {

QJsonObject moderate(const char *action, QJsonObject more)
{
    more[u"type"_s] = u"moderate"_s;
    more[u"action"_s] = QLatin1String(action);
    return more;
}

QJsonObject messageTo(const QString &room, const char *cid)
{
    return {{u"type"_s, u"message"_s},
            {u"room"_s, room},
            {u"content"_s, u"hi"_s},
            {u"cid"_s, QLatin1String(cid)}};
}

} // namespace

class ModerationServersTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void bothServersObey();
    void itHoldsAfterARestart();

private:
    [[nodiscard]] std::unique_ptr<ServerProcess> server(const QStringList &more) const
    {
        return std::make_unique<ServerProcess>(ServerProcess::Settings{
            .program = u"parlor-server"_s,
            .arguments = m_issuer.arguments() +
                         QStringList{u"--trusted-proxy"_s, u"127.0.0.0/8"_s, u"--drain-timeout"_s, u"100ms"_s,
                                     u"--rate"_s, u"0"_s} +
                         more});
    }
    /// A connection from this address.
    [[nodiscard]] static Problem open(RawChat &chat, const ServerProcess &server, const char *address)
    {
        return chat.open(server.port(), Dialect::V2, QByteArray("X-Forwarded-For: ") + address + "\r\n");
    }
    /// And it says who it is.
    [[nodiscard]] static Problem signIn(RawChat &chat, const ServerProcess &server, const QByteArray &shown,
                                        const char *address)
    {
        if (auto problem = open(chat, server, address); !problem.isEmpty())
            return problem;
        return chat.authenticate({{u"token"_s, QString::fromLatin1(shown)}}) ? Problem() : chat.why();
    }
    [[nodiscard]] static Problem join(RawChat &chat, const QString &room)
    {
        if (!chat.send({{u"type"_s, u"join"_s}, {u"room"_s, room}}) || !chat.nextOf(u"sync"_s))
            return chat.why();
        return {};
    }
    /// The moderator's act is acknowledged.
    [[nodiscard]] static Problem does(RawChat &moderator, const QJsonObject &act)
    {
        if (!moderator.send(act))
            return u"not sent"_s;
        return moderator.nextOf(u"ack"_s) ? Problem() : moderator.why();
    }

    [[nodiscard]] bool isSlowedDown(RawChat &chat)
    {
        for (int i = 0; i < 2; ++i)
            (void)chat.send(messageTo(u"random"_s, QByteArray::number(++m_said).constData()));
        int answers = 0;
        bool isRefused = false;
        while (answers < 2) {
            const auto frame = chat.next();
            if (!frame)
                return false;
            const QString type = frame->value("type"_L1).toString();
            answers += type == u"ack"_s || type == u"error"_s ? 1 : 0;
            isRefused = isRefused || frame->value("code"_L1) == "rate_limited"_L1;
        }
        return isRefused;
    }

    TokenIssuer m_issuer;
    int m_said = 0; ///< messages, for their cid
    std::unique_ptr<QTemporaryDir> m_folder;
};

void ModerationServersTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void ModerationServersTest::bothServersObey()
{
    if (QStandardPaths::findExecutable(u"redis-server"_s).isEmpty())
        QSKIP("redis-server is not installed");
    RedisProcess redis;
    QVERIFY(redis.start());
    const auto first = server({u"--redis"_s, redis.url()});
    const auto second = server({u"--redis"_s, redis.url()});
    PARLOR_EXPECT(first->start());
    PARLOR_EXPECT(second->start());
    RawChat mia;
    RawChat eve;
    PARLOR_EXPECT(signIn(mia, *first, m_issuer.token(u"mia"_s, {{u"roles"_s, u"moderator"_s}}), "192.0.2.1"));
    PARLOR_EXPECT(signIn(eve, *second, m_issuer.token(u"eve"_s), "198.51.100.7"));
    PARLOR_EXPECT(join(mia, u"general"_s));
    PARLOR_EXPECT(join(eve, u"general"_s));

    PARLOR_EXPECT(does(mia, moderate("mute", {{u"user"_s, u"eve"_s}, {u"room"_s, u"general"_s}})));
    const auto notice = eve.nextOf(u"moderated"_s);
    QVERIFY2(notice, qPrintable(eve.why()));
    QCOMPARE(notice->value("action"_L1).toString(), u"mute"_s);
    QVERIFY(eve.send(messageTo(u"general"_s, "a")));
    PARLOR_EXPECT(eve.expectError(u"forbidden"_s));
    PARLOR_EXPECT(does(mia, moderate("unmute", {{u"user"_s, u"eve"_s}, {u"room"_s, u"general"_s}})));
    QVERIFY(eve.nextOf(u"moderated"_s));

    PARLOR_EXPECT(does(mia, moderate("slow", {{u"room"_s, u"random"_s}, {u"interval_ms"_s, 3'600'000}})));
    PARLOR_EXPECT(join(eve, u"random"_s));
    QTRY_VERIFY(isSlowedDown(eve)); // the other server hears of it a moment later

    PARLOR_EXPECT(does(mia, moderate("kick", {{u"user"_s, u"eve"_s}})));
    PARLOR_EXPECT(eve.expectClose(4005));
    RawChat again;
    PARLOR_EXPECT(signIn(again, *second, m_issuer.token(u"eve"_s), "198.51.100.7"));
    PARLOR_EXPECT(join(again, u"general"_s));
    PARLOR_EXPECT(does(mia, moderate("ban", {{u"user"_s, u"eve"_s}})));
    PARLOR_EXPECT(again.expectClose(4004));
    RawChat banned;
    PARLOR_EXPECT(open(banned, *second, "203.0.113.1"));
    QVERIFY(
        banned.send({{u"type"_s, u"auth"_s}, {u"token"_s, QString::fromLatin1(m_issuer.token(u"eve"_s))}}));
    PARLOR_EXPECT(banned.expectError(u"banned"_s));
    PARLOR_EXPECT(banned.expectClose(4004));

    RawChat ann;
    PARLOR_EXPECT(signIn(ann, *second, m_issuer.token(u"ann"_s), "198.51.100.8"));
    PARLOR_EXPECT(does(mia, moderate("ban", {{u"network"_s, u"198.51.100.0/24"_s}})));
    PARLOR_EXPECT(ann.expectClose(4004));
    RawChat neighbour;
    PARLOR_EXPECT(open(neighbour, *first, "198.51.100.9"));
    QVERIFY(neighbour.send(
        {{u"type"_s, u"auth"_s}, {u"token"_s, QString::fromLatin1(m_issuer.token(u"bob"_s))}}));
    PARLOR_EXPECT(neighbour.expectError(u"banned"_s));
    PARLOR_EXPECT(neighbour.expectClose(4004));
    PARLOR_EXPECT(first->stop());
    PARLOR_EXPECT(second->stop());
}

void ModerationServersTest::itHoldsAfterARestart()
{
    const QStringList store{u"--store"_s, u"sqlite:"_s + m_folder->filePath(u"chat.db"_s), u"--room-policy"_s,
                            u"staff read=moderator"_s};
    {
        const auto before = server(store);
        PARLOR_EXPECT(before->start());
        RawChat mia;
        PARLOR_EXPECT(
            signIn(mia, *before, m_issuer.token(u"mia"_s, {{u"roles"_s, u"moderator"_s}}), "192.0.2.1"));
        PARLOR_EXPECT(does(mia, moderate("ban", {{u"user"_s, u"eve"_s}})));
        PARLOR_EXPECT(does(mia, moderate("mute", {{u"user"_s, u"ann"_s}})));
        before->kill();
    }
    const auto after = server(store);
    PARLOR_EXPECT(after->start());
    RawChat eve;
    PARLOR_EXPECT(eve.open(after->port(), Dialect::V2));
    QVERIFY(eve.send({{u"type"_s, u"auth"_s}, {u"token"_s, QString::fromLatin1(m_issuer.token(u"eve"_s))}}));
    PARLOR_EXPECT(eve.expectError(u"banned"_s));
    PARLOR_EXPECT(eve.expectClose(4004));
    RawChat ann;
    PARLOR_EXPECT(signIn(ann, *after, m_issuer.token(u"ann"_s), "192.0.2.1"));
    PARLOR_EXPECT(join(ann, u"general"_s));
    QVERIFY(ann.send(messageTo(u"general"_s, "a")));
    PARLOR_EXPECT(ann.expectError(u"forbidden"_s));
    QVERIFY(ann.send({{u"type"_s, u"join"_s}, {u"room"_s, u"staff"_s}}));
    PARLOR_EXPECT(ann.expectError(u"forbidden"_s));
    PARLOR_EXPECT(after->stop());
}

PARLOR_TEST_WITHIN(QCoreApplication, ModerationServersTest)
#include "tst_moderation_servers.moc"
