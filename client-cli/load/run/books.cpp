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
