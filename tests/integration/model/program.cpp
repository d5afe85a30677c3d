// SPDX-License-Identifier: MIT
#include "tests/integration/model/program.h"

#include "tests/integration/model/storage.h"

#include <QStringList>

#include <array>
#include <random>
#include <set>
#include <utility>

namespace parlor::test::model {

namespace {

using enum Step::Kind;

constexpr int kV2Clients = 5;
constexpr int kV1Clients = 1;
constexpr int kSteps = 60;
constexpr int kDeaths = 3;
constexpr int kFullDisks = 2;
constexpr int kDisturbances = 2;
constexpr int kServers = 2;  ///< at most
constexpr int kMostLong = 2; ///< bursts of long messages: more would fill a client's queue in the server

class Generator
{
public:
    explicit Generator(std::uint32_t seed)
        : m_random(seed)
    {
    }

    Program make();

private:
    struct Client
    {
        bool isV2 = true;
        bool connected = false;
        std::set<int> rooms{};
    };

    int below(int n) { return static_cast<int>(m_random() % static_cast<std::uint32_t>(n)); }
    bool oneIn(int n) { return below(n) == 0; }
    int roomOf(const Client &client)
    {
        return *std::next(client.rooms.begin(), below(static_cast<int>(client.rooms.size())));
    }
    void add(const Step &step) { m_program.steps.push_back(step); }
    int connectedOne();

    void connect(int at);
    void goAway(int at);
    void move(int at);
    void say(int at, int count);
    void act(int at);
    void die();
    void reconnect();
    void fillDisk();
    std::vector<int> talk();
    void disturb();
    void lose();
    void finish();

    std::mt19937 m_random; ///< used bare: the distributions differ between libraries
    Program m_program;
    std::vector<Client> m_clients;
    int m_long = 0;
};

int Generator::connectedOne()
{
    std::vector<int> connected;
    for (int i = 0; i < static_cast<int>(m_clients.size()); ++i) {
        if (m_clients[static_cast<std::size_t>(i)].connected)
            connected.push_back(i);
    }
    return connected.empty() ? -1 : connected[static_cast<std::size_t>(below(int(connected.size())))];
}

void Generator::connect(int at)
{
    Client &client = m_clients[static_cast<std::size_t>(at)];
    client.connected = true;
    add({.kind = Connect, .client = at, .server = below(kServers)});
    if (client.isV2 && !client.rooms.empty())
        return;
    client.rooms = {below(static_cast<int>(m_program.rooms.size()))};
    add({.kind = client.isV2 ? Join : Switch, .client = at, .room = *client.rooms.begin()});
}

void Generator::goAway(int at)
{
    m_clients[static_cast<std::size_t>(at)].connected = false;
    add({.kind = std::array{Disconnect, Vanish, Reset, Reset}[static_cast<std::size_t>(below(4))],
         .client = at});
}

void Generator::move(int at)
{
    Client &client = m_clients[static_cast<std::size_t>(at)];
    const int room = below(static_cast<int>(m_program.rooms.size()));
    const int from = roomOf(client);
    if (!client.isV2 || (room != from && oneIn(3))) {
        client.rooms.erase(from);
        add({.kind = Switch, .client = at, .room = room, .from = from});
    } else if (client.rooms.size() > 1 && oneIn(3)) {
        client.rooms.erase(from);
        add({.kind = Leave, .client = at, .room = from});
        return;
    } else if (oneIn(3)) {
        add({.kind = JoinAnew, .client = at, .room = room, .count = below(60)});
    } else {
        add({.kind = Join, .client = at, .room = room});
    }
    client.rooms.insert(room);
}

void Generator::say(int at, int count)
{
    const bool isLong = m_long < kMostLong && oneIn(12);
    m_long += isLong ? 1 : 0;
    add({.kind = Send,
         .client = at,
         .room = roomOf(m_clients[static_cast<std::size_t>(at)]),
         .count = isLong ? 50 : count, // more than a page's 128 KiB
         .padding = isLong ? 3000 : below(100)});
}

void Generator::act(int at)
{
    const bool isV2 = m_clients[static_cast<std::size_t>(at)].isV2;
    const int roll = below(24);
    if (roll < 8)
        say(at, 1 + below(8));
    else if (roll < 12)
        move(at);
    else if (roll < 14)
        goAway(at);
    else if (roll < 16)
        add({.kind = Read, .client = at});
    else if (roll == 16)
        add({.kind = Settle, .client = at});
    else if (!isV2)
        say(at, 1 + below(3));
    else if (roll == 17)
        add({.kind = ResendOpen, .client = at});
    else if (roll < 20)
        add({.kind = ResendAcked, .client = at, .count = below(100)});
    else if (roll < 22)
        add({.kind = Page,
             .client = at,
             .room = roomOf(m_clients[static_cast<std::size_t>(at)]),
             .from = below(2),
             .count = 1 + below(30)});
    else
        add({.kind = Replace, .client = at, .server = below(kServers)});
}

/// With publishes in flight, mostly. Everybody has to connect again, and most of them do so at once.
void Generator::die()
{
    const bool isKill = !oneIn(4);
    for (int talkers = below(4); talkers > 0; --talkers) {
        if (const int at = connectedOne(); at >= 0)
            say(at, 1 + below(40));
    }
    const int witness = connectedOne();
    add({.kind = isKill ? Kill : Terminate,
         .client = std::max(witness, 0),
         .count = below(30),
         .server = below(kServers)});
    reconnect();
}

void Generator::reconnect()
{
    for (int at = 0; at < static_cast<int>(m_clients.size()); ++at) {
        m_clients[static_cast<std::size_t>(at)].connected = false;
        if (!oneIn(3))
            connect(at);
    }
}

void Generator::fillDisk()
{
    const int at = connectedOne();
    if (at < 0)
        return;
    const bool isKilled = oneIn(3);
    add({.kind = FullDisk,
         .client = at,
         .room = roomOf(m_clients[static_cast<std::size_t>(at)]),
         .from = isKilled ? 1 : 0,
         .count = 1 + below(5)});
    if (isKilled)
        reconnect();
}

/// Up to three say something; who.
std::vector<int> Generator::talk()
{
    std::vector<int> talkers;
    for (int n = 1 + below(3); n > 0; --n) {
        if (const int at = connectedOne(); at >= 0) {
            say(at, 1 + below(8));
            talkers.push_back(at);
        }
    }
    return talkers;
}

void Generator::disturb()
{
    const int which = below(Storage::kDisturbances);
    add({.kind = Disturb, .from = 0, .count = which});
    const std::vector<int> talkers = talk();
    add({.kind = Disturb, .from = 1, .count = which});
    for (const int at : talkers)
        add({.kind = Settle, .client = at});
}

/// Some of what is lost has been read, and some is on its way.
void Generator::lose()
{
    const int which = below(Storage::kLosses);
    add({.kind = Lose, .from = 0, .count = which});
    for (const int at : talk())
        add({.kind = Settle, .client = at});
    for (int at = 0; at < static_cast<int>(m_clients.size()); ++at) {
        if (m_clients[static_cast<std::size_t>(at)].connected && oneIn(2))
            add({.kind = Read, .client = at});
    }
    (void)talk();
    add({.kind = Lose, .from = 1, .count = which});
    (void)talk();
}

void Generator::finish()
{
    const int clients = static_cast<int>(m_clients.size());
    const int rooms = static_cast<int>(m_program.rooms.size());
    for (int at = 0; at < clients; ++at) {
        if (!m_clients[static_cast<std::size_t>(at)].connected)
            connect(at);
        for (int room = 0; room < rooms; ++room) {
            if (m_clients[static_cast<std::size_t>(at)].isV2)
                add({.kind = Join, .client = at, .room = room});
        }
    }
    for (int at = 0; at < clients; ++at)
        add({.kind = Settle, .client = at});
    for (int room = 0; room < rooms; ++room)
        add({.kind = Send, .client = 0, .room = room, .count = 1});
    add({.kind = Settle, .client = 0});
    for (int at = 0; at < clients; ++at)
        add({.kind = CatchUp, .client = at});
}

Program Generator::make()
{
    m_program.rooms = {QStringLiteral("general"), QStringLiteral("attic"), QStringLiteral("cellar")};
    for (int at = 0; at < kV2Clients + kV1Clients; ++at) {
        m_clients.push_back({.isV2 = at < kV2Clients});
        m_program.isV2.push_back(at < kV2Clients);
        connect(at);
    }
    std::multiset<int> deaths;
    while (deaths.size() < kDeaths)
        deaths.insert(below(kSteps));
    std::multiset<int> fullDisks;
    while (fullDisks.size() < kFullDisks)
        fullDisks.insert(below(kSteps));
    std::multiset<int> disturbances;
    while (disturbances.size() < kDisturbances)
        disturbances.insert(below(kSteps));
    const int loseAt = below(kSteps);
    const bool isRestored = oneIn(2);
    const int backUpAt = below(kSteps - 1);
    const int restoreAt = backUpAt + 1 + below(kSteps - 1 - backUpAt);
    for (int i = 0; i < kSteps; ++i) {
        if (isRestored && i == backUpAt)
            add({.kind = BackUp});
        if (isRestored && i == restoreAt) {
            add({.kind = Restore});
            reconnect();
        }
        for (std::size_t n = deaths.count(i); n > 0; --n)
            die();
        for (std::size_t n = fullDisks.count(i); n > 0; --n)
            fillDisk();
        for (std::size_t n = disturbances.count(i); n > 0; --n)
            disturb();
        if (i == loseAt)
            lose();
        const int at = below(static_cast<int>(m_clients.size()));
        if (m_clients[static_cast<std::size_t>(at)].connected)
            act(at);
        else
            connect(at);
    }
    finish();
    return std::move(m_program);
}

QString nameOf(Step::Kind kind)
{
    switch (kind) {
    case Connect:
        return QStringLiteral("connect");
    case Replace:
        return QStringLiteral("replace");
    case Disconnect:
        return QStringLiteral("disconnect");
    case Vanish:
        return QStringLiteral("vanish");
    case Reset:
        return QStringLiteral("reset");
    case Join:
        return QStringLiteral("join");
    case JoinAnew:
        return QStringLiteral("join anew");
    case Leave:
        return QStringLiteral("leave");
    case Switch:
        return QStringLiteral("switch");
    case Send:
        return QStringLiteral("send");
    case ResendAcked:
        return QStringLiteral("resend acked");
    case ResendOpen:
        return QStringLiteral("resend open");
    case Page:
        return QStringLiteral("page");
    case Read:
        return QStringLiteral("read");
    case Settle:
        return QStringLiteral("settle");
    case Terminate:
        return QStringLiteral("SIGTERM");
    case Kill:
        return QStringLiteral("SIGKILL");
    case FullDisk:
        return QStringLiteral("full disk");
    case BackUp:
        return QStringLiteral("back up");
    case Restore:
        return QStringLiteral("restore");
    case Disturb:
        return QStringLiteral("disturb");
    case Lose:
        return QStringLiteral("lose");
    case CatchUp:
        break;
    }
    return QStringLiteral("catch up");
}

} // namespace

Program makeProgram(std::uint32_t seed)
{
    return Generator(seed).make();
}

QString describe(const Program &program)
{
    QStringList lines;
    for (const Step &step : program.steps) {
        lines += QStringLiteral("%1 client %2 room %3 from %4 count %5 padding %6 server %7")
                     .arg(nameOf(step.kind))
                     .arg(step.client)
                     .arg(program.rooms[static_cast<std::size_t>(step.room)])
                     .arg(step.from)
                     .arg(step.count)
                     .arg(step.padding)
                     .arg(step.server);
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace parlor::test::model
