// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/remotewriter.h"

#include "client-cli/load/record/figures.h"
#include "client-cli/load/watch/writerequest.h"

#include <QEventLoop>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QTimer>

#include <algorithm>
#include <memory>
#include <snappy.h>

namespace parlor::cli::load {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostWaiting = 60;
constexpr std::chrono::milliseconds kLongestPost = 5s;
constexpr std::chrono::milliseconds kFirstPause = 500ms;
constexpr std::chrono::milliseconds kLongestPause = 8s;
/// How often a request that is under way looks whether it is to end.
constexpr std::chrono::milliseconds kLook = 50ms;

} // namespace

Result<RemoteWriteTarget> parseRemoteWrite(std::string_view url, const std::vector<std::string> &headers)
{
    RemoteWriteTarget target{
        .url = QUrl(QString::fromUtf8(url.data(), static_cast<qsizetype>(url.size())), QUrl::StrictMode)};
    const QString scheme = target.url.scheme();
    if (!target.url.isValid() || target.url.host().isEmpty() ||
        (scheme != QLatin1String("http") && scheme != QLatin1String("https"))) {
        return Error{.text = "--prom-remote-write: '" + figures::printable(url) +
                             "' is no address as http://127.0.0.1:9090/api/v1/write"};
    }
    for (const std::string &header : headers) {
        const std::size_t colon = header.find(':');
        const bool isOfOneLine = header.find_first_of("\r\n") == std::string::npos;
        if (colon == 0 || colon == std::string::npos || !isOfOneLine ||
            header.find_first_of(" \t") < colon) // the value may be a secret, and is not shown
            return Error{.text = "--prom-header: give one as 'Name: value'"};
        target.headers.emplace_back(QByteArray::fromStdString(header.substr(0, colon)),
                                    QByteArray::fromStdString(header.substr(colon + 1)).trimmed());
    }
    return target;
}

RemoteWriter::RemoteWriter(RemoteWriteTarget target)
    : m_target(std::move(target))
{
}

RemoteWriter::~RemoteWriter()
{
    join();
}

void RemoteWriter::start()
{
    m_thread = std::thread([this] { run(); });
}

void RemoteWriter::push(SharedMetrics metrics)
{
    {
        const std::lock_guard lock(m_mutex);
        ++m_pushed;
        m_waiting.push_back(std::move(metrics));
        if (m_waiting.size() > kMostWaiting) {
            m_waiting.pop_front();
            ++m_dropped;
        }
    }
    m_changed.notify_one();
}

bool RemoteWriter::isOver()
{
    const std::lock_guard lock(m_mutex);
    return m_isOver;
}

RemoteWriter::Clock::time_point RemoteWriter::deadline()
{
    const std::lock_guard lock(m_mutex);
    return m_deadline.value_or(Clock::time_point::max());
}

std::optional<std::string> RemoteWriter::finish()
{
    join();
    const std::lock_guard lock(m_mutex);
    if (m_dropped == 0)
        return std::nullopt;
    const std::string url =
        m_target.url.toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery | QUrl::RemoveFragment).toStdString();
    return "--prom-remote-write: " + figures::count(m_dropped) + " of " + figures::count(m_pushed) +
           " snapshots of the metrics did not arrive at " + figures::printable(url) +
           (m_why.empty() ? ": it did not answer in time" : ": " + m_why);
}

void RemoteWriter::endBy(Clock::time_point deadline)
{
    {
        const std::lock_guard lock(m_mutex);
        m_deadline = deadline;
    }
    m_changed.notify_one();
}

void RemoteWriter::join()
{
    endBy(Clock::now());
    if (m_thread.joinable())
        m_thread.join();
}

// ---- in its thread

void RemoteWriter::run()
{
    QNetworkAccessManager manager; // lives in this thread
    std::chrono::milliseconds pause{};
    std::unique_lock lock(m_mutex);
    while (true) {
        // While it pauses, only the end is of interest.
        if (pause > 0ms) {
            const auto until = Clock::now() + pause;
            m_changed.wait_until(lock, m_deadline ? std::min(until, *m_deadline) : until,
                                 [this, before = m_deadline] { return m_deadline != before; });
        }
        m_changed.wait(lock, [this] { return m_deadline || !m_waiting.empty(); });
        const auto left = m_deadline
                              ? std::chrono::ceil<std::chrono::milliseconds>(*m_deadline - Clock::now())
                              : kLongestPost;
        if (m_waiting.empty() || left <= 0ms) {
            m_dropped += m_waiting.size();
            m_waiting.clear();
            m_isOver = true;
            return;
        }
        std::vector<SharedMetrics> batch(m_waiting.begin(), m_waiting.end());
        m_waiting.clear();
        lock.unlock();
        const Answer answer = post(manager, batch, std::min(kLongestPost, left));
        lock.lock();
        if (answer.outcome != Outcome::Taken && m_why.empty())
            m_why = answer.why;
        if (answer.outcome == Outcome::Refused)
            m_dropped += batch.size();
        if (answer.outcome == Outcome::NotNow)
            keep(std::move(batch));
        pause = answer.outcome == Outcome::NotNow
                    ? std::clamp(pause * 2, kFirstPause, m_deadline ? kFirstPause : kLongestPause)
                    : 0ms;
    }
}

void RemoteWriter::keep(std::vector<SharedMetrics> batch)
{
    const std::size_t room = kMostWaiting - std::min(kMostWaiting, m_waiting.size());
    const std::size_t kept = std::min(room, batch.size());
    m_dropped += batch.size() - kept;
    m_waiting.insert(m_waiting.begin(), batch.end() - static_cast<std::ptrdiff_t>(kept), batch.end());
}

RemoteWriter::Answer RemoteWriter::post(QNetworkAccessManager &manager,
                                        const std::vector<SharedMetrics> &batch,
                                        std::chrono::milliseconds atMost)
{
    std::string encoded;
    for (const SharedMetrics &each : batch)
        encoded += writeRequest(*each);
    std::string body;
    snappy::Compress(encoded.data(), encoded.size(), &body);

    QNetworkRequest request(m_target.url);
    // Qt would follow it by GET.
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setRawHeader("Content-Type", "application/x-protobuf");
    request.setRawHeader("Content-Encoding", "snappy");
    request.setRawHeader("X-Prometheus-Remote-Write-Version", "0.1.0");
    request.setRawHeader("User-Agent", "parlor-cli/" PARLOR_VERSION);
    for (const auto &[name, value] : m_target.headers)
        request.setRawHeader(name, value);
    const std::unique_ptr<QNetworkReply> reply(manager.post(request, QByteArray::fromStdString(body)));
    constexpr qint64 kMostText = 200;
    constexpr qint64 kMostBuffered = 64 * 1024;
    reply->setReadBufferSize(kMostBuffered);
    QEventLoop loop;
    QObject::connect(reply.get(), &QNetworkReply::finished, &loop, &QEventLoop::quit);
    QObject::connect(reply.get(), &QNetworkReply::readyRead, &loop, [&reply, &loop] {
        if (reply->bytesAvailable() >= kMostText) // it may have no end
            loop.quit();
    });
    // A transfer timeout would count from the last byte that came, and a server could trickle for ever.
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, reply.get(), [this, &reply, latest = Clock::now() + atMost] {
        if (Clock::now() >= std::min(latest, deadline()))
            reply->abort();
    });
    look.start(kLook);
    if (!reply->isFinished())
        loop.exec();

    const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (reply->error() == QNetworkReply::OperationCanceledError)
        return {Outcome::NotNow, "it did not answer in time"};
    if (status == 0)
        return {Outcome::NotNow, figures::printable(reply->errorString().toStdString())};
    if (status >= 200 && status < 300)
        return {Outcome::Taken};
    const QString text = QString::fromUtf8(reply->read(kMostText)).simplified();
    const std::string why = "it answers " + std::to_string(status) +
                            (text.isEmpty() ? "" : " (" + figures::printable(text.toStdString()) + ")");
    constexpr int kTooMany = 429;
    return {status >= 500 || status == kTooMany ? Outcome::NotNow : Outcome::Refused, why};
}

} // namespace parlor::cli::load
