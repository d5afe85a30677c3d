// SPDX-License-Identifier: MIT
#pragma once

#include "server/auth/authenticator.h"
#include "server/chat/appointments.h"
#include "server/chat/chatlimits.h"
#include "server/chat/clientregistry.h"
#include "server/chat/hub.h"
#include "server/chat/resumetokens.h"
#include "server/chat/userquotas.h"
#include "server/engine/engine.h"
#include "server/ops/metrics.h"
#include "shared/protocol/decoder.h"
#include "shared/protocol/ulid.h"

#include <functional>
#include <string>
#include <vector>

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
    Authenticator *authenticator; ///< null: nobody has to say who they are
    Appointments &appointments;
    UserQuotas *users;                     ///< null: nobody counts what users do
    std::vector<SessionKey> &delayedPages; ///< sessions whose next page waits for a budget
    SanctionsPtr sanctions = std::make_shared<const Sanctions>(); ///< what is in force
};

} // namespace parlor
