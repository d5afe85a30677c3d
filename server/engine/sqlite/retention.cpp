// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/retention.h"

#include <utility>

namespace parlor::sqlite {

namespace {

constexpr std::int64_t kRowsPerStep = 1000;
/// The largest frames take far more pages of the file than the smallest: all commits wait for a step.
constexpr std::int64_t kBytesPerStep = 1LL << 20;
constexpr std::int64_t kRoomsPerStep = 256;

} // namespace

Retention::Step Retention::step(StoreWriter &store, std::chrono::milliseconds now)
{
    Step done;
    const std::int64_t room = m_room;
    Problem problem = store.begin();
    if (!problem)
        problem = drop(store, now, done);
    if (!problem)
        problem = store.commit();
    if (!problem)
        return done;
    store.rollback();
    m_room = room;
    return {{}, false, std::move(problem)};
}

Problem Retention::drop(StoreWriter &store, std::chrono::milliseconds now, Step &done)
{
    std::int64_t resends = 0;
    if (Problem problem = store.dropResends(now - kResends, now + kAhead, kRowsPerStep, resends))
        return problem;
    done.more = resends == kRowsPerStep;
    const bool isLimited = m_limits.age.count() != 0 || m_limits.messages != 0;
    return isLimited ? dropOld(store, now, done) : Problem();
}

Problem Retention::dropOld(StoreWriter &store, std::chrono::milliseconds now, Step &done)
{
    std::vector<StoreWriter::Kept> rooms;
    if (Problem problem = store.roomsAfter(m_room, kRoomsPerStep, rooms))
        return problem;
    StoreWriter::Budget budget{kRowsPerStep, kBytesPerStep};
    for (const StoreWriter::Kept &kept : rooms) {
        const bool areTooMany = m_limits.messages != 0 && kept.newest - kept.oldest >= m_limits.messages;
        if (kept.oldest != 0 && (areTooMany || m_limits.age.count() != 0)) {
            StoreWriter::Droppable droppable;
            if (m_limits.age.count() != 0)
                droppable.olderThan = now - m_limits.age;
            if (areTooMany)
                droppable.before = kept.newest - m_limits.messages + 1;
            const std::int64_t rowsBefore = budget.rows;
            std::uint64_t first = 0;
            if (Problem problem = store.firstToKeep(kept, droppable, budget, first))
                return problem;
            if (first > kept.oldest) {
                MessagePlace floor;
                if (Problem problem = store.dropMessages(kept, first, floor))
                    return problem;
                done.dropped.push_back(
                    {kept.name, floor, static_cast<std::uint64_t>(rowsBefore - budget.rows)});
            }
            if (budget.isSpent()) { // the same room again: it may have more
                done.more = true;
                return {};
            }
        }
        m_room = kept.row;
    }
    if (static_cast<std::int64_t>(rooms.size()) < kRoomsPerStep)
        m_room = 0;
    else
        done.more = true;
    return {};
}

} // namespace parlor::sqlite
