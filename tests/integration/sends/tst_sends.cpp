// SPDX-License-Identifier: MIT
// A thousand members, fifty of whom do not read for a while: all get all, in one order.
#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QRegularExpression>
#include <QTest>

#include <sys/resource.h>

#include <vector>

using namespace Qt::StringLiterals;
using namespace parlor::test;

class SendsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void shortSends();
};

namespace {

constexpr std::size_t kMembers = 1000;
constexpr std::size_t kSleepers = 50;
constexpr int kRounds = 7;
constexpr int kMessagesARound = 10;
constexpr int kSmallBuffer = 32 * 1024; // with less, reading it all takes long
constexpr qsizetype kMostBytes = 64 << 20;

/// Text of v1, 12 kB as UTF-8: seventy of them are more than the kernel queues of one connection.
QByteArray message(int number)
{
    return "#" + QByteArray::number(number) + ' ' + QByteArray("\xE4\xBD\xA0").repeated(4000);
}

/// Reads to the end of the frame of this text; all that was read, or nothing.
QByteArray readThrough(RawWebSocket &member, const QByteArray &text)
{
    static const qsizetype kRest = QByteArray(R"(,"timestamp":"2026-03-01T12:00:00.000Z"})").size();
    const QByteArray mark = "\"content\":\"" + text + '"';
    const QByteArray bytes = member.socket().receiveUntil(mark, kMostBytes);
    const QByteArray rest = member.socket().receive(kRest);
    return bytes.endsWith(mark) && rest.size() == kRest ? bytes + rest : QByteArray();
}

/// The numbers of the messages in this stream of frames.
QList<int> numbersIn(const QByteArray &stream)
{
    QList<int> numbers;
    static const QRegularExpression one(QStringLiteral("\"content\":\"#(\\d+) "));
    for (auto found = one.globalMatch(QString::fromLatin1(stream)); found.hasNext();)
        numbers.append(found.next().captured(1).toInt());
    return numbers;
}

bool sleeps(std::size_t member)
{
    return member % (kMembers / kSleepers) == 1;
}

} // namespace

void SendsTest::shortSends()
{
    rlimit limit{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 2 * kMembers);
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur < kMembers + 100)
        QSKIP("this account may not open enough descriptors");

    ServerProcess server(
        {.program = u"parlor-server"_s,
         .arguments = {u"--workers"_s, u"2"_s, u"--rate"_s, u"0"_s, u"--inbound-rate"_s, u"0"_s,
                       u"--queue-limit"_s, u"0"_s, u"--stall-timeout"_s, u"0"_s, u"--ping"_s, u"0"_s}});
    PARLOR_EXPECT(server.start());
    std::vector<RawWebSocket> members(kMembers);
    for (std::size_t i = 0; i < kMembers; ++i) {
        PARLOR_EXPECT(
            members[i].open(server.port(), RawWebSocket::upgradeRequest(), sleeps(i) ? kSmallBuffer : 0));
        QVERIFY(members[i].send(textFrame(R"({"type":"join","room":"lobby"})")));
    }
    RawWebSocket talker;
    PARLOR_EXPECT(talker.open(server.port()));
    QVERIFY(talker.send(textFrame(R"({"type":"join","room":"lobby"})")));
    for (RawWebSocket &each : members) // its own room_users: it is in the room
        QVERIFY(each.socket().receiveUntil("\"room_users\"", kMostBytes).endsWith("\"room_users\""));
    QVERIFY(talker.send(textFrame("begin")));
    for (RawWebSocket &each : members)
        QVERIFY(!readThrough(each, "begin").isEmpty());

    // From here on all members get the same bytes. Most take them round by round, the sleepers in the end.
    QByteArray whole;
    QList<int> numbers;
    for (int round = 0; round < kRounds; ++round) {
        for (int i = 0; i < kMessagesARound; ++i) {
            numbers.append(round * kMessagesARound + i);
            QVERIFY(talker.send(textFrame(message(numbers.last()))));
        }
        const QByteArray end = "end of round " + QByteArray::number(round);
        QVERIFY(talker.send(textFrame(end)));
        // Its echo, and its copy; it must read, or the server stops reading what it says.
        QVERIFY(!readThrough(talker, end).isEmpty() && !readThrough(talker, end).isEmpty());
        const QByteArray first = readThrough(members.front(), end);
        QVERIFY(!first.isEmpty());
        for (std::size_t i = 1; i < kMembers; ++i)
            QVERIFY2(sleeps(i) || readThrough(members[i], end) == first, qPrintable(QString::number(i)));
        whole += first;
    }
    QCOMPARE(numbersIn(whole), numbers);
    for (std::size_t i = 0; i < kMembers; ++i)
        QVERIFY2(!sleeps(i) || members[i].socket().receive(whole.size()) == whole,
                 qPrintable(QString::number(i)));
    server.kill();
}

PARLOR_TEST_WITHIN(QCoreApplication, SendsTest)
#include "tst_sends.moc"
