// SPDX-License-Identifier: MIT
#include "tests/integration/hostile/badrequests.h"
#include "tests/integration/hostile/hostiletest.h"
#include "tests/support/testclass.h"

#include <QJsonDocument>

using namespace parlor::test;

/// v2 requests that are wrong in one way each: one `error` with its code, and the connection lives on.
class RequestsTest : public HostileTest
{
    Q_OBJECT
private Q_SLOTS:
    void refused_data();
    void refused();
    void accepted_data();
    void accepted();
    void ridComesBack_data();
    void ridComesBack();
    void pipelinedNonsense();
    void tooManyRooms();

private:
    /// A ping is answered: nothing else came before, and the connection lives.
    [[nodiscard]] static Problem isAlive(RawChat &client);
};

Problem RequestsTest::isAlive(RawChat &client)
{
    if (!client.sendText(R"({"type":"ping","t":7,"rid":99})"))
        return QStringLiteral("the ping could not be sent");
    const auto pong = client.next();
    if (!pong)
        return client.why();
    const bool isPong = pong->value(QLatin1String("type")) == QLatin1String("pong") &&
                        pong->value(QLatin1String("rid")) == 99 && pong->value(QLatin1String("t")) == 7;
    return isPong ? Problem() : toText(*pong);
}

void RequestsTest::refused_data()
{
    QTest::addColumn<QByteArray>("frame");
    QTest::addColumn<QString>("code");
    for (const BadRequest &row : badRequests())
        QTest::newRow(row.name) << row.frame << QString::fromLatin1(row.code);
}

void RequestsTest::refused()
{
    QFETCH(const QByteArray, frame);
    QFETCH(const QString, code);
    RawChat client;
    PARLOR_EXPECT(client.openAndJoin(port(), Dialect::V2, QStringLiteral("mine")));
    QVERIFY(client.sendText(frame));
    PARLOR_EXPECT(client.expectError(code));
    PARLOR_EXPECT(isAlive(client));
    PARLOR_EXPECT(client.closeNormally());
}

void RequestsTest::accepted_data()
{
    QTest::addColumn<QByteArray>("frame");
    QTest::addColumn<QString>("answer");
    const auto row = [](const char *name, const QByteArray &frame, const char *answer) {
        QTest::newRow(name) << frame << QString::fromLatin1(answer);
    };
    row("depth 8", R"({"type":"ping","t":1,"x":[[[[[[[[1]]]]]]]]})", "pong");
    row("unknown fields", R"({"type":"ping","t":1,"later":{"version":[1,2]}})", "pong");
    row("type last, and spaces", "  {\n\t\"t\" : 1 , \"type\" : \"ping\" }\r\n", "pong");
    row("type with escapes", R"({"type":"p\u0069ng","t":1})", "pong");
    row("the clock as a fraction", R"({"type":"ping","t":1700000000000.25})", "pong");
    row("the largest rid", R"({"type":"ping","t":1,"rid":4294967295})", "pong");
    row("room in capitals", R"({"type":"join","room":"MINE"})", "ack");
    row("longest room name", R"({"type":"join","room":")" + QByteArray(64, 'r') + R"("})", "ack");
    row("join without history", R"({"type":"join","room":"mine","history":0})", "ack");
    row("a position of another epoch",
        R"({"type":"join","room":"mine","since":{"epoch":"no such epoch","seq":5}})", "ack");
    row("4000 characters of 4 bytes",
        R"({"type":"message","room":"mine","cid":"c","content":")" +
            QByteArray("\xf0\x9f\x98\x80").repeated(4000) + R"("})",
        "ack");
    row("newline and tab", R"({"type":"message","room":"mine","cid":"c","content":"a\n\tb"})", "ack");
    row("longest cid",
        R"({"type":"message","room":"mine","content":"x","cid":")" + QByteArray(36, 'c') + R"("})", "ack");
    row("limit past its maximum", R"({"type":"who","room":"mine","limit":100000})", "room_users");
    row("name of 32 characters of 4 bytes",
        R"({"type":"nick","username":")" + QByteArray("\xf0\x9f\x98\x80").repeated(32) + R"("})", "ack");
}

void RequestsTest::accepted()
{
    QFETCH(const QByteArray, frame);
    QFETCH(const QString, answer);
    RawChat client;
    PARLOR_EXPECT(client.openAndJoin(port(), Dialect::V2, QStringLiteral("mine")));
    QVERIFY(client.sendText(frame));
    QVERIFY2(client.nextOf(answer), qPrintable(client.why()));
    QVERIFY(client.webSocket().send(closeFrame(1000)));
    PARLOR_EXPECT(client.expectClose(1000));
}

void RequestsTest::ridComesBack_data()
{
    QTest::addColumn<QByteArray>("frame");
    QTest::newRow("unknown type") << QByteArray(R"({"type":"nonsense","rid":41})");
    QTest::newRow("wrong field") << QByteArray(R"({"type":"join","room":5,"rid":41})");
    QTest::newRow("bad room") << QByteArray(R"({"rid":41,"type":"join","room":"no such name!"})");
    QTest::newRow("no member") << QByteArray(R"({"type":"who","room":"support","rid":41})");
}

void RequestsTest::ridComesBack()
{
    QFETCH(const QByteArray, frame);
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2));
    QVERIFY(client.sendText(frame));
    const auto error = client.next();
    QVERIFY2(error, qPrintable(client.why()));
    QVERIFY2(error->value(QLatin1String("type")) == QLatin1String("error"), qPrintable(toText(*error)));
    QVERIFY2(error->value(QLatin1String("rid")) == 41, qPrintable(toText(*error)));
    QVERIFY2(error->value(QLatin1String("retryable")).isBool(), qPrintable(toText(*error)));
    PARLOR_EXPECT(client.closeNormally());
}

void RequestsTest::pipelinedNonsense()
{
    // All of the table in one write: an answer each, in order.
    RawChat client;
    PARLOR_EXPECT(client.openAndJoin(port(), Dialect::V2, QStringLiteral("mine")));
    QByteArray all;
    for (const BadRequest &row : badRequests())
        all += textFrame(row.frame);
    QVERIFY(client.webSocket().send(all));
    for (const BadRequest &row : badRequests()) {
        const Problem problem = client.expectError(QString::fromLatin1(row.code));
        QVERIFY2(problem.isEmpty(),
                 qPrintable(QString::fromLatin1(row.name) % QLatin1String(": ") % problem));
    }
    PARLOR_EXPECT(isAlive(client));
    PARLOR_EXPECT(client.closeNormally());
}

void RequestsTest::tooManyRooms()
{
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2));
    for (int i = 0; i < 32; ++i) {
        const QByteArray name = "many-" + QByteArray::number(i);
        QVERIFY(client.sendText(R"({"type":"join","room":")" + name + R"("})"));
        QVERIFY2(client.nextOf(QStringLiteral("sync")), qPrintable(client.why()));
    }
    QVERIFY(client.sendText(R"({"type":"join","room":"one-too-many"})"));
    PARLOR_EXPECT(client.expectError(QStringLiteral("too_many_rooms")));
    QVERIFY(client.sendText(R"({"type":"join","room":"many-0"})")); // one that it is in
    QVERIFY2(client.nextOf(QStringLiteral("sync")), qPrintable(client.why()));
    QVERIFY(client.webSocket().send(closeFrame(1000)));
    PARLOR_EXPECT(client.expectClose(1000));
}

PARLOR_TEST_WITHIN(QCoreApplication, RequestsTest)
#include "tst_hostile_requests.moc"
