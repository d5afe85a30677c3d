// SPDX-License-Identifier: MIT
// parlor-echo --listen ADDR:PORT: sends every message back, on the server's own worker, transport and reader.
// For conformance suites: messages up to 64 MiB, all other limits off, at any path.
#include "server/front/listener.h"
#include "server/ops/logging.h"
#include "server/ops/signals.h"
#include "server/workerpool.h"

#include <QCoreApplication>

#include <cstdio>

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
    std::unique_ptr<PeerListener> accept(Peer &peer, const PeerInfo &) override
    {
        return std::make_unique<EchoSession>(peer);
    }
    void onDelivery(Delivery) override {}
    bool flush(std::size_t) override { return false; }
    void onTick() override {}
    void drain(std::chrono::milliseconds) override {}
};

class EchoStatus final : public StatusSource
{
public:
    bool isWebSocketPath(std::string_view) const override { return true; }
    std::string hostname() const override { return "parlor-echo"; }
    bool isDraining() const override { return false; }
    std::uint64_t connections() const override { return 0; }
    std::vector<std::string> activeClients(std::size_t) const override { return {}; }
    std::string metrics() const override { return {}; }
};

ConnectionLimits unlimited()
{
    ConnectionLimits limits;
    limits.headTimeout = {};
    limits.halfOpen = 100'000;
    limits.reader = {kMaxMessage, 0};
    limits.messageTimeout = {};
    limits.inboundRate = 0;
    limits.queueBytes = 0;
    limits.stallTimeout = {};
    limits.ping = {};
    limits.pongTimeout = {};
    return limits;
}

int usage()
{
    std::fputs("usage: parlor-echo --listen ADDR:PORT\n", stderr);
    return 2;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 3 || std::string_view(argv[1]) != "--listen")
        return usage();
    const QString listen = QString::fromLocal8Bit(argv[2]);
    const qsizetype colon = listen.lastIndexOf(u':');
    const QHostAddress address(listen.left(colon));
    bool isNumber = false;
    const quint16 port = listen.mid(colon + 1).toUShort(&isNumber);
    if (colon < 0 || address.isNull() || !isNumber)
        return usage();

    log::start(LogLevel::Info, LogFormat::Text);
    qputenv("QT_NO_GLIB", "1");
    const QCoreApplication application(argc, argv);
    Signals stopSignals;

    const ConnectionLimits limits = unlimited();
    const EchoStatus status;
    Admission admission(0, 0);
    const auto echo = [](DeliveryPort &, WorkerMetrics &, const std::function<SteadyTime()> &) {
        return std::make_unique<Echo>();
    };
    WorkerPool workers(1, Worker::Config{limits, status, admission, {}, echo});
    Listener listener([&workers](int descriptor) { workers.accept(descriptor); });
    if (!listener.start(address, port)) {
        std::fprintf(stderr, "parlor-echo: cannot listen on %s: %s\n", argv[2],
                     qPrintable(listener.server().errorString()));
        return 1;
    }
    qCInfo(log::server).noquote()
        << "listening on"
        << QStringLiteral("ws://%1:%2").arg(address.toString()).arg(listener.server().serverPort());
    QObject::connect(&stopSignals, &Signals::stopRequested, &application, &QCoreApplication::quit);
    return QCoreApplication::exec();
}
