// SPDX-License-Identifier: MIT
// What a moderator does on one server holds on the other, and after a restart.
#include "tests/support/rawchat.h"
#include "tests/support/redisprocess.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QJsonDocument>
#include <QMessageAuthenticationCode>
#include <QStandardPaths>
#include <QTemporaryDir>

using namespace parlor::test;
using namespace Qt::StringLiterals;

namespace {

constexpr const char *kSecret = "do-not-log-a-secret-of-32-bytes-or-more";

/// Signed with the secret (RFC 7519).
QByteArray token(const char *user, const char *role = "member")
{
    const auto encoded = [](const QJsonObject &part) {
        return QJsonDocument(part)
            .toJson(QJsonDocument::Compact)
            .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    };
    const QByteArray text = encoded({{u"alg"_s, u"HS256"_s}, {u"typ"_s, u"JWT"_s}}) + '.' +
                            encoded({{u"sub"_s, QLatin1String(user)},
                                     {u"roles"_s, QLatin1String(role)},
                                     {u"exp"_s, QDateTime::currentSecsSinceEpoch() + 3600}});
    return text + '.' +
           QMessageAuthenticationCode::hash(text, kSecret, QCryptographicHash::Sha256)
               .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

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
            .arguments = QStringList{u"--auth"_s, u"token"_s, u"--auth-secret-file"_s,
                                     m_folder->filePath(u"secret"_s), u"--trusted-proxy"_s, u"127.0.0.0/8"_s,
                                     u"--drain-timeout"_s, u"100ms"_s, u"--rate"_s, u"0"_s} +
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

    std::unique_ptr<QTemporaryDir> m_folder;
};

void ModerationServersTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QFile secret(m_folder->filePath(u"secret"_s));
    QVERIFY(secret.open(QIODevice::WriteOnly));
    QVERIFY(secret.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
    secret.write(kSecret);
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
    PARLOR_EXPECT(signIn(mia, *first, token("mia", "moderator"), "192.0.2.1"));
    PARLOR_EXPECT(signIn(eve, *second, token("eve"), "198.51.100.7"));
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
    PARLOR_EXPECT(eve.chats(u"random"_s, u"one"_s));
    QVERIFY(eve.send(messageTo(u"random"_s, "b")));
    PARLOR_EXPECT(eve.expectError(u"rate_limited"_s));

    PARLOR_EXPECT(does(mia, moderate("kick", {{u"user"_s, u"eve"_s}})));
    PARLOR_EXPECT(eve.expectClose(4005));
    RawChat again;
    PARLOR_EXPECT(signIn(again, *second, token("eve"), "198.51.100.7"));
    PARLOR_EXPECT(join(again, u"general"_s));
    PARLOR_EXPECT(does(mia, moderate("ban", {{u"user"_s, u"eve"_s}})));
    PARLOR_EXPECT(again.expectClose(4004));
    RawChat banned;
    PARLOR_EXPECT(open(banned, *second, "203.0.113.1"));
    QVERIFY(banned.send({{u"type"_s, u"auth"_s}, {u"token"_s, QString::fromLatin1(token("eve"))}}));
    PARLOR_EXPECT(banned.expectError(u"banned"_s));
    PARLOR_EXPECT(banned.expectClose(4004));

    RawChat ann;
    PARLOR_EXPECT(signIn(ann, *second, token("ann"), "198.51.100.8"));
    PARLOR_EXPECT(does(mia, moderate("ban", {{u"network"_s, u"198.51.100.0/24"_s}})));
    PARLOR_EXPECT(ann.expectClose(4004));
    RawChat neighbour;
    PARLOR_EXPECT(open(neighbour, *first, "198.51.100.9"));
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
        PARLOR_EXPECT(signIn(mia, *before, token("mia", "moderator"), "192.0.2.1"));
        PARLOR_EXPECT(does(mia, moderate("ban", {{u"user"_s, u"eve"_s}})));
        PARLOR_EXPECT(does(mia, moderate("mute", {{u"user"_s, u"ann"_s}})));
        before->kill();
    }
    const auto after = server(store);
    PARLOR_EXPECT(after->start());
    RawChat eve;
    PARLOR_EXPECT(eve.open(after->port(), Dialect::V2));
    QVERIFY(eve.send({{u"type"_s, u"auth"_s}, {u"token"_s, QString::fromLatin1(token("eve"))}}));
    PARLOR_EXPECT(eve.expectError(u"banned"_s));
    PARLOR_EXPECT(eve.expectClose(4004));
    RawChat ann;
    PARLOR_EXPECT(signIn(ann, *after, token("ann"), "192.0.2.1"));
    PARLOR_EXPECT(join(ann, u"general"_s));
    QVERIFY(ann.send(messageTo(u"general"_s, "a")));
    PARLOR_EXPECT(ann.expectError(u"forbidden"_s));
    QVERIFY(ann.send({{u"type"_s, u"join"_s}, {u"room"_s, u"staff"_s}}));
    PARLOR_EXPECT(ann.expectError(u"forbidden"_s));
    PARLOR_EXPECT(after->stop());
}

PARLOR_TEST_WITHIN(QCoreApplication, ModerationServersTest)
#include "tst_moderation_servers.moc"
