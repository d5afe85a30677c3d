// SPDX-License-Identifier: MIT
#include "client-cli/load/run/loadrun.h"
#include "tests/support/testclass.h"

#include <QTcpServer>
#include <QTest>

#include <cstring>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <unistd.h>

using namespace parlor::cli::load;
using namespace std::chrono_literals;

namespace {

Address loopback(std::uint32_t last, std::uint16_t port)
{
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(0x7F000000U + last);
    Address address;
    std::memcpy(&address.storage, &where, sizeof where);
    address.size = sizeof where;
    return address;
}

} // namespace

class TestLoadRun : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void addressThatRefusesIsPassedOver();
};

void TestLoadRun::addressThatRefusesIsPassedOver()
{
    QTcpServer silent; // the kernel accepts, and nobody answers
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    Settings settings;
    Target target;
    target.authority = "somewhere";
    settings.stages = {{0s, 4}, {300ms, 4}};
    settings.rooms = {"general"};
    settings.connectTimeout = 100ms;
    const int interrupts = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    LoadRun run(settings, target, {loopback(2, silent.serverPort()), loopback(1, silent.serverPort())},
                interrupts, {});
    const auto result = run.execute();
    ::close(interrupts);
    QVERIFY(result);
    const auto &errors = result->measurements.errors;
    QCOMPARE(errors.count("connect: Connection refused"), 0U);
    QCOMPARE(errors.at("connect: no connection in time"), 4U);
    QCOMPARE(result->measurements.connectAttempts, 4U);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestLoadRun)
#include "tst_load_run.moc"
