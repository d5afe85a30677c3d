// SPDX-License-Identifier: MIT
#include "client-cli/load/run/recordbuilder.h"

#include <algorithm>
#include <utility>

namespace parlor::cli::load {

RecordBuilder::RecordBuilder(RunRecord record, std::size_t parts, Done done)
    : m_record(std::move(record))
    , m_done(std::move(done))
    , m_parts(parts)
{
    m_record.measurements = Measurements(m_record.phases);
    m_record.threads.resize(parts);
}

void RecordBuilder::take(Interval &&interval)
{
    Part &part = m_parts[interval.part];
    part.outstanding = interval.outstanding;
    if (auto splits = std::exchange(interval.measurements.splits, {}); !interval.isLost)
        part.splits = std::move(splits);
    part.isOver = interval.isLast;
    if (interval.cpu >= 0)
        part.health.addSecond(interval.cpu);
    if (m_failure.empty())
        m_failure = interval.failure;
    if (!interval.note.empty())
        m_record.notes.push_back(interval.note);
    const std::uint32_t moreMembers = interval.isLost ? 0 : interval.members - part.members;
    const std::uint32_t moreOpen = interval.isLost ? 0 : interval.open - part.open;
    part.members += moreMembers;
    part.open += moreOpen;
    const std::size_t row = part.told++;
    if (row >= m_rows) {
        m_waiting.push_back({row, std::move(interval)});
        return;
    }
    for (std::size_t i = row; i < m_rows; ++i) { // they have what was known of this part until now
        m_record.seconds[i].members += moreMembers;
        m_record.seconds[i].open += moreOpen;
    }
    Second late = secondOf(interval);
    late.end = {}; // the row's own stays: rows follow it
    late.members = late.open = 0;
    m_record.seconds[row].merge(late);
    add(std::move(interval));
    update();
}

std::optional<Second> RecordBuilder::nextRow(Offset now)
{
    if (isOver() || (!isComplete() && now < nextLate()))
        return std::nullopt;
    Second row;
    const auto others = std::stable_partition(m_waiting.begin(), m_waiting.end(),
                                              [this](const Waiting &each) { return each.row != m_rows; });
    for (auto each = others; each != m_waiting.end(); ++each) {
        row.merge(secondOf(each->interval));
        add(std::move(each->interval));
    }
    for (const Part &part : m_parts) {
        if (part.isOver || part.told > m_rows)
            continue;
        row.members += part.members; // it is late, its users are not gone
        row.open += part.open;
    }
    m_waiting.erase(others, m_waiting.end());
    if (!areAllOver() || !m_waiting.empty())
        row.end = rowEnd();
    m_record.duration = std::max(m_record.duration, row.end);
    ++m_rows;
    update();
    return row;
}

void RecordBuilder::giveUp()
{
    for (const Part &part : m_parts) {
        if (part.isOver)
            continue;
        const std::uint64_t users = std::max(part.members, 1U);
        m_record.measurements.absent += users;
        m_record.measurements.errors["users of a part of the run that did not end"] += users;
    }
    m_record.notes.emplace_back(
        "Not all parts of the run ended when they were told to; what they did last is not known.");
}

void RecordBuilder::add(Interval &&interval)
{
    m_record.duration = std::max(m_record.duration, interval.end);
    m_record.measurements.merge(interval.measurements);
    if (m_done)
        m_done(std::move(interval.measurements));
}

void RecordBuilder::update()
{
    std::vector<RoomSplit> &splits = m_record.measurements.splits;
    splits.clear();
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
        m_record.threads[i] = m_parts[i].health;
        splits.insert(splits.end(), m_parts[i].splits.begin(), m_parts[i].splits.end());
    }
}

bool RecordBuilder::areAllOver() const
{
    return std::all_of(m_parts.begin(), m_parts.end(), [](const Part &part) { return part.isOver; });
}

bool RecordBuilder::isComplete() const
{
    return std::all_of(m_parts.begin(), m_parts.end(),
                       [this](const Part &part) { return part.isOver || part.told > m_rows; });
}

bool RecordBuilder::isOver() const
{
    return areAllOver() && m_waiting.empty();
}

Outstanding RecordBuilder::outstanding() const
{
    Outstanding all;
    for (const Part &part : m_parts)
        all.merge(part.outstanding);
    return all;
}

} // namespace parlor::cli::load
