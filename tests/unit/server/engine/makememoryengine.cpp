// SPDX-License-Identifier: MIT
#include "server/engine/memoryengine.h"
#include "tests/unit/server/engine/engineprobe.h"

namespace parlor {

std::unique_ptr<Engine> makeEngine(const RoomLimits &limits)
{
    return std::make_unique<MemoryEngine>(limits,
                                          [] { return std::chrono::milliseconds(1'700'000'000'000); });
}

bool keepsEverything()
{
    return false;
}

} // namespace parlor
