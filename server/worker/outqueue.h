// SPDX-License-Identifier: MIT
#pragma once

#include "server/peer/batch.h"
#include "shared/websocket/frame.h"

#include <string>
#include <string_view>
#include <vector>

namespace parlor {

/// What waits for one client, in order: its own frames, and slices of its rooms' batches, which are not
/// copied. Every segment is whole frames; only the first may be partly sent.
class OutQueue
{
public:
    /// `queueBytes` counts what waits here, and the table of it: with small frames that is as much again.
    explicit OutQueue(Counter &queueBytes)
        : m_queueBytes(queueBytes)
    {
    }
    ~OutQueue();
    OutQueue(const OutQueue &) = delete;
    OutQueue &operator=(const OutQueue &) = delete;

    void appendFrame(websocket::Opcode opcode, std::string_view payload);
    /// Bytes that are no frame: the 101, before everything else.
    void appendRaw(std::string_view bytes);
    void appendClose(std::optional<std::uint16_t> code, std::string_view reason);
    /// `sent` bytes of the slice are gone already (into an empty queue only).
    void appendSlice(const Slice &slice, std::size_t sent = 0);

    /// So many bytes have left.
    void consume(std::size_t bytes);
    /// Drops all but the frame that is partly sent.
    void dropUnstarted();

    [[nodiscard]] bool isEmpty() const { return m_head == m_segments.size(); }
    /// The client's own frames.
    [[nodiscard]] std::size_t ownBytes() const { return m_ownBytes; }
    /// Its rooms' frames.
    [[nodiscard]] std::size_t sharedBytes() const { return m_sharedBytes; }
    /// Segments in memory, those that are sent and not yet dropped included.
    [[nodiscard]] std::size_t segments() const { return m_segments.size(); }
    /// The memory of the client's own frames, with what is sent of them and not yet freed; for tests.
    [[nodiscard]] std::size_t retainedBytes() const;
    /// What the table of segments takes.
    [[nodiscard]] std::size_t tableBytes() const { return m_segments.capacity() * sizeof(Segment); }
    /// The bytes to send, valid until the queue or a batch in it changes.
    void pieces(std::vector<std::string_view> &out) const;

private:
    struct Segment
    {
        Slice slice{};     ///< of a batch, or …
        std::string own{}; ///< … bytes of this client's
        std::size_t sent = 0;
        std::size_t raw = 0; ///< how many bytes, at its beginning, are no frames
        [[nodiscard]] std::size_t size() const { return slice.batch ? slice.size() : own.size(); }
        [[nodiscard]] std::string_view view() const
        {
            return slice.batch ? slice.view() : std::string_view(own);
        }
    };
    Segment &addSegment();
    [[nodiscard]] std::string &ownTail();
    void addOwn(std::size_t bytes);
    void dropFirst();
    void clear();

    Counter &m_queueBytes;
    std::vector<Segment> m_segments;
    std::size_t m_head = 0;
    std::size_t m_ownBytes = 0;
    std::size_t m_sharedBytes = 0;
};

} // namespace parlor
