// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/accounting/roomledger.h"
#include "client-cli/load/record/measurements.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace parlor::cli::load {

/// What a thread's users account for: what was said in each of their rooms, what was measured since it was
/// last taken, and how many users are there. `plan` outlives it. One a thread.
class Books
{
public:
    /// `rooms`: the places of this thread's rooms in the run's list.
    Books(const Plan &plan, const std::vector<std::uint16_t> &rooms);

    void countError(const std::string &what) { ++m_measurements.errors[what]; }
    void countMalformed() { countError("the server sent a frame that is none of the protocol's"); }
    /// The same text, as long as the books are there: of names that many users share. "others" once there are
    /// too many.
    [[nodiscard]] std::string_view kept(std::string name);
    /// The delivery latency of users that this host serves; its place in memory stays the same.
    [[nodiscard]] Histogram &latencyAt(const std::string &host);
    /// So many more are not away, or fewer.
    void changePresent(int by) { m_present += static_cast<std::uint32_t>(by); }
    /// So many more are in their rooms, or fewer.
    void changeMembers(int by) { m_members += static_cast<std::uint32_t>(by); }
    /// So many more wait, before they leave, for what they are owed, or fewer.
    void changeSettling(int by) { m_settling += static_cast<std::uint32_t>(by); }
    /// Gives what was measured away for what is in `other`, which has as many phases: empty measurements.
    void swapMeasurements(Measurements &other);
    /// Called once a second: RoomLedger::forget(). What is forgotten counts for the fan-out.
    void forget(std::uint16_t room, std::uint64_t index, Offset time);
    /// What is known of the rooms once all users are gone: which were split, and which had one user only.
    void judgeRooms(const std::vector<std::string> &names);
    /// Called once a second: the rooms that are split, each with its groups as they were when that was found.
    [[nodiscard]] std::vector<RoomSplit> splitsSoFar(const std::vector<std::string> &names);

    /// Its place in memory stays the same.
    [[nodiscard]] Measurements &measurements() { return m_measurements; }
    /// Of what was planned for this time.
    [[nodiscard]] PhaseMeasurements &phaseOf(Offset planned)
    {
        return m_measurements.phases[m_plan.phaseAt(planned)];
    }
    /// One more of what became of a user's message that was planned for this time.
    void count(Offset planned, std::uint32_t user, std::uint64_t MessageCounts::*what)
    {
        ++(phaseOf(planned).*what);
        if (ProfileMeasurements *profile = profileOf(user))
            ++(profile->*what);
    }
    /// nullptr: there is but one profile.
    [[nodiscard]] ProfileMeasurements *profileOf(std::uint32_t user)
    {
        std::vector<ProfileMeasurements> &all = m_measurements.profiles;
        return all.empty() ? nullptr : &all[m_plan.profiles()[user]];
    }
    /// `room` is one of this thread's.
    [[nodiscard]] RoomLedger &ledger(std::uint16_t room) { return *m_ledgers[room]; }
    [[nodiscard]] std::uint32_t present() const { return m_present; }   ///< users
    [[nodiscard]] std::uint32_t members() const { return m_members; }   ///< users
    [[nodiscard]] std::uint32_t settling() const { return m_settling; } ///< users

private:
    [[nodiscard]] std::vector<RoomSplit> splits(const std::vector<std::string> &names);
    void addProfiles();
    void countFanOut(const RoomLedger::Entry &entry);

    const Plan &m_plan;
    std::vector<std::uint16_t> m_rooms;
    std::vector<std::unique_ptr<RoomLedger>> m_ledgers; ///< by room; nullptr: another thread's
    std::map<std::uint16_t, RoomSplit> m_splitsSoFar;   ///< by room
    std::set<std::string> m_names;
    std::map<std::string, Histogram> m_hostLatency; ///< since the measurements were last taken
    Measurements m_measurements;
    std::uint32_t m_present = 0;
    std::uint32_t m_members = 0;
    std::uint32_t m_settling = 0;
};

} // namespace parlor::cli::load
