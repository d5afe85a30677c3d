// SPDX-License-Identifier: MIT
#include "server/transport/qttransport.h"

#include "tests/support/rawsocket.h"
#include "tests/support/testclass.h"

#include <QTcpServer>
#include <QTest>

#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>

using namespace parlor;
using namespace parlor::test;

namespace {

constexpr qsizetype kMuch = 64 << 20; // more than the kernel buffers of one connection

class Listener final : public TransportListener
{
public:
    void onBytes(std::span<char> bytes) override
    {
        received.append(bytes.data(), static_cast<qsizetype>(bytes.size()));
        ++calls;
    }
    void onWritable() override
    {
        ++writable;
        ++calls;
    }
    void onPeerFinished() override
    {
        isFinished = true;
        ++calls;
    }
    void onBroken() override
    {
        isBroken = true;
        ++calls;
    }

    QByteArray received;
    int calls = 0;
    int writable = 0;
    bool isFinished = false;
    bool isBroken = false;
};

} // namespace

/// QtTransport's own promises, over plain TCP; that all else is as with NativeTransport, the conformance and
/// hostile suites try on both, and over TLS.
class QtTransportTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void bytesArrive();
    void sendStopsAtItsBound();
    void roomIsReported();
    void pauseHoldsThePeerBack();
    void finishLeavesTheOtherDirectionOpen();
    void abortResets();
    void listenerIsCalledInReportsOnly();
    void endOfThePeer_data();
    void endOfThePeer();
    void uselessDescriptor();

private:
    [[nodiscard]] SendResult send(const std::string &bytes)
    {
        const std::string_view piece = bytes;
        return m_transport->send({&piece, 1});
    }

    std::array<char, 64 * 1024> m_buffer{};
    std::unique_ptr<ReadyList> m_ready;
    std::unique_ptr<QtTransport> m_transport;
    std::unique_ptr<RawSocket> m_peer;
    std::unique_ptr<Listener> m_listener;
};

void QtTransportTest::init()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    m_peer = std::make_unique<RawSocket>(Wire::Native);
    QVERIFY(m_peer->connectTo(server.serverPort()));
    const int descriptor = ::accept4(static_cast<int>(server.socketDescriptor()), nullptr, nullptr,
                                     SOCK_NONBLOCK | SOCK_CLOEXEC);
    QVERIFY(descriptor >= 0);
    m_ready = std::make_unique<ReadyList>([this] {
        QMetaObject::invokeMethod(
            this, [this] { m_ready->dispatch(); }, Qt::QueuedConnection);
    });
    m_transport =
        std::make_unique<QtTransport>(AcceptedSocket{descriptor, TransportKind::Qt}, *m_ready, m_buffer);
    QVERIFY(m_transport->isOpen());
    m_listener = std::make_unique<Listener>();
    m_transport->setListener(*m_listener);
}

void QtTransportTest::cleanup()
{
    m_transport.reset();
    m_peer.reset();
    QCoreApplication::processEvents();
}

void QtTransportTest::bytesArrive()
{
    QVERIFY(m_peer->send("hello"));
    QTRY_COMPARE(m_listener->received, QByteArray("hello"));
    QCOMPARE(send("and back").sent, std::size_t(8));
    QCOMPARE(m_peer->receive(8), QByteArray("and back")); // without another turn of the event loop
    QCOMPARE(m_transport->peerAddress(), QHostAddress(QHostAddress::LocalHost));
    QCOMPARE(m_transport->descriptor(), -1);
}

void QtTransportTest::sendStopsAtItsBound()
{
    // The peer's kernel may make room for a while; then nothing more goes.
    std::size_t taken = 0;
    for (SendResult result{1}; result.sent != 0; taken += result.sent) {
        QVERIFY(taken < std::size_t(kMuch));
        result = send(std::string(kMuch, 'x'));
        QVERIFY(!result.broken);
    }
    QVERIFY(taken > 0);
    // WHEN it goes, all arrives but what was in Qt
    m_transport.reset();
    const auto arrived = static_cast<std::size_t>(m_peer->receiveAll(4 * kMuch).size());
    QVERIFY2(arrived <= taken && arrived + QtTransport::kWriteBound >= taken,
             qPrintable(QStringLiteral("%1 of %2").arg(arrived).arg(taken)));
}

void QtTransportTest::roomIsReported()
{
    const std::size_t sent = send(std::string(kMuch, 'x')).sent;
    QCOMPARE(m_listener->writable, 0);
    QCOMPARE(m_peer->receive(static_cast<qsizetype>(sent - QtTransport::kWriteBound)).size(),
             static_cast<qsizetype>(sent - QtTransport::kWriteBound));
    QTRY_COMPARE(m_listener->writable, 1);
    QCOMPARE(send("more").sent, std::size_t(4));
}

void QtTransportTest::pauseHoldsThePeerBack()
{
    m_transport->pauseReading();
    const QByteArray chunk(1 << 20, 'y');
    qsizetype sent = 0;
    for (int quiet = 0; quiet < 20 && sent < kMuch;) { // turns of the event loop in which nothing moved
        const qsizetype n = m_peer->sendWhatFits(chunk);
        sent += n;
        quiet = n == 0 ? quiet + 1 : 0;
        QTest::qWait(1);
    }
    QVERIFY2(sent < kMuch, "the peer is not held back");
    QVERIFY(m_listener->received.isEmpty());
    m_transport->resumeReading();
    QTRY_COMPARE(m_listener->received.size(), sent);
}

void QtTransportTest::finishLeavesTheOtherDirectionOpen()
{
    QVERIFY(!send("last words").broken);
    m_transport->finishSending();
    QCOMPARE(m_peer->receive(10), QByteArray("last words"));
    QTRY_VERIFY(!m_peer->isQuietFor(std::chrono::milliseconds(0)));
    QCOMPARE(m_peer->end(), RawSocket::End::Eof);
    QVERIFY(m_peer->send("still here"));
    QTRY_COMPARE(m_listener->received, QByteArray("still here"));
    QVERIFY(!m_listener->isFinished);
    m_peer->close();
    QTRY_VERIFY(m_listener->isFinished);
}

void QtTransportTest::abortResets()
{
    QVERIFY(send(std::string(kMuch, 'x')).sent > 0);
    m_transport->abort();
    (void)m_peer->receiveAll(2 * kMuch);
    QCOMPARE(m_peer->end(), RawSocket::End::Reset);
    QVERIFY(send("nobody").broken);
    QCoreApplication::processEvents();
    QCOMPARE(m_listener->calls, 0);
}

void QtTransportTest::listenerIsCalledInReportsOnly()
{
    m_peer->reset();
    SendResult result;
    QTRY_VERIFY((result = send("into the void"), m_listener->calls != 0 || result.broken));
    if (!m_listener->isBroken) { // the send found it: the listener hears of it in a later turn
        QCOMPARE(m_listener->calls, 0);
        QTRY_VERIFY(m_listener->isBroken);
    }
}

void QtTransportTest::endOfThePeer_data()
{
    QTest::addColumn<bool>("byReset");
    QTest::newRow("end") << false;
    QTest::newRow("reset") << true;
}

void QtTransportTest::endOfThePeer()
{
    QFETCH(const bool, byReset);
    QVERIFY(m_peer->send("before the end"));
    QTRY_COMPARE(m_listener->received, QByteArray("before the end"));
    if (byReset)
        m_peer->reset();
    else
        m_peer->close();
    QTRY_VERIFY(m_listener->isBroken);
    QVERIFY(send("too late").broken);
    const int calls = m_listener->calls;
    QTest::qWait(20);
    QCOMPARE(m_listener->calls, calls); // it is said once
}

void QtTransportTest::uselessDescriptor()
{
    const QtTransport transport(AcceptedSocket{-1, TransportKind::Qt}, *m_ready, m_buffer);
    QVERIFY(!transport.isOpen());
}

PARLOR_TEST_WITHIN(QCoreApplication, QtTransportTest)
#include "tst_qttransport.moc"
