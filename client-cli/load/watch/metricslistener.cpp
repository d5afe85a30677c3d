// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/metricslistener.h"

#include "client-cli/listeningsocket.h"
#include "client-cli/load/watch/metricstext.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace parlor::cli::load {

namespace {

using namespace std::chrono_literals;
using ScrapeClock = std::chrono::steady_clock;

constexpr std::size_t kMostScrapers = 16;
constexpr std::size_t kLongestHead = 8 * 1024;
constexpr auto kLongestExchange = 10s;

std::string response(std::string_view status, std::string_view type, std::string_view body,
                     std::string_view more = {})
{
    std::string out = "HTTP/1.1 ";
    out.append(status).append("\r\nContent-Type: ").append(type);
    out.append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n").append(more);
    return out.append("Connection: close\r\n\r\n").append(body);
}

std::string refusal(std::string_view status, std::string_view more = {})
{
    return response(status, "text/plain; charset=utf-8",
                    std::string(status) + ": there is GET /metrics, and nothing else\n", more);
}

} // namespace

struct MetricsListener::Connection
{
    int socket;
    ScrapeClock::time_point deadline;
    std::string head{};
    std::string answer{}; ///< empty: the request is not read yet
    std::size_t written = 0;
    SharedMetrics metrics{}; ///< that are answered
};

bool MetricsListener::hasNotAsked(const Connection &connection)
{
    return connection.answer.empty();
}

Result<std::unique_ptr<MetricsListener>> MetricsListener::open(std::string_view address)
{
    const std::string shown(address);
    const auto place = parseHostAndPort(address);
    if (!place)
        return Error{.text =
                         "--prom-listen: '" + shown + "' is no HOST:PORT, as 127.0.0.1:9464 or [::1]:9464"};
    const auto socket = listenAt(*place);
    if (!socket)
        return Error{.text = "--prom-listen: " + socket.error().text};
    const int wakeUp = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wakeUp < 0) {
        const int failure = errno;
        ::close(*socket);
        return Error{.text = std::string("--prom-listen: cannot wait for connections (eventfd): ") +
                             std::strerror(failure)};
    }
    return std::unique_ptr<MetricsListener>(new MetricsListener(*socket, wakeUp, listeningPort(*socket)));
}

MetricsListener::MetricsListener(int socket, int wakeUp, std::uint16_t port)
    : m_socket(socket)
    , m_wakeUp(wakeUp)
    , m_port(port)
{
}

MetricsListener::~MetricsListener()
{
    m_isEnding = true;
    ::eventfd_write(m_wakeUp, 1);
    if (m_thread.joinable())
        m_thread.join();
    ::close(m_socket);
    ::close(m_wakeUp);
}

void MetricsListener::start()
{
    m_thread = std::thread([this] { run(); });
}

void MetricsListener::show(SharedMetrics metrics)
{
    const std::lock_guard lock(m_mutex);
    m_metrics = std::move(metrics);
    m_scrapes = 0;
}

std::uint64_t MetricsListener::scrapesOf(const SharedMetrics &metrics) const
{
    const std::lock_guard lock(m_mutex);
    return m_metrics == metrics ? m_scrapes : 0;
}

// ---- in its thread

void MetricsListener::run()
{
    std::list<Connection> connections;
    while (!m_isEnding) {
        const bool hasRoom = connections.size() < kMostScrapers ||
                             std::any_of(connections.begin(), connections.end(), hasNotAsked);
        std::vector<pollfd> watched{{.fd = m_wakeUp, .events = POLLIN, .revents = 0},
                                    {.fd = hasRoom ? m_socket : -1, .events = POLLIN, .revents = 0}};
        for (const Connection &each : connections)
            watched.push_back({.fd = each.socket,
                               .events = static_cast<short>(each.answer.empty() ? POLLIN : POLLOUT),
                               .revents = 0});
        constexpr int kSweepMs = 1000;
        if (::poll(watched.data(), watched.size(), connections.empty() ? -1 : kSweepMs) < 0 && errno != EINTR)
            return;
        std::size_t at = 2;
        for (auto each = connections.begin(); each != connections.end(); ++at) {
            const bool isReady = watched[at].revents != 0;
            const bool stays = ScrapeClock::now() < each->deadline && (!isReady || serve(*each));
            if (!stays)
                ::close(each->socket);
            each = stays ? std::next(each) : connections.erase(each);
        }
        if (watched[1].revents != 0)
            accept(connections);
    }
    for (const Connection &each : connections)
        ::close(each.socket);
}

void MetricsListener::accept(std::list<Connection> &connections)
{
    const int socket = ::accept4(m_socket, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) {
        if (errno == EMFILE || errno == ENFILE)
            std::this_thread::sleep_for(100ms); // no descriptors: it stays readable
        return;
    }
    connections.push_back({.socket = socket, .deadline = ScrapeClock::now() + kLongestExchange});
    if (connections.size() <= kMostScrapers)
        return;
    const auto oldest = std::find_if(connections.begin(), connections.end(), hasNotAsked);
    ::close(oldest->socket);
    connections.erase(oldest);
}

bool MetricsListener::serve(Connection &connection)
{
    if (connection.answer.empty() && !read(connection))
        return false;
    return connection.answer.empty() || write(connection);
}

bool MetricsListener::read(Connection &connection)
{
    std::array<char, 2048> buffer{};
    const ssize_t size = ::recv(connection.socket, buffer.data(), buffer.size(), 0);
    if (size < 0)
        return errno == EAGAIN || errno == EINTR;
    if (size == 0)
        return false;
    connection.head.append(buffer.data(), static_cast<std::size_t>(size));
    if (connection.head.find("\r\n\r\n") != std::string::npos)
        answer(connection);
    else if (connection.head.size() > kLongestHead)
        connection.answer = refusal("431 Request Header Fields Too Large");
    return true;
}

void MetricsListener::answer(Connection &connection)
{
    const std::string_view line = std::string_view(connection.head).substr(0, connection.head.find("\r\n"));
    const std::size_t first = line.find(' ');
    const std::size_t second = line.rfind(' ');
    const bool isRequest =
        first != std::string_view::npos && second > first && line.substr(second + 1).starts_with("HTTP/1.");
    const std::string_view target = isRequest ? line.substr(first + 1, second - first - 1) : "";
    if (!isRequest) {
        connection.answer = refusal("400 Bad Request");
    } else if (target.substr(0, target.find('?')) != "/metrics") {
        connection.answer = refusal("404 Not Found");
    } else if (line.substr(0, first) != "GET") {
        connection.answer = refusal("405 Method Not Allowed", "Allow: GET\r\n");
    } else {
        {
            const std::lock_guard lock(m_mutex);
            connection.metrics = m_metrics;
        }
        connection.answer = connection.metrics ? response("200 OK", kMetricsTextType,
                                                          metricsText(connection.metrics->families))
                                               : refusal("503 Service Unavailable");
    }
}

bool MetricsListener::write(Connection &connection)
{
    const std::string_view left = std::string_view(connection.answer).substr(connection.written);
    const ssize_t size = ::send(connection.socket, left.data(), left.size(), MSG_NOSIGNAL);
    if (size < 0)
        return errno == EAGAIN || errno == EINTR;
    connection.written += static_cast<std::size_t>(size);
    if (connection.written < connection.answer.size())
        return true;
    const std::lock_guard lock(m_mutex);
    if (connection.metrics && connection.metrics == m_metrics)
        ++m_scrapes;
    return false;
}

} // namespace parlor::cli::load
