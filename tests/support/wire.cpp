// SPDX-License-Identifier: MIT
#include "tests/support/wire.h"

#include <QProcess>
#include <QTemporaryDir>

namespace parlor::test {

namespace {

struct Files
{
    Files();
    QTemporaryDir folder;
    QString certificate = folder.filePath(QStringLiteral("certificate.pem"));
    QString key = folder.filePath(QStringLiteral("key.pem"));
};

Files::Files()
{
    if (!makeCertificate(certificate, key))
        certificate.clear();
}

const Files &files()
{
    static const Files made;
    return made;
}

} // namespace

Wire wireUnderTest()
{
    const QString name = qEnvironmentVariable("PARLOR_TEST_TRANSPORT", QStringLiteral("native"));
    if (name == QLatin1String("send"))
        return Wire::Send;
    if (name == QLatin1String("qt"))
        return Wire::Qt;
    if (name == QLatin1String("tls"))
        return Wire::Tls;
    if (name != QLatin1String("native"))
        qFatal("PARLOR_TEST_TRANSPORT is native, send, qt or tls, not %s", qPrintable(name));
    return Wire::Native;
}

bool makeCertificate(const QString &certificateFile, const QString &keyFile)
{
    const QString command = QStringLiteral(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost,IP:127.0.0.1");
    QProcess openssl;
    openssl.start(QStringLiteral("openssl"),
                  command.split(QLatin1Char(' ')) + QStringList{QStringLiteral("-keyout"), keyFile,
                                                                QStringLiteral("-out"), certificateFile});
    return openssl.waitForFinished() && openssl.exitStatus() == QProcess::NormalExit &&
           openssl.exitCode() == 0;
}

QString TestCertificate::certificate()
{
    return files().certificate;
}

QString TestCertificate::key()
{
    return files().key;
}

} // namespace parlor::test
