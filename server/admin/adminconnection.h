// SPDX-License-Identifier: MIT
#pragma once

#include "server/admin/apianswer.h"

#include <QSslConfiguration>
#include <QSslSocket>
#include <QTimer>

#include <chrono>
#include <functional>
#include <optional>

namespace parlor::admin {

struct ConnectionTimes
{
    std::chrono::milliseconds request{5'000};  ///< from the accept to the end of the request
    std::chrono::milliseconds refusal{1'000};  ///< whoever shows no right key waits so long for the answer
    std::chrono::milliseconds farewell{2'000}; ///< for the client to read its answer and to close
};

/// One connection to the admin API, for one request. Owned by its AdminListener, main thread.
class AdminConnection final : public QObject
{
    Q_OBJECT
public:
    /// Answers a request.
    using Handle = std::function<void(const ApiRequest &request, Respond respond)>;

    /// Owns the descriptor. `tls`: null for none.
    AdminConnection(int descriptor, const std::optional<QSslConfiguration> &tls,
                    ApiRequestReader::Admit admit, Handle handle, const ConnectionTimes &times);

    /// Whether it has shown a right key: others make room for newcomers.
    [[nodiscard]] bool isAdmitted() const { return m_reader.isAdmitted(); }

Q_SIGNALS:
    void ended();

private:
    enum class Phase : std::uint8_t { Reading, Answering, Leaving };

    void onBytes();
    void refuse(const ApiError &error);
    void respond(const ApiAnswer &answer);
    void onTimeout();

    const Handle m_handle;
    const ConnectionTimes m_times;
    ApiRequestReader m_reader;
    QSslSocket m_socket;
    QTimer m_deadline;
    Phase m_phase = Phase::Reading;
};

} // namespace parlor::admin
