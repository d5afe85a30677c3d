// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/engine.h"
#include "server/engine/historyring.h"

#include <memory>
#include <optional>

namespace parlor {

/// Which messages of a store are wanted. Either `from` or `before` is set.
struct MessageRange
{
    std::optional<std::uint64_t> from{};   ///< inclusive: the oldest ones from here on
    std::optional<std::uint64_t> before{}; ///< exclusive: the newest ones up to here
    std::uint64_t top = 0;                 ///< of the room, when it was asked for
};
/// What a store has of a MessageRange.
struct StoredMessages
{
    MessagePlace floor; ///< the newest message that the store has dropped
    HistoryRing::Stretch stretch{};
};
/// What a store has of a room.
struct StoredRoom
{
    MessagePlace top;
    StoredMessages newest{}; ///< up to the top
    std::string epoch{};     ///< empty: that of the store
};

/// The messages of one room: what comes next, what is remembered, and what a client's position is worth. A
/// room keeps number and id of its newest message (the top) and of the newest that it has dropped (the
/// floor). A position resumes only if its id is that of the message with its number. No lock of its own: its
/// Room's.
class History
{
public:
    enum class Keeping : std::uint8_t {
        InMemory, ///< what falls out of the ring is gone
        InStore,  ///< the ring has the newest of what a store keeps
    };

    History(std::string epoch, Keeping keeping)
        : m_epoch(std::move(epoch))
        , m_keeping(keeping)
    {
    }

    // ---- messages

    using Receipt = delivery::PublishDone::Receipt;
    /// What a message, or a deletion, will be as an entry. `now`: since 1970.
    [[nodiscard]] static HistoryRing::Entry compose(const std::string &room, const Caller &caller,
                                                    const PublishRequest &request, std::uint64_t seq,
                                                    std::chrono::milliseconds now);
    /// If the message is here already.
    [[nodiscard]] std::optional<Receipt> receiptFor(const Caller &caller,
                                                    const PublishRequest &request) const;
    /// Adds the next message. A deletion makes a tombstone of the message that it names.
    void append(HistoryRing::Entry entry);
    /// In memory; null: it is not here.
    [[nodiscard]] const HistoryRing::Entry *find(std::uint64_t seq) const { return m_ring.at(seq); }
    [[nodiscard]] bool isDurable() const { return m_keeping == Keeping::InStore; }
    [[nodiscard]] const std::string &epoch() const { return m_epoch; }
    [[nodiscard]] const MessagePlace &top() const { return m_top; }
    [[nodiscard]] const MessagePlace &floor() const { return m_floor; }

    // ---- pages; what they need and missingFor() names is to be read before

    /// Whether the position is above the top of these very messages.
    [[nodiscard]] bool isBehind(const EnterRequest &request) const
    {
        return request.since && request.since->epoch == m_epoch && request.since->seq > m_top.seq;
    }
    [[nodiscard]] SyncPage firstPage(const EnterRequest &request) const;
    [[nodiscard]] SyncPage newestPage(std::optional<frame::SyncReason> reason, std::uint32_t limit) const;
    [[nodiscard]] SyncPage nextPage(const SyncPage &last) const;
    [[nodiscard]] SyncPage page(const Engine::HistoryRange &range) const;
    /// From what was read for the range.
    [[nodiscard]] SyncPage page(const Engine::HistoryRange &range, StoredMessages found) const;

    // ---- the store

    /// Before anything else.
    void restore(StoredRoom stored);
    /// The store has other messages than those that are here.
    void replace(StoredRoom stored);
    /// Messages that an answer needs and that only the store has. Those from a position on begin with the
    /// position's own, which proves it.
    [[nodiscard]] std::optional<MessageRange> missingFor(const EnterRequest &request) const;
    [[nodiscard]] std::optional<MessageRange> missingFor(const SyncPage &last) const;
    [[nodiscard]] std::optional<MessageRange> missingFor(const Engine::HistoryRange &range) const;
    /// What was read for a range.
    void complete(const MessageRange &range, StoredMessages found);
    /// The store has dropped all messages up to this one.
    void raiseFloor(const MessagePlace &floor);

    // ---- memory

    [[nodiscard]] std::size_t bytes() const { return m_ring.bytes() + (m_run ? m_run->bytes() : 0); }
    /// When the oldest message in memory was made.
    [[nodiscard]] std::optional<std::chrono::milliseconds> oldestTime() const;
    /// From memory.
    void dropOldest();

private:
    [[nodiscard]] std::optional<frame::SyncReason> whyNot(const EnterRequest::Since &since) const;
    [[nodiscard]] std::optional<Ulid> idAt(std::uint64_t seq) const;
    [[nodiscard]] SyncPage pageAfter(std::uint64_t seq, bool recovered,
                                     std::optional<frame::SyncReason> reason) const;
    [[nodiscard]] SyncPage answer(const Engine::HistoryRange &range, HistoryRing::Page page) const;
    [[nodiscard]] std::optional<MessageRange> missingFrom(std::uint64_t seq) const;
    [[nodiscard]] std::optional<MessageRange> missingNewest(std::uint32_t limit) const;
    [[nodiscard]] bool remembers(std::uint64_t seq) const;
    void matchAnnounced(HistoryRing::Stretch &found) const;

    std::string m_epoch;
    Keeping m_keeping;
    MessagePlace m_top;
    MessagePlace m_floor;
    HistoryRing m_ring;
    std::unique_ptr<HistoryRing> m_run; ///< older ones, read for whoever catches up; a hole may follow
};

} // namespace parlor
