// SPDX-License-Identifier: MIT
// parlor-echo sends every message back, on the server's own worker, transports and reader. For conformance
// suites: at any path, with the server's own limits, but for those that grow with a message: one may have 64
// MiB. Its options are those of the server. With --token an upgrade has to show this bearer token.
#include "server/front/listener.h"
#include "server/ops/logging.h"
#include "server/ops/tlsidentity.h"
#include "server/ops/values.h"
#include "server/workerpool.h"
#include "shared/process/signalwatcher.h"

#include <QCoreApplication>
#include <QSocketNotifier>

#include <csignal>
#include <cstdio>
#include <map>
#include <span>

namespace {

using namespace parlor;

constexpr std::uint64_t kMaxMessage = 64ULL << 20;

class EchoSession final : public PeerListener
{
public:
    explicit EchoSession(Peer &peer)
        : m_peer(peer)
    {
    }
    void onText(std::string_view message) override { m_peer.sendText(message); }
    void onBinary(std::string_view message) override { m_peer.sendBinary(message); }
    void onDrained() override {}
    void onEnded(const Ending &) override {}

private:
    Peer &m_peer;
};

class Echo final : public Application
{
public:
    explicit Echo(std::string token)
        : m_token(std::move(token))
    {
    }
    std::variant<Credential, NotAdmitted> admit(std::string token, std::string_view) override
    {
        if (token == m_token)
            return Credential{};
        return NotAdmitted{"this is not the token that parlor-echo was started with"};
    }
    PeerNumber greet(Peer &peer, const PeerInfo &) override
    {
        m_silent.emplace(++m_last, &peer);
        return m_last;
    }
    std::unique_ptr<PeerListener> accept(PeerNumber number) override
    {
        return std::make_unique<EchoSession>(*m_silent.extract(number).mapped());
    }
    void forget(PeerNumber number) override { m_silent.erase(number); }
    void onDelivery(Delivery) override {}
    Flushed flush(std::size_t) override { return {}; }
    void onFlushed(std::chrono::nanoseconds, SteadyTime) override {}
    void onTick() override {}
    void drain(std::chrono::milliseconds) override {}

private:
    const std::string m_token;
    std::map<PeerNumber, Peer *> m_silent;
    PeerNumber m_last = 0;
};

class EchoStatus final : public StatusSource
{
public:
    bool isWebSocketPath(std::string_view) const override { return true; }
    std::string chat() const override { return "echo"; }
    std::string hostname() const override { return "parlor-echo"; }
    Readiness readiness() const override { return Readiness::Ready; }
    std::uint64_t connections() const override { return 0; }
    std::vector<std::string> activeClients(std::size_t) const override { return {}; }
    std::string metrics() const override { return {}; }
};

ConnectionLimits limitsFor(const std::string &token)
{
    ConnectionLimits limits;
    limits.reader = {kMaxMessage, 0};
    limits.messageTimeout = {};
    limits.inbound.rate = 0;
    limits.queueBytes = 0;
    if (!token.empty())
        limits.credential = CredentialField::Bearer;
    return limits;
}

struct EchoOptions
{
    ListenAddress listen{};
    TransportKind transport = TransportKind::Native;
    SendKind sends = SendKind::IoUring;
    std::optional<QSslConfiguration> tls{};
    std::string token{}; ///< empty: none is asked for
};

/// Nothing: told why on stderr.
std::optional<EchoOptions> parse(std::span<char *const> arguments)
{
    std::map<std::string_view, std::string> given;
    for (std::size_t i = 0; i + 1 < arguments.size(); i += 2)
        given[arguments[i]] = arguments[i + 1];
    const auto listen = values::parseListenAddress(given["--listen"]);
    if (arguments.size() % 2 != 0 || !listen) {
        std::fputs(
            "usage: parlor-echo --listen [wss://]ADDR:PORT [--transport native|qt] [--sends io_uring|send] "
            "[--tls-cert FILE --tls-key FILE] [--token TOKEN]\n",
            stderr);
        return std::nullopt;
    }
    EchoOptions options{*listen};
    options.token = given["--token"];
    if (given["--sends"] == "send")
        options.sends = SendKind::SystemCalls;
    if (given["--transport"] == "qt")
        options.transport = TransportKind::Qt;
    if (options.listen.scheme == ListenScheme::Wss) {
        auto identity = loadTlsIdentity(given["--tls-cert"], given["--tls-key"]);
        if (!identity) {
            std::fprintf(stderr, "parlor-echo: %s\n", identity.error().text.c_str());
            return std::nullopt;
        }
        options.transport = TransportKind::Qt;
        options.tls = identity->configuration;
    }
    return options;
}

} // namespace

int main(int argc, char **argv)
{
    log::start(Options());
    qputenv("QT_NO_GLIB", "1");
    const QCoreApplication application(argc, argv);
    const auto options = parse(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
    if (!options)
        return 2;
    std::signal(SIGPIPE, SIG_IGN);
    const SignalWatcher signals({SIGTERM, SIGINT});

    const ConnectionLimits limits = limitsFor(options->token);
    const EchoStatus status;
    Admission admission({});
    const auto echo = [&options](DeliveryPort &, WorkerMetrics &, const std::function<SteadyTime()> &) {
        return std::make_unique<Echo>(options->token);
    };
    WorkerPool workers(1, Worker::Config{limits, status, admission, {}, echo, options->sends});
    Listener listener([&](int descriptor) {
        workers.accept({descriptor, options->transport, options->tls});
    });
    ListenAddress listen = options->listen;
    if (!listener.start(listen.address, listen.port)) {
        std::fprintf(stderr, "parlor-echo: cannot listen on %s: %s\n", values::text(listen).c_str(),
                     qPrintable(listener.server().errorString()));
        return 1;
    }
    listen.port = listener.server().serverPort();
    qCInfo(log::server, "listening on %s%s", listen.scheme == ListenScheme::Ws ? "ws://" : "",
           values::text(listen).c_str());
    const QSocketNotifier signalled(signals.descriptor(), QSocketNotifier::Read);
    QObject::connect(&signalled, &QSocketNotifier::activated, &application, &QCoreApplication::quit);
    return QCoreApplication::exec();
}
