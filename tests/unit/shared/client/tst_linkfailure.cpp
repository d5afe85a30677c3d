// SPDX-License-Identifier: MIT
#include "shared/client/linkfailure.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace Qt::StringLiterals;

class TestLinkFailure : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tlsErrorsThatAreNoCertificates_data();
    void tlsErrorsThatAreNoCertificates();
    void untrustedCertificateIsFinal();
    void statusIsNotReadFromACertificate();
};

namespace {
const QUrl kUrl(u"wss://chat.example:8443/ws"_s);
}

void TestLinkFailure::tlsErrorsThatAreNoCertificates_data()
{
    QTest::addColumn<QString>("detail");
    QTest::newRow("alert")
        << u"Error during SSL handshake: error:0A000410:SSL routines::sslv3 alert handshake failure"_s;
    QTest::newRow("version")
        << u"Error during SSL handshake: error:0A00042E:SSL routines::tlsv1 alert protocol version"_s;
    QTest::newRow("end")
        << u"Error during SSL handshake: error:0A000126:SSL routines::unexpected eof while reading"_s;
}

void TestLinkFailure::tlsErrorsThatAreNoCertificates()
{
    QFETCH(QString, detail);
    const auto failure = describeFailure(QAbstractSocket::SslHandshakeFailedError, detail, kUrl);
    QVERIFY2(!failure.text.contains(u"certificate"_s), qUtf8Printable(failure.text));
    QVERIFY2(failure.text.contains(u"chat.example:8443"_s), qUtf8Printable(failure.text));
    QCOMPARE(failure.outlook, LinkFailure::Outlook::WrongAddress);
}

void TestLinkFailure::untrustedCertificateIsFinal()
{
    const auto failure = describeUntrusted(u"The certificate is self-signed"_s, kUrl);
    QVERIFY2(failure.text.contains(u"if you trust its certificate"_s), qUtf8Printable(failure.text));
    QCOMPARE(failure.outlook, LinkFailure::Outlook::Lasting);
}

void TestLinkFailure::statusIsNotReadFromACertificate()
{
    const auto failure = describeUntrusted(u"no issuer of 503 (certificate SHA-256 00)"_s, kUrl);
    QCOMPARE(failure.httpStatus, 0);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestLinkFailure)
#include "tst_linkfailure.moc"
