// SPDX-License-Identifier: MIT
#include "tests/support/wire.h"

#include <QFile>
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
    const QString command = QStringLiteral(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost,IP:127.0.0.1");
    QStringList arguments = command.split(QLatin1Char(' '));
    arguments << QStringLiteral("-keyout") << key << QStringLiteral("-out") << certificate;
    if (QProcess::execute(QStringLiteral("openssl"), arguments) != 0)
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
    if (name == QLatin1String("qt"))
        return Wire::Qt;
    if (name == QLatin1String("tls"))
        return Wire::Tls;
    if (name != QLatin1String("native"))
        qFatal("PARLOR_TEST_TRANSPORT is native, qt or tls, not %s", qPrintable(name));
    return Wire::Native;
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
