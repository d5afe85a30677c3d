// SPDX-License-Identifier: MIT
#include "tests/integration/hostile/hostiletest.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QMap>
#include <QTemporaryDir>

#include <algorithm>
#include <csignal>
#include <sys/wait.h>

using namespace parlor::test;

/// Who one claims to be: auth out of turn, and resume tokens that are forged, cut, foreign or of another
/// server.
class SessionsTest : public HostileTest
{
    Q_OBJECT
private Q_SLOTS:
    void authTwice();
    void authAfterARequest();
    void authAgainAfterAnError();
    void authWithWrongFields_data();
    void authWithWrongFields();
    void resumes();
    void resumeWhileConnected();
    void whoIsGoneTakesNothingOver();
    void badToken_data();
    void badToken();
    void tokenOfAnotherKey();
    void tokenOutlivesARestart();
};

namespace {

const QLatin1String kClientId("client_id");
const QLatin1String kResume("resume");
const QLatin1String kResumed("resumed");

/// A new session on a connection of its own, and its token; empty if that failed.
struct Session
{
    QString clientId;
    QString token;
};

Session makeSession(std::uint16_t port)
{
    RawChat client;
    if (!client.open(port, Dialect::V2).isEmpty())
        return {};
    const auto ack = client.authenticate({{QStringLiteral("username"), QStringLiteral("alice")}});
    if (!ack || ack->value(kResumed).toBool() ||
        ack->value(QLatin1String("username")) != QLatin1String("alice"))
        return {};
    return {client.clientId(), ack->value(kResume).toString()};
}

/// What a new connection becomes with this token.
std::optional<QJsonObject> resume(RawChat &client, std::uint16_t port, const QString &token)
{
    if (!client.open(port, Dialect::V2).isEmpty())
        return std::nullopt;
    return client.authenticate({{kResume, token}});
}

} // namespace

void SessionsTest::authTwice()
{
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2));
    const auto ack = client.authenticate({});
    QVERIFY2(ack, qPrintable(client.why()));
    for (const char *field : {"client_id", "user", "username", "resumed", "resume", "resume_ttl_ms"})
        QVERIFY2(ack->contains(QLatin1String(field)), field);
    QVERIFY(client.sendText(R"({"type":"auth","username":"bob"})"));
    PARLOR_EXPECT(client.expectError(QStringLiteral("bad_request")));
    PARLOR_EXPECT(client.closeNormally());
}

void SessionsTest::authAfterARequest()
{
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2));
    QVERIFY(client.sendText(R"({"type":"ping","t":1})"));
    QVERIFY2(client.nextOf(QStringLiteral("pong")), qPrintable(client.why()));
    QVERIFY(client.sendText(R"({"type":"auth"})"));
    PARLOR_EXPECT(client.expectError(QStringLiteral("bad_request")));
    PARLOR_EXPECT(client.closeNormally());
}

void SessionsTest::authAgainAfterAnError()
{
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2));
    QVERIFY(client.sendText(R"({"type":"auth","username":"a\u202eb"})"));
    PARLOR_EXPECT(client.expectError(QStringLiteral("name_invalid")));
    QVERIFY2(client.authenticate({{QStringLiteral("username"), QStringLiteral("alice")}}),
             qPrintable(client.why()));
    PARLOR_EXPECT(client.closeNormally());
}

void SessionsTest::authWithWrongFields_data()
{
    QTest::addColumn<QByteArray>("frame");
    QTest::addColumn<QString>("code");
    const auto row = [](const char *name, const QByteArray &frame, const char *code) {
        QTest::newRow(name) << frame << QString::fromLatin1(code);
    };
    row("null username", R"({"type":"auth","username":null})", "bad_request");
    row("number as username", R"({"type":"auth","username":5})", "bad_request");
    row("empty username", R"({"type":"auth","username":""})", "name_invalid");
    row("null resume", R"({"type":"auth","resume":null})", "bad_request");
    row("number as resume", R"({"type":"auth","resume":5})", "bad_request");
    row("null token", R"({"type":"auth","token":null})", "bad_request");
    row("object as token", R"({"type":"auth","token":{}})", "bad_request");
}

void SessionsTest::authWithWrongFields()
{
    QFETCH(const QByteArray, frame);
    QFETCH(const QString, code);
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2));
    QVERIFY(client.sendText(frame));
    PARLOR_EXPECT(client.expectError(code));
    QVERIFY2(client.authenticate({}), qPrintable(client.why()));
    PARLOR_EXPECT(client.closeNormally());
}

void SessionsTest::resumes()
{
    const Session session = makeSession(port());
    QVERIFY(!session.token.isEmpty());
    RawChat client;
    const auto ack = resume(client, port(), session.token);
    QVERIFY2(ack, qPrintable(client.why()));
    QVERIFY2(ack->value(kResumed).toBool(), qPrintable(toText(*ack)));
    QCOMPARE(client.clientId(), session.clientId);
    QCOMPARE(ack->value(QLatin1String("username")).toString(), QStringLiteral("alice"));
    PARLOR_EXPECT(client.closeNormally());
}

void SessionsTest::whoIsGoneTakesNothingOver()
{
    // A client that gave up waiting for a slow server, and is back on another connection.
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2));
    const auto first = client.authenticate({});
    QVERIFY2(first, qPrintable(client.why()));
    const int ended = closesWith(1006);
    RawChat givenUp;
    PARLOR_EXPECT(givenUp.open(port(), Dialect::V2));
    const auto pid = static_cast<pid_t>(server().pid());
    QCOMPARE(::kill(pid, SIGSTOP), 0);
    siginfo_t stopped = {}; // until then it may still read what comes
    QCOMPARE(::waitid(P_PID, static_cast<id_t>(pid), &stopped, WSTOPPED | WNOWAIT), 0);
    const bool isSent =
        givenUp.send({{QStringLiteral("type"), QStringLiteral("auth")}, {kResume, first->value(kResume)}});
    givenUp.webSocket().socket().close();
    QCOMPARE(::kill(pid, SIGCONT), 0);
    QVERIFY(isSent);
    QTRY_COMPARE(closesWith(1006), ended + 1);
    QVERIFY(client.sendText(R"({"type":"ping","t":1})"));
    QVERIFY2(client.nextOf(QStringLiteral("pong")), qPrintable(client.why()));
    PARLOR_EXPECT(client.closeNormally());
}

void SessionsTest::resumeWhileConnected()
{
    RawChat old;
    PARLOR_EXPECT(old.open(port(), Dialect::V2));
    const auto first = old.authenticate({});
    QVERIFY2(first, qPrintable(old.why()));
    RawChat client;
    const auto ack = resume(client, port(), first->value(kResume).toString());
    QVERIFY2(ack && ack->value(kResumed).toBool(), qPrintable(client.why()));
    QCOMPARE(client.clientId(), old.clientId());
    PARLOR_EXPECT(old.expectClose(4007));
    PARLOR_EXPECT(client.closeNormally());
}

void SessionsTest::badToken_data()
{
    QTest::addColumn<QString>("change");
    for (const char *change : {"empty", "cut by one", "cut in half", "one character more",
                               "first character changed", "middle character changed", "last but one changed",
                               "reversed", "twice", "10 KiB", "beyond ASCII", "of a JWT without signature"})
        QTest::newRow(change) << QString::fromLatin1(change);
}

void SessionsTest::badToken()
{
    QFETCH(const QString, change);
    const Session session = makeSession(port());
    QVERIFY(!session.token.isEmpty());
    const QString good = session.token;
    const auto changedAt = [&good](qsizetype at) {
        QString token = good;
        token[at] = token[at] == QLatin1Char('A') ? QLatin1Char('B') : QLatin1Char('A');
        return token;
    };
    QString reversed = good;
    std::reverse(reversed.begin(), reversed.end());
    const QMap<QString, QString> tokens{
        {QStringLiteral("empty"), QString()},
        {QStringLiteral("cut by one"), good.chopped(1)},
        {QStringLiteral("cut in half"), good.first(good.size() / 2)},
        {QStringLiteral("one character more"), good + QLatin1Char('A')},
        {QStringLiteral("first character changed"), changedAt(0)},
        {QStringLiteral("middle character changed"), changedAt(good.size() / 2)},
        // the last character may hold bits that base64 does not use
        {QStringLiteral("last but one changed"), changedAt(good.size() - 2)},
        {QStringLiteral("reversed"), reversed},
        {QStringLiteral("twice"), good.repeated(2)},
        {QStringLiteral("10 KiB"), QString(10 * 1024, QLatin1Char('A'))},
        {QStringLiteral("beyond ASCII"), QStringLiteral("Schlüssel")},
        {QStringLiteral("of a JWT without signature"),
         QStringLiteral("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.")},
    };
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2));
    const QString provisional = client.clientId();
    const auto ack = client.authenticate({{kResume, tokens.value(change)}});
    QVERIFY2(ack, qPrintable(client.why()));
    QVERIFY2(!ack->value(kResumed).toBool(), qPrintable(toText(*ack)));
    QVERIFY(client.clientId() != session.clientId);
    QCOMPARE(client.clientId().size(), provisional.size());
    QVERIFY(!ack->value(kResume).toString().isEmpty());
    PARLOR_EXPECT(client.closeNormally());
}

void SessionsTest::tokenOfAnotherKey()
{
    ServerProcess other({.program = QStringLiteral("parlor-server")}); // each draws a key at its start
    PARLOR_EXPECT(other.start());
    const Session session = makeSession(other.port());
    QVERIFY(!session.token.isEmpty());
    RawChat client;
    const auto ack = resume(client, port(), session.token);
    QVERIFY2(ack && !ack->value(kResumed).toBool(), qPrintable(client.why()));
    QVERIFY(client.clientId() != session.clientId);
    PARLOR_EXPECT(client.closeNormally());
    PARLOR_EXPECT(other.stop());
}

void SessionsTest::tokenOutlivesARestart()
{
    const QTemporaryDir folder;
    QFile secret(folder.filePath(QStringLiteral("secret")));
    QVERIFY(secret.open(QIODevice::WriteOnly));
    secret.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    secret.write("do-not-log-" + QByteArray("0123456789abcdef").repeated(4));
    secret.close();
    const ServerProcess::Settings settings{.program = QStringLiteral("parlor-server"),
                                           .arguments = {QStringLiteral("--secret-file"), secret.fileName()}};
    ServerProcess before(settings);
    PARLOR_EXPECT(before.start());
    const Session session = makeSession(before.port());
    QVERIFY(!session.token.isEmpty());
    PARLOR_EXPECT(before.stop());
    ServerProcess after(settings);
    PARLOR_EXPECT(after.start());
    RawChat client;
    const auto ack = resume(client, after.port(), session.token);
    QVERIFY2(ack && ack->value(kResumed).toBool(), qPrintable(client.why()));
    QCOMPARE(client.clientId(), session.clientId);
    PARLOR_EXPECT(client.closeNormally());
    PARLOR_EXPECT(after.stop());
}

PARLOR_TEST_WITHIN(QCoreApplication, SessionsTest)
#include "tst_hostile_sessions.moc"
