// SPDX-License-Identifier: MIT
#pragma once

#include "server/peer/batch.h"
#include "server/peer/peer.h"

#include <array>
#include <vector>

namespace parlor {

enum class Dialect : std::uint8_t { V1, V2 };
inline constexpr std::size_t kDialects = 2;

/// Somebody who gets what a room says.
class Subscriber
{
public:
    virtual void take(const Slice &slice, Route route) = 0;
    /// It is found at this index of the fan-out from now on.
    virtual void onMoved(class Fanout &fanout, std::uint32_t index) = 0;

protected:
    ~Subscriber() = default;
};

/// Hands one room's frames to those of its members that are on this worker. What is said goes, framed, into a
/// batch for each dialect; a member's position tells how far of its dialect's stream of bytes it got.
/// Flushing seals the batches and gives each member what it lacks of them; it may stop halfway and go on
/// later: who leaves meanwhile becomes a tombstone, and who comes starts behind the sealed bytes. No sockets,
/// no JSON, no other threads.
class Fanout
{
public:
    explicit Fanout(Counter &queueBytes)
        : m_queueBytes(queueBytes)
    {
    }

    /// The member gets what is said from now on. Returns its index.
    std::uint32_t add(Subscriber &subscriber, Dialect dialect);
    /// The member gets what was said so far, and no more.
    void remove(std::uint32_t index);

    /// A text frame for all members of a dialect. Returns for how many.
    std::size_t append(Dialect dialect, std::string_view payload);
    /// Gives this member now, into its queue, what it has not got so far: a private frame may follow.
    void pin(std::uint32_t index);

    /// Gives the members what they have not got, `sends` at most; takes off what it used. Returns whether all
    /// have all.
    bool flush(std::size_t &sends);

    [[nodiscard]] std::size_t size() const { return m_counts[0] + m_counts[1]; }
    [[nodiscard]] bool isFlushed() const;
    /// A flush stopped halfway.
    [[nodiscard]] bool isFlushing() const { return m_flushEnd != 0; }

private:
    struct Member
    {
        Subscriber *subscriber = nullptr; ///< nullptr: a tombstone
        std::uint64_t position = 0;
        Dialect dialect = Dialect::V1;
    };
    /// All that was ever said in one dialect, as a stream of bytes; the last two batches of it.
    struct Stream
    {
        BatchRef sealed;
        BatchRef open;
        std::uint64_t sealedBase = 0;
        std::uint64_t openBase = 0;
        [[nodiscard]] std::uint64_t end() const { return openBase + (open ? open->size() : 0); }
    };

    [[nodiscard]] Stream &stream(Dialect dialect) { return m_streams[static_cast<std::size_t>(dialect)]; }
    bool give(Member &member, const BatchRef &batch, std::uint64_t base, Route route);
    void seal();
    void finishFlush();
    void moveLastInto(std::uint32_t index);

    Counter &m_queueBytes;
    std::array<Stream, kDialects> m_streams{};
    std::vector<Member> m_members;
    std::array<std::size_t, kDialects> m_counts{};
    std::uint32_t m_flushNext = 0; ///< the next member to get the sealed batches
    std::uint32_t m_flushEnd = 0;  ///< behind the last one that does; 0: nothing is sealed
    std::uint32_t m_tombstones = 0;
};

} // namespace parlor
