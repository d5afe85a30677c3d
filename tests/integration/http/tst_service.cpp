// SPDX-License-Identifier: MIT
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace parlor::test;

/// What a server tells systemd: sd_notify(3).
class ServiceTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void tellsHowItIs();
    void feedsTheWatchdog();

private:
    /// All that was told so far, a line each.
    [[nodiscard]] QByteArrayList told();

    QTemporaryDir m_folder;
    int m_socket = -1;
    QByteArrayList m_told;
};

void ServiceTest::init()
{
    m_told.clear();
    const QByteArray path = m_folder.filePath(QStringLiteral("notify")).toLocal8Bit();
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    QVERIFY(std::size_t(path.size()) < sizeof address.sun_path);
    std::copy(path.begin(), path.end(), address.sun_path);
    m_socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    QCOMPARE(::bind(m_socket, reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
}

void ServiceTest::cleanup()
{
    ::close(m_socket);
    ::unlink(m_folder.filePath(QStringLiteral("notify")).toLocal8Bit().constData());
}

QByteArrayList ServiceTest::told()
{
    QByteArray datagram(4096, '\0');
    for (ssize_t size = 0; (size = ::recv(m_socket, datagram.data(), std::size_t(datagram.size()), 0)) > 0;)
        m_told += datagram.left(qsizetype(size)).split('\n');
    return m_told;
}

void ServiceTest::tellsHowItIs()
{
    ServerProcess server(
        {.program = QStringLiteral("parlor-server"),
         .launcher = {QStringLiteral("env"),
                      QStringLiteral("NOTIFY_SOCKET=") + m_folder.filePath(QStringLiteral("notify"))}});
    PARLOR_EXPECT(server.start());
    QTRY_COMPARE(told(), QByteArrayList{"READY=1"});
    server.signal(SIGHUP);
    QTRY_COMPARE(told().size(), 4);
    QCOMPARE(m_told.at(1), QByteArray("RELOADING=1"));
    QVERIFY(m_told.at(2).startsWith("MONOTONIC_USEC="));
    QCOMPARE(m_told.at(3), QByteArray("READY=1"));
    PARLOR_EXPECT(server.stop());
    QCOMPARE(told().mid(4), QByteArrayList{"STOPPING=1"});
}

void ServiceTest::feedsTheWatchdog()
{
    ServerProcess server(
        {.program = QStringLiteral("parlor-server"),
         .launcher = {QStringLiteral("env"), QStringLiteral("WATCHDOG_USEC=900000"),
                      QStringLiteral("NOTIFY_SOCKET=") + m_folder.filePath(QStringLiteral("notify"))}});
    PARLOR_EXPECT(server.start());
    QTRY_VERIFY(told().count("WATCHDOG=1") >= 2);
    PARLOR_EXPECT(server.stop());
}

PARLOR_TEST(ServiceTest)
#include "tst_service.moc"
