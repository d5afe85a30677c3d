// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/lastings.h"
#include "client-cli/load/plan/messagesizes.h"
#include "client-cli/load/plan/speakingtimes.h"
#include "client-cli/load/run/books.h"
#include "client-cli/load/run/turnstile.h"

#include <optional>
#include <vector>

namespace parlor::cli::load {

/// What one user who speaks says, session by session: when each word is due, and how long it is. It counts
/// those that are planned, and those that are never said; whoever sends counts the rest. Owned by a user; one
/// thread.
class Words
{
public:
    /// `profile` and `books` outlive it.
    Words(std::uint32_t user, const Profile &profile, std::uint64_t seed, Books &books);

    /// The user's n-th session begins, from 1. Returns when its first word is due; nullopt: in a closed model
    /// not before joined().
    [[nodiscard]] std::optional<Offset> begin(Offset at, std::uint32_t session);
    /// It is in its rooms, for the first time or again. In a closed model: when the next word is due; those
    /// who came together do not speak together.
    [[nodiscard]] std::optional<Offset> joined(Offset now);
    /// In an open model, after a word was due: when the next one is.
    [[nodiscard]] Offset following() { return m_times.next(); }
    /// In a closed model, after an answer: when the next word is due.
    [[nodiscard]] Offset afterAnswer(Offset now) { return now + m_thinks.next(); }
    /// In a closed model, after a word that the server did not take.
    [[nodiscard]] Offset afterDrop(Offset now);

    [[nodiscard]] bool isClosed() const { return m_profile.pace == Pace::Closed; }

    /// A word is due that may be said at once, or once it is its turn: it is planned.
    void plan(Offset planned) { m_books.count(planned, m_user, &MessageCounts::planned); }
    /// Of a word that was planned, when it is said or given up.
    [[nodiscard]] std::size_t size() { return m_sizes.next(); }
    /// Which of the planned words may be said now.
    [[nodiscard]] Turnstile &turnstile() { return m_turnstile; }
    /// Those that wait are never said: a connection or a session has ended.
    void holdBack();
    /// A word is due while its user is on its way in for the first time in its session.
    void addEarly(Offset planned) { m_early.push_back(planned); }
    enum class Arrival : std::uint8_t { Joined, Failed };
    /// That has ended: the early words were too early to be planned, or were missed.
    void endArrival(Arrival arrival);
    /// A word is due while its user is in no room: it is planned, and not sent.
    void miss(Offset planned);

private:
    const Profile &m_profile;
    Books &m_books;
    const std::uint64_t m_seed;
    const std::uint32_t m_user;
    SpeakingTimes m_times; ///< of this session
    Lastings m_thinks;
    MessageSizes m_sizes; ///< one is drawn for each word, said or not
    Turnstile m_turnstile;
    std::vector<Offset> m_early;
};

} // namespace parlor::cli::load
