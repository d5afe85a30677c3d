// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/delivery.h"

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace parlor {

/// Successive messages of one room, and which (user, cid) made them. It covers a range of numbers, and has
/// all messages that exist in this range. A number has no message if somebody has deleted it from the store
/// by hand. No lock of its own: its Room's.
class HistoryRing
{
public:
    static constexpr std::size_t kMaxMessages = 1000;
    static constexpr std::size_t kMaxBytes = 1024 * 1024;

    struct Entry
    {
        std::uint64_t seq = 0;
        std::chrono::milliseconds time{}; ///< since 1970
        Ulid id;
        std::string key; ///< of idempotencyKey(); empty: none
        SharedBytes frame;
        std::uint64_t erases = 0; ///< of a deletion that has just been made: the message's number
        [[nodiscard]] MessagePlace place() const { return {seq, id}; }
    };
    /// All messages from `begin` on and before `end`.
    struct Stretch
    {
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        std::vector<Entry> entries{};
    };

    /// Covers nothing; `next` is the next message's number.
    explicit HistoryRing(std::uint64_t next = 1)
        : m_begin(next)
        , m_end(next)
    {
    }

    /// The record of who sent what: the same user's same cid is the same message.
    [[nodiscard]] static std::string idempotencyKey(std::string_view user, std::string_view cid);

    /// The next message.
    void append(Entry entry);
    /// Older messages, up to the first number that is covered here. Drops nothing.
    void prepend(Stretch older);
    /// The message with this number, which must be here, has another frame from now on.
    void replace(std::uint64_t seq, SharedBytes frame);
    /// Drops the oldest messages until the ring is no larger than it may be.
    void evict();
    /// Drops the oldest message; there must be one.
    void dropOldest();
    /// Drops what is older than this.
    void dropBefore(std::uint64_t seq);
    /// The newest that was dropped.
    [[nodiscard]] const MessagePlace &dropped() const { return m_dropped; }

    [[nodiscard]] const Entry *find(const std::string &key) const;
    /// The message with this number; null: it is not here.
    [[nodiscard]] const Entry *at(std::uint64_t seq) const;
    [[nodiscard]] bool isEmpty() const { return m_entries.empty(); }
    [[nodiscard]] const Entry &oldest() const { return m_entries.front(); }
    using Entries = std::deque<Entry>;
    [[nodiscard]] const Entries &entries() const { return m_entries; }
    /// The first number that is covered, and the one after the last.
    [[nodiscard]] std::uint64_t begin() const { return m_begin; }
    [[nodiscard]] std::uint64_t end() const { return m_end; }
    [[nodiscard]] bool covers(std::uint64_t seq) const { return m_begin <= seq && seq < m_end; }
    /// Messages with smaller numbers.
    [[nodiscard]] std::size_t countBefore(std::uint64_t seq) const
    {
        return static_cast<std::size_t>(from(seq) - m_entries.begin());
    }
    [[nodiscard]] std::size_t bytes() const { return m_bytes; }

    /// Messages in a row, as many as a page takes.
    struct Page
    {
        explicit Page(std::size_t mostEvents)
            : limit(mostEvents)
        {
        }
        /// Takes the next one, in either direction; false: it does not fit any more. The first one always
        /// does.
        bool add(const Entry &entry);

        std::size_t limit;
        std::vector<SharedBytes> events{};
        std::size_t bytes = 0;
        bool isFull = false;
        std::uint64_t firstSeq = 0; ///< the page has all messages from here …
        std::uint64_t lastSeq = 0;  ///< … to here
    };
    /// The oldest messages after `seq` that fit into a page; at least one if there is one.
    [[nodiscard]] Page after(std::uint64_t seq, std::size_t limit) const;
    /// The newest messages before `seq` that fit into a page; at least one if there is one.
    [[nodiscard]] Page before(std::uint64_t seq, std::size_t limit) const;
    /// Goes on with a page that ended where the messages before these did.
    void continuePage(Page &page) const;

private:
    [[nodiscard]] static std::size_t cost(const Entry &entry);
    [[nodiscard]] Entries::const_iterator from(std::uint64_t seq) const;

    Entries m_entries;
    std::uint64_t m_begin;
    std::uint64_t m_end;
    std::unordered_map<std::string, std::uint64_t> m_keys;
    std::size_t m_bytes = 0;
    MessagePlace m_dropped;
};

} // namespace parlor
