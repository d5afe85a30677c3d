// SPDX-License-Identifier: MIT
#include "client-cli/load/options/preparation.h"

#include "client-cli/exitcode.h"
#include "client-cli/load/options/resourcelines.h"
#include "client-cli/load/plan/ownrooms.h"
#include "client-cli/load/wire/stream.h"
#include "client-cli/networknotice.h"
#include "shared/client/serverurl.h"

#include <QUrl>

#include <algorithm>
#include <iostream>

namespace parlor::cli::load {

namespace {

/// People may be in the rooms that were named.
void warnOfRooms(const std::vector<std::string> &rooms)
{
    constexpr std::size_t kMost = 5;
    if (rooms.empty())
        return;
    std::string names;
    for (std::size_t i = 0; i < std::min(rooms.size(), kMost); ++i)
        names += (i == 0 ? "" : ", ") + rooms[i];
    if (rooms.size() > kMost)
        names += " and " + std::to_string(rooms.size() - kMost) + " more";
    std::cerr
        << "parlor-cli: load sends its messages (~P1:...) to " << names
        << ": people in these rooms see them, and they stay there; without --rooms it has rooms of its own\n";
}

std::vector<Finding> findingsOf(const MadeSettings &made, std::uint32_t peakUsers, std::size_t sources)
{
    return findings(needs(made.settings, {.peakUsers = peakUsers,
                                          .sources = std::max<std::size_t>(sources, 1),
                                          .isTls = made.target.isTls}),
                    readLimits());
}

QUrl urlOf(const Target &target)
{
    return QUrl(QString::fromStdString(target.url));
}

} // namespace

std::vector<Finding> findingsFor(const MadeSettings &made, std::uint32_t peakUsers)
{
    std::size_t sources = made.target.sources.size();
    if (made.hasAutomaticSources && isLoopback(urlOf(made.target))) {
        if (const auto addresses = resolve(made.target.host, made.target.port))
            sources = SourceAddresses::automatic(*addresses, peakUsers).size();
    }
    return findingsOf(made, peakUsers, sources);
}

Result<void> prepareHere(Target &target)
{
    if (target.isTls) {
        auto tls = TlsContext::make({.caFile = target.caFile, .isInsecure = target.isInsecure});
        if (!tls)
            return tls.error();
        target.tls = *std::move(tls);
    }
    return checkSources(target.sources);
}

std::variant<PreparedTarget, Hindrance> prepare(const MadeSettings &made, std::uint32_t peakUsers)
{
    PreparedTarget ready{.target = made.target, .addresses = {}};
    Target &target = ready.target;
    if (const auto here = prepareHere(target); !here)
        return Hindrance{exitcode::kUsage, here.error().text};
    auto addresses = resolve(target.host, target.port);
    if (!addresses)
        return Hindrance{exitcode::kNoConnection, addresses.error().text};
    ready.addresses = *std::move(addresses);
    if (made.hasAutomaticSources)
        target.sources = SourceAddresses::automatic(ready.addresses, peakUsers);
    if (const std::string lack = lackText(findingsOf(made, peakUsers, target.sources.size())); !lack.empty())
        return Hindrance{exitcode::kUsage, lack};
    raiseDescriptorLimit();
    tellOfUnusedProxy(urlOf(target));
    if (!target.token.empty())
        warnOfReadableToken(urlOf(target));
    warnOfRooms(foreignRooms(made.settings.rooms));
    return ready;
}

} // namespace parlor::cli::load
