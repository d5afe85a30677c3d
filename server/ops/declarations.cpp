// SPDX-License-Identifier: MIT
#include "server/ops/declarations.h"

#include "server/ops/values.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

namespace parlor {

namespace {

using Milliseconds = std::chrono::milliseconds;
using Store = decltype(Declaration::store);

template <typename Choice>
struct Named
{
    std::string_view name;
    Choice choice;
};
template <typename Choice>
Named(std::string_view, Choice) -> Named<Choice>; // clang 14 has none for aggregates
constexpr std::array kRoomPolicies{Named{"open", RoomPolicy::Open}, Named{"fixed", RoomPolicy::Fixed}};
constexpr std::array kLogLevels{Named{"debug", LogLevel::Debug}, Named{"info", LogLevel::Info},
                                Named{"warning", LogLevel::Warning}, Named{"error", LogLevel::Error}};
constexpr std::array kLogFormats{Named{"text", LogFormat::Text}, Named{"json", LogFormat::Json}};
constexpr std::array kTransports{Named{"auto", TransportChoice::Auto},
                                 Named{"native", TransportChoice::Native}, Named{"qt", TransportChoice::Qt}};
constexpr std::array kSends{Named{"auto", SendsChoice::Auto}, Named{"io_uring", SendsChoice::IoUring},
                            Named{"send", SendsChoice::Send}};
/// What SIGHUP changes while the server runs. No others: they have been told to clients, or are built in
/// where they are used.
constexpr std::array<std::string_view, 37> kLive{
    "access-log",
    "address-burst",
    "address-rate",
    "allowed-origin",
    "burst",
    "connect-burst",
    "connect-rate",
    "drain-delay",
    "drain-timeout",
    "fragment-limit",
    "frame-limit",
    "grace",
    "head-field-limit",
    "head-limit",
    "head-timeout",
    "inbound-burst",
    "inbound-rate",
    "log-level",
    "max-connections",
    "max-connections-per-address",
    "max-connections-per-network",
    "max-connections-per-user",
    "max-rooms-per-session",
    "message-timeout",
    "network-connect-burst",
    "network-connect-rate",
    "pong-timeout",
    "queue-limit",
    "queue-memory",
    "rate",
    "room-policy",
    "stall-timeout",
    "tls-cert",
    "tls-key",
    "trusted-proxy",
    "user-burst",
    "user-rate",
};
constexpr std::array kDurabilities{Named{"normal", DurabilityChoice::Normal},
                                   Named{"power", DurabilityChoice::Power}};

constexpr std::array kAuths{Named{"open", AuthChoice::Open}, Named{"token", AuthChoice::Token},
                            Named{"alb", AuthChoice::Alb}};

template <typename Choice, std::size_t n>
std::string joinedNames(const std::array<Named<Choice>, n> &choices, std::string_view separator)
{
    std::string names;
    for (const auto &choice : choices) {
        names += names.empty() ? std::string_view() : separator;
        names += choice.name;
    }
    return names;
}

template <typename Choice, std::size_t n>
Result<Choice> parseChoice(const std::array<Named<Choice>, n> &choices, std::string_view text)
{
    const auto found = std::ranges::find(choices, text, &Named<Choice>::name);
    if (found != choices.end())
        return found->choice;
    return Error{.text = '"' + std::string(text) + "\" is none of its values: " + joinedNames(choices, ", ")};
}

template <typename Choice, std::size_t n>
std::string choiceText(const std::array<Named<Choice>, n> &choices, Choice choice)
{
    return std::string(std::ranges::find(choices, choice, &Named<Choice>::choice)->name);
}

/// Stores what `parse` made of the one value.
template <typename Parse, typename Keep>
Store storeOne(Parse parse, Keep keep)
{
    return [parse, keep](const std::vector<std::string> &values) -> Result<void> {
        auto parsed = parse(values.front());
        if (!parsed)
            return parsed.error();
        keep(*std::move(parsed));
        return {};
    };
}

/// Declares options one group after the other.
class Declarer
{
public:
    void group(std::string name) { m_group = std::move(name); }
    [[nodiscard]] std::vector<Declaration> take() { return std::move(m_declarations); }

    void duration(std::string name, Milliseconds &target, std::string help,
                  Milliseconds least = Milliseconds(0))
    {
        const auto parse = [least](std::string_view text) -> Result<Milliseconds> {
            Result<Milliseconds> parsed = values::parseDuration(text);
            if (parsed && *parsed < least)
                return Error{.text = '"' + std::string(text) + "\" is too short; at least " +
                                     values::text(least)};
            return parsed;
        };
        add(std::move(name), "DURATION", std::move(help),
            storeOne(parse, [&target](Milliseconds v) { target = v; }),
            [&target] { return values::text(target); });
    }

    void size(std::string name, std::uint64_t &target, std::string help, std::uint64_t least = 0,
              std::uint64_t most = std::numeric_limits<std::uint64_t>::max())
    {
        const auto parse = [least, most](std::string_view text) {
            return inRange(values::parseSize(text), text, least, most, values::sizeText);
        };
        add(std::move(name), "SIZE", std::move(help),
            storeOne(parse, [&target](std::uint64_t v) { target = v; }),
            [&target] { return values::sizeText(target); });
    }

    template <typename Integer>
    void count(std::string name, Integer &target, std::string help, std::uint64_t least = 0,
               std::uint64_t most = std::numeric_limits<Integer>::max())
    {
        const auto parse = [least, most](std::string_view text) {
            return inRange(values::parseCount(text), text, least, most,
                           [](std::uint64_t v) { return std::to_string(v); });
        };
        add(std::move(name), "N", std::move(help),
            storeOne(parse, [&target](std::uint64_t v) { target = static_cast<Integer>(v); }),
            [&target] { return std::to_string(target); });
    }

    void rate(std::string name, double &target, std::string help, double least = 0)
    {
        const auto parse = [least](std::string_view text) -> Result<double> {
            Result<double> parsed = values::parseRate(text);
            if (parsed && *parsed < least)
                return Error{.text = '"' + std::string(text) + "\" is too little; at least " +
                                     values::text(least)};
            return parsed;
        };
        add(std::move(name), "NUMBER", std::move(help), storeOne(parse, [&target](double v) { target = v; }),
            [&target] { return values::text(target); });
    }

    template <typename Choice, std::size_t n>
    void choice(std::string name, Choice &target, const std::array<Named<Choice>, n> &choices,
                std::string help)
    {
        const auto parse = [&choices](std::string_view text) { return parseChoice(choices, text); };
        add(std::move(name), joinedNames(choices, "|"), std::move(help),
            storeOne(parse, [&target](Choice v) { target = std::move(v); }),
            [&target, &choices] { return choiceText(choices, target); });
    }

    void path(std::string name, std::optional<std::string> &target, std::string help)
    {
        Declaration &added =
            add(std::move(name), "FILE", std::move(help),
                storeOne(values::parsePath, [&target](std::string v) { target = std::move(v); }), {});
        added.texts = [&target] { return target ? std::vector{*target} : std::vector<std::string>(); };
        added.store = [&target, one = std::move(added.store)](const auto &values) -> Result<void> {
            if (!values.empty())
                return one(values);
            target.reset();
            return {};
        };
    }

    /// With Redis it has no value.
    void store(std::string name, Options &o, std::string help)
    {
        Declaration &added =
            add(std::move(name), "memory|sqlite:FILE", std::move(help),
                storeOne(values::parseStore, [&o](StoreChoice v) { o.store = std::move(v); }), {});
        added.texts = [&o] {
            return o.redis ? std::vector<std::string>() : std::vector{values::text(o.store)};
        };
    }

    /// Its password is never shown.
    void redis(std::string name, std::optional<redis::Address> &target, std::string help)
    {
        const auto parse = [](std::string_view text) { return redis::parseAddress(std::string(text)); };
        Declaration &added = add(std::move(name), "URL", std::move(help),
                                 storeOne(parse, [&target](redis::Address v) { target = std::move(v); }), {});
        added.texts = [&target] {
            return target ? std::vector{target->textWithUser()} : std::vector<std::string>();
        };
    }

    void claim(std::string name, std::string &target, std::string help)
    {
        value(std::move(name), "CLAIM", target, values::parseLine, asItIs, std::move(help));
    }

    /// Several can stand in one value, with commas between.
    void users(std::string name, std::vector<std::string> &target, std::string help)
    {
        Declaration &added = add(std::move(name), "USER,...", std::move(help), {}, {});
        added.isList = true;
        added.store = [&target](const std::vector<std::string> &texts) -> Result<void> {
            std::vector<std::string> users;
            for (const std::string &text : texts) {
                Result<std::vector<std::string>> some = values::parseUsers(text);
                if (!some)
                    return some.error();
                std::ranges::move(*some, std::back_inserter(users));
            }
            target = std::move(users);
            return {};
        };
        added.texts = [&target] { return target; };
    }

    static std::string asItIs(const std::string &text) { return text; }

    void toggle(std::string name, bool &target, std::string help)
    {
        const auto parse = [](std::string_view text) -> Result<bool> {
            if (text == "true" || text == "false")
                return text == "true";
            return Error{.text = '"' + std::string(text) + "\" is none of its values: true, false"};
        };
        add(std::move(name), "", std::move(help), storeOne(parse, [&target](bool v) { target = v; }),
            [&target] { return target ? "true" : "false"; })
            .isSwitch = true;
    }

    template <typename T, typename Parse, typename Text>
    void value(std::string name, std::string form, T &target, Parse parse, Text text, std::string help)
    {
        add(std::move(name), std::move(form), std::move(help),
            storeOne(parse, [&target](T v) { target = std::move(v); }),
            [&target, text] { return text(target); });
    }

    template <typename T, typename Parse, typename Text>
    void optional(std::string name, std::string form, std::optional<T> &target, Parse parse, Text text,
                  std::string help)
    {
        Declaration &added = add(std::move(name), std::move(form), std::move(help),
                                 storeOne(parse, [&target](T v) { target = std::move(v); }), {});
        added.texts = [&target, text] {
            return target ? std::vector{text(*target)} : std::vector<std::string>();
        };
    }

    template <typename T, typename Parse, typename Text>
    void list(std::string name, std::string form, std::vector<T> &target, Parse parse, Text text,
              std::string help, std::string whenEmpty = {})
    {
        Declaration &added = add(std::move(name), std::move(form), std::move(help), {}, {});
        added.isList = true;
        added.store = [&target, parse, whenEmpty](const std::vector<std::string> &texts) -> Result<void> {
            if (texts.empty() && !whenEmpty.empty())
                return Error{.text = whenEmpty};
            std::vector<T> elements;
            for (const std::string &element : texts) {
                Result<T> parsed = parse(element);
                if (!parsed)
                    return parsed.error();
                elements.push_back(*std::move(parsed));
            }
            target = std::move(elements);
            return {};
        };
        added.texts = [&target, text] {
            std::vector<std::string> texts;
            std::ranges::transform(target, std::back_inserter(texts), text);
            return texts;
        };
    }

private:
    template <typename Text>
    static Result<std::uint64_t> inRange(Result<std::uint64_t> parsed, std::string_view text,
                                         std::uint64_t least, std::uint64_t most, Text toText)
    {
        if (parsed && *parsed < least)
            return Error{.text = '"' + std::string(text) + "\" is too little; at least " + toText(least)};
        if (parsed && *parsed > most)
            return Error{.text = '"' + std::string(text) + "\" is too much; at most " + toText(most)};
        return parsed;
    }

    Declaration &add(std::string name, std::string form, std::string help, Store store,
                     std::function<std::string()> text)
    {
        auto texts = [text = std::move(text)] { return std::vector{text()}; };
        m_declarations.push_back({std::move(name), m_group, std::move(form), std::move(help), false, false,
                                  false, std::move(store), std::move(texts)});
        return m_declarations.back();
    }

    std::string m_group;
    std::vector<Declaration> m_declarations;
};

} // namespace

std::string Declaration::variable() const
{
    std::string variable = "PARLOR_";
    for (const char c : name)
        variable += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return variable;
}

std::vector<Declaration> declareOptions(Options &o)
{
    Declarer declare;
    declare.group("Server");
    declare.list(
        "listen", "[wss://]ADDR:PORT", o.listen, values::parseListenAddress,
        [](const ListenAddress &a) { return values::text(a); },
        "where to listen: plain, or with wss:// TLS (repeatable)",
        "the list is empty; a server needs an address to listen on");
    declare.list(
        "metrics-listen", "ADDR:PORT", o.metricsListen, values::parseListenAddress,
        [](const ListenAddress &a) { return values::text(a); },
        "where /metrics is served instead of where clients are (repeatable)");
    declare.optional(
        "admin-listen", "[https://]ADDR:PORT|unix:PATH", o.adminListen, values::parseAdminAddress,
        [](const AdminAddress &a) { return values::text(a); },
        "where the admin API is: loopback, TLS, or a Unix socket");
    declare.path("admin-key-file", o.adminKeyFile,
                 "keys of the admin API, a line each: KEY or NAME:KEY; read again on SIGHUP");
    declare.value(
        "hostname", "NAME", o.hostname, values::parseHostname, [](const std::string &s) { return s; },
        "what this server calls itself to clients; default: the machine's name");
    declare.path("tls-cert", o.tlsCertificate,
                 "certificate chain for wss:// listeners, PEM; read again on SIGHUP");
    declare.path("tls-key", o.tlsKey, "its private key, RSA or EC, PEM without a passphrase");
    declare.choice("transport", o.transport, kTransports,
                   "how plain connections are carried; TLS always by qt");
    declare.choice("sends", o.sends, kSends, "how native connections send: all at once, or one by one");
    declare.count("workers", o.workers, "threads that serve connections; default: one for each core", 1,
                  1024);
    declare.store("store", o, "where messages are kept");
    declare.choice("durability", o.durability, kDurabilities,
                   "what an acknowledged message survives: a crash; or loss of power");
    declare.value("history-max-age", "AGE", o.historyMaxAge, values::parseAge, values::ageText,
                  "age from which messages are dropped, as 30d; 0: none");
    declare.count("history-max-messages", o.historyMaxMessages,
                  "messages of a room that are kept; 0: all; with Redis 10000 unless given");
    declare.size("history-memory", o.historyMemory,
                 "memory for the recent messages of all rooms together; at least 1", 1);
    declare.choice("rooms", o.rooms, kRoomPolicies, "whether joining makes new rooms");
    declare.list("room-policy", "RULE", o.roomPolicies, parseRoomRule, roomRuleText,
                 "who may do what in rooms, as \"news* write=moderator\" (repeatable)");
    declare.path("secret-file", o.secretFile,
                 "key for resume tokens, made if missing; default: where the messages are");
    declare.duration("drain-delay", o.drainDelay,
                     "time after SIGTERM in which /ready is 503 and all are still served");
    declare.duration("drain-timeout", o.drainTimeout, "time to move clients away before the server exits");

    declare.group("Several servers, one chat");
    declare.redis("redis", o.redis,
                  "Redis that keeps the messages: redis://HOST:PORT, rediss://…, unix:/PATH");
    declare.value(
        "redis-prefix", "TEXT", o.redisPrefix, values::parseRedisPrefix,
        [](const std::string &s) { return s; },
        "begins all keys and channels; another prefix is another chat");
    declare.path("redis-ca-file", o.redisCaFile,
                 "authority of the certificate of rediss://, PEM; default: the system's");
    declare.path("redis-password-file", o.redisPasswordFile, "its one line is the password for Redis");
    declare.count("redis-wait", o.redisWait,
                  "replicas of Redis that must have a message before it is acknowledged", 0, 100);

    declare.group("Who may enter");
    declare.choice("auth", o.auth, kAuths,
                   "everybody; those with a JWT; those whom an AWS ALB has signed in");
    declare.path("auth-secret-file", o.authSecretFile,
                 "its one line is the secret that JWTs are signed with");
    declare.optional("auth-jwks", "FILE|URL", o.authJwks, values::parseJwks, Declarer::asItIs,
                     "public keys of whoever issues JWTs; read again on SIGHUP");
    declare.optional("auth-audience", "NAME", o.authAudience, values::parseLine, Declarer::asItIs,
                     "what a token must be for (aud); default: anything");
    declare.optional("auth-issuer", "NAME", o.authIssuer, values::parseLine, Declarer::asItIs,
                     "whom a token must be of (iss); default: anybody");
    declare.claim("auth-name-claim", o.authNameClaim, "claim with the username");
    declare.claim("auth-roles-claim", o.authRolesClaim, "claim with moderator or admin; a.b is b inside a");
    declare.claim("auth-rooms-claim", o.authRoomsClaim,
                  "claim with the rooms that the user may enter, as team-*");
    declare.optional("alb-arn", "ARN", o.albArn, values::parseAlbArn, Declarer::asItIs,
                     "load balancer that signs users in");
    declare.optional("alb-keys-url", "URL", o.albKeysUrl, values::parseHttpsUrl, Declarer::asItIs,
                     "where its public keys are; default: its region's");
    declare.duration("session-life", o.sessionLife,
                     "how long a session lasts that the load balancer signed in", Milliseconds(60'000));
    declare.users("moderators", o.moderators, "users who may moderate (repeatable)");
    declare.users("admins", o.admins, "users who may moderate moderators, too (repeatable)");

    declare.group("Limits of one client (0: no limit)");
    declare.rate("rate", o.rate, "requests and messages a second");
    declare.rate("burst", o.burst, "requests and messages at once; at least 1", 1);
    declare.size("inbound-rate", o.inboundRate, "bytes received a second");
    declare.size("inbound-burst", o.inboundBurst, "bytes received at once; at least 1", 1);
    declare.size("queue-limit", o.queueLimit, "bytes waiting for a client that does not read");
    declare.size("queue-memory", o.queueMemory,
                 "bytes waiting for all clients; past it those who do not read are cut");
    declare.duration("stall-timeout", o.stallTimeout, "time that waiting bytes may not move");
    declare.size("frame-limit", o.frameLimit, "bytes of a message; at most 64MiB, as with 0", 0, 64ULL << 20);
    declare.count("fragment-limit", o.fragmentLimit, "frames of a message");
    declare.count("json-depth", o.jsonDepth, "nesting of a message; 1 to 256", 1, 256);
    declare.duration("message-timeout", o.messageTimeout, "time for a message to arrive in full");
    declare.duration("head-timeout", o.headTimeout, "time for a request head to arrive in full");
    declare.size("head-limit", o.headLimit, "bytes of a request head; 1KiB to 1MiB", 1 << 10, 1 << 20);
    declare.count("head-field-limit", o.headFieldLimit, "fields of a request head; 16 to 10000", 16, 10'000);
    declare.count("max-rooms-per-session", o.maxRoomsPerSession, "rooms at once");

    declare.group("Limits of all clients of a user, an address or a network (0: no limit)");
    declare.rate("user-rate", o.userRate, "requests and messages a second of a user with a token");
    declare.rate("user-burst", o.userBurst, "of them at once; at least 1", 1);
    declare.count("max-connections-per-user", o.maxConnectionsPerUser, "connections of a user with a token");
    declare.rate("address-rate", o.addressRate, "requests and messages a second from one address");
    declare.rate("address-burst", o.addressBurst, "of them at once; at least 1", 1);
    declare.count("max-connections-per-address", o.maxConnectionsPerAddress,
                  "connections from one address (IPv6: /64)");
    declare.rate("connect-rate", o.connectRate, "new connections a second from one address");
    declare.rate("connect-burst", o.connectBurst, "of them at once; at least 1", 1);
    declare.count("max-connections-per-network", o.maxConnectionsPerNetwork,
                  "connections from one network (IPv4: /24, IPv6: /48)");
    declare.rate("network-connect-rate", o.networkConnectRate, "new connections a second from one network");
    declare.rate("network-connect-burst", o.networkConnectBurst, "of them at once; at least 1", 1);

    declare.group("Limits of the server (0: no limit)");
    declare.count("max-connections", o.maxConnections, "WebSocket connections");
    declare.count("max-rooms", o.maxRooms, "rooms");

    declare.group("Connections");
    declare.duration("ping", o.ping, "between pings; 0: none are sent");
    declare.duration("pong-timeout", o.pongTimeout, "for the answer to a ping; at least 1ms",
                     Milliseconds(1));
    declare.duration("grace", o.grace, "how long a lost session stays in its rooms");
    declare.list(
        "trusted-proxy", "CIDR", o.trustedProxies, values::parseSubnet,
        [](const Subnet &s) { return values::text(s); }, "network whose X-Forwarded-For counts (repeatable)");
    declare.list(
        "allowed-origin", "ORIGIN", o.allowedOrigins, values::parseOrigin,
        [](const std::string &s) { return s; }, "Origin that may connect; none: every one (repeatable)");

    declare.group("Log");
    declare.choice("log-level", o.logLevel, kLogLevels, "least level that is logged");
    declare.choice("log-format", o.logFormat, kLogFormats,
                   "a line of text, or a JSON object, for each entry");
    declare.toggle("access-log", o.accessLog,
                   "log who connects, who is refused, and how each connection ends");
    declare.toggle("core-dump-memory", o.dumpMemory, "core dumps hold memory, and with it messages and keys");
    std::vector<Declaration> all = declare.take();
    for (Declaration &each : all)
        each.isLive = std::ranges::find(kLive, each.name) != kLive.end();
    return all;
}

} // namespace parlor
