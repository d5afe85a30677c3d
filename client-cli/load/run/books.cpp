// SPDX-License-Identifier: MIT
#include "client-cli/load/run/books.h"

namespace parlor::cli::load {

Books::Books(const Plan &plan, const std::vector<std::uint16_t> &rooms)
    : m_plan(plan)
    , m_rooms(rooms)
    , m_measurements(plan.phases())
{
    for (const std::uint16_t room : rooms) {
        if (room >= m_ledgers.size())
            m_ledgers.resize(room + 1U);
        m_ledgers[room] = std::make_unique<RoomLedger>(room);
    }
    addProfiles();
}

void Books::addProfiles()
{
    if (m_plan.profileCount() > 1)
        m_measurements.profiles.resize(m_plan.profileCount());
}

void Books::swapMeasurements(Measurements &other)
{
    for (auto &[host, latency] : m_hostLatency) {
        if (latency.count() > 0)
            m_measurements.hostLatency[host] = latency;
        latency.clear();
    }
    std::swap(m_measurements, other);
    addProfiles();
}

std::string_view Books::kept(std::string name)
{
    if (m_names.size() >= Measurements::kMostNames && !m_names.contains(name))
        return "others";
    return *m_names.insert(std::move(name)).first;
}

Histogram &Books::latencyAt(const std::string &host)
{
    const bool fits = m_hostLatency.size() < Measurements::kMostNames || m_hostLatency.contains(host);
    return m_hostLatency[fits ? host : "others"];
}

std::vector<RoomSplit> Books::splits(const std::vector<std::string> &names)
{
    std::vector<RoomSplit> splits;
    for (const std::uint16_t room : m_rooms) {
        if (auto groups = ledger(room).split(); groups.size() > 1)
            splits.push_back({names[room], std::move(groups)});
    }
    return splits;
}

std::vector<RoomSplit> Books::splitsSoFar(const std::vector<std::string> &names)
{
    for (const std::uint16_t room : m_rooms) {
        if (!ledger(room).isSplit())
            m_splitsSoFar.erase(room); // they have heard each other since
        else if (!m_splitsSoFar.contains(room))
            m_splitsSoFar[room] = {names[room], ledger(room).split()};
    }
    std::vector<RoomSplit> splits;
    for (const auto &[room, split] : m_splitsSoFar)
        splits.push_back(split);
    return splits;
}

void Books::countFanOut(const RoomLedger::Entry &entry)
{
    if (entry.heardLast > entry.planned)
        phaseOf(entry.planned).fanOut.record(entry.heardLast - entry.planned);
}

void Books::forget(std::uint16_t room, std::uint64_t index, Offset time)
{
    ledger(room).forget(index, time, [this](const RoomLedger::Entry &entry) { countFanOut(entry); });
}

void Books::judgeRooms(const std::vector<std::string> &names)
{
    for (const std::uint16_t room : m_rooms)
        ledger(room).forgetAll([this](const RoomLedger::Entry &entry) { countFanOut(entry); });
    m_measurements.splits = splits(names);
    for (const std::uint16_t room : m_rooms) {
        if (ledger(room).end() > 0 && ledger(room).groups().mostAtOnce() < 2)
            m_measurements.lonelyRooms.push_back(names[room]);
    }
}

} // namespace parlor::cli::load
