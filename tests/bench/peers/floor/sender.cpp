// SPDX-License-Identifier: MIT
#include "tests/bench/peers/floor/sender.h"

#include <liburing.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

namespace parlor::floor {

namespace {

constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;

class SendLoop : public Sender
{
public:
    void add(int socket, std::string_view bytes) override
    {
        const ssize_t sent = send(socket, bytes.data(), bytes.size(), kFlags);
        const auto taken = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
        if (taken < bytes.size())
            force(socket, bytes.substr(taken));
    }
    void finish() override {}
};

class FaultyLoop final : public SendLoop
{
public:
    void add(int socket, std::string_view bytes) override
    {
        if (++m_count % 1000 != 0)
            SendLoop::add(socket, bytes);
    }

private:
    unsigned m_count = 0;
};

class Ring final : public Sender
{
public:
    static constexpr unsigned kEntries = 1024;

    Ring() { m_isValid = io_uring_queue_init(kEntries, &m_ring, IORING_SETUP_SINGLE_ISSUER) == 0; }
    ~Ring() override
    {
        if (m_isValid)
            io_uring_queue_exit(&m_ring);
    }
    Ring(const Ring &) = delete;
    Ring &operator=(const Ring &) = delete;

    [[nodiscard]] bool isValid() const { return m_isValid; }

    void add(int socket, std::string_view bytes) override
    {
        if (m_noted.size() == kEntries)
            finish();
        io_uring_sqe *entry = io_uring_get_sqe(&m_ring);
        // Without MSG_WAITALL a short send would pass for success, and leave no completion.
        io_uring_prep_send(entry, socket, bytes.data(), bytes.size(), kFlags | MSG_WAITALL);
        io_uring_sqe_set_flags(entry, IOSQE_CQE_SKIP_SUCCESS);
        io_uring_sqe_set_data64(entry, m_noted.size());
        m_noted.push_back({socket, bytes});
    }

    void finish() override
    {
        for (unsigned left = static_cast<unsigned>(m_noted.size()); left != 0;) {
            const int submitted = io_uring_submit(&m_ring);
            if (submitted > 0)
                left -= std::min(left, static_cast<unsigned>(submitted));
        }
        io_uring_cqe *completion = nullptr;
        while (io_uring_peek_cqe(&m_ring, &completion) == 0) {
            const Noted &noted = m_noted[completion->user_data];
            force(noted.socket, noted.bytes.substr(static_cast<std::size_t>(std::max(completion->res, 0))));
            io_uring_cqe_seen(&m_ring, completion);
        }
        m_noted.clear();
    }

private:
    struct Noted
    {
        int socket;
        std::string_view bytes;
    };

    io_uring m_ring{};
    std::vector<Noted> m_noted;
    bool m_isValid = false;
};

} // namespace

void Sender::force(int socket, std::string_view bytes)
{
    while (!bytes.empty()) {
        pollfd ready{socket, POLLOUT, 0};
        if (poll(&ready, 1, -1) < 0)
            continue;
        const ssize_t sent = send(socket, bytes.data(), bytes.size(), kFlags);
        if (sent < 0 && (ready.revents & (POLLERR | POLLHUP)) != 0)
            return; // its client is gone
        bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    }
}

std::unique_ptr<Sender> makeSendLoop()
{
    return std::make_unique<SendLoop>();
}

std::unique_ptr<Sender> makeFaultyLoop()
{
    return std::make_unique<FaultyLoop>();
}

std::unique_ptr<Sender> makeRing()
{
    auto ring = std::make_unique<Ring>();
    return ring->isValid() ? std::unique_ptr<Sender>(std::move(ring)) : nullptr;
}

} // namespace parlor::floor
