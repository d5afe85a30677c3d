// SPDX-License-Identifier: MIT
// The load generator's connections against servers that do what a test says: over TCP, and inside TLS.
#include "client-cli/load/wire/websocketclient.h"
#include "shared/websocket/handshake.h"
#include "tests/support/testclass.h"
#include "tests/support/wire.h"

#include <QDeadlineTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <arpa/inet.h>
#include <csignal>
#include <functional>
#include <malloc.h>
#include <mutex>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace parlor;
using namespace parlor::cli::load;
using namespace Qt::StringLiterals;

namespace {

constexpr std::chrono::seconds kPatience{20}; ///< only a defect meets it

/// The server's end of a connection: it blocks, and its thread is the server's.
class Peer
{
public:
    Peer(int descriptor, SSL *ssl)
        : m_descriptor(descriptor)
        , m_ssl(ssl)
    {
    }
    /// Empty at the end.
    [[nodiscard]] std::string receiveSome()
    {
        std::array<char, 16384> buffer{};
        const ssize_t size = m_ssl != nullptr
                                 ? SSL_read(m_ssl, buffer.data(), static_cast<int>(buffer.size()))
                                 : ::recv(m_descriptor, buffer.data(), buffer.size(), 0);
        return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
    }
    /// Of the request, with its blank line.
    [[nodiscard]] std::string receiveHead()
    {
        std::string head;
        while (head.find("\r\n\r\n") == std::string::npos) {
            const std::string some = receiveSome();
            if (some.empty())
                break;
            head += some;
        }
        return head;
    }
    void send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t size = m_ssl != nullptr
                                     ? SSL_write(m_ssl, bytes.data(), static_cast<int>(bytes.size()))
                                     : ::send(m_descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (size <= 0)
                return;
            bytes.remove_prefix(static_cast<std::size_t>(size));
        }
    }
    /// `whole`, and half of the TLS record that holds `halved`. The other half is returned, for sendRaw().
    [[nodiscard]] std::string sendAndHalf(std::string_view whole, std::string_view halved)
    {
        BIO *memory = BIO_new(BIO_s_mem());
        SSL_set0_wbio(m_ssl, memory);
        std::string records;
        std::size_t wholeSize = 0;
        for (const std::string_view each : {whole, halved}) {
            wholeSize = records.size();
            send(each);
            char *data = nullptr;
            const long size = BIO_get_mem_data(memory, &data);
            records.assign(data, static_cast<std::size_t>(size));
        }
        const std::size_t cut = (wholeSize + records.size()) / 2;
        sendRaw(records.substr(0, cut));
        return records.substr(cut);
    }
    void sendRaw(std::string_view bytes) { ::send(m_descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    void waitForEnd()
    {
        while (!receiveSome().empty())
            ;
    }
    void resetAtEnd()
    {
        const linger now{1, 0};
        ::setsockopt(m_descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    /// The connection stays as it is until the server ends.
    void hold() { m_isHeld = true; }
    [[nodiscard]] bool isHeld() const { return m_isHeld; }

private:
    int m_descriptor;
    SSL *m_ssl;
    bool m_isHeld = false;
};

std::string fieldOf(const std::string &head, const std::string &name)
{
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos)
        return {};
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string switching(const std::string &head, const std::string &more = {})
{
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           websocket::acceptOf(fieldOf(head, "Sec-WebSocket-Key")) + "\r\n" + more + "\r\n";
}

/// An unmasked text frame.
std::string textFrame(std::string_view text)
{
    std::string frame("\x81", 1);
    if (text.size() < 126) {
        frame += static_cast<char>(text.size());
    } else {
        frame += static_cast<char>(126);
        frame += static_cast<char>(text.size() >> 8);
        frame += static_cast<char>(text.size() & 0xFF);
    }
    return frame.append(text);
}

enum class Family : std::uint8_t { V4, V6 };

struct ContextDeleter
{
    void operator()(SSL_CTX *context) const { SSL_CTX_free(context); }
};
using ServerContext = std::unique_ptr<SSL_CTX, ContextDeleter>;

ServerContext serverContext()
{
    ServerContext context(SSL_CTX_new(TLS_server_method()));
    const QByteArray certificate = QFile::encodeName(test::TestCertificate::certificate());
    const QByteArray key = QFile::encodeName(test::TestCertificate::key());
    if (SSL_CTX_use_certificate_file(context.get(), certificate.constData(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_PrivateKey_file(context.get(), key.constData(), SSL_FILETYPE_PEM) != 1)
        context.reset();
    return context;
}

/// A server on loopback, in a thread of its own, that takes one connection after the other.
class LoopbackServer
{
public:
    using Script = std::function<void(Peer &)>;

    /// `context`: of TLS, or nullptr.
    explicit LoopbackServer(Script script, SSL_CTX *context = nullptr, Family family = Family::V4)
        : m_script(std::move(script))
        , m_context(context)
    {
        const auto address = resolve(family == Family::V4 ? "127.0.0.1" : "::1", 0);
        if (!address)
            return;
        m_address = address->front();
        m_listener = ::socket(m_address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto *where = reinterpret_cast<sockaddr *>(&m_address.storage);
        m_isListening = ::bind(m_listener, where, m_address.size) == 0 && ::listen(m_listener, 1024) == 0 &&
                        ::getsockname(m_listener, where, &m_address.size) == 0;
        if (m_isListening)
            m_thread = std::thread([this] { serve(); });
    }
    ~LoopbackServer()
    {
        ::shutdown(m_listener, SHUT_RDWR); // accept() returns
        if (m_thread.joinable())
            m_thread.join();
        for (const int each : m_held)
            ::close(each);
        ::close(m_listener);
    }
    LoopbackServer(const LoopbackServer &) = delete;
    LoopbackServer &operator=(const LoopbackServer &) = delete;

    [[nodiscard]] bool isListening() const { return m_isListening; }
    [[nodiscard]] const Address &address() const { return m_address; }
    [[nodiscard]] std::vector<std::string> clients() const
    {
        const std::lock_guard lock(m_mutex);
        return m_clients;
    }

private:
    void serve()
    {
        while (true) {
            Address client;
            client.size = sizeof client.storage;
            const int descriptor =
                ::accept(m_listener, reinterpret_cast<sockaddr *>(&client.storage), &client.size);
            if (descriptor < 0)
                return;
            const timeval patience{kPatience.count(), 0};
            ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
            ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
            {
                const std::lock_guard lock(m_mutex);
                const std::string text = toString(client);
                m_clients.push_back(text.substr(0, text.rfind(':')));
            }
            SSL *ssl = nullptr;
            if (m_context != nullptr) {
                ssl = SSL_new(m_context);
                SSL_set_fd(ssl, descriptor);
            }
            Peer peer(descriptor, ssl);
            if (ssl == nullptr || SSL_accept(ssl) == 1)
                m_script(peer);
            SSL_free(ssl);
            if (peer.isHeld())
                m_held.push_back(descriptor);
            else
                ::close(descriptor);
        }
    }

    Script m_script;
    SSL_CTX *m_context;
    Address m_address;
    int m_listener = -1;
    bool m_isListening = false;
    mutable std::mutex m_mutex;
    std::vector<std::string> m_clients; ///< addresses, in their order
    std::vector<int> m_held;
    std::thread m_thread;
};

/// What clients of a thread share.
struct Loop
{
    Poller poller{32};
    RunClock clock;
    Random random{1};
    std::vector<char> buffer = std::vector<char>(64 * 1024);
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    ConnectionParts parts{poller, clock, random, buffer, sent, received};

    /// False: `holds` did not come to hold.
    template <typename Predicate>
    [[nodiscard]] bool until(Predicate holds)
    {
        const QDeadlineTimer deadline(kPatience);
        while (!holds()) {
            if (deadline.hasExpired() || poller.wait(std::chrono::milliseconds(20)) < 0)
                return false;
        }
        return true;
    }
};

class Client final : private ConnectionListener
{
public:
    explicit Client(Loop &loop)
        : connection(loop.parts, *this)
    {
    }
    WebSocketClient connection;
    bool isConnected = false;
    std::vector<std::string> texts;
    std::size_t textCount = 0;
    bool keepsTexts = true;
    std::optional<ConnectionEnd> end;

private:
    void onConnected() override { isConnected = true; }
    void onText(std::string_view text, Offset) override
    {
        ++textCount;
        if (keepsTexts)
            texts.emplace_back(text);
    }
    void onEnded(const ConnectionEnd &how) override { end = how; }
};

Target target()
{
    Target target;
    target.host = "localhost";
    target.authority = "localhost";
    return target;
}

Target trustingTarget()
{
    Target target = ::target();
    target.isTls = true;
    target.caFile = test::TestCertificate::certificate().toStdString();
    auto context = TlsContext::make({.caFile = target.caFile});
    if (context)
        target.tls = *std::move(context);
    return target;
}

} // namespace

class TestLoadWire : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void talks_data();
    void talks();
    void refusals_data();
    void refusals();
    void silenceHasAName_data();
    void silenceHasAName();
    void nobodyListens();
    void garbageAfterTheUpgrade();
    void ends_data();
    void ends();
    void manyFrames_data();
    void manyFrames();
    void halfARecordIsNoWork();
    void longestMessageIsSent();
    void slowServerTakesAll_data();
    void slowServerTakesAll();
    void certificates_data();
    void certificates();
    void wrongCaFile_data();
    void wrongCaFile();
    void plainServerInsteadOfTls();
    void tlsIsResumed();
    void headersAndCookies();
    void cookiesAreOnlyKeptWhenAsked();
    void comesFromItsSources();
    void sourceThatIsNotOurs();
    void sourcesOfTheOtherFamily();
    void ipv6();
    void idleConnectionIsSmall();

private:
    ServerContext m_context;
};

void TestLoadWire::initTestCase()
{
    ::signal(SIGPIPE, SIG_IGN); // as main() does
    m_context = serverContext();
    QVERIFY(m_context);
}

namespace {

void addWires()
{
    QTest::addColumn<bool>("isTls");
    QTest::newRow("TCP") << false;
    QTest::newRow("TLS") << true;
}

} // namespace

void TestLoadWire::talks_data()
{
    addWires();
}

void TestLoadWire::talks()
{
    QFETCH(bool, isTls);
    LoopbackServer server(
        [](Peer &peer) {
            const std::string head = peer.receiveHead();
            // The first frame comes with the head's last bytes, and a ping in between.
            peer.send(switching(head, "Sec-WebSocket-Protocol: parlor.v2\r\n") + textFrame("first") +
                      std::string("\x89\x02hi", 4) + textFrame("second"));
            const std::string pong = peer.receiveSome();
            peer.send(textFrame("pong of " + std::to_string(pong.size())));
            peer.send(textFrame("frame of " + std::to_string(peer.receiveSome().size())));
            peer.waitForEnd();
        },
        isTls ? m_context.get() : nullptr);
    QVERIFY(server.isListening());
    Loop loop;
    Client client(loop);
    const Target target = isTls ? trustingTarget() : ::target();
    QVERIFY(client.connection.open(server.address(), target, "parlor.v2", 0));
    QVERIFY(!client.connection.sendText("too early"));
    QVERIFY(loop.until([&] { return client.texts.size() == 3 || client.end; }));
    QVERIFY(client.isConnected);
    QVERIFY(client.connection.sendText("hello"));
    QVERIFY(loop.until([&] { return client.texts.size() == 4 || client.end; }));
    // A masked frame has 6 bytes before its payload.
    QCOMPARE(client.texts, (std::vector<std::string>{"first", "second", "pong of 8", "frame of 11"}));
    QVERIFY(loop.sent > 0 && loop.received > 0);
    client.connection.abort();
    QVERIFY(!client.end);
}

void TestLoadWire::refusals_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QString>("reason");
    QTest::newRow("404") << QByteArray("HTTP/1.1 404 Not Found\r\n\r\n")
                         << "HTTP 404 Not Found: the server has nothing at this path";
    QTest::newRow("503") << QByteArray("HTTP/1.1 503 Service Unavailable\r\n\r\n")
                         << "HTTP 503 Service Unavailable: no server is ready there, or it is full";
    QTest::newRow("401") << QByteArray("HTTP/1.1 401 Unauthorized\r\n\r\n")
                         << "give a valid token with --token-file FILE";
    QTest::newRow("redirect") << QByteArray("HTTP/1.1 301 Moved\r\nLocation: https://chat.example/ws\r\n\r\n")
                              << "the server answers 301 to https://chat.example/ws: give that address";
    QTest::newRow("redirect to nowhere")
        << QByteArray("HTTP/1.1 302 Found\r\n\r\n") << "the server answers 302, and does not say where to go";
    QTest::newRow("a page") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") << "HTTP 200 OK";
    QTest::newRow("no HTTP") << QByteArray("220 mail.example ESMTP\r\n\r\n")
                             << "an answer that is not HTTP/1.1; is there a WebSocket server";
    QTest::newRow("wrong accept") << QByteArray("HTTP/1.1 101 S\r\nUpgrade: websocket\r\n"
                                                "Connection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n")
                                  << "101 with a wrong Sec-WebSocket-Accept";
    QTest::newRow("closed at once") << QByteArray() << "the server ended the connection instead of answering";
}

void TestLoadWire::refusals()
{
    QFETCH(QByteArray, answer);
    QFETCH(QString, reason);
    LoopbackServer server([&answer](Peer &peer) {
        static_cast<void>(peer.receiveHead());
        peer.send({answer.constData(), static_cast<std::size_t>(answer.size())});
    });
    QVERIFY(server.isListening());
    Loop loop;
    Client client(loop);
    const Target target = ::target();
    QVERIFY(client.connection.open(server.address(), target, {}, 0));
    QVERIFY(loop.until([&] { return client.end.has_value(); }));
    QVERIFY(!client.isConnected);
    QCOMPARE(client.end->stage, ConnectionEnd::Stage::Upgrading);
    QVERIFY2(QString::fromStdString(client.end->reason).contains(reason), client.end->reason.c_str());
}

void TestLoadWire::silenceHasAName_data()
{
    addWires();
}

void TestLoadWire::silenceHasAName()
{
    QFETCH(bool, isTls);
    LoopbackServer server([](Peer &peer) { peer.hold(); }); // and says nothing
    QVERIFY(server.isListening());
    Loop loop;
    Client client(loop);
    const Target target = isTls ? trustingTarget() : ::target();
    QVERIFY(client.connection.open(server.address(), target, {}, 0));
    QCOMPARE(client.connection.lateness(), std::string_view("no connection in time"));
    QVERIFY(loop.until([&] { return client.connection.isConnected(); }));
    QCOMPARE(
        client.connection.lateness(),
        isTls ? std::string_view("the server took the connection, but did not end the TLS handshake in time")
              : std::string_view("the server took the connection, but did not answer the upgrade in time"));
    QVERIFY(!client.end);
}

void TestLoadWire::nobodyListens()
{
    Address address;
    {
        const LoopbackServer server([](Peer &) {});
        address = server.address();
    }
    Loop loop;
    Client client(loop);
    const Target target = ::target();
    const auto opened = client.connection.open(address, target, {}, 0);
    if (opened) {
        QVERIFY(loop.until([&] { return client.end.has_value(); }));
        QCOMPARE(client.end->stage, ConnectionEnd::Stage::Connecting);
        QCOMPARE(client.end->reason, std::string("Connection refused"));
    } else {
        QCOMPARE(opened.error().text, std::string("Connection refused"));
    }
}

void TestLoadWire::garbageAfterTheUpgrade()
{
    LoopbackServer server([](Peer &peer) {
        peer.send(switching(peer.receiveHead()) + "<html>\r\n");
        peer.waitForEnd();
    });
    QVERIFY(server.isListening());
    Loop loop;
    Client client(loop);
    const Target target = ::target();
    QVERIFY(client.connection.open(server.address(), target, {}, 0));
    QVERIFY(loop.until([&] { return client.end.has_value(); }));
    QVERIFY(client.isConnected);
    QCOMPARE(client.end->stage, ConnectionEnd::Stage::Open);
    QCOMPARE(client.end->closeCode, 1002);
    QCOMPARE(client.end->reason, std::string("the server broke the protocol: reserved bits are set"));
}

void TestLoadWire::ends_data()
{
    QTest::addColumn<bool>("isTls");
    QTest::addColumn<QString>("how");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("reason");
    for (const bool isTls : {false, true}) {
        const char *wire = isTls ? "TLS" : "TCP";
        QTest::addRow("Close, %s", wire) << isTls << "close" << 1001 << "bye";
        QTest::addRow("end, %s", wire) << isTls << "end" << 1006 << "";
        QTest::addRow("reset, %s", wire) << isTls << "reset" << 1006 << "Connection reset by peer";
    }
}

void TestLoadWire::ends()
{
    QFETCH(bool, isTls);
    QFETCH(QString, how);
    QFETCH(int, code);
    QFETCH(QString, reason);
    LoopbackServer server(
        [&how](Peer &peer) {
            peer.send(switching(peer.receiveHead()));
            if (peer.receiveSome().empty()) // the client is open, and has said so
                return;
            if (how == u"close"_s) {
                peer.send(std::string("\x88\x05\x03\xE9"
                                      "bye",
                                      7));
                static_cast<void>(peer.receiveSome());
            } else if (how == u"reset"_s) {
                peer.resetAtEnd();
            }
        },
        isTls ? m_context.get() : nullptr);
    QVERIFY(server.isListening());
    Loop loop;
    Client client(loop);
    const Target target = isTls ? trustingTarget() : ::target();
    QVERIFY(client.connection.open(server.address(), target, {}, 0));
    QVERIFY(loop.until([&] { return client.isConnected || client.end; }));
    QVERIFY(client.connection.sendText("here"));
    QVERIFY(loop.until([&] { return client.end.has_value(); }));
    QCOMPARE(client.end->stage, ConnectionEnd::Stage::Open);
    QCOMPARE(int(client.end->closeCode), code);
    QCOMPARE(QString::fromStdString(client.end->reason), reason);
}

void TestLoadWire::manyFrames_data()
{
    addWires();
}

/// More than one turn's reads take, from a server that never pauses, and then is silent: nothing stays
/// behind.
void TestLoadWire::manyFrames()
{
    QFETCH(bool, isTls);
    constexpr std::size_t kFrames = 10'000;
    LoopbackServer server(
        [](Peer &peer) {
            std::string all = switching(peer.receiveHead());
            for (std::size_t i = 0; i < kFrames; ++i)
                all += textFrame(std::string(100 + i % 400, 'x'));
            peer.send(all);
            peer.waitForEnd();
        },
        isTls ? m_context.get() : nullptr);
    QVERIFY(server.isListening());
    Loop loop;
    Client client(loop);
    client.keepsTexts = false;
    const Target target = isTls ? trustingTarget() : ::target();
    QVERIFY(client.connection.open(server.address(), target, {}, 0));
    QVERIFY(loop.until([&] { return client.textCount == kFrames || client.end; }));
    QCOMPARE(client.textCount, kFrames);
    QVERIFY(!client.end);
}

/// Nothing happens while the rest of a TLS record is on its way.
void TestLoadWire::halfARecordIsNoWork()
{
    std::mutex mutex;
    mutex.lock(); // until the client has waited
    LoopbackServer server(
        [&mutex](Peer &peer) {
            const std::string rest =
                peer.sendAndHalf(switching(peer.receiveHead()) + textFrame("first"), textFrame("second"));
            const std::lock_guard wait(mutex);
            peer.sendRaw(rest);
            peer.waitForEnd();
        },
        m_context.get());
    Loop loop;
    Client client(loop);
    const Target target = trustingTarget();
    const bool isOpening =
        server.isListening() && bool(client.connection.open(server.address(), target, {}, 0));
    const bool hasFirst = isOpening && loop.until([&] { return client.texts.size() == 1 || client.end; });
    int events = 0;
    for (int i = 0; i < 50; ++i)
        events += loop.poller.wait(std::chrono::milliseconds(1));
    mutex.unlock();
    QVERIFY(hasFirst);
    QVERIFY2(events < 10, QByteArray::number(events).constData()); // the rest of what it wrote, at most
    QVERIFY(loop.until([&] { return client.texts.size() == 2 || client.end; }));
    QCOMPARE(client.texts, (std::vector<std::string>{"first", "second"}));
    client.connection.abort();
}

void TestLoadWire::longestMessageIsSent()
{
    LoopbackServer server([](Peer &peer) {
        peer.send(switching(peer.receiveHead()));
        peer.waitForEnd();
    });
    QVERIFY(server.isListening());
    Loop loop;
    Client client(loop);
    const Target target = ::target();
    QVERIFY(client.connection.open(server.address(), target, {}, 0));
    QVERIFY(loop.until([&] { return client.isConnected || client.end; }));
    // A content of v1's most, as JSON.
    const std::uint64_t before = loop.sent;
    QVERIFY(client.connection.sendText(std::string(66'000, 'x')));
    QVERIFY(loop.until([&] { return loop.sent - before > 66'000 || client.end; }));
    QVERIFY(!client.end);
    client.connection.abort();
}

void TestLoadWire::slowServerTakesAll_data()
{
    addWires();
}

/// A server that reads nothing for a while: what is sent meanwhile waits, within its bound, and all that was
/// taken comes.
void TestLoadWire::slowServerTakesAll()
{
    QFETCH(bool, isTls);
    std::mutex mutex;
    mutex.lock(); // until the client is full
    std::atomic<std::uint64_t> got = 0;
    LoopbackServer server(
        [&](Peer &peer) {
            peer.send(switching(peer.receiveHead()));
            const std::lock_guard wait(mutex);
            for (std::string some = peer.receiveSome(); !some.empty(); some = peer.receiveSome())
                got += some.size();
        },
        isTls ? m_context.get() : nullptr);
    QVERIFY(server.isListening());
    Loop loop;
    Client client(loop);
    const Target target = isTls ? trustingTarget() : ::target();
    const bool isOpening = bool(client.connection.open(server.address(), target, {}, 0));
    const bool isOpen = isOpening && loop.until([&] { return client.isConnected || client.end; });
    const std::string text(10'000, 'x');
    std::uint64_t taken = 0;
    while (isOpen && client.connection.sendText(text)) {
        taken += text.size() + 8; // the header of such a frame
        static_cast<void>(loop.poller.wait({}));
    }
    mutex.unlock();
    QVERIFY(isOpen);
    QVERIFY(taken > 64 * 1024);
    QVERIFY(loop.until([&] { return got == taken || client.end; }));
    QCOMPARE(got.load(), taken);
    client.connection.abort();
}

void TestLoadWire::certificates_data()
{
    QTest::addColumn<QString>("host");
    QTest::addColumn<bool>("isTrusted");
    QTest::addColumn<bool>("isInsecure");
    QTest::addColumn<QString>("reason");
    QTest::newRow("trusted by --ca-file") << "localhost" << true << false << "";
    QTest::newRow("an address that it names") << "127.0.0.1" << true << false << "";
    QTest::newRow("--insecure") << "localhost" << false << true << "";
    QTest::newRow("--insecure, another name") << "chat.example" << false << true << "";
    QTest::newRow("unknown")
        << "localhost" << false << false
        << "the server's certificate is not trusted (self-signed certificate): give its CA "
           "with --ca-file FILE, or --insecure for a test";
    QTest::newRow("another name") << "chat.example" << true << false
                                  << "the server's certificate is not for 'chat.example' but for localhost, "
                                     "127.0.0.1: give the name that it is for";
    QTest::newRow("another address") << "127.0.0.2" << true << false
                                     << "the server's certificate is not for '127.0.0.2' but for localhost";
}

void TestLoadWire::certificates()
{
    QFETCH(QString, host);
    QFETCH(bool, isTrusted);
    QFETCH(bool, isInsecure);
    QFETCH(QString, reason);
    LoopbackServer server(
        [](Peer &peer) {
            peer.send(switching(peer.receiveHead()));
            peer.waitForEnd();
        },
        m_context.get());
    QVERIFY(server.isListening());
    const auto context =
        TlsContext::make({.caFile = isTrusted ? test::TestCertificate::certificate().toStdString() : "",
                          .isInsecure = isInsecure});
    QVERIFY(context);
    Target target = ::target();
    target.host = host.toStdString();
    target.tls = *context;
    Loop loop;
    Client client(loop);
    QVERIFY(client.connection.open(server.address(), target, {}, 0));
    QVERIFY(loop.until([&] { return client.isConnected || client.end; }));
    QCOMPARE(client.isConnected, reason.isEmpty());
    if (client.end) {
        QCOMPARE(client.end->stage, ConnectionEnd::Stage::Upgrading);
        QVERIFY2(QString::fromStdString(client.end->reason).contains(reason), client.end->reason.c_str());
    }
    client.connection.abort();
}

void TestLoadWire::wrongCaFile_data()
{
    QTest::addColumn<QString>("content");
    QTest::addColumn<QString>("why");
    QTest::newRow("not there") << QString() << "No such file or directory";
    QTest::newRow("empty") << ""
                           << "it holds no certificate";
    QTest::newRow("a text") << "hello\n"
                            << "it holds no certificate";
    QTest::newRow("a folder") << "/"
                              << "it is a directory";
}

void TestLoadWire::wrongCaFile()
{
    QFETCH(QString, content);
    QFETCH(QString, why);
    QTemporaryDir folder;
    QString path = folder.filePath(u"ca.pem"_s);
    if (content == u"/"_s) {
        path = folder.path();
    } else if (!content.isNull()) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content.toUtf8());
    }
    const auto context = TlsContext::make({.caFile = path.toStdString()});
    QVERIFY(!context);
    const QString error = QString::fromStdString(context.error().text);
    QVERIFY2(error.startsWith(u"--ca-file: cannot use "_s + path + u": "_s + why), qPrintable(error));
}

void TestLoadWire::plainServerInsteadOfTls()
{
    LoopbackServer server([](Peer &peer) {
        static_cast<void>(peer.receiveSome());
        peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    QVERIFY(server.isListening());
    Loop loop;
    Client client(loop);
    const Target target = trustingTarget();
    QVERIFY(client.connection.open(server.address(), target, {}, 0));
    QVERIFY(loop.until([&] { return client.end.has_value(); }));
    QCOMPARE(client.end->stage, ConnectionEnd::Stage::Upgrading);
    QVERIFY2(QString::fromStdString(client.end->reason).contains(u"give ws:// instead of wss://"_s),
             client.end->reason.c_str());
}

void TestLoadWire::tlsIsResumed()
{
    LoopbackServer server(
        [](Peer &peer) {
            peer.send(switching(peer.receiveHead()));
            peer.waitForEnd();
        },
        m_context.get());
    QVERIFY(server.isListening());
    Loop loop;
    Client client(loop);
    const Target target = trustingTarget();
    for (const bool isAgain : {false, true}) {
        client.isConnected = false;
        QVERIFY(client.connection.open(server.address(), target, {}, 0));
        QVERIFY(loop.until([&] { return client.isConnected || client.end; }));
        QVERIFY(client.isConnected);
        QCOMPARE(client.connection.wasResumed(), isAgain);
        client.connection.abort();
    }
}

namespace {

/// Answers each upgrade with a text that says what the request's fields were.
LoopbackServer::Script tellField(const std::string &name, const std::string &more = {})
{
    return [name, more](Peer &peer) {
        const std::string head = peer.receiveHead();
        peer.send(switching(head, more) + textFrame("<" + fieldOf(head, name) + ">"));
        peer.waitForEnd();
    };
}

/// What the server of tellField() says to a new connection.
std::string told(Loop &loop, Client &client, const LoopbackServer &server, const Target &target,
                 std::size_t user = 0)
{
    client.texts.clear();
    if (!client.connection.open(server.address(), target, {}, user) ||
        !loop.until([&] { return !client.texts.empty() || client.end; }) || client.texts.empty())
        return "no answer";
    client.connection.abort();
    return client.texts.front();
}

} // namespace

void TestLoadWire::headersAndCookies()
{
    Loop loop;
    Client client(loop);
    Target target = ::target();
    target.headers = {{"X-Tenant", "blue"}, {"Host", "chat.example"}};
    {
        LoopbackServer server(tellField("X-Tenant"));
        QCOMPARE(told(loop, client, server, target), std::string("<blue>"));
    }
    {
        LoopbackServer server(tellField("Host"));
        QCOMPARE(told(loop, client, server, target), std::string("<chat.example>"));
    }
    target.keepsCookies = true;
    LoopbackServer server(tellField("Cookie",
                                    "Set-Cookie: AWSALB=abc; Expires=Fri, 01 Jan 2100 00:00:00 GMT\r\n"
                                    "Set-Cookie: lb=1; Path=/\r\n"));
    QCOMPARE(told(loop, client, server, target), std::string("<>"));
    QCOMPARE(told(loop, client, server, target), std::string("<AWSALB=abc; lb=1>"));
    Client other(loop);
    QCOMPARE(told(loop, other, server, target), std::string("<>"));
}

void TestLoadWire::cookiesAreOnlyKeptWhenAsked()
{
    Loop loop;
    Client client(loop);
    const Target target = ::target();
    LoopbackServer server(tellField("Cookie", "Set-Cookie: lb=1\r\n"));
    QCOMPARE(told(loop, client, server, target), std::string("<>"));
    QCOMPARE(told(loop, client, server, target), std::string("<>"));
}

void TestLoadWire::comesFromItsSources()
{
    Loop loop;
    Client client(loop);
    Target target = ::target();
    auto sources = SourceAddresses::parse("127.0.0.77-127.0.0.78");
    QVERIFY(sources);
    target.sources = *std::move(sources);
    LoopbackServer server(tellField("Host"));
    for (const std::size_t user : {0, 1, 2})
        QCOMPARE(told(loop, client, server, target, user), std::string("<localhost>"));
    QCOMPARE(server.clients(), (std::vector<std::string>{"127.0.0.77", "127.0.0.78", "127.0.0.77"}));
}

void TestLoadWire::sourceThatIsNotOurs()
{
    Loop loop;
    Client client(loop);
    Target target = ::target();
    auto sources = SourceAddresses::parse("192.0.2.7"); // of documents (RFC 5737)
    QVERIFY(sources);
    target.sources = *std::move(sources);
    const LoopbackServer server([](Peer &) {});
    const auto opened = client.connection.open(server.address(), target, {}, 0);
    QVERIFY(!opened);
    QCOMPARE(opened.error().text,
             std::string("192.0.2.7 is no address of this machine: give its own ones with --source-ips"));
}

void TestLoadWire::sourcesOfTheOtherFamily()
{
    Loop loop;
    Client client(loop);
    Target target = ::target();
    auto sources = SourceAddresses::parse("::1");
    QVERIFY(sources);
    target.sources = *std::move(sources);
    const LoopbackServer server([](Peer &) {});
    const auto opened = client.connection.open(server.address(), target, {}, 0);
    QVERIFY(!opened);
    QVERIFY(opened.error().text.starts_with("none of the --source-ips is of the family of 127.0.0.1:"));
}

void TestLoadWire::ipv6()
{
    Loop loop;
    Client client(loop);
    Target target = ::target();
    target.host = "::1";
    target.authority = "[::1]";
    LoopbackServer server(tellField("Host"), nullptr, Family::V6);
    if (!server.isListening())
        QSKIP("there is no IPv6 here");
    auto sources = SourceAddresses::parse("127.0.0.9,::1");
    QVERIFY(sources);
    target.sources = *std::move(sources);
    QCOMPARE(told(loop, client, server, target), std::string("<[::1]>"));
    QCOMPARE(server.clients(), std::vector<std::string>{"[::1]"});
}

/// Without TLS. Sanitizers have an allocator that does not say.
void TestLoadWire::idleConnectionIsSmall()
{
    constexpr std::size_t kClients = 200;
    LoopbackServer server([](Peer &peer) {
        peer.send(switching(peer.receiveHead()) + textFrame(std::string(300, 'x')));
        peer.hold();
    });
    QVERIFY(server.isListening());
    Loop loop;
    Target target = ::target();
    target.token = std::string(1000, 't');
    std::vector<std::unique_ptr<Client>> clients;
    for (std::size_t i = 0; i < kClients; ++i)
        clients.push_back(std::make_unique<Client>(loop));
    const std::size_t before = ::mallinfo2().uordblks;
    for (const auto &client : clients)
        QVERIFY(client->connection.open(server.address(), target, {}, 0));
    std::size_t heard = 0;
    QVERIFY(loop.until([&] {
        for (const auto &client : clients) {
            heard += client->texts.size();
            client->texts = {};
        }
        return heard == kClients;
    }));
    for (const auto &client : clients)
        QVERIFY(client->connection.sendText("hello"));
    const auto heap =
        static_cast<std::int64_t>(::mallinfo2().uordblks - before) / static_cast<std::int64_t>(kClients);
    const auto size = static_cast<std::int64_t>(sizeof(WebSocketClient));
    qInfo("an idle connection: %lld bytes, and %lld on the heap", static_cast<long long>(size),
          static_cast<long long>(heap));
    QVERIFY(size + heap <= 1024);
}

PARLOR_TEST(TestLoadWire)
#include "tst_load_wire.moc"
