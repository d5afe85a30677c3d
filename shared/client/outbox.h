// SPDX-License-Identifier: MIT
#pragma once

#include <QList>
#include <QString>

#include <chrono>
#include <optional>

namespace parlor {

enum class OutboxState {
    Queued,        ///< certainly not published; goes out by itself
    InFlight,      ///< sent on this connection, not answered
    Unconfirmed,   ///< was in flight when the connection ended: published or not, nobody here knows
    NeedsDecision, ///< sending it again may publish it twice, or too late: the person decides
    Failed,        ///< refused by the server
};

/// It still goes out by itself.
[[nodiscard]] constexpr bool isUnderWay(OutboxState state)
{
    return state == OutboxState::Queued || state == OutboxState::InFlight ||
           state == OutboxState::Unconfirmed;
}

/// A message that somebody wrote here and that the server has not acknowledged.
struct OutboxEntry
{
    QString cid;
    QString room;
    QString text;
    std::chrono::milliseconds composedAt{}; ///< since 1970; renewed when the person decides to resend
    QString sentBy;                         ///< client_id of the session that sent it last; empty: never sent
    OutboxState state = OutboxState::Queued;
    QString
        problem; ///< for people: in NeedsDecision and Failed, and why it waits, as long as this program runs
    bool operator==(const OutboxEntry &) const = default;
};

/// It was sent, and others may have it, whatever becomes of it here. Of one that waits with a problem the
/// server said just now that it did not publish it.
[[nodiscard]] inline bool mayBePublished(const OutboxEntry &entry)
{
    const bool isRefused = entry.state == OutboxState::Failed ||
                           (entry.state == OutboxState::Queued && !entry.problem.isEmpty());
    return !entry.sentBy.isEmpty() && !isRefused;
}

/// Keeps the entries in the order in which they were written. An implementation may outlive the process.
class Outbox
{
public:
    Outbox() = default;
    virtual ~Outbox() = default;
    Outbox(const Outbox &) = delete;
    Outbox &operator=(const Outbox &) = delete;

    virtual void append(const OutboxEntry &entry) = 0;
    /// Replaces the entry with this cid; nothing happens if there is none.
    virtual void update(const OutboxEntry &entry) = 0;
    virtual void remove(const QString &cid) = 0;

    [[nodiscard]] virtual QList<OutboxEntry> entries() const = 0;
    [[nodiscard]] virtual std::optional<OutboxEntry> find(const QString &cid) const = 0;
};

} // namespace parlor
