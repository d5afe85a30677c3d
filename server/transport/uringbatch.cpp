// SPDX-License-Identifier: MIT
#include "server/transport/uringbatch.h"

#include "server/ops/logging.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <limits.h>

namespace parlor {

namespace {

constexpr unsigned kEntries = 1024;
/// Without MSG_WAITALL a send that fell short would pass for a success.
constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_WAITALL;

SendResult resultOf(int completion)
{
    if (completion >= 0)
        return {static_cast<std::size_t>(completion), false};
    return {0, breaksConnection(-completion)};
}

/// One end of a pair of sockets.
class TrialTarget final : public SendTarget
{
public:
    explicit TrialTarget(int descriptor)
        : m_descriptor(descriptor)
    {
    }
    SendResult send(std::span<const std::string_view>) override { return {0, true}; }
    int descriptor() const override { return m_descriptor; }

private:
    int m_descriptor;
};

} // namespace

Result<std::unique_ptr<UringBatch>> UringBatch::make()
{
    std::unique_ptr<UringBatch> made(new UringBatch);
    if (const auto opened = made->open(); !opened)
        return opened.error();
    if (const auto tried = made->tryOut(); !tried)
        return tried.error();
    return made;
}

UringBatch::~UringBatch()
{
    if (m_isOpen)
        ::io_uring_queue_exit(&m_ring);
}

Result<void> UringBatch::open()
{
    const int error = ::io_uring_queue_init(kEntries, &m_ring, 0);
    if (error < 0)
        return Error{.text = std::string("io_uring_setup: ") + std::strerror(-error)};
    m_isOpen = true;
    if ((m_ring.features & IORING_FEAT_CQE_SKIP) == 0)
        return Error{.text = "this kernel's io_uring reports every success (Linux 5.17 and later need not)"};
    return {};
}

/// A send that fits leaves no completion; one that does not tells how far it came; to nobody, it fails.
Result<void> UringBatch::tryOut()
{
    std::array<int, 2> pair{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) != 0)
        return Error{.text = std::string("socketpair: ") + std::strerror(errno)};
    TrialTarget target(pair[0]);
    std::vector<SendResult> results;
    const auto trial = [&](std::string_view piece) {
        results.clear();
        add(target, {&piece, 1});
        submit([&results](std::uint32_t, SendResult result) { results.push_back(result); });
        return results.size();
    };
    const std::string large(4U << 20, 'x');
    std::array<char, 8> got{};
    const bool whole = trial("parlor") == 0 && ::recv(pair[1], got.data(), got.size(), 0) == 6;
    const bool part = whole && trial(large) == 1 && !results[0].broken && results[0].sent > 0 &&
                      results[0].sent < large.size();
    const bool none = part && trial("parlor") == 1 && !results[0].broken && results[0].sent == 0;
    ::close(pair[1]);
    const bool failed = none && trial("parlor") == 1 && results[0].broken;
    ::close(pair[0]);
    if (!failed)
        return Error{.text = "this kernel's io_uring does not tell of sends that fell short"};
    return {};
}

std::span<const iovec> UringBatch::pieces(const Send &send) const
{
    return std::span(m_pieces).subspan(send.firstPiece, send.pieces);
}

std::uint32_t UringBatch::add(SendTarget &target, std::span<const std::string_view> pieces)
{
    m_sends.push_back(
        {&target, static_cast<std::uint32_t>(m_pieces.size()), static_cast<std::uint32_t>(pieces.size()), 0});
    for (const std::string_view piece : pieces)
        m_pieces.push_back({const_cast<char *>(piece.data()), piece.size()});
    return static_cast<std::uint32_t>(m_sends.size() - 1);
}

void UringBatch::submit(const Incomplete &incomplete)
{
    // All that entries of the ring point to has its place before the first one is made.
    for (Send &send : m_sends) {
        if (send.pieces < 2)
            continue;
        send.message = static_cast<std::uint32_t>(m_messages.size());
        msghdr &message = m_messages.emplace_back();
        message.msg_iov = m_pieces.data() + send.firstPiece;
        message.msg_iovlen = send.pieces;
    }
    for (std::uint32_t i = 0; i < m_sends.size(); ++i) {
        const Send &send = m_sends[i];
        if (!m_isOpen || send.target->descriptor() < 0 || send.pieces > IOV_MAX) {
            sendDirectly(i, incomplete);
            continue;
        }
        if (m_queued.size() == kEntries)
            flushRing(incomplete);
        if (m_isOpen)
            queue(i);
        else
            sendDirectly(i, incomplete);
    }
    flushRing(incomplete);
    m_sends.clear();
    m_pieces.clear();
    m_messages.clear();
}

void UringBatch::queue(std::uint32_t number)
{
    const Send &send = m_sends[number];
    io_uring_sqe *const entry = ::io_uring_get_sqe(&m_ring); // there is one: flushRing() emptied it
    const int descriptor = send.target->descriptor();
    if (send.pieces == 1) {
        const iovec &piece = m_pieces[send.firstPiece];
        ::io_uring_prep_send(entry, descriptor, piece.iov_base, piece.iov_len, kFlags);
    } else {
        ::io_uring_prep_sendmsg(entry, descriptor, &m_messages[send.message], kFlags);
    }
    ::io_uring_sqe_set_flags(entry, IOSQE_CQE_SKIP_SUCCESS);
    ::io_uring_sqe_set_data64(entry, number);
    m_queued.push_back(number);
}

/// With MSG_DONTWAIT nothing is left to be done later: what io_uring_submit() took is finished.
void UringBatch::flushRing(const Incomplete &incomplete)
{
    std::size_t taken = 0;
    int error = 0;
    while (taken < m_queued.size()) {
        const int n = ::io_uring_submit(&m_ring);
        if (n > 0) {
            taken += static_cast<std::size_t>(n);
        } else if (n != -EINTR) {
            error = n == 0 ? -EIO : n;
            break;
        }
    }
    unsigned head = 0;
    unsigned seen = 0;
    io_uring_cqe *completion = nullptr;
    io_uring_for_each_cqe(&m_ring, head, completion)
    {
        incomplete(static_cast<std::uint32_t>(::io_uring_cqe_get_data64(completion)),
                   resultOf(completion->res));
        ++seen;
    }
    ::io_uring_cq_advance(&m_ring, seen);
    if (error != 0) {
        // The ring still holds what it did not take: it goes, with that.
        qCWarning(log::server, "io_uring: %s; going on with one system call a send", std::strerror(-error));
        ::io_uring_queue_exit(&m_ring);
        m_isOpen = false;
        for (std::size_t i = taken; i < m_queued.size(); ++i)
            sendDirectly(m_queued[i], incomplete);
    }
    m_queued.clear();
}

void UringBatch::sendDirectly(std::uint32_t number, const Incomplete &incomplete)
{
    const Send &send = m_sends[number];
    std::vector<std::string_view> views;
    std::size_t wanted = 0;
    for (const iovec &piece : pieces(send)) {
        views.emplace_back(static_cast<const char *>(piece.iov_base), piece.iov_len);
        wanted += piece.iov_len;
    }
    const SendResult result = send.target->send(views);
    if (result.broken || result.sent < wanted)
        incomplete(number, result);
}

} // namespace parlor
