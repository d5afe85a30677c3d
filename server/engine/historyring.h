// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/delivery.h"

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace parlor {

/// The newest messages of one room, and which (user, cid) made them. No lock of its own: its Room's.
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
        std::string key; ///< of idempotency(); empty: none
        SharedBytes frame;
    };

    /// The record of who sent what: the same user's same cid is the same message.
    [[nodiscard]] static std::string idempotencyKey(std::string_view user, std::string_view cid);

    /// `entry.seq` is one more than the last one's.
    void append(Entry entry);
    /// Older messages, the last of which comes just before the oldest one here.
    void prepend(std::vector<Entry> older);
    /// Drops the oldest message; there must be one.
    void dropOldest();

    [[nodiscard]] const Entry *find(const std::string &key) const;
    [[nodiscard]] bool isEmpty() const { return m_entries.empty(); }
    [[nodiscard]] const Entry &oldest() const { return m_entries.front(); }
    [[nodiscard]] const Entry &newest() const { return m_entries.back(); }
    [[nodiscard]] bool holds(std::uint64_t seq) const
    {
        return !isEmpty() && oldest().seq <= seq && seq <= newest().seq;
    }
    /// There must be one.
    [[nodiscard]] const Entry &at(std::uint64_t seq) const { return m_entries[seq - oldest().seq]; }
    [[nodiscard]] std::size_t bytes() const { return m_bytes; }

    /// Messages side by side, as many as a page takes.
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
        std::uint64_t firstSeq = 0; ///< 0: there are no events
        std::uint64_t lastSeq = 0;
    };
    /// The oldest messages after `seq` that fit into a page; at least one if there is one.
    [[nodiscard]] Page after(std::uint64_t seq, std::size_t limit) const;
    /// The newest messages before `seq` that fit into a page; at least one if there is one.
    [[nodiscard]] Page before(std::uint64_t seq, std::size_t limit) const;

private:
    [[nodiscard]] static std::size_t cost(const Entry &entry);

    std::deque<Entry> m_entries;
    std::unordered_map<std::string, std::uint64_t> m_keys;
    std::size_t m_bytes = 0;
};

} // namespace parlor
