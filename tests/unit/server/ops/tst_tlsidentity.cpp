// SPDX-License-Identifier: MIT
#include "server/ops/tlsidentity.h"

#include "tests/support/testclass.h"
#include "tests/unit/server/ops/optionscase.h"

#include <QFile>
#include <QProcess>
#include <QSslCertificate>
#include <QSslKey>

using namespace parlor;
using namespace parlor::test;

/// Certificate and key files, made by openssl.
class TlsIdentityTest : public OptionsCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void good_data();
    void good();
    void bad_data();
    void bad();
    void warnings_data();
    void warnings();
    void chainIsKept();
    void checkConfig();

private:
    [[nodiscard]] QString file(const QString &name) const { return m_files.filePath(name); }
    /// Runs openssl in the folder of the files.
    [[nodiscard]] bool openssl(const char *arguments) const;
    [[nodiscard]] Result<TlsIdentity> load(const QString &certificate, const QString &key) const
    {
        return loadTlsIdentity(file(certificate).toStdString(), file(key).toStdString());
    }

    QTemporaryDir m_files;
};

bool TlsIdentityTest::openssl(const char *arguments) const
{
    QProcess process;
    process.setWorkingDirectory(m_files.path());
    process.start(QStringLiteral("openssl"), QString::fromLatin1(arguments).split(QLatin1Char(' ')));
    return process.waitForFinished() && process.exitCode() == 0;
}

void TlsIdentityTest::initTestCase()
{
    if (QProcess::execute(QStringLiteral("openssl"), {QStringLiteral("version")}) != 0)
        QSKIP("openssl is not installed");
    QVERIFY(openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=ec "
                    "-keyout ec.key -out ec.pem"));
    QVERIFY(openssl("ec -in ec.key -out ec-sec1.key"));
    QVERIFY(openssl("pkey -in ec.key -aes256 -passout pass:x -out ec-secret.key"));
    QVERIFY(openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=rsa -keyout rsa.key -out rsa.pem"));
    QVERIFY(openssl("rsa -in rsa.key -traditional -out rsa-pkcs1.key"));
    QVERIFY(openssl("rsa -in rsa.key -traditional -aes256 -passout pass:x -out rsa-secret.key"));
    QVERIFY(
        openssl("req -x509 -newkey rsa:1024 -nodes -days 2 -subj /CN=weak -keyout weak.key -out weak.pem"));
    QVERIFY(openssl("genpkey -algorithm ed25519 -out ed25519.key"));
    for (const auto &[name, bytes] : std::initializer_list<std::pair<const char *, QByteArray>>{
             {"empty", ""},
             {"text", "hello\n"},
             {"huge", QByteArray(2 << 20, 'x')},
             {"ca.index", ""},
             {"ca.conf", "[ca]\ndatabase = ca.index\nnew_certs_dir = .\nrand_serial = yes\n"
                         "default_md = sha256\npolicy = names\n[names]\ncommonName = supplied\n"}}) {
        QFile made(file(QString::fromLatin1(name)));
        QVERIFY(made.open(QIODevice::WriteOnly) && made.write(bytes) == bytes.size());
    }
    // Only openssl's ca takes dates of the past in every version.
    QVERIFY(openssl("req -new -key ec.key -subj /CN=ec -out ec.csr"));
    QVERIFY(openssl("ca -batch -config ca.conf -name ca -selfsign -keyfile ec.key -in ec.csr "
                    "-startdate 20200101000000Z -enddate 20200102000000Z -notext -out ec-expired.pem"));
}

void TlsIdentityTest::good_data()
{
    QTest::addColumn<QString>("certificate");
    QTest::addColumn<QString>("key");
    const auto row = [](const char *name, const char *certificate, const char *key) {
        QTest::newRow(name) << QString::fromLatin1(certificate) << QString::fromLatin1(key);
    };
    row("EC", "ec.pem", "ec.key");
    row("EC, older form", "ec.pem", "ec-sec1.key");
    row("RSA", "rsa.pem", "rsa.key");
    row("RSA, older form", "rsa.pem", "rsa-pkcs1.key");
}

void TlsIdentityTest::good()
{
    QFETCH(const QString, certificate);
    QFETCH(const QString, key);
    const auto loaded = load(certificate, key);
    if (!loaded)
        QFAIL(loaded.error().text.c_str());
    const TlsIdentity &identity = *loaded;
    QVERIFY(identity.warnings.empty());
    QVERIFY(!identity.configuration.privateKey().isNull());
    QVERIFY(identity.configuration.protocol() == QSsl::TlsV1_2OrLater);
    QVERIFY(identity.configuration.caCertificates().isEmpty());
}

void TlsIdentityTest::bad_data()
{
    QTest::addColumn<QString>("certificate");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("names"); ///< the file that is wrong
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const char *certificate, const char *key, const char *names,
                        const char *says) {
        QTest::newRow(name) << QString::fromLatin1(certificate) << QString::fromLatin1(key)
                            << QString::fromLatin1(names) << QString::fromLatin1(says);
    };
    row("no certificate", "missing", "ec.key", "missing", "No such file");
    row("no key", "ec.pem", "missing", "missing", "No such file");
    row("a folder", "", "ec.key", "", "directory");
    row("empty certificate", "empty", "ec.key", "empty", "no PEM certificate");
    row("certificate is text", "text", "ec.key", "text", "no PEM certificate");
    row("certificate is a key", "ec.key", "ec.key", "ec.key", "no PEM certificate");
    row("huge certificate", "huge", "ec.key", "huge", "larger than 1 MiB");
    row("empty key", "ec.pem", "empty", "empty", "no RSA or EC private key");
    row("key is text", "ec.pem", "text", "text", "no RSA or EC private key");
    row("key is a certificate", "ec.pem", "ec.pem", "ec.pem", "no RSA or EC private key");
    row("Ed25519", "ec.pem", "ed25519.key", "ed25519.key", "no RSA or EC private key");
    row("passphrase", "ec.pem", "ec-secret.key", "ec-secret.key", "needs a passphrase");
    row("passphrase, older form", "rsa.pem", "rsa-secret.key", "rsa-secret.key", "needs a passphrase");
    row("another's key", "ec.pem", "rsa.key", "rsa.key", "does not belong to");
    row("another's key of the same kind", "rsa.pem", "weak.key", "weak.key", "does not belong to");
    row("key too small", "weak.pem", "weak.key", "weak.pem", "key too small");
}

void TlsIdentityTest::bad()
{
    QFETCH(const QString, certificate);
    QFETCH(const QString, key);
    QFETCH(const QString, names);
    QFETCH(const QString, says);
    const auto loaded = load(certificate, key);
    QVERIFY2(!loaded, "it was loaded");
    const QString text = QString::fromStdString(loaded.error().text);
    QVERIFY2(text.contains(file(names)), qPrintable(text));
    QVERIFY2(text.contains(says), qPrintable(text));
    QVERIFY2(!text.contains(QLatin1Char('\n')), qPrintable(text));
}

void TlsIdentityTest::warnings_data()
{
    QTest::addColumn<QString>("certificate");
    QTest::addColumn<bool>("isPublic");
    QTest::addColumn<QString>("warning");
    QTest::newRow("expired") << QStringLiteral("ec-expired.pem") << false << QStringLiteral("expired at");
    QTest::newRow("key for everybody")
        << QStringLiteral("ec.pem") << true << QStringLiteral("readable for every user");
}

void TlsIdentityTest::warnings()
{
    QFETCH(const QString, certificate);
    QFETCH(const bool, isPublic);
    QFETCH(const QString, warning);
    const QString key = file(QStringLiteral("copy.key"));
    QFile::remove(key);
    QVERIFY(QFile::copy(file(QStringLiteral("ec.key")), key));
    const auto owner = QFileDevice::ReadOwner | QFileDevice::WriteOwner;
    QVERIFY(QFile::setPermissions(key, isPublic ? owner | QFileDevice::ReadOther : owner));
    const auto loaded = load(certificate, QStringLiteral("copy.key"));
    QVERIFY(loaded);
    QCOMPARE(loaded->warnings.size(), std::size_t(1));
    QVERIFY2(QString::fromStdString(loaded->warnings.front()).contains(warning),
             loaded->warnings.front().c_str());
}

void TlsIdentityTest::chainIsKept()
{
    QFile chain(file(QStringLiteral("chain.pem")));
    QVERIFY(chain.open(QIODevice::WriteOnly));
    for (const char *name : {"ec.pem", "rsa.pem"}) {
        QFile part(file(QString::fromLatin1(name)));
        QVERIFY(part.open(QIODevice::ReadOnly));
        chain.write(part.readAll());
    }
    chain.close();
    const auto loaded = load(QStringLiteral("chain.pem"), QStringLiteral("ec.key"));
    QVERIFY(loaded);
    const QList<QSslCertificate> kept = loaded->configuration.localCertificateChain();
    QCOMPARE(kept.size(), 2);
    QCOMPARE(kept.first().subjectInfo(QSslCertificate::CommonName), QStringList(QStringLiteral("ec")));
}

void TlsIdentityTest::checkConfig()
{
    const auto check = [this](const char *certificate, const char *key) {
        return ended({"--check-config", "--listen", "wss://127.0.0.1:0", "--tls-cert",
                      file(QString::fromLatin1(certificate)).toStdString(), "--tls-key",
                      file(QString::fromLatin1(key)).toStdString()});
    };
    QVERIFY(check("ec.pem", "ec.key").text.starts_with("configuration is valid "));
    const EarlyExit expired = check("ec-expired.pem", "ec.key");
    QCOMPARE(expired.exitCode, 0);
    QVERIFY2(expired.text.starts_with("warning: the certificate of "), expired.text.c_str());
    const EarlyExit wrong = check("ec.pem", "rsa.key");
    QCOMPARE(wrong.exitCode, 2);
    QVERIFY2(wrong.text.find("does not belong to") != std::string::npos, wrong.text.c_str());
}

PARLOR_TEST_WITHIN(QCoreApplication, TlsIdentityTest)
#include "tst_tlsidentity.moc"
