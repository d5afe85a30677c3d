// SPDX-License-Identifier: MIT
#include "tests/integration/cli/cliprocess.h"
#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslSocket>
#include <QTemporaryDir>
#include <QTest>

using namespace parlor::test;
using namespace Qt::StringLiterals;

/// A server that speaks wss:// itself, and the clients of people with it.
class TlsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void clientsTalk();
    void unknownCertificateIsRefused_data();
    void unknownCertificateIsRefused();
    void versions_data();
    void versions();
    void plainAndTlsSideBySide();
    void reloads();
    void failedReloadChangesNothing();
    void startErrors_data();
    void startErrors();

private:
    [[nodiscard]] QString file(const QString &name) const { return m_folder->filePath(name); }
    /// Of the server, as a client that trusts it sees it; null: no handshake.
    [[nodiscard]] QSslCertificate shownCertificate() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<ServerProcess> m_server;
};

namespace {

QStringList chatArguments(const ServerProcess &server, const QStringList &more)
{
    return QStringList{u"wss://localhost:%1"_s.arg(server.port())} + more;
}

QList<QSslCertificate> certificatesOf(const QString &path)
{
    return QSslCertificate::fromPath(path, QSsl::Pem);
}

bool shakeHands(QSslSocket &socket, std::uint16_t port, const QString &authority)
{
    QSslConfiguration trusting = socket.sslConfiguration();
    trusting.setCaCertificates(certificatesOf(authority));
    socket.setSslConfiguration(trusting);
    socket.connectToHostEncrypted(u"localhost"_s, port);
    return socket.waitForEncrypted(static_cast<int>(kPatience.count()));
}

} // namespace

void TlsTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(makeCertificate(file(u"cert.pem"_s), file(u"key.pem"_s)));
    m_server = std::make_unique<ServerProcess>(
        ServerProcess::Settings{.program = u"parlor-server"_s,
                                .arguments = {u"--tls-cert"_s, file(u"cert.pem"_s), u"--tls-key"_s,
                                              file(u"key.pem"_s)}, // instead of those for the wire
                                .wire = Wire::Tls});
    PARLOR_EXPECT(m_server->start());
}

void TlsTest::cleanup()
{
    PARLOR_EXPECT(m_server->stop());
}

void TlsTest::clientsTalk()
{
    const QStringList trusting{u"--ca-file"_s, file(u"cert.pem"_s), u"--timeout"_s, u"20s"_s};
    CliProcess bob(
        chatArguments(*m_server, trusting + QStringList{u"--name"_s, u"Bob"_s, u"--count"_s, u"1"_s}));
    PARLOR_EXPECT(bob.reports(u"general"_s));
    CliProcess ann(chatArguments(*m_server, trusting + QStringList{u"--name"_s, u"Ann"_s}));
    ann.write("Grüße über TLS\n");
    ann.closeInput();
    QCOMPARE(ann.exitCode(), 0);
    QCOMPARE(bob.exitCode(), 0);
    QVERIFY2(bob.output().contains(u"Grüße über TLS"_s), qPrintable(bob.output()));
}

void TlsTest::unknownCertificateIsRefused_data()
{
    QTest::addColumn<bool>("knowsAnother");
    QTest::newRow("without --ca-file") << false;
    QTest::newRow("with another authority") << true;
}

void TlsTest::unknownCertificateIsRefused()
{
    QFETCH(const bool, knowsAnother);
    QStringList more;
    if (knowsAnother) {
        QVERIFY(makeCertificate(file(u"other.pem"_s), file(u"other.key"_s)));
        more = {u"--ca-file"_s, file(u"other.pem"_s)};
    }
    CliProcess ann(chatArguments(*m_server, more));
    ann.closeInput();
    QCOMPARE(ann.exitCode(), 3);
    QVERIFY2(ann.errors().contains(u"no secure connection to localhost:%1: "_s.arg(m_server->port())),
             qPrintable(ann.errors()));
    QVERIFY2(ann.errors().contains(u"self-signed"_s), qPrintable(ann.errors()));
    QVERIFY2(ann.errors().contains(u"authority"_s), qPrintable(ann.errors())); // what to do
}

void TlsTest::versions_data()
{
    QTest::addColumn<int>("version");
    QTest::newRow("TLS 1.2") << int(QSsl::TlsV1_2);
    QTest::newRow("TLS 1.3") << int(QSsl::TlsV1_3);
    QTest::newRow("what the client likes best") << int(QSsl::SecureProtocols);
}

void TlsTest::versions()
{
    QFETCH(const int, version);
    QSslSocket socket;
    socket.setProtocol(static_cast<QSsl::SslProtocol>(version));
    QVERIFY2(shakeHands(socket, m_server->port(), file(u"cert.pem"_s)), qPrintable(socket.errorString()));
    socket.write(RawWebSocket::upgradeRequest());
    QTRY_VERIFY(socket.waitForReadyRead(100) || socket.bytesAvailable() > 0);
    QVERIFY(socket.readAll().startsWith("HTTP/1.1 101 "));
}

void TlsTest::plainAndTlsSideBySide()
{
    ServerProcess both({.program = u"parlor-server"_s,
                        .arguments = {u"--listen"_s, u"wss://127.0.0.1:0"_s, u"--tls-cert"_s,
                                      file(u"cert.pem"_s), u"--tls-key"_s, file(u"key.pem"_s)},
                        .wire = Wire::Native});
    PARLOR_EXPECT(both.start()); // its port is the plain one's
    static const QRegularExpression listening(u"listening on wss://127\\.0\\.0\\.1:(\\d+)/ws"_s);
    QTRY_VERIFY(listening.match(both.errorText()).hasMatch());
    const auto tlsPort = listening.match(both.errorText()).captured(1).toUShort();

    CliProcess plain({u"ws://localhost:%1"_s.arg(both.port()), u"--name"_s, u"Plain"_s, u"--expect"_s,
                      u"hello from the other side"_s, u"--timeout"_s, u"20s"_s});
    PARLOR_EXPECT(plain.reports(u"general"_s));
    CliProcess secure({u"wss://localhost:%1"_s.arg(tlsPort), u"--ca-file"_s, file(u"cert.pem"_s)});
    secure.write("hello from the other side\n");
    secure.closeInput();
    QCOMPARE(secure.exitCode(), 0);
    QCOMPARE(plain.exitCode(), 0);
    PARLOR_EXPECT(both.stop());
}

QSslCertificate TlsTest::shownCertificate() const
{
    QSslSocket socket;
    return shakeHands(socket, m_server->port(), file(u"cert.pem"_s)) ? socket.peerCertificate()
                                                                     : QSslCertificate();
}

void TlsTest::reloads()
{
    const auto before = certificatesOf(file(u"cert.pem"_s));
    QCOMPARE(shownCertificate(), before.first());
    QSslSocket old;
    QVERIFY(shakeHands(old, m_server->port(), file(u"cert.pem"_s)));
    QVERIFY(makeCertificate(file(u"cert.pem"_s), file(u"key.pem"_s)));
    const auto after = certificatesOf(file(u"cert.pem"_s));
    QVERIFY(before.first() != after.first());
    m_server->signal(SIGHUP);
    QTRY_VERIFY(m_server->errorText().contains(u"the certificate was read again"_s));
    QCOMPARE(shownCertificate(), after.first());
    // THEN who was connected still is
    old.write(RawWebSocket::upgradeRequest());
    QTRY_VERIFY(old.waitForReadyRead(100) || old.bytesAvailable() > 0);
    QVERIFY(old.readAll().startsWith("HTTP/1.1 101 "));
}

void TlsTest::failedReloadChangesNothing()
{
    const auto before = shownCertificate();
    QVERIFY(!before.isNull());
    QVERIFY(QFile::rename(file(u"key.pem"_s), file(u"moved.pem"_s)));
    m_server->signal(SIGHUP);
    QTRY_VERIFY(m_server->errorText().contains(u"cannot read the key file "_s + file(u"key.pem"_s)));
    QCOMPARE(shownCertificate(), before);
}

void TlsTest::startErrors_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("says");
    QTest::newRow("no certificate") << QStringList() << u"wss://127.0.0.1:0 needs a certificate"_s;
    QTest::newRow("no such file") << QStringList{u"--tls-cert"_s, u"/nonexistent"_s, u"--tls-key"_s, u"KEY"_s}
                                  << u"cannot read the certificate file /nonexistent"_s;
    QTest::newRow("not a key") << QStringList{u"--tls-cert"_s, u"CERT"_s, u"--tls-key"_s, u"CERT"_s}
                               << u"holds no RSA or EC private key"_s;
}

void TlsTest::startErrors()
{
    QFETCH(QStringList, arguments);
    QFETCH(const QString, says);
    arguments.replaceInStrings(u"CERT"_s, file(u"cert.pem"_s)).replaceInStrings(u"KEY"_s, file(u"key.pem"_s));
    QProcess server;
    server.start(qEnvironmentVariable("PARLOR_TEST_BIN") + u"/parlor-server"_s,
                 QStringList{u"--listen"_s, u"wss://127.0.0.1:0"_s} + arguments);
    QVERIFY(server.waitForFinished(static_cast<int>(kPatience.count())));
    QVERIFY(server.exitCode() != 0);
    const QString text = QString::fromUtf8(server.readAllStandardError());
    QVERIFY2(text.contains(u"parlor-server: "_s) && text.contains(says), qPrintable(text));
}

PARLOR_TEST_WITHIN(QCoreApplication, TlsTest)
#include "tst_tls.moc"
