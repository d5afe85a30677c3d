// SPDX-License-Identifier: MIT
#include "tests/support/rawwebsocket.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
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
    void doesNotWaitForTheLog();

private:
    /// All that was told so far, a line each.
    [[nodiscard]] QByteArrayList told();
    [[nodiscard]] static pid_t thread(qint64 process, const QByteArray &name);

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

/// The thread of this name; 0: there is none.
pid_t ServiceTest::thread(qint64 process, const QByteArray &name)
{
    const QDir tasks(QStringLiteral("/proc/%1/task").arg(process));
    for (const QString &task : tasks.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        QFile file(tasks.filePath(task + QStringLiteral("/comm")));
        if (file.open(QIODevice::ReadOnly) && file.readAll().trimmed() == name)
            return pid_t(task.toInt());
    }
    return 0;
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

    // One of the threads stands still.
    const pid_t worker = thread(server.pid(), "worker 0");
    QVERIFY(worker != 0);
    if (::ptrace(PTRACE_SEIZE, worker, nullptr, nullptr) != 0)
        QSKIP("threads of other processes cannot be stopped here");
    QCOMPARE(::ptrace(PTRACE_INTERRUPT, worker, nullptr, nullptr), 0L);
    QCOMPARE(::waitpid(worker, nullptr, __WALL), worker);
    QTest::qWait(600); // a look may have been under way
    const auto before = told().count("WATCHDOG=1");
    QTest::qWait(3'000); // ten looks
    QCOMPARE(told().count("WATCHDOG=1"), before);
    QCOMPARE(::ptrace(PTRACE_DETACH, worker, nullptr, nullptr), 0L);
    QTRY_VERIFY(told().count("WATCHDOG=1") > before);
    PARLOR_EXPECT(server.stop());
}

/// Nobody reads what it logs: clients come and go all the same.
void ServiceTest::doesNotWaitForTheLog()
{
    std::array<int, 2> pipe{};
    QCOMPARE(::pipe2(pipe.data(), O_CLOEXEC), 0);
    QProcess process;
    process.setProgram(QProcessEnvironment::systemEnvironment().value(QStringLiteral("PARLOR_TEST_BIN")) +
                       QStringLiteral("/parlor-server"));
    process.setProcessEnvironment(plainEnvironment());
    process.setArguments({QStringLiteral("--listen"), QStringLiteral("127.0.0.1:0"),
                          QStringLiteral("--store"), QStringLiteral("memory"),
                          QStringLiteral("--access-log")});
    process.setChildProcessModifier([&pipe] { ::dup2(pipe[1], STDERR_FILENO); });
    process.start();
    QVERIFY(process.waitForStarted());
    QByteArray said;
    const auto read = [&] {
        QByteArray bytes(65'536, '\0');
        const auto size = ::read(pipe[0], bytes.data(), std::size_t(bytes.size()));
        said += bytes.left(std::max<qsizetype>(size, 0));
    };
    const QRegularExpression listening(QStringLiteral("listening on ws://127.0.0.1:(\\d+)/ws"));
    while (!listening.match(QString::fromUtf8(said)).hasMatch())
        read();
    const auto port = listening.match(QString::fromUtf8(said)).captured(1).toUShort();
    for (int i = 0; i < 1'000; ++i) { // a pipe holds 64 KiB
        RawWebSocket client;
        PARLOR_EXPECT(client.open(port));
    }
    ::kill(pid_t(process.processId()), SIGHUP); // what the main thread says of it does not hold it either
    RawWebSocket client;
    PARLOR_EXPECT(client.open(port));
    ::fcntl(pipe[0], F_SETFL, O_NONBLOCK);
    QTRY_VERIFY2_WITH_TIMEOUT((read(), said.contains("lines are not in this log")),
                              said.right(200).constData(), 15'000);
    process.terminate();
    QVERIFY(process.waitForFinished());
    ::close(pipe[0]);
    ::close(pipe[1]);
}

PARLOR_TEST(ServiceTest)
#include "tst_service.moc"
