// SPDX-License-Identifier: MIT
#pragma once

#include "server/chat/chatlimits.h"
#include "server/chat/clientregistry.h"
#include "server/chat/hub.h"
#include "server/chat/resumetokens.h"
#include "server/engine/engine.h"
#include "server/ops/metrics.h"
#include "shared/protocol/decoder.h"
#include "shared/protocol/ulid.h"

#include <functional>
#include <string>

namespace parlor {

/// What the sessions of one worker work with. All of it outlives them; worker's thread.
struct SessionContext
{
    Engine &engine;
    DeliveryPort &port; ///< this worker's inbox
    Hub &hub;
    Decoder &decoder;
    UlidSource &ids;
    const ResumeTokens &tokens;
    const ChatLimits &limits;
    WorkerMetrics &metrics;
    std::string hostname;
    std::function<SteadyTime()> now; ///< the time of this turn
    WallClock wallClock;
    ClientRegistry &clients;
};

} // namespace parlor
