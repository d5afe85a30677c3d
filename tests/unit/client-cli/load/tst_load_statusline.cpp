// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/statusline.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::cli::load;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

class TestLoadStatusLine : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void status();
};

void TestLoadStatusLine::status()
{
    Histogram latency;
    latency.record(400us);
    RunRecord record;
    record.seconds.push_back(
        {.wanted = 78, .members = 77, .sent = 39, .received = 1, .latency = CoarseHistogram(latency)});
    Measurements &all = record.measurements;
    RunStatus status{.record = record, .now = 107s, .end = 210s, .phase = "ramp 50-100"};
    const auto line = [&status] { return QString::fromStdString(statusLine(status)); };
    QCOMPARE(line(), u"01:47 / 03:30  ramp 50-100  users 77/78  p50 0.400 ms  max 0.400 ms  sent 39/s  "
                     "received 1/s  unanswered 0  under way 0"_s);

    status.messages.unanswered = 120;
    status.messages.rejected = 807;
    status.messages.notMember = 3;
    status.messages.dropped = 4;
    status.messages.abandoned = 5;
    status.deliveries = {.lost = 1, .doubled = 2, .excused = 6};
    status.outstanding = 9;
    all.refusals = {{"internal", 1}, {"rate_limited", 806}};
    all.connectAttempts = 20;
    all.connected = all.joinAttempts = 18;
    all.joined = 17;
    all.connectionsLost = 2;
    all.reconnects = 1;
    all.splits.resize(3);
    QCOMPARE(line(),
             u"01:47 / 03:30  ramp 50-100  users 77/78  ROOMS SPLIT 3  LOST 1  DOUBLED 2  refused 807 "
             "(rate_limited, internal)  not a member 3  dropped 4  answer unknown 5  failed attempts 3  "
             "connections lost 2  joined again 1  no longer owed 6  p50 0.400 ms  max 0.400 ms  sent "
             "39/s  received 1/s  unanswered 120  under way 9"_s);
}

PARLOR_TEST(TestLoadStatusLine)
#include "tst_load_statusline.moc"
