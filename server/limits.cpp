// SPDX-License-Identifier: MIT
#include "server/limits.h"

#include "server/ops/descriptorlimit.h"

#include <algorithm>

namespace parlor {

namespace {

/// Connections that have not finished a TLS handshake and a head, of all workers: 150 MB.
constexpr std::size_t kHalfOpenTls = 2'000;
} // namespace

ChatLimits chatLimits(const Options &options)
{
    ChatLimits limits;
    limits.requests = {options.rate, options.burst};
    limits.user = {options.userRate, options.userBurst};
    limits.connectionsPerUser = options.maxConnectionsPerUser;
    limits.address = {options.addressRate, options.addressBurst};
    limits.roomsPerSession = options.maxRoomsPerSession;
    limits.jsonDepth = static_cast<int>(options.jsonDepth);
    limits.frameBytes = options.frameLimit;
    limits.ping = options.ping;
    limits.grace = options.grace;
    limits.roomPolicies = RoomPolicies(options.roomPolicies);
    return limits;
}

ConnectionLimits connectionLimits(const Options &options, std::uint64_t descriptors)
{
    constexpr std::uint64_t kMessageMaximum = 64ULL << 20;
    ConnectionLimits limits;
    limits.head = {options.headLimit, options.headFieldLimit};
    limits.headTimeout = options.headTimeout;
    limits.reader.messageBytes = options.frameLimit != 0 ? options.frameLimit : kMessageMaximum;
    limits.reader.fragments = options.fragmentLimit;
    limits.messageTimeout = options.messageTimeout;
    limits.inbound = {static_cast<double>(options.inboundRate), static_cast<double>(options.inboundBurst)};
    limits.queueBytes = options.queueLimit;
    limits.queueMemory =
        options.queueMemory == 0 ? 0 : std::max<std::uint64_t>(options.queueMemory / options.workers, 1);
    limits.stallTimeout = options.stallTimeout;
    limits.ping = options.ping;
    limits.pongTimeout = options.pongTimeout;
    if (options.auth == AuthChoice::Token)
        limits.credential = CredentialField::Bearer;
    else if (options.auth == AuthChoice::Alb)
        limits.credential = CredentialField::LoadBalancer;
    for (const Subnet &proxy : options.trustedProxies)
        limits.trustedProxies.emplace_back(proxy.address, proxy.prefixLength);
    if (descriptors != 0)
        limits.halfOpen = std::max<std::size_t>(descriptors / 4 / options.workers, 16);
    limits.halfOpenTls = std::min(limits.halfOpen, std::max<std::size_t>(kHalfOpenTls / options.workers, 16));
    return limits;
}

AdmissionLimits admissionLimits(const Options &options, std::uint64_t descriptors)
{
    return {.most = connectionsWithin(descriptors, options.maxConnections),
            .address = {options.maxConnectionsPerAddress, {options.connectRate, options.connectBurst}},
            .network = {options.maxConnectionsPerNetwork,
                        {options.networkConnectRate, options.networkConnectBurst}}};
}

} // namespace parlor
