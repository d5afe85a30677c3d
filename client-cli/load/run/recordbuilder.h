// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runrecord.h"
#include "client-cli/load/run/interval.h"

#include <functional>
#include <optional>

namespace parlor::cli::load {

/// Makes a run's record of the intervals that its parts hand over: a row for each second, once all parts have
/// told of it, or those that have not are a second late. What they tell later is added to its row; until then
/// their users are where they were. Pure; in the thread that controls the run.
class RecordBuilder
{
public:
    static constexpr Offset kPatience = std::chrono::seconds(1);
    using Done = std::function<void(Measurements &&)>;

    /// `record`: what is known before the run. `done` gets each interval's measurements when they are added.
    RecordBuilder(RunRecord record, std::size_t parts, Done done = {});

    void take(Interval &&interval);
    /// Adds the next second to the measurements, if it is complete, or late at `now`. The caller appends its
    /// row to the record, after what only others know of it: `wanted`, and the watched process.
    [[nodiscard]] std::optional<Second> nextRow(Offset now);

    /// Those parts that are not over are waited for no longer: their users count as absent.
    void giveUp();

    /// When nextRow() has something even if nothing comes.
    [[nodiscard]] Offset nextLate() const { return rowEnd() + kPatience; }
    /// All parts are over, and nextRow() has handed out all there is.
    [[nodiscard]] bool isOver() const;
    [[nodiscard]] RunRecord &record() { return m_record; }
    [[nodiscard]] Outstanding outstanding() const;
    /// Why the run cannot go on; empty: it can.
    [[nodiscard]] const std::string &failure() const { return m_failure; }

private:
    struct Part
    {
        ThreadHealth health;
        Outstanding outstanding;
        std::vector<RoomSplit> splits;
        std::size_t told = 0;      ///< seconds
        std::uint32_t members = 0; ///< in the last of these
        std::uint32_t open = 0;    ///< the same
        bool isOver = false;
    };
    struct Waiting
    {
        std::size_t row;
        Interval interval;
    };

    [[nodiscard]] bool areAllOver() const;
    [[nodiscard]] bool isComplete() const;
    /// Of the next row, if it is a whole second.
    [[nodiscard]] Offset rowEnd() const { return std::chrono::seconds(m_rows + 1); }
    void add(Interval &&interval);
    void update();

    RunRecord m_record;
    Done m_done;
    std::vector<Part> m_parts;
    std::vector<Waiting> m_waiting;
    std::size_t m_rows = 0; ///< handed out
    std::string m_failure;
};

} // namespace parlor::cli::load
