// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/roomengine.h"

namespace parlor {

/// Everything in this process' memory: one order for all its workers, nothing survives the process.
class MemoryEngine final : public RoomEngine
{
public:
    MemoryEngine(const RoomLimits &limits, const WallClock &clock);

    void rooms(const Caller &caller, RequestId rid, std::string prefix, std::string after,
               std::uint32_t limit) override;
    void moderate(const Caller &caller, RequestId rid, Act act) override;
    void flush() override {}
    void stop() override {}
    [[nodiscard]] std::optional<StoreFigures> storeFigures() const override { return std::nullopt; }

private:
    void admit(LockedRoom &room, const Caller &caller, EnterRequest request) override;
    void sendPage(LockedRoom &room, const Caller &caller, const SyncPage &last, std::uint64_t entry) override;
    void keep(LockedRoom &room, const Caller &caller, PublishRequest request) override;
    void readHistory(LockedRoom &room, const Caller &caller, RequestId rid,
                     const HistoryRange &range) override;

    const WallClock m_clock;
    std::mutex m_moderating; ///< one act after another
};

} // namespace parlor
