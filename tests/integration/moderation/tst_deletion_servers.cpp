// SPDX-License-Identifier: MIT
// A message that is deleted on one server is gone on the other, in what is kept, and for whoever was away.
#include "tests/support/rawchat.h"
#include "tests/support/redisprocess.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"
#include "tests/support/tokenissuer.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QStandardPaths>
#include <QTemporaryDir>

using namespace parlor::test;
using namespace Qt::StringLiterals;

namespace {

const QString kRoom = u"general"_s;
const QString kText = u"the text that has to go"_s;

/// Of a message, as its `ack` named it.
struct Place
{
    qint64 seq = 0;
    QString id{};
};

} // namespace

class DeletionServersTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void bothServersForget();
    void theFileForgets();

private:
    [[nodiscard]] std::unique_ptr<ServerProcess> server(const QStringList &store) const
    {
        return std::make_unique<ServerProcess>(ServerProcess::Settings{
            .program = u"parlor-server"_s,
            .arguments = m_issuer.arguments() + QStringList{u"--drain-timeout"_s, u"100ms"_s} + store});
    }
    /// Signs in and joins; what the room had for it is m_sync.
    [[nodiscard]] Problem enter(RawChat &chat, const ServerProcess &server, const char *user,
                                const char *role = "member", QJsonObject join = {})
    {
        if (auto problem = chat.open(server.port(), Dialect::V2); !problem.isEmpty())
            return problem;
        const QByteArray token = m_issuer.token(QLatin1String(user), {{u"roles"_s, QLatin1String(role)}});
        join[u"type"_s] = u"join"_s;
        join[u"room"_s] = kRoom;
        if (!chat.authenticate({{u"token"_s, QString::fromLatin1(token)}}) || !chat.send(join))
            return chat.why();
        const auto sync = chat.nextOf(u"sync"_s);
        if (!sync)
            return chat.why();
        m_sync = *sync;
        return {};
    }
    [[nodiscard]] static std::optional<Place> says(RawChat &chat, const QString &text)
    {
        const auto ack = chat.send({{u"type"_s, u"message"_s},
                                    {u"room"_s, kRoom},
                                    {u"content"_s, text},
                                    {u"cid"_s, QString::number(qHash(text))}})
                             ? chat.nextOf(u"ack"_s)
                             : std::nullopt;
        if (!ack)
            return std::nullopt;
        return Place{ack->value("seq"_L1).toInteger(), ack->value("id"_L1).toString()};
    }
    [[nodiscard]] static QJsonObject deletion(const Place &of)
    {
        return {{u"type"_s, u"delete"_s}, {u"room"_s, kRoom}, {u"seq"_s, of.seq}, {u"id"_s, of.id}};
    }

    TokenIssuer m_issuer;
    QJsonObject m_sync;
    std::unique_ptr<QTemporaryDir> m_folder;
};

void DeletionServersTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void DeletionServersTest::bothServersForget()
{
    if (QStandardPaths::findExecutable(u"redis-server"_s).isEmpty())
        QSKIP("redis-server is not installed");
    RedisProcess redis;
    QVERIFY(redis.start());
    const auto first = server({u"--redis"_s, redis.url()});
    const auto second = server({u"--redis"_s, redis.url()});
    PARLOR_EXPECT(first->start());
    PARLOR_EXPECT(second->start());
    RawChat ann;
    RawChat mia;
    RawChat away;
    PARLOR_EXPECT(enter(ann, *first, "ann"));
    PARLOR_EXPECT(enter(mia, *second, "mia", "moderator"));
    PARLOR_EXPECT(enter(away, *second, "away"));
    RawChat old; // hears of messages, and of nothing else
    PARLOR_EXPECT(
        old.open(first->port(), Dialect::V1, "Authorization: Bearer " + m_issuer.token(u"old"_s) + "\r\n"));
    QVERIFY(old.send({{u"type"_s, u"join"_s}, {u"room"_s, kRoom}}));
    QVERIFY2(old.nextOf(u"user_joined"_s), qPrintable(old.why()));
    const QJsonValue epoch = m_sync[u"epoch"];
    const auto place = says(ann, kText);
    QVERIFY2(place, qPrintable(ann.why()));
    QVERIFY2(old.nextOf(u"message"_s), qPrintable(old.why()));
    const auto seen = away.nextOf(u"message"_s);
    QVERIFY2(seen, qPrintable(away.why()));
    PARLOR_EXPECT(away.closeNormally());

    // WHEN a moderator deletes it on the other server, and again
    QVERIFY2(mia.nextOf(u"message"_s), qPrintable(mia.why()));
    QVERIFY(mia.send(deletion(*place)));
    const auto ack = mia.nextOf(u"ack"_s);
    QVERIFY2(ack, qPrintable(mia.why()));
    QCOMPARE(ack->value("dup"_L1), false);
    QVERIFY(mia.send(deletion(*place)));
    const auto again = mia.nextOf(u"ack"_s);
    QVERIFY2(again, qPrintable(mia.why()));
    QCOMPARE(again->value("dup"_L1), true);
    QCOMPARE(again->value("id"_L1), ack->value("id"_L1));

    // THEN members hear of it, v1 members do not
    const auto event = ann.nextOf(u"deleted"_s);
    QVERIFY2(event, qPrintable(ann.why()));
    QCOMPARE(event->value("target"_L1)["id"_L1].toString(), place->id);
    QCOMPARE(event->value("user"_L1), u"mia"_s);
    QVERIFY(says(ann, u"after"_s));
    for (QString type; type != u"message"_s;) {
        const auto next = old.next();
        QVERIFY2(next, qPrintable(old.why()));
        type = next->value("type"_L1).toString();
        QVERIFY2(type == u"message"_s || type.startsWith(u"user_"_s), qPrintable(toText(*next)));
    }

    // AND whoever comes back learns of it, or finds the tombstone
    RawChat back;
    PARLOR_EXPECT(enter(back, *first, "away", "member",
                        {{u"since"_s, QJsonObject{{u"epoch"_s, epoch},
                                                  {u"seq"_s, seen->value("seq"_L1)},
                                                  {u"id"_s, seen->value("id"_L1)}}}}));
    QCOMPARE(m_sync[u"recovered"], true);
    QCOMPARE(m_sync[u"events"][0]["type"_L1], u"deleted"_s);
    RawChat late;
    PARLOR_EXPECT(enter(late, *second, "late", "member", {{u"history"_s, 10}}));
    QVERIFY2(!toText(m_sync).contains(kText), qPrintable(toText(m_sync)));
    const QJsonValue tombstone = m_sync[u"events"][0];
    QCOMPARE(tombstone["id"_L1].toString(), place->id);
    QCOMPARE(tombstone["deleted"_L1]["id"_L1], ack->value("id"_L1));
    PARLOR_EXPECT(first->stop());
    PARLOR_EXPECT(second->stop());
}

void DeletionServersTest::theFileForgets()
{
    const QString path = m_folder->filePath(u"chat.db"_s);
    const QStringList store{u"--store"_s, u"sqlite:"_s + path};
    const auto before = server(store);
    PARLOR_EXPECT(before->start());
    RawChat ann;
    RawChat eve;
    PARLOR_EXPECT(enter(ann, *before, "ann"));
    PARLOR_EXPECT(enter(eve, *before, "eve"));
    const auto place = says(ann, kText);
    QVERIFY2(place, qPrintable(ann.why()));
    QVERIFY(eve.nextOf(u"message"_s));
    QVERIFY(eve.send(deletion(*place)));
    PARLOR_EXPECT(eve.expectError(u"forbidden"_s));
    QVERIFY(ann.send(deletion(*place)));
    QVERIFY2(ann.nextOf(u"ack"_s), qPrintable(ann.why()));
    PARLOR_EXPECT(before->stop());
    for (const QString &name : QDir(m_folder->path()).entryList(QDir::Files)) {
        QFile file(m_folder->filePath(name));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY2(!file.readAll().contains(kText.toUtf8()), qPrintable(name));
    }

    const auto after = server(store);
    PARLOR_EXPECT(after->start());
    RawChat again;
    PARLOR_EXPECT(enter(again, *after, "ann", "member", {{u"history"_s, 10}}));
    QCOMPARE(m_sync[u"events"][0]["deleted"_L1]["user"_L1], u"ann"_s);
    QVERIFY(again.send(deletion(*place)));
    const auto ack = again.nextOf(u"ack"_s);
    QVERIFY2(ack, qPrintable(again.why()));
    QCOMPARE(ack->value("dup"_L1), true);
    PARLOR_EXPECT(after->stop());
}

PARLOR_TEST_WITHIN(QCoreApplication, DeletionServersTest)
#include "tst_deletion_servers.moc"
