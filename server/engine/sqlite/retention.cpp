// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/retention.h"

#include <algorithm>
#include <utility>

namespace parlor::sqlite {

namespace {

constexpr std::int64_t kRowsPerStep = 1000;
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
    std::uint64_t budget = kRowsPerStep;
    for (const StoreWriter::Kept &kept : rooms) {
        if (kept.oldest != 0) {
            std::uint64_t first = kept.oldest;
            if (m_limits.age.count() != 0) {
                if (Problem problem = store.firstSince(kept, now - m_limits.age, kRowsPerStep, first))
                    return problem;
            }
            if (m_limits.messages != 0 && kept.newest - kept.oldest >= m_limits.messages)
                first = std::max(first, kept.newest - m_limits.messages + 1);
            first = std::min(first, kept.oldest + budget);
            if (first > kept.oldest) {
                if (Problem problem = store.dropMessages(kept, first))
                    return problem;
                budget -= first - kept.oldest;
                done.dropped.push_back({kept.name, first, first - kept.oldest});
                if (budget == 0) { // the same room again: it may have more
                    done.more = true;
                    return {};
                }
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
