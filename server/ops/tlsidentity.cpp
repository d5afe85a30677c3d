// SPDX-License-Identifier: MIT
#include "server/ops/tlsidentity.h"

#include <QDateTime>
#include <QFileInfo>
#include <QSslCertificate>
#include <QSslKey>
#include <QSslSocket>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <optional>

namespace parlor {

namespace {

constexpr qint64 kLargestFile = 1 << 20;

Result<QByteArray> readFile(const std::string &path, const std::string &what)
{
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::ReadOnly) || QFileInfo(file).isDir()) {
        return Error{.text = "cannot read the " + what + " file " + path + ": " +
                             file.errorString().toStdString() +
                             "; check the path, and let the server's user read it"};
    }
    const QByteArray bytes = file.read(kLargestFile + 1);
    if (bytes.size() > kLargestFile)
        return Error{.text = "the " + what + " file " + path + " is larger than 1 MiB; give a PEM file"};
    return bytes;
}

Result<QList<QSslCertificate>> readChain(const std::string &path)
{
    const Result<QByteArray> pem = readFile(path, "certificate");
    if (!pem)
        return pem.error();
    QList<QSslCertificate> chain = QSslCertificate::fromData(*pem, QSsl::Pem);
    if (chain.isEmpty() || chain.first().isNull()) {
        return Error{.text = "the certificate file " + path +
                             " holds no PEM certificate; give the server's, with its intermediates after it"};
    }
    return chain;
}

/// `likely`: the algorithm to try first. OpenSSL keeps what it says of a wrong one for the next error.
Result<QSslKey> readKey(const std::string &path, QSsl::KeyAlgorithm likely)
{
    const Result<QByteArray> read = readFile(path, "key");
    if (!read)
        return read.error();
    const QByteArray &pem = *read;
    // OpenSSL would ask for the passphrase at the terminal.
    if (pem.contains("BEGIN ENCRYPTED PRIVATE KEY") || pem.contains("Proc-Type: 4,ENCRYPTED")) {
        return Error{.text = "the key file " + path + " needs a passphrase; take it away: openssl pkey -in " +
                             path + " -out NEW_FILE"};
    }
    for (const QSsl::KeyAlgorithm algorithm : {likely, QSsl::Rsa, QSsl::Ec}) {
        if (const QSslKey key(pem, algorithm); !key.isNull())
            return key;
    }
    return Error{.text =
                     "the key file " + path +
                     " holds no RSA or EC private key in PEM form, which are those that this server can use"};
}

/// What QSslSocket says of the configuration when a connection comes; empty: nothing. It tells by no other
/// means whether key and certificate belong together and are strong enough for this system.
QString complaint(const QSslConfiguration &configuration)
{
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
        return QStringLiteral("the system has no socket left to try it with");
    QString text;
    {
        QSslSocket socket;
        QObject::connect(&socket, &QSslSocket::errorOccurred, &socket, [&] {
            if (text.isEmpty()) // of two errors the first has the reason
                text = socket.errorString();
        });
        socket.setSslConfiguration(configuration);
        if (socket.setSocketDescriptor(pair[0])) {
            socket.startServerEncryption();
            socket.abort();
        }
    }
    ::close(pair[1]);
    return text;
}

std::vector<std::string> warningsOf(const QSslCertificate &certificate, const std::string &certificateFile,
                                    const std::string &keyFile)
{
    std::vector<std::string> warnings;
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const auto date = [](const QDateTime &time) { return time.toString(Qt::ISODate).toStdString(); };
    if (certificate.expiryDate() < now) {
        warnings.push_back("the certificate of " + certificateFile + " expired at " +
                           date(certificate.expiryDate()) + ": clients will refuse it; renew it");
    } else if (certificate.effectiveDate() > now) {
        warnings.push_back("the certificate of " + certificateFile + " is not valid before " +
                           date(certificate.effectiveDate()) +
                           ": clients will refuse it; check the system's clock");
    }
    if (QFile::permissions(QString::fromStdString(keyFile)).testFlag(QFileDevice::ReadOther))
        warnings.push_back("the key file " + keyFile +
                           " is readable for every user; run: chmod o= " + keyFile);
    return warnings;
}

} // namespace

Result<TlsIdentity> loadTlsIdentity(const std::string &certificateFile, const std::string &keyFile)
{
    if (!QSslSocket::supportsSsl())
        return Error{
            .text = "TLS is not available: Qt's TLS plugin or OpenSSL is missing (Debian: libqt6network6)"};
    Result<QList<QSslCertificate>> chain = readChain(certificateFile);
    if (!chain)
        return chain.error();
    Result<QSslKey> key = readKey(keyFile, chain->first().publicKey().algorithm());
    if (!key)
        return key.error();

    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setProtocol(QSsl::TlsV1_2OrLater);
    configuration.setPeerVerifyMode(QSslSocket::VerifyNone); // clients show no certificates …
    configuration.setCaCertificates({});                     // … so nothing is loaded to check them by
    // Each QSslSocket has a context of its own, and no ticket could be redeemed in another.
    configuration.setSslOption(QSsl::SslOptionDisableSessionTickets, true);
    configuration.setSslOption(QSsl::SslOptionDisableSessionSharing, true);
    configuration.setLocalCertificateChain(*chain);
    configuration.setPrivateKey(*key);

    if (const QString said = complaint(configuration); !said.isEmpty()) {
        const bool isOther =
            said.contains(QLatin1String("mismatch")) || said.contains(QLatin1String("certify"));
        if (isOther) {
            return Error{.text = "the key of " + keyFile + " does not belong to the certificate of " +
                                 certificateFile +
                                 "; give the one it was made with (the server's certificate comes first)"};
        }
        return Error{.text = "the certificate of " + certificateFile + " cannot be used with the key of " +
                             keyFile + ": " + said.toStdString()};
    }
    return TlsIdentity{std::move(configuration), warningsOf(chain->first(), certificateFile, keyFile)};
}

} // namespace parlor
