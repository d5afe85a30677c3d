// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/redisaddress.h"
#include "server/ops/roomrule.h"

#include <QHostAddress>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace parlor {

enum class ListenScheme : std::uint8_t { Ws, Wss };

struct ListenAddress
{
    QHostAddress address;
    std::uint16_t port = 0; ///< 0: any free one
    ListenScheme scheme = ListenScheme::Ws;
};

/// Where the admin API is.
struct AdminAddress
{
    enum class Kind : std::uint8_t { Plain, Tls, Unix };
    Kind kind = Kind::Plain;
    QHostAddress address{}; ///< not of Kind::Unix
    std::uint16_t port = 0; ///< 0: any free one
    std::string path{};     ///< of Kind::Unix
};

/// A network of addresses: 10.0.0.0/8.
struct Subnet
{
    QHostAddress address;
    int prefixLength = 0;
};

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };
enum class LogFormat : std::uint8_t { Text, Json };
enum class RoomPolicy : std::uint8_t {
    Open,  ///< the first join of a valid name makes the room
    Fixed, ///< general, support and random only
};

/// How plain connections are carried. Those with TLS always go through Qt.
enum class TransportChoice : std::uint8_t {
    Auto, ///< the native transport where there is one: on Linux
    Native,
    Qt,
};

/// How a turn's bytes go to the kernel.
enum class SendsChoice : std::uint8_t {
    Auto,    ///< io_uring where it works
    IoUring, ///< one system call for all; the server does not start without it
    Send,    ///< one system call each
};

/// How people say who they are.
enum class AuthChoice : std::uint8_t {
    Open,  ///< not at all: everybody may enter, under any name
    Token, ///< by a JWT
    Alb,   ///< an Application Load Balancer has signed them in
};

/// Where messages are kept.
struct StoreChoice
{
    std::optional<std::string> database; ///< a file; nullopt: in memory
    bool operator==(const StoreChoice &) const = default;
};

/// What an acknowledged message survives.
enum class DurabilityChoice : std::uint8_t {
    Normal, ///< the end of the process, kill -9 included
    Power,  ///< and the loss of power
};

/// All that an operator may set. Every value is valid once parseOptions() returned it. Where a limit says so,
/// 0 means none.
struct Options
{
    std::vector<ListenAddress> listen;
    std::vector<ListenAddress> metricsListen;  ///< empty: /metrics is where the clients are. None has TLS
    std::optional<AdminAddress> adminListen;   ///< nullopt: there is no admin API
    std::optional<std::string> adminKeyFile;   ///< there with adminListen, unless that is a Unix socket
    std::string hostname;                      ///< never empty after parsing: the default is the machine's
    std::optional<std::string> tlsCertificate; ///< a file; there with tlsKey, and if a listener has TLS
    std::optional<std::string> tlsKey;
    TransportChoice transport = TransportChoice::Auto;
    SendsChoice sends = SendsChoice::Auto;
    unsigned workers = 0; ///< never 0 after parsing: the default is the number of cores
    StoreChoice store;
    DurabilityChoice durability = DurabilityChoice::Normal;
    std::chrono::milliseconds historyMaxAge{0}; ///< of messages in the database or in Redis; 0: none
    std::uint64_t historyMaxMessages = 0; ///< of a room, there; 0: none. After parsing 10 000 with Redis
    std::uint64_t historyMemory = 256ULL << 20; ///< bytes of all rings together
    RoomPolicy rooms = RoomPolicy::Open;
    std::vector<RoomRule> roomPolicies{}; ///< the first that names a room counts

    /// Where messages are kept, and shared with other servers; without a password where that is in a file.
    std::optional<redis::Address> redis;
    std::string redisPrefix = "parlor:";          ///< of all keys and channels
    std::optional<std::string> redisCaFile;       ///< there only if `redis` is with TLS
    std::optional<std::string> redisPasswordFile; ///< there only if `redis` has no password
    std::uint32_t redisWait = 0;                  ///< replicas that have a message before it is acknowledged

    AuthChoice auth = AuthChoice::Open;
    std::optional<std::string> authSecretFile; ///< there only with Token, and then either this or authJwks
    std::optional<std::string> authJwks;       ///< a file; an URL if it has ://, see values::parseJwks()
    std::optional<std::string> authAudience;   ///< nullopt: any
    std::optional<std::string> authIssuer;     ///< nullopt: any
    std::string authNameClaim = "name";
    std::string authRolesClaim = "roles";
    std::string authRoomsClaim = "rooms";
    std::optional<std::string> albArn;                 ///< there with Alb
    std::optional<std::string> albKeysUrl;             ///< there with Alb after parsing
    std::chrono::milliseconds sessionLife{43'200'000}; ///< with Alb
    std::vector<std::string> moderators;               ///< users
    std::vector<std::string> admins;

    double rate = 10; ///< requests a second of one session; 0: none
    double burst = 20;
    std::uint64_t inboundRate = 256ULL << 10; ///< bytes a second of one connection; 0: none
    std::uint64_t inboundBurst = 1ULL << 20;
    std::uint64_t queueLimit = 1ULL << 20;          ///< bytes waiting for one client; 0: none
    std::uint64_t queueMemory = 1ULL << 30;         ///< bytes waiting for all clients; 0: no limit
    std::chrono::milliseconds stallTimeout{10'000}; ///< a queue that does not move; 0: none
    std::chrono::milliseconds ping{25'000};         ///< between pings; 0: none are sent
    std::chrono::milliseconds pongTimeout{10'000};
    std::chrono::milliseconds grace{15'000}; ///< a session that is gone for less stays in its rooms' rosters
    std::uint64_t frameLimit = 64ULL << 10;  ///< bytes of a client's frame and message; 0: 64 MiB
    std::uint32_t fragmentLimit = 64;        ///< frames of one message; 0: none
    std::chrono::milliseconds messageTimeout{10'000}; ///< age of an unfinished message; 0: none
    std::chrono::milliseconds headTimeout{5'000};     ///< for the whole request head; 0: none
    std::uint64_t headLimit = 16ULL << 10;            ///< bytes of a request head
    std::uint32_t headFieldLimit = 64;                ///< of a request head
    std::uint32_t jsonDepth = 8;

    std::uint64_t maxConnections = 100'000;     ///< 0: none
    std::uint64_t maxConnectionsPerAddress = 0; ///< 0: none
    std::uint64_t maxConnectionsPerNetwork = 0; ///< 0: none
    std::uint64_t maxConnectionsPerUser = 0;    ///< of those who have shown a token; 0: none
    double connectRate = 0;                     ///< new connections a second of an address; 0: none
    double connectBurst = 100;
    double networkConnectRate = 0; ///< the same of a network; 0: none
    double networkConnectBurst = 1'000;
    double userRate = 50; ///< requests a second of all sessions of a user who has shown a token; 0: none
    double userBurst = 200;
    double addressRate = 0; ///< requests a second of all sessions of an address; 0: none
    double addressBurst = 1'000;
    std::uint64_t maxRooms = 100'000;      ///< 0: none
    std::uint32_t maxRoomsPerSession = 32; ///< 0: none
    std::vector<Subnet> trustedProxies;
    std::vector<std::string> allowedOrigins; ///< empty: every Origin passes
    std::optional<std::string>
        secretFile; ///< of the key that signs resume tokens; nullopt: Redis has it, or it is drawn at the
                    ///< start. After parsing, it is beside the database if there is one
    std::chrono::milliseconds drainDelay{0}; ///< from SIGTERM to the first client that is sent away
    std::chrono::milliseconds drainTimeout{10'000};

    LogLevel logLevel = LogLevel::Info;
    LogFormat logFormat = LogFormat::Text;
    bool accessLog = false;
    bool dumpMemory = false; ///< a core dump holds memory: messages, keys

    std::optional<std::string> folderToMake; ///< the state folder, if the database is in it by default
    std::optional<std::string> backup;       ///< do not serve: copy the database to this new file

    std::vector<std::string>
        warnings; ///< for the log, once it is started: what an operator may not have meant
};

/// Nothing to run: print `text`, whole lines (to stderr if exitCode is not 0), and exit.
struct EarlyExit
{
    int exitCode = 0;
    std::string text;
};

/// From flags, then PARLOR_* of the environment, then --config FILE (TOML), then defaults; the first that
/// names an option wins, but a wrong value is a mistake wherever it stands. An empty variable counts as not
/// set. --help,
/// --version, --check-config, --print-config (exit code 0) and every mistake (2) end in an EarlyExit. With
/// TLS,
/// --check-config needs a QCoreApplication.
[[nodiscard]] std::variant<Options, EarlyExit> parseOptions(int argc, const char *const *argv);

/// Whether options that may change while the server runs go with those that may not. The error is for people.
[[nodiscard]] Result<void> checkLive(const Options &options);

} // namespace parlor
