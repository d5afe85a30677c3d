// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/localengine.h"

namespace parlor {

/// Everything in this process' memory: one order for all its workers, nothing survives the process.
class MemoryEngine final : public LocalEngine
{
public:
    MemoryEngine(const RoomLimits &limits, const WallClock &clock);
    ~MemoryEngine() override;

    void catchUp(const Caller &caller, const RoomName &room, const SyncPage &last) override;
    void publish(const Caller &caller, PublishRequest request) override;
    void history(const Caller &caller, const std::string &room, RequestId rid, HistoryRange range) override;
    void rooms(const Caller &caller, RequestId rid, std::string prefix, std::string after,
               std::uint32_t limit) override;

private:
    void admit(LockedRoom &room, const Caller &caller, EnterRequest request) override;
};

} // namespace parlor
