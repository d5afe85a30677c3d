// SPDX-License-Identifier: MIT
// What the load generator's connections make of TLS: whom they believe, and what they say of it.
#include "tests/support/testclass.h"
#include "tests/unit/client-cli/load/wireclient.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <mutex>

using namespace parlor;
using namespace parlor::cli::load;
using namespace parlor::cli::load::test;
using namespace Qt::StringLiterals;

class TestLoadWireTls : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void halfARecordIsNoWork();
    void certificates_data();
    void certificates();
    void wrongCaFile_data();
    void wrongCaFile();
    void plainServerInsteadOfTls();
    void tlsIsResumed();

private:
    ServerContext m_context;
};

void TestLoadWireTls::initTestCase()
{
    ::signal(SIGPIPE, SIG_IGN); // as main() does
    m_context = serverContext();
    QVERIFY(m_context);
}

/// Nothing happens while the rest of a TLS record is on its way.
void TestLoadWireTls::halfARecordIsNoWork()
{
    std::mutex mutex;
    mutex.lock(); // until the client has waited
    LoopbackServer server(
        [&mutex](Peer &peer) {
            const std::string rest =
                peer.sendAndHalf(switching(peer.receiveHead()) + textFrame("first"), textFrame("second"));
            const std::lock_guard wait(mutex);
            peer.sendRaw(rest);
            peer.waitForEnd();
        },
        m_context.get());
    ClientLoop loop;
    TestClient client(loop);
    const Target target = trustingTarget();
    const bool isOpening =
        server.isListening() && bool(client.connection.open(server.address(), target, {}, 0));
    const bool hasFirst = isOpening && loop.until([&] { return client.texts.size() == 1 || client.end; });
    int events = 0;
    for (int i = 0; i < 50; ++i)
        events += loop.poller.wait(std::chrono::milliseconds(1));
    mutex.unlock();
    QVERIFY(hasFirst);
    QVERIFY2(events < 10, QByteArray::number(events).constData()); // the rest of what it wrote, at most
    QVERIFY(loop.until([&] { return client.texts.size() == 2 || client.end; }));
    QCOMPARE(client.texts, (std::vector<std::string>{"first", "second"}));
    client.connection.abort();
}

void TestLoadWireTls::certificates_data()
{
    QTest::addColumn<QString>("host");
    QTest::addColumn<bool>("isTrusted");
    QTest::addColumn<bool>("isInsecure");
    QTest::addColumn<QString>("reason");
    QTest::newRow("trusted by --ca-file") << "localhost" << true << false << "";
    QTest::newRow("an address that it names") << "127.0.0.1" << true << false << "";
    QTest::newRow("--insecure") << "localhost" << false << true << "";
    QTest::newRow("--insecure, another name") << "chat.example" << false << true << "";
    QTest::newRow("unknown")
        << "localhost" << false << false
        << "the server's certificate is not trusted (self-signed certificate): give its CA "
           "with --ca-file FILE, or --insecure for a test";
    QTest::newRow("another name") << "chat.example" << true << false
                                  << "the server's certificate is not for 'chat.example' but for localhost, "
                                     "127.0.0.1: give the name that it is for";
    QTest::newRow("another address") << "127.0.0.2" << true << false
                                     << "the server's certificate is not for '127.0.0.2' but for localhost";
}

void TestLoadWireTls::certificates()
{
    QFETCH(QString, host);
    QFETCH(bool, isTrusted);
    QFETCH(bool, isInsecure);
    QFETCH(QString, reason);
    LoopbackServer server(
        [](Peer &peer) {
            peer.send(switching(peer.receiveHead()));
            peer.waitForEnd();
        },
        m_context.get());
    QVERIFY(server.isListening());
    const auto context = TlsContext::make(
        {.caFile = isTrusted ? parlor::test::TestCertificate::certificate().toStdString() : "",
         .isInsecure = isInsecure});
    QVERIFY(context);
    Target target = plainTarget();
    target.host = host.toStdString();
    target.tls = *context;
    ClientLoop loop;
    TestClient client(loop);
    QVERIFY(client.connection.open(server.address(), target, {}, 0));
    QVERIFY(loop.until([&] { return client.isConnected || client.end; }));
    QCOMPARE(client.isConnected, reason.isEmpty());
    QVERIFY(client.isTcpConnected);
    QCOMPARE(client.isSecured, client.isConnected);
    if (client.end) {
        QCOMPARE(client.end->stage, ConnectionEnd::Stage::Upgrading);
        QVERIFY2(QString::fromStdString(client.end->reason).contains(reason), client.end->reason.c_str());
    }
    client.connection.abort();
}

void TestLoadWireTls::wrongCaFile_data()
{
    QTest::addColumn<QString>("content");
    QTest::addColumn<QString>("why");
    QTest::newRow("not there") << QString() << "No such file or directory";
    QTest::newRow("empty") << ""
                           << "it holds no certificate";
    QTest::newRow("a text") << "hello\n"
                            << "it holds no certificate";
    QTest::newRow("a folder") << "/"
                              << "it is a directory";
}

void TestLoadWireTls::wrongCaFile()
{
    QFETCH(QString, content);
    QFETCH(QString, why);
    QTemporaryDir folder;
    QString path = folder.filePath(u"ca.pem"_s);
    if (content == u"/"_s) {
        path = folder.path();
    } else if (!content.isNull()) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content.toUtf8());
    }
    const auto context = TlsContext::make({.caFile = path.toStdString()});
    QVERIFY(!context);
    const QString error = QString::fromStdString(context.error().text);
    QVERIFY2(error.startsWith(u"--ca-file: cannot use "_s + path + u": "_s + why), qPrintable(error));
}

void TestLoadWireTls::plainServerInsteadOfTls()
{
    LoopbackServer server([](Peer &peer) {
        static_cast<void>(peer.receiveSome());
        peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    QVERIFY(server.isListening());
    ClientLoop loop;
    TestClient client(loop);
    const Target target = trustingTarget();
    QVERIFY(client.connection.open(server.address(), target, {}, 0));
    QVERIFY(loop.until([&] { return client.end.has_value(); }));
    QCOMPARE(client.end->stage, ConnectionEnd::Stage::Upgrading);
    QVERIFY2(QString::fromStdString(client.end->reason).contains(u"give ws:// instead of wss://"_s),
             client.end->reason.c_str());
}

void TestLoadWireTls::tlsIsResumed()
{
    LoopbackServer server(
        [](Peer &peer) {
            peer.send(switching(peer.receiveHead()));
            peer.waitForEnd();
        },
        m_context.get());
    QVERIFY(server.isListening());
    ClientLoop loop;
    TestClient client(loop);
    const Target target = trustingTarget();
    for (const bool isAgain : {false, true}) {
        client.isConnected = false;
        QVERIFY(client.connection.open(server.address(), target, {}, 0));
        QVERIFY(loop.until([&] { return client.isConnected || client.end; }));
        QVERIFY(client.isConnected);
        QCOMPARE(client.connection.wasResumed(), isAgain);
        client.connection.abort();
    }
}

PARLOR_TEST(TestLoadWireTls)
#include "tst_load_wiretls.moc"
