// SPDX-License-Identifier: MIT
#include "client-cli/load/options/loadkeys.h"

#include "client-cli/load/options/optionvalues.h"
#include "client-cli/load/options/presets.h"
#include "client-cli/load/runfile/secrets.h"
#include "client-cli/load/wire/upgrade.h"
#include "shared/client/serverurl.h"

#include <algorithm>
#include <array>

namespace parlor::cli::load {

namespace {

using Topic = LoadKey::Topic;
using Kind = LoadKey::Kind;

/// Puts a value where it belongs, or hands its error on.
template <typename Value, typename Field>
Result<void> put(Result<Value> value, Field &field)
{
    if (!value)
        return value.error();
    field = static_cast<Field>(*std::move(value));
    return {};
}

template <typename Value>
Result<void> put(Result<Value> value, std::optional<Value> &field)
{
    if (!value)
        return value.error();
    field = *std::move(value);
    return {};
}

const std::string &textOf(const Statement &said)
{
    return said.texts.front();
}

Result<void> takeUrl(Draft &draft, const Statement &said)
{
    // The resolver would make an address of it: 0.0.31.64.
    if (!textOf(said).empty() && textOf(said).find_first_not_of("0123456789") == std::string::npos)
        return Error{.text = "'" + textOf(said) + "' names no host; write ws://HOST:PORT"};
    if (const auto all = presets(); std::ranges::find(all, textOf(said), &Preset::name) != all.end())
        return Error{.text = "'" + textOf(said) + "' is a preset; write --preset " + textOf(said) +
                             ", or ws://" + textOf(said) + " for a host of this name"};
    const auto url = parseServerUrl(QString::fromStdString(textOf(said)));
    if (!url)
        return url.error();
    Target &target = draft.target;
    target.isTls = url->scheme() == QLatin1String("wss");
    target.url = urlWithoutSecrets(url->toString().toStdString());
    target.host = url->host(QUrl::FullyEncoded).toStdString();
    target.port = static_cast<std::uint16_t>(url->port(target.isTls ? 443 : 80));
    target.path = url->toEncoded(QUrl::RemoveScheme | QUrl::RemoveAuthority).toStdString();
    target.authority = url->authority(QUrl::FullyEncoded).toStdString();
    draft.settings.url = target.url;
    return {};
}

Result<void> takeHeaders(Draft &draft, const Statement &said)
{
    constexpr std::size_t kMost = 50;
    for (const std::string &each : said.texts) {
        auto header = parseHeader(each);
        if (!header)
            return header.error();
        draft.target.headers.push_back(*std::move(header));
    }
    if (draft.target.headers.size() > kMost)
        return Error{.text = "there are more than " + std::to_string(kMost)};
    return {};
}

Result<void> takeSources(Draft &draft, const Statement &said)
{
    if (textOf(said) == "auto") {
        draft.hasAutomaticSources = true;
        draft.target.sources = {};
        return {};
    }
    draft.hasAutomaticSources = false;
    return put(SourceAddresses::parse(textOf(said)), draft.target.sources);
}

Result<void> takeUsers(Draft &draft, const Statement &said)
{
    const auto users = parseUsers(textOf(said));
    if (users && *users == 0)
        return Error{.text = "'0': a run without users measures nothing"};
    return put(users, draft.users);
}

Result<void> takeDuration(Draft &draft, const Statement &said)
{
    const auto duration = parseDuration(textOf(said));
    if (duration && *duration <= Offset{})
        return Error{.text = "it must be longer than nothing"};
    return put(duration, draft.duration);
}

Result<void> takeRooms(Draft &draft, const Statement &said)
{
    std::string list;
    for (const std::string &each : said.texts) {
        if (said.texts.size() > 1 && each.find(',') != std::string::npos)
            return Error{.text = "'" + each + "': a room's name has no comma"};
        list += (list.empty() ? "" : ",") + each;
    }
    return put(parseRooms(list), draft.settings.rooms);
}

Result<void> takeVerify(Draft &draft, const Statement &said)
{
    const auto verify = parseVerify(textOf(said));
    if (!verify)
        return verify.error();
    std::tie(draft.settings.verify, draft.settings.verifySample) = *verify;
    return {};
}

Result<void> takeConnectTimeout(Draft &draft, const Statement &said)
{
    const auto timeout = parseDuration(textOf(said));
    if (timeout && *timeout <= Offset{})
        return Error{.text = "it must be longer than nothing"};
    return put(timeout, draft.settings.connectTimeout);
}

template <std::uint64_t Most>
Result<std::uint64_t> wholeUpTo(const Statement &said, std::string_view what)
{
    return parseWhole(textOf(said), 1, Most, what);
}

constexpr std::array kKeys{
    LoadKey{"url", Topic::Target, Kind::Value, "URL",
            "ws://HOST:PORT or wss://HOST; the path /ws and ws:// may be left out", takeUrl},
    LoadKey{"dialect", Topic::Target, Kind::Value, "v1|v2", "v2, or v1 for servers like the tutorial's [v2]",
            [](Draft &draft, const Statement &said) {
                return put(parseDialect(textOf(said)), draft.settings.dialect);
            }},

    LoadKey{"header", Topic::Target, Kind::List, "'NAME: VALUE'",
            "For the request that opens each WebSocket; may be repeated", takeHeaders},
    LoadKey{"cookies", Topic::Target, Kind::YesOrNo, "",
            "Users send back the cookies that they got, as for a load balancer that keeps them on a server",
            [](Draft &draft, const Statement &said) {
                return put(parseBoolean(textOf(said)), draft.target.keepsCookies);
            }},
    LoadKey{"ca-file", Topic::Target, Kind::Value, "FILE", "PEM certificates to trust besides the system's",
            [](Draft &draft, const Statement &said) {
                draft.target.caFile = textOf(said);
                return Result<void>();
            }},
    LoadKey{"insecure", Topic::Target, Kind::YesOrNo, "", "Any certificate will do",
            [](Draft &draft, const Statement &said) {
                return put(parseBoolean(textOf(said)), draft.target.isInsecure);
            }},

    LoadKey{"stages", Topic::Users, Kind::Value, "LIST",
            "TIME:USERS, in a straight line from the last number of users to the next\n"
            "[30s:50,1m:50,30s:100,1m:100,30s:0]",
            [](Draft &draft, const Statement &said) { return put(parseStages(textOf(said)), draft.stages); }},
    LoadKey{"users", Topic::Users, Kind::Value, "N",
            "In place of stages: so many from the beginning to the end", takeUsers},
    LoadKey{"duration", Topic::Users, Kind::Value, "TIME", "With --users, or --arrival RATE: how long [30s]",
            takeDuration},
    LoadKey{
        "arrival", Topic::Users, Kind::Value, "RATE|LIST",
        "In place of stages: users that come, 20/s, whoever is there already; or TIME:RATE, in\n"
        "straight lines. Each goes after its --session-life",
        [](Draft &draft, const Statement &said) { return put(parseArrivals(textOf(said)), draft.arrivals); }},
    LoadKey{"session-life", Topic::Users, Kind::Value, "TIME",
            "How long a user stays; then it goes, and with --stages another one comes in its place.\n"
            "exp:TIME: on average. 0: as long as the stages say [0]",
            nullptr,
            [](Profile &profile, const Statement &said) {
                return put(parseLasting(textOf(said)), profile.life);
            }},

    LoadKey{
        "rate", Topic::Messages, Kind::Value, "RATE", "Messages of each user: 0.5/s, 30/m [0.5/s]", nullptr,
        [](Profile &profile, const Statement &said) { return put(parseRate(textOf(said)), profile.rate); }},
    LoadKey{
        "pace", Topic::Messages, Kind::Value, "PACE",
        "fixed or poisson: at times that are planned, whatever the server does, evenly or by\n"
        "chance; closed: after the answer to the last message and --think [fixed]",
        nullptr,
        [](Profile &profile, const Statement &said) { return put(parsePace(textOf(said)), profile.pace); }},
    LoadKey{"think", Topic::Messages, Kind::Value, "TIME",
            "With --pace closed: between an answer and the next message; exp:TIME: on average [0]", nullptr,
            [](Profile &profile, const Statement &said) {
                return put(parseLasting(textOf(said)), profile.think);
            }},
    LoadKey{"inflight", Topic::Messages, Kind::Value, "N",
            "Messages of a user that wait for an answer, at most; those that fall due meanwhile wait,\n"
            "and their latency runs from when they were due. 0: any number [0]",
            nullptr,
            [](Profile &profile, const Statement &said) {
                return put(parseWhole(textOf(said), 0, 100'000, "messages"), profile.inflight);
            }},
    LoadKey{
        "size", Topic::Messages, Kind::Value, "BYTES", "Of a message's content, or a range: 64-1024 [128]",
        nullptr,
        [](Profile &profile, const Statement &said) { return put(parseSize(textOf(said)), profile.size); }},
    LoadKey{"senders", Topic::Messages, Kind::Value, "WHO",
            "all users speak, or a number of them, or a part: 20, 10%; the others listen [all]", nullptr,
            [](Profile &profile, const Statement &said) {
                return put(parseSenders(textOf(said)), profile.senders);
            }},

    LoadKey{"rooms", Topic::Rooms, Kind::Value, "LIST|N",
            "How many rooms to spread the users over (load-1, load-2 …), or which: people who are in\n"
            "them see the messages, and these stay there [3]",
            takeRooms},
    LoadKey{"rooms-per-user", Topic::Rooms, Kind::Value, "N",
            "In how many of them a user is; it speaks in one after the other [1]", nullptr,
            [](Profile &profile, const Statement &said) {
                return put(wholeUpTo<1000>(said, "rooms"), profile.roomsPerUser);
            }},
    LoadKey{"zipf", Topic::Rooms, Kind::Value, "EXPONENT",
            "The first rooms have more users: room k has as many as 1/k^EXPONENT. 0: all have as many [0]",
            [](Draft &draft, const Statement &said) {
                return put(parseZipf(textOf(said)), draft.settings.zipf);
            }},

    LoadKey{"connect-rate", Topic::Connections, Kind::Value, "RATE",
            "Connections that are begun, at most: 200/s. 0: no bound [0]",
            [](Draft &draft, const Statement &said) {
                return put(parseConnectRate(textOf(said)), draft.settings.connectRate);
            }},
    LoadKey{"connect-inflight", Topic::Connections, Kind::Value, "N",
            "Connections that are on their way at the same time, at most [256]",
            [](Draft &draft, const Statement &said) {
                return put(wholeUpTo<100'000>(said, "connections"), draft.settings.connectInflight);
            }},
    LoadKey{"connect-timeout", Topic::Connections, Kind::Value, "TIME",
            "How long connecting and joining may take [5s]", takeConnectTimeout},
    LoadKey{"reconnect", Topic::Connections, Kind::Value, "HOW",
            "After a loss: backoff: again, after waits that grow; none: the user is gone [backoff]",
            [](Draft &draft, const Statement &said) {
                return put(parseReconnect(textOf(said)), draft.settings.reconnect);
            }},

    LoadKey{"source-ips", Topic::Connections, Kind::Value, "LIST|auto",
            "Addresses of this machine that users come from, in turn: 10.0.0.2-10.0.0.9,10.0.1.1; each\n"
            "has about 28,000 ports. auto: as many of 127.0.0.0/8 as a server there needs [auto]",
            takeSources},

    LoadKey{"warmup", Topic::Checks, Kind::Value, "TIME",
            "At the beginning: its latencies count in no figure of the run [0s]",
            [](Draft &draft, const Statement &said) {
                return put(parseDuration(textOf(said)), draft.settings.warmUp);
            }},
    LoadKey{"settle", Topic::Checks, Kind::Value, "TIME",
            "After a join: what is said until then may come or not [0s]",
            [](Draft &draft, const Statement &said) {
                return put(parseDuration(textOf(said)), draft.settings.settle);
            }},
    LoadKey{"drain", Topic::Checks, Kind::Value, "TIME",
            "How long a user that goes waits for what it is owed [5s]",
            [](Draft &draft, const Statement &said) {
                return put(parseDuration(textOf(said)), draft.settings.drain);
            }},
    LoadKey{"verify", Topic::Checks, Kind::Value, "HOW",
            "full: every delivery of every user; sample:N: of one user in N, the others' are counted;\n"
            "count: all are counted, none is read; off: not even that [full]",
            takeVerify},
    LoadKey{"threshold", Topic::Checks, Kind::List, "EXPR",
            "A condition that the run must meet; may be repeated", nullptr},
    LoadKey{"strict", Topic::Checks, Kind::YesOrNo, "",
            "A generator that does not keep up is a failure (exit 97)",
            [](Draft &draft, const Statement &said) {
                return put(parseBoolean(textOf(said)), draft.settings.isStrict);
            }},

    LoadKey{"seed", Topic::Generator, Kind::Value, "N", "The same seed, the same schedule [1]",
            [](Draft &draft, const Statement &said) {
                return put(parseWhole(textOf(said), 0, ~std::uint64_t{0}, "a seed"), draft.settings.seed);
            }},
    LoadKey{
        "threads", Topic::Generator, Kind::Value, "N|auto",
        "Of each process; auto: one a core, 8 at most, and no more than rooms [1]",
        [](Draft &draft, const Statement &said) { return put(parseThreads(textOf(said)), draft.threads); }},
    LoadKey{"processes", Topic::Generator, Kind::Value, "N",
            "Where one may not have as many descriptors as there are users [1]",
            [](Draft &draft, const Statement &said) {
                return put(wholeUpTo<64>(said, "processes"), draft.settings.processes);
            }},
    LoadKey{"tag", Topic::Generator, Kind::List, "NAME=VALUE", "Kept with the run's figures; may be repeated",
            nullptr},
};

} // namespace

std::span<const LoadKey> loadKeys()
{
    return kKeys;
}

const LoadKey *loadKey(std::string_view name)
{
    const auto found = std::ranges::find_if(kKeys, [name](const LoadKey &each) { return each.name == name; });
    return found == kKeys.end() ? nullptr : &*found;
}

} // namespace parlor::cli::load
