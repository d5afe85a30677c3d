// SPDX-License-Identifier: MIT
#include "server/auth/keyring.h"

#include "tests/support/testclass.h"
#include "tests/unit/server/auth/keyserver.h"
#include "tests/unit/server/auth/tokenmaker.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <thread>

using namespace parlor;
using namespace parlor::test;
using namespace std::chrono_literals;

namespace {

QByteArray jwksOf(const QStringList &kids)
{
    static const TokenKey key = TokenKey::ec();
    QJsonArray keys;
    for (const QString &kid : kids) {
        QJsonObject jwk = key.jwk();
        jwk[QStringLiteral("kid")] = kid;
        keys.append(jwk);
    }
    return json({{QStringLiteral("keys"), keys}});
}

} // namespace

/// The keys are of a server that misbehaves.
class KeyRingTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void fetchedAtTheStart();
    void unknownKidFetchesOnceAMinute();
    void aKeyThatCameIsFound();
    void refreshedByItself();
    void triedAgainAfterAFailure();
    void failuresKeepTheKeys_data();
    void failuresKeepTheKeys();
    void nobodyIsThere();
    void goneWhileFetching();
    void reloadFetches();
    void files();
    void secretFiles_data();
    void secretFiles();
    void otherThreads();

private:
    [[nodiscard]] std::unique_ptr<KeyRing> ring(KeyRing::Pace pace = {})
    {
        auto made = std::make_unique<KeyRing>(keysource::JwksUrl{m_server->url("/jwks.json")}, pace);
        if (!made->reload())
            qFatal("cannot begin to fetch");
        return made;
    }

    std::unique_ptr<KeyServer> m_server;
};

void KeyRingTest::init()
{
    m_server = std::make_unique<KeyServer>();
    m_server->answer = KeyServer::ok(jwksOf({QStringLiteral("a")}));
}

/// Until the first fetch is done, every key may come.
void KeyRingTest::fetchedAtTheStart()
{
    const auto keys = ring();
    QSignalSpy refreshed(keys.get(), &KeyRing::refreshed);
    QVERIFY(keys->lookUp("a").isAwaited);
    QVERIFY(keys->lookUp(std::nullopt).isAwaited);
    QVERIFY(!keys->canCheck());
    QVERIFY(refreshed.wait());
    QVERIFY(keys->canCheck());
    QVERIFY(!keys->lookUp("a").isAwaited);
    QVERIFY(keys->lookUp("a").keys->has("a"));
    QCOMPARE(m_server->paths, QStringList{QStringLiteral("/jwks.json")});
}

void KeyRingTest::unknownKidFetchesOnceAMinute()
{
    const auto keys = ring();
    QSignalSpy refreshed(keys.get(), &KeyRing::refreshed);
    QVERIFY(refreshed.wait());
    for (int i = 0; i < 100; ++i)
        QVERIFY(!keys->lookUp(std::to_string(i)).isAwaited); // less than a minute has gone by
    QCOMPARE(m_server->paths.size(), 1);
}

void KeyRingTest::aKeyThatCameIsFound()
{
    const auto keys = ring({.unknownKey = 0ms});
    QSignalSpy refreshed(keys.get(), &KeyRing::refreshed);
    QVERIFY(refreshed.wait());
    m_server->answer = KeyServer::ok(jwksOf({QStringLiteral("b")}));
    QVERIFY(keys->lookUp("b").isAwaited);
    QVERIFY(keys->lookUp("c").isAwaited); // the same fetch
    QVERIFY(refreshed.wait());
    QVERIFY(keys->lookUp("b").keys->has("b"));
    QVERIFY(!keys->lookUp("b").keys->has("a")); // it was taken back
    QCOMPARE(m_server->paths.size(), 2);
}

void KeyRingTest::refreshedByItself()
{
    const auto keys = ring({.refresh = 1ms, .retry = 1h});
    QTRY_VERIFY(m_server->paths.size() >= 3);
}

void KeyRingTest::triedAgainAfterAFailure()
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("the answer is 503")));
    m_server->answer = "HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    const auto keys = ring({.refresh = 1h, .retry = 1ms});
    QSignalSpy refreshed(keys.get(), &KeyRing::refreshed);
    QVERIFY(refreshed.wait());
    QVERIFY(!keys->lookUp("a").isAwaited); // it has failed: nothing is to be waited for
    m_server->answer = KeyServer::ok(jwksOf({QStringLiteral("a")}));
    QTRY_VERIFY(keys->lookUp("a").keys->has("a"));
}

void KeyRingTest::failuresKeepTheKeys_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<bool>("hangs");
    QTest::addColumn<QString>("warning");
    const auto row = [](const char *name, const QByteArray &answer, const char *warning, bool hangs = false) {
        QTest::newRow(name) << answer << hangs << QString::fromLatin1(warning);
    };
    const QByteArray other = jwksOf({QStringLiteral("b")});
    row("500",
        "HTTP/1.1 500 Oops\r\nContent-Length: " + QByteArray::number(other.size()) + "\r\n\r\n" + other,
        "the answer is 500");
    row("204", "HTTP/1.1 204 No Content\r\n\r\n", "the answer is 204");
    row("redirect", "HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n",
        "it is said to be at ");
    row("redirect with keys",
        "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1/\r\nContent-Length: " +
            QByteArray::number(other.size()) + "\r\n\r\n" + other,
        "it is said to be at http://127.0.0.1/; ");
    row("nothing", "", "Connection closed");
    row("hangs", "", "no whole answer came within 300 ms", true);
    row("hangs in the middle", KeyServer::ok(other).chopped(10), "no whole answer came within 300 ms", true);
    row("cut off", KeyServer::ok(other).chopped(10), "");
    row("no HTTP", "SSH-2.0-OpenSSH\r\n", "");
    row("a page", KeyServer::ok("<html>sign in</html>"), "the JWKS is no valid JSON");
    row("no keys", KeyServer::ok(R"({"keys":[]})"), "no key that can be used");
    row("huge", KeyServer::ok(other.chopped(1) + QByteArray(256 * 1024, ' ') + '}'), "more than 256 KiB");
    row("huge without a length",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + other.chopped(1) + QByteArray(1024 * 1024, ' ') +
            '}',
        "more than 256 KiB");
    row("endless", "HTTP/1.1 200 OK\r\n\r\n" + QByteArray(300 * 1024, ' '), "more than 256 KiB", true);
}

void KeyRingTest::failuresKeepTheKeys()
{
    QFETCH(const QByteArray, answer);
    QFETCH(const bool, hangs);
    QFETCH(const QString, warning);
    const auto keys = ring({.timeout = 300ms});
    QSignalSpy refreshed(keys.get(), &KeyRing::refreshed);
    QVERIFY(refreshed.wait());

    m_server->answer = answer;
    m_server->end = hangs ? KeyServer::End::StaysOpen : KeyServer::End::Closes;
    QTest::ignoreMessage(
        QtWarningMsg,
        QRegularExpression(QStringLiteral("^cannot fetch the keys of tokens from http://127.*%1.*; "
                                          "those that are there stay in force$")
                               .arg(QRegularExpression::escape(warning))));
    QVERIFY(keys->reload());
    QVERIFY(refreshed.wait());
    QVERIFY(keys->canCheck());
    QVERIFY(keys->lookUp("a").keys->has("a"));
    QVERIFY(!keys->lookUp("b").keys->has("b"));
    QCOMPARE(m_server->paths.count(QStringLiteral("/jwks.json")),
             m_server->paths.size()); // no redirect was followed
}

void KeyRingTest::nobodyIsThere()
{
    const QUrl url = m_server->url("/");
    m_server.reset();
    QTest::ignoreMessage(QtWarningMsg,
                         QRegularExpression(QStringLiteral(
                             "Connection refused.*; until one comes /ready says 503 \\(starting\\)")));
    KeyRing keys(keysource::JwksUrl{url}, {});
    QSignalSpy refreshed(&keys, &KeyRing::refreshed);
    QVERIFY(keys.reload());
    QVERIFY(refreshed.wait());
    QVERIFY(!keys.lookUp("a").isAwaited);
    QVERIFY(!keys.canCheck());
}

void KeyRingTest::goneWhileFetching()
{
    m_server->answer.clear();
    m_server->end = KeyServer::End::StaysOpen;
    auto keys = ring();
    QTRY_COMPARE(m_server->paths.size(), 1);
    keys.reset();
    QCoreApplication::processEvents();
}

/// Also within the minute in which an unknown kid does not.
void KeyRingTest::reloadFetches()
{
    const auto keys = ring();
    QSignalSpy refreshed(keys.get(), &KeyRing::refreshed);
    QVERIFY(refreshed.wait());
    m_server->answer = KeyServer::ok(jwksOf({QStringLiteral("b")}));
    QVERIFY(keys->reload());
    QVERIFY(refreshed.wait());
    QVERIFY(keys->lookUp("b").keys->has("b"));
}

void KeyRingTest::files()
{
    const QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("jwks.json")));
    const auto write = [&file](const QByteArray &content) {
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
    };
    KeyRing keys(keysource::JwksFile{file.fileName().toStdString()}, {});
    const auto missing = keys.reload();
    QVERIFY(!missing && missing.error().text.find("No such file") != std::string::npos);

    write(jwksOf({QStringLiteral("a")}));
    const auto read = keys.reload();
    QVERIFY(read);
    QCOMPARE(QString::fromStdString(*read), QStringLiteral("1 key: \"a\", from ") + file.fileName());
    QVERIFY(!keys.lookUp("b").isAwaited); // nothing is fetched

    write("{");
    QVERIFY(!keys.tryReload());
    QVERIFY(!keys.reload());
    write(jwksOf({QStringLiteral("b")}) + QByteArray(256 * 1024, ' '));
    QVERIFY(!keys.reload());
    QVERIFY(keys.lookUp("a").keys->has("a")); // the old ones stay
    write(jwksOf({QStringLiteral("b"), QStringLiteral("c")}));
    QVERIFY(keys.tryReload());
    QVERIFY(!keys.lookUp("c").keys->has("c")); // it was only looked at
    QVERIFY(keys.reload());
    QVERIFY(keys.lookUp("c").keys->has("c"));
}

void KeyRingTest::secretFiles_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("error"); // empty: none
    QTest::newRow("32 bytes") << QByteArray(32, 'a') << QString();
    QTest::newRow("with a line end") << QByteArray(32, 'a') + "\r\n" << QString();
    QTest::newRow("31 bytes") << QByteArray(31, 'a') + '\n'
                              << QStringLiteral("the secret has 31 bytes; HS256 needs at least 32");
    QTest::newRow("empty") << QByteArray() << QStringLiteral("the secret has 0 bytes");
    QTest::newRow("two lines") << QByteArray(32, 'a') + '\n' + QByteArray(32, 'b')
                               << QStringLiteral("has several lines");
}

void KeyRingTest::secretFiles()
{
    QFETCH(const QByteArray, content);
    QFETCH(const QString, error);
    const QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("secret")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
    file.setPermissions(QFileDevice::ReadOwner);
    file.close();
    KeyRing keys(keysource::SecretFile{file.fileName().toStdString()}, {});
    const auto read = keys.reload();
    QCOMPARE(static_cast<bool>(read), error.isEmpty());
    if (!read)
        QVERIFY2(QString::fromStdString(read.error().text).contains(error), read.error().text.c_str());
    else
        QVERIFY(keys.lookUp("any").keys->find("any", "HS256"));
}

/// Workers ask while keys come.
void KeyRingTest::otherThreads()
{
    const auto keys = ring({.refresh = 1ms, .unknownKey = 0ms});
    std::atomic<bool> isOver = false;
    std::vector<std::thread> workers;
    for (int i = 0; i < 2; ++i)
        workers.emplace_back([&] {
            while (!isOver)
                static_cast<void>(keys->lookUp("b").keys->has("a"));
        });
    QTRY_VERIFY(m_server->paths.size() >= 20);
    isOver = true;
    for (std::thread &worker : workers)
        worker.join();
}

PARLOR_TEST_WITHIN(QCoreApplication, KeyRingTest)
#include "tst_keyring.moc"
