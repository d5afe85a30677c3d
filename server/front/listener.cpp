// SPDX-License-Identifier: MIT
#include "server/front/listener.h"

#include "server/ops/logging.h"

#include <QTimer>

namespace parlor {

namespace {

constexpr int kBacklog = 4096;
constexpr std::chrono::milliseconds kPause{100};

} // namespace

Listener::Listener(std::function<void(int)> take, QObject *parent)
    : QTcpServer(parent)
    , m_take(std::move(take))
{
    setListenBacklogSize(kBacklog);
    connect(this, &QTcpServer::acceptError, this, [this] { onAcceptError(); });
}

bool Listener::start(const QHostAddress &address, quint16 port)
{
    return listen(address, port);
}

void Listener::incomingConnection(qintptr descriptor)
{
    if (std::exchange(m_pausedBefore, false))
        qCInfo(log::accept) << "accepting connections again";
    m_take(static_cast<int>(descriptor));
}

/// QTcpServer stops accepting for good on any error but "nothing there".
void Listener::onAcceptError()
{
    if (!std::exchange(m_pausedBefore, true))
        qCWarning(log::accept).noquote()
            << "cannot accept connections:" << errorString()
            << "(trying again ten times a second; raise LimitNOFILE if this is the limit)";
    QTimer::singleShot(kPause, this, [this] { resumeAccepting(); });
}

} // namespace parlor
