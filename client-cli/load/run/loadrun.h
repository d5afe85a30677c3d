// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runstatus.h"
#include "client-cli/load/record/secondsource.h"
#include "client-cli/load/run/crew.h"
#include "client-cli/load/run/recordbuilder.h"
#include "client-cli/load/run/runbasis.h"
#include "shared/protocol/result.h"

#include <memory>
#include <optional>

namespace parlor::cli::load {

/// One run, from its first user to its last, as its controlling thread sees it: it deals users to threads, or
/// to processes with threads, makes the record of what they tell once a second, and tells them when it ends.
class LoadRun
{
public:
    /// `interrupts`: a descriptor with a byte to read each time that the person wants an end: of the plan,
    /// and once that is over, of the waiting. `watchers` and `sources` outlive it.
    LoadRun(const Settings &settings, Target target, std::vector<Address> addresses, int interrupts,
            std::vector<RunWatcher *> watchers, std::vector<SecondSource *> sources = {});

    /// Called once. With Settings::processes > 1 it forks: no other thread may hold a lock then. The error:
    /// the system gives no threads, no processes, or no way to wait for sockets.
    [[nodiscard]] Result<RunRecord> execute();
    /// Somebody wanted an end, also where the record is whole nevertheless.
    [[nodiscard]] bool wasInterrupted() const { return m_wasInterrupted; }

private:
    [[nodiscard]] Result<std::unique_ptr<Crew>> startCrew(std::vector<Share> shares);
    [[nodiscard]] RunRecord beginRecord() const;
    void control(Crew &crew, RecordBuilder &builder);
    void hearInterrupts(Crew &crew, RunRecord &record);
    void endPlan(Crew &crew);
    void endAtOnce(Crew &crew);
    /// For parts that do not end.
    [[nodiscard]] Offset waitsUntil() const;
    void tellRow(Crew &crew, RecordBuilder &builder, Second row);
    void tellWatchers(const RecordBuilder &builder, const RunRecord &record);

    std::unique_ptr<RunBasis> m_ownBasis; ///< nullptr once a thread that hangs may still read it
    RunBasis &m_basis;
    int m_interrupts;
    std::vector<RunWatcher *> m_watchers;
    std::vector<SecondSource *> m_sources;
    Offset m_reachedBy; ///< somebody must have connected by then
    bool m_isEnding = false;
    bool m_wasInterrupted = false;
    bool m_hasGivenUp = false;          ///< a part that does not end
    Offset m_planEnd;                   ///< its own, or when it was ended
    Offset m_heardAt{};                 ///< when a part told something
    std::optional<Offset> m_waitsUntil; ///< once all parts were told to end at once
};

} // namespace parlor::cli::load
