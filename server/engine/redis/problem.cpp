// SPDX-License-Identifier: MIT
#include "server/engine/redis/problem.h"

#include <algorithm>
#include <array>

namespace parlor::redis {

namespace {

/// Of an error's own text: it is somebody else's.
constexpr std::size_t kMostSaid = 200;

struct Meaning
{
    std::string_view begins; ///< the error
    std::string_view text;
};

constexpr std::string_view kCluster =
    "it is in cluster mode, which Parlor does not use; give a Redis without it";
constexpr std::string_view kCredentials =
    "it does not accept the user and the password; correct them in the address, or in the file of "
    "--redis-password-file";

constexpr std::array kMeanings{
    Meaning{"NOAUTH",
            "it wants a password; put it into the file of --redis-password-file, or into the address"},
    Meaning{"WRONGPASS", kCredentials},
    Meaning{"ERR invalid password", kCredentials},
    Meaning{"ERR AUTH", kCredentials},
    Meaning{"NOPERM", "the user may not do what Parlor needs; give it the commands, keys and channels that "
                      "docs/operating.md lists"},
    Meaning{"READONLY", "it is a replica, which takes no messages; give the address of the primary"},
    Meaning{"OOM", "its memory is full (maxmemory); give it more, or keep fewer messages with "
                   "--history-max-messages"},
    Meaning{"MISCONF", "it cannot save its data to its disk, and takes no messages until it can; its own log "
                       "says why"},
    Meaning{"NOREPLICAS", "it has fewer replicas than its min-replicas-to-write wants; bring them back, or "
                          "lower that"},
    Meaning{"LOADING", "it is still reading its file; wait"},
    Meaning{"MASTERDOWN", "it is a replica that has lost its primary; give the address of the primary"},
    Meaning{"MOVED", kCluster},
    Meaning{"CROSSSLOT", kCluster},
    Meaning{"CLUSTER", kCluster},
    Meaning{"WRONGTYPE",
            "a key with Parlor's prefix holds what Parlor did not write; delete it, or give another "
            "--redis-prefix"},
    Meaning{"ERR The ID specified in XADD",
            "somebody else has written into the stream of a room; docs/operating.md says how to remove that"},
    Meaning{"NOSCRIPT", "it does not keep the scripts that are loaded; let the user run SCRIPT LOAD"},
    Meaning{"ERR The user executing the script can't publish",
            "the user may not publish on Parlor's channels; docs/operating.md lists them"},
    Meaning{"ERR DB index", "it has no database of this number; correct the address"},
    Meaning{"ERR max number of clients", "it has as many connections as it may have; raise its maxclients"},
};

} // namespace

std::string explain(std::string_view error)
{
    const auto known = std::ranges::find_if(
        kMeanings, [error](const Meaning &each) { return error.starts_with(each.begins); });
    std::string text(known == kMeanings.end() ? "it refused a command" : known->text);
    std::string said(error.substr(0, kMostSaid));
    std::ranges::replace_if(
        said, [](unsigned char each) { return each < 0x20 || each > 0x7e; }, '?');
    return text + " (" + said + ')';
}

bool passes(std::string_view error)
{
    constexpr std::array<std::string_view, 7> kPassing{
        "LOADING", "MASTERDOWN", "READONLY", "NOREPLICAS", "MISCONF", "BUSY ", "ERR max number of clients"};
    return std::ranges::any_of(kPassing, [error](std::string_view each) { return error.starts_with(each); });
}

} // namespace parlor::redis
