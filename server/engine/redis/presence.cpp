// SPDX-License-Identifier: MIT
#include "server/engine/redis/presence.h"

#include "server/engine/redis/entries.h"
#include "server/engine/redis/problem.h"
#include "shared/protocol/values.h"

#include <array>
#include <utility>

namespace parlor::redis {

namespace {

/// Between the parts of what is told. No name and no id has them: control characters are refused there.
constexpr char kField = '\x1f';
constexpr char kRecord = '\x1e';

/// Changes in one script: Redis serves nobody else meanwhile.
constexpr std::size_t kMostChanges = 500;

/// A departure's reason as it is told.
constexpr std::array<std::pair<Departure, char>, 4> kReasons{
    {{Departure::Left, 'l'}, {Departure::Closed, 'c'}, {Departure::Lost, 'x'}, {Departure::Removed, 'r'}}};

std::string reasonText(Departure reason)
{
    for (const auto &[each, letter] : kReasons) {
        if (each == reason)
            return {letter};
    }
    return "l";
}

Departure reasonOf(std::string_view text)
{
    for (const auto &[each, letter] : kReasons) {
        if (text == std::string_view(&letter, 1))
            return each;
    }
    return Departure::Left;
}

std::string namesOf(const Identity &who)
{
    return who.user() + kField + who.username();
}

bool isId(std::string_view text)
{
    constexpr std::size_t kLongest = 256;
    return !text.empty() && text.size() <= kLongest && values::isUtf8(text);
}

/// Null: it is not one of ours.
IdentityPtr identityOf(std::string_view clientId, std::string_view names)
{
    const std::string_view user = takeUntil(names, kField);
    // Whoever has not said who they are is called by the client id.
    if (!isId(clientId) || !isId(user) || !isId(names))
        return nullptr;
    return std::make_shared<const Identity>(std::string(clientId), std::string(user), std::string(names));
}

} // namespace

Presence::Presence(Commands &commands, const Keys &keys, const Ulid &self, const Times &times,
                   TroubleLog &log)
    : m_commands(commands)
    , m_log(log)
    , m_keys(keys)
    , m_self(self)
    , m_times(times)
{
    connect(&m_refresh, &QTimer::timeout, this, &Presence::refresh);
    m_untilJudge.setSingleShot(true);
    connect(&m_untilJudge, &QTimer::timeout, this, [this] {
        for (const auto &[room, version] : m_versions)
            read(room);
    });
}

void Presence::start(Cluster::Listener &listener)
{
    m_listener = &listener;
    m_refresh.start(m_times.refresh);
}

// ---- here

void Presence::came(const std::string &room, const IdentityPtr &who)
{
    m_here[room][who->clientId()] = who;
    m_changes[room][who->clientId()] = {who};
}

void Presence::went(const std::string &room, const IdentityPtr &who, Departure reason)
{
    m_changes[room][who->clientId()] = {nullptr, reason};
    const auto here = m_here.find(room);
    if (here == m_here.end())
        return;
    here->second.erase(who->clientId());
    if (here->second.empty())
        m_here.erase(here);
}

void Presence::typing(const std::string &room, const IdentityPtr &who, bool on)
{
    m_commands.send({"PUBLISH", m_keys.channel(room),
                     std::string("y") + m_self.toString() + kRecord + (on ? '1' : '0') + kRecord +
                         who->clientId() + kRecord + namesOf(*who)},
                    [](const Reply &) {});
}

void Presence::announceTakeOver(const std::string &clientId)
{
    const std::lock_guard lock(m_announcedMutex);
    m_announced.insert(clientId);
}

bool Presence::isAnnounced(const std::string &clientId)
{
    const std::lock_guard lock(m_announcedMutex);
    return m_announced.contains(clientId);
}

void Presence::takeOver(const std::string &clientId)
{
    {
        const std::lock_guard lock(m_announcedMutex);
        m_announced.extract(clientId); // one of them
    }
    ++m_takenOver[clientId];
    m_commands.send({"PUBLISH", m_keys.control(), "t" + m_self.toString() + kRecord + clientId},
                    [this, clientId](const Reply &reply) {
                        if (reply.integer().value_or(0) != 0)
                            return;
                        m_takenOver.erase(clientId); // we will not hear it ourselves
                        m_unclaimed.insert(clientId);
                    });
}

void Presence::onListening()
{
    m_takenOver.clear();
    for (const std::string &each : std::exchange(m_unclaimed, {})) {
        if (m_listener && m_listener->isHere(each))
            takeOver(each);
    }
}

void Presence::flush()
{
    for (auto &[room, changes] : std::exchange(m_changes, {})) {
        std::vector<std::pair<std::string, Change>> part;
        for (auto &change : changes) {
            part.emplace_back(change);
            if (part.size() == kMostChanges)
                send(room, std::exchange(part, {}));
        }
        if (!part.empty())
            send(room, part);
    }
}

void Presence::send(const std::string &room, const std::vector<std::pair<std::string, Change>> &changes)
{
    std::vector<std::string> arguments{m_keys.channel(room), m_self.toString(),
                                       std::to_string(m_times.belief.count())};
    for (const auto &[clientId, change] : changes) {
        arguments.push_back(change.who ? "+" : reasonText(change.reason));
        arguments.push_back(clientId);
        arguments.push_back(change.who ? namesOf(*change.who) : std::string());
    }
    m_commands.run(scripts::presence,
                   {m_keys.servers(room), m_keys.members(room, m_self), m_keys.version(room)},
                   std::move(arguments), [this, room](const Reply &reply) { noteSaid(room, reply); });
}

/// What Redis did not take is said again; but of a room that is not in memory any more it forgets by itself.
void Presence::noteSaid(const std::string &room, const Reply &reply)
{
    if (reply.isError())
        m_log.warn("presence", "cannot tell in Redis who is in #" + room + ": " + explain(reply.text()));
    if (!reply.integer() && m_versions.contains(room))
        m_unsaid.insert(room);
}

void Presence::restate(const std::string &room)
{
    std::vector<std::string> arguments{m_keys.channel(room), m_self.toString(),
                                       std::to_string(m_times.belief.count())};
    if (const auto here = m_here.find(room); here != m_here.end()) {
        for (const auto &[clientId, who] : here->second) {
            arguments.push_back(clientId);
            arguments.push_back(namesOf(*who));
        }
    }
    m_unsaid.erase(room);
    m_commands.run(scripts::restate,
                   {m_keys.servers(room), m_keys.members(room, m_self), m_keys.version(room)},
                   std::move(arguments), [this, room](const Reply &reply) { noteSaid(room, reply); });
}

void Presence::restate()
{
    m_untilJudge.start(m_times.belief);
    for (auto &[room, version] : m_versions) {
        version = 0; // what was told meanwhile was not heard
        restate(room);
    }
}

bool Presence::isJudge() const
{
    return !m_untilJudge.isActive();
}

void Presence::refresh()
{
    for (const auto &[room, version] : m_versions) {
        if (m_unsaid.contains(room)) {
            restate(room);
            continue;
        }
        m_commands.run(scripts::refresh,
                       {m_keys.servers(room), m_keys.members(room, m_self), m_keys.version(room)},
                       {m_keys.channel(room), m_self.toString(), std::to_string(m_times.belief.count()),
                        isJudge() ? "1" : "0"},
                       [this, room = room](const Reply &known) {
                           if (known.integer() == 0 && m_here.contains(room))
                               restate(room);
                       });
    }
}

// ---- elsewhere

void Presence::show(const std::string &room, const Reply &version, const Reply &roster)
{
    std::vector<MemberElsewhere> members;
    std::vector<Ulid> servers;
    for (std::size_t i = 0; i + 1 < roster.size(); i += 2) {
        const auto server = Ulid::parse(roster[i].text());
        if (!server || *server == m_self)
            continue;
        servers.push_back(*server);
        const Reply hash = roster[i + 1];
        for (std::size_t j = 0; j + 1 < hash.size(); j += 2) {
            if (auto who = identityOf(hash[j].text(), hash[j + 1].text()))
                members.push_back({*server, std::move(who)});
        }
    }
    m_versions[room] = number(version.text());
    // Of a server that is not there the members stay, for it may be about to come back to Redis, too.
    m_listener->onRosterElsewhere(room, members, isJudge() ? nullptr : &servers);
}

void Presence::forget(const std::string &room)
{
    m_versions.erase(room);
    m_unsaid.erase(room);
    const auto here = m_here.extract(room);
    if (!here)
        return;
    for (const auto &[clientId, who] : here.mapped())
        m_changes[room][clientId] = {nullptr, Departure::Lost};
}

void Presence::read(const std::string &room)
{
    if (!m_reading.insert(room).second)
        return;
    m_commands.run(scripts::roster, {m_keys.servers(room), m_keys.version(room)}, {},
                   [this, room, asked = m_versions[room]](const Reply &reply) {
                       m_reading.erase(room);
                       const auto known = m_versions.find(room);
                       if (!reply.isArray() || known == m_versions.end())
                           return;
                       if (known->second != asked && number(reply[0].text()) < known->second)
                           return; // it is older than what was told since; the next proof asks again
                       show(room, reply[0], reply[1]);
                   });
}

void Presence::prove(const std::string &room, const Reply &version)
{
    if (const auto known = m_versions.find(room);
        known != m_versions.end() && known->second != number(version.text()))
        read(room);
}

/// Whether a change follows those that are known. Where one is missing all are read anew.
bool Presence::isNext(const std::string &room, std::uint64_t version)
{
    const auto known = m_versions.find(room);
    if (known == m_versions.end() || version <= known->second)
        return false; // a roster that was read had it already
    if (version == known->second + 1) {
        known->second = version;
        return true;
    }
    read(room);
    return false;
}

bool Presence::onTold(const std::string &room, std::string_view text)
{
    const char kind = text.empty() ? '\0' : text.front();
    if (kind != 'p' && kind != 'n' && kind != 'r' && kind != 'y')
        return false;
    text.remove_prefix(1);
    if (kind == 'y') {
        const auto server = Ulid::parse(takeUntil(text, kRecord));
        const bool isOn = takeUntil(text, kRecord) == "1";
        const std::string_view clientId = takeUntil(text, kRecord);
        if (const auto who = identityOf(clientId, text); who && server && *server != m_self)
            m_listener->onTypingElsewhere(room, who, isOn);
        return true;
    }
    const std::uint64_t version = number(takeUntil(text, ' '));
    const auto server = Ulid::parse(takeUntil(text, kRecord));
    if (!server || !isNext(room, version))
        return true;
    if (kind == 'r') {
        if (*server != m_self)
            read(room);
        return true;
    }
    if (kind == 'n') {
        if (*server == m_self)
            restate(room); // others could not see that this server lives
        else
            m_listener->onServerLost(room, *server);
        return true;
    }
    while (*server != m_self && !text.empty()) {
        const std::string_view what = takeUntil(text, kRecord);
        const std::string_view clientId = takeUntil(text, kRecord);
        const std::string_view names = takeUntil(text, kRecord);
        if (!isId(clientId))
            return true; // nobody of us wrote it
        if (what != "+")
            m_listener->onWentElsewhere(room, *server, std::string(clientId), reasonOf(what));
        else if (auto who = identityOf(clientId, names))
            m_listener->onCameElsewhere(room, {*server, std::move(who)});
    }
    return true;
}

/// All servers hear of all that take a session over in one order: the last one has it.
void Presence::onControl(std::string_view text)
{
    if (!text.starts_with('t'))
        return;
    text.remove_prefix(1);
    const auto server = Ulid::parse(takeUntil(text, kRecord));
    const std::string clientId(text);
    if (!server)
        return;
    const auto own = m_takenOver.find(clientId);
    if (*server == m_self) {
        if (own != m_takenOver.end() && --own->second == 0)
            m_takenOver.erase(own);
    } else if (own == m_takenOver.end() && !isAnnounced(clientId)) { // else it came here after that
        m_listener->onTakenOver(clientId);
    }
}

} // namespace parlor::redis
