// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/retention.h"

#include <algorithm>

namespace parlor::sqlite {

namespace {

constexpr std::int64_t kRowsPerStep = 1000;
constexpr std::int64_t kRoomsPerStep = 256;

} // namespace

Retention::Step Retention::step(StoreWriter &store, std::chrono::milliseconds now)
{
    Step done;
    if (store.begin())
        return done;
    done.more = store.dropResends(now - kResends, kRowsPerStep) == kRowsPerStep;
    const bool isLimited = m_limits.age.count() != 0 || m_limits.messages != 0;
    const std::int64_t room = m_room;
    if ((isLimited && !dropOld(store, now, done)) || store.commit()) {
        store.rollback();
        m_room = room;
        return {};
    }
    return done;
}

bool Retention::dropOld(StoreWriter &store, std::chrono::milliseconds now, Step &done)
{
    const auto rooms = store.roomsAfter(m_room, kRoomsPerStep);
    std::uint64_t budget = kRowsPerStep;
    for (const StoreWriter::Kept &kept : rooms) {
        if (budget == 0) {
            done.more = true;
            return true;
        }
        if (kept.oldest != 0) {
            std::uint64_t first = kept.oldest;
            if (m_limits.messages != 0 && kept.newest - kept.oldest >= m_limits.messages)
                first = kept.newest - m_limits.messages + 1;
            if (m_limits.age.count() != 0)
                first = std::max(first, store.firstSince(kept, now - m_limits.age, kRowsPerStep));
            first = std::min(first, kept.oldest + budget);
            if (first > kept.oldest) {
                if (store.dropMessages(kept, first))
                    return false;
                budget -= first - kept.oldest;
                done.dropped.push_back({kept.name, first, first - kept.oldest});
                if (budget == 0) { // the same room again: it may have more
                    done.more = true;
                    return true;
                }
            }
        }
        m_room = kept.row;
    }
    if (static_cast<std::int64_t>(rooms.size()) < kRoomsPerStep)
        m_room = 0;
    return true;
}

} // namespace parlor::sqlite
