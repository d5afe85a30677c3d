// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/clientoptions.h"
#include "shared/client/requests.h"

#include <QObject>
#include <QTimer>

namespace parlor {

/// Pings an established connection, measures the round trip, and notices when nothing comes back.
/// Owned by ChatClient, in its thread.
class Heartbeat : public QObject
{
    Q_OBJECT
public:
    Heartbeat(Requests &requests, const ClientOptions &options, QObject *parent = nullptr);

    void start(std::chrono::milliseconds interval);
    void stop();
    void pingNow();
    /// A frame of ours left. If nothing at all follows, a ping asks whether the link lives.
    void frameSent();
    /// Any byte shows that the link lives.
    void bytesArrived();

Q_SIGNALS:
    void roundTripMeasured(std::chrono::milliseconds roundTrip);
    /// No byte has come for so long after a ping.
    void silenceDetected(std::chrono::milliseconds silence);

private:
    Requests &m_requests;
    Clock m_clock;
    std::chrono::milliseconds m_minInterval;
    QTimer m_next;
    QTimer m_doubt;   ///< from a frame of ours to the first byte after it
    QTimer m_silence; ///< from a ping to the first byte after it
};

} // namespace parlor
