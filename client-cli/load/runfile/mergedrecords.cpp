// SPDX-License-Identifier: MIT
#include "client-cli/load/runfile/mergedrecords.h"

#include "client-cli/load/record/figures.h"
#include "client-cli/load/runfile/settingsdifference.h"

#include <QDateTime>

#include <algorithm>
#include <map>
#include <utility>

namespace parlor::cli::load {

namespace {

constexpr Offset kSecond = std::chrono::seconds(1);

Error unmergeable(const NamedRecord &one, const NamedRecord &other, const std::string &why)
{
    return {ErrorCode::BadRequest, one.name + " and " + other.name + " are no parts of one load: " + why};
}

/// What may differ between generators of one load.
bool mayDiffer(std::string_view key)
{
    return key == "parameters.seed" || key == "parameters.processes" || key == "parameters.threads" ||
           key.starts_with("parameters.tags") || key.ends_with("].users") ||
           key.ends_with("].users_per_second");
}

std::optional<Error> mismatch(const NamedRecord &one, const NamedRecord &other)
{
    for (const SettingsDifference &each : differencesOf(one.record.settings, other.record.settings)) {
        if (!mayDiffer(each.key))
            return unmergeable(one, other, each.key + " is " + each.left + " and " + each.right);
    }
    if (one.record.phases.size() != other.record.phases.size())
        return unmergeable(one, other,
                           "they have " + std::to_string(one.record.phases.size()) + " and " +
                               std::to_string(other.record.phases.size()) + " phases");
    if (one.record.id == other.record.id && one.record.begun == other.record.begun)
        return unmergeable(one, other, "they are the same run, " + one.record.id);
    return std::nullopt;
}

std::optional<Offset> begunAt(const RunRecord &record)
{
    const QDateTime begun = QDateTime::fromString(QString::fromStdString(record.begun), Qt::ISODateWithMs);
    if (!begun.isValid())
        return std::nullopt;
    return std::chrono::milliseconds(begun.toMSecsSinceEpoch());
}

template <typename Item>
void append(std::vector<Item> &to, const std::vector<Item> &from)
{
    to.insert(to.end(), from.begin(), from.end());
}

/// "a", or "a + b" where they differ.
void join(std::string &to, const std::string &from)
{
    if (to != from)
        to += " + " + from;
}

void addSettings(Settings &to, const Settings &from)
{
    for (std::size_t i = 0; i < to.stages.size(); ++i)
        to.stages[i].users += from.stages[i].users;
    for (std::size_t i = 0; i < to.arrivals.size(); ++i)
        to.arrivals[i].perSecond += from.arrivals[i].perSecond;
    for (std::size_t i = 0; i < to.profiles.size(); ++i)
        to.profiles[i].senders.count += from.profiles[i].senders.count;
    to.connectRate += from.connectRate;
    to.connectInflight += from.connectInflight;
    to.processes += from.processes;
    to.threads = std::max(to.threads, from.threads);
    std::erase_if(to.tags, [&from](const auto &tag) {
        const auto found = from.tags.find(tag.first);
        return found == from.tags.end() || found->second != tag.second;
    });
}

/// One room's groups: those with the same epoch are one.
void addSplit(std::vector<RoomSplit> &to, const RoomSplit &split)
{
    const auto known = std::find_if(to.begin(), to.end(),
                                    [&split](const RoomSplit &each) { return each.room == split.room; });
    if (known == to.end()) {
        to.push_back(split);
        return;
    }
    for (const HearingGroup &group : split.groups) {
        const auto same =
            std::find_if(known->groups.begin(), known->groups.end(), [&group](const HearingGroup &each) {
                return !each.epochs.empty() && each.epochs == group.epochs;
            });
        if (same == known->groups.end()) {
            known->groups.push_back(group);
            continue;
        }
        same->users += group.users;
        for (const auto &[server, users] : group.servers)
            same->servers[server] += users;
    }
    std::stable_sort(known->groups.begin(), known->groups.end(),
                     [](const HearingGroup &a, const HearingGroup &b) { return a.users > b.users; });
}

void addMeasurements(Measurements &to, Measurements from)
{
    for (const RoomSplit &split : std::exchange(from.splits, {}))
        addSplit(to.splits, split);
    std::erase_if(from.lonelyRooms, [&to](const std::string &room) {
        return std::find(to.lonelyRooms.begin(), to.lonelyRooms.end(), room) != to.lonelyRooms.end();
    });
    to.merge(from);
}

/// Whether the other's watched process is one that is counted already: two generators of one machine watch
/// one.
bool isWatched(const RunRecord &by, const RunRecord &record)
{
    return by.machine.host.find(record.machine.host) != std::string::npos &&
           std::all_of(record.watched.begin(), record.watched.end(), [&by](const WatchedProcess &process) {
               return std::any_of(by.watched.begin(), by.watched.end(),
                                  [&process](const WatchedProcess &each) {
                                      return each.pid == process.pid && each.name == process.name;
                                  });
           });
}

/// Seconds on one time line: each row goes to the whole second that its end is next to.
class Timeline
{
public:
    void add(std::vector<Second> seconds, Offset shift)
    {
        Offset::rep next = 1; // a row never shares its place with another one of the same generator
        for (Second &second : seconds) {
            second.end += shift;
            const Offset::rep place = std::max((second.end + kSecond / 2) / kSecond, next);
            next = place + 1;
            m_rows[place].merge(second);
        }
    }
    std::vector<Second> take()
    {
        std::vector<Second> rows;
        for (auto &[place, row] : m_rows) {
            const bool isLast = rows.size() + 1 == m_rows.size();
            const Offset before = rows.empty() ? Offset{} : rows.back().end;
            row.end = isLast ? std::max(row.end, before) : kSecond * place;
            rows.push_back(std::move(row));
        }
        return rows;
    }

private:
    std::map<Offset::rep, Second> m_rows; ///< by the second in which they end; of a file there may be any
};

void add(RunRecord &to, const NamedRecord &other, Offset shift)
{
    const RunRecord &from = other.record;
    to.id += "+" + from.id;
    join(to.program, from.program);
    join(to.machine.system, from.machine.system);
    if (to.machine.host != from.machine.host)
        to.machine.cores += from.machine.cores;
    join(to.machine.host, from.machine.host);
    addSettings(to.settings, from.settings);
    for (std::size_t i = 0; i < to.phases.size(); ++i) {
        join(to.phases[i].name, from.phases[i].name);
        to.phases[i].from += from.phases[i].from;
        to.phases[i].to += from.phases[i].to;
    }
    if (!to.phases.empty()) // the plan lasts as long as that of the last one to begin
        to.phases.back().end = std::max(to.phases.back().end, from.phases.back().end + shift);
    to.duration = std::max(to.duration, from.duration + shift);
    to.peakUsers += from.peakUsers;
    to.isInterrupted = to.isInterrupted || from.isInterrupted;
    addMeasurements(to.measurements, from.measurements);
    append(to.threads, from.threads);
    to.stolen = std::max(to.stolen, from.stolen);
    append(to.notes, from.notes);
    to.notes.push_back(other.name + " was added, of " + from.machine.host + "; it began " +
                       figures::duration(shift) + " after the first.");
}

} // namespace

Result<RunRecord> mergeRecords(std::vector<NamedRecord> records)
{
    if (records.size() == 1)
        return std::move(records.front().record);
    std::vector<Offset> begun;
    for (const NamedRecord &each : records) {
        const auto time = begunAt(each.record);
        if (!time)
            return Error{ErrorCode::BadRequest, each.name + ": begun: '" + each.record.begun +
                                                    "' is no time, as 2026-11-29T12:00:00.250Z"};
        begun.push_back(*time);
    }
    const auto first = static_cast<std::size_t>(std::min_element(begun.begin(), begun.end()) - begun.begin());
    std::swap(records[0], records[first]);
    std::swap(begun[0], begun[first]);
    for (std::size_t i = 1; i < records.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            if (auto wrong = mismatch(records[k], records[i]))
                return *std::move(wrong);
        }
        if (begun[i] - begun[0] >= records[0].record.duration)
            return unmergeable(records[0], records[i], "the second began when the first was over");
    }

    RunRecord all = std::move(records[0].record);
    Timeline timeline;
    timeline.add(std::move(all.seconds), {});
    for (std::size_t i = 1; i < records.size(); ++i) {
        std::vector<Second> seconds = records[i].record.seconds;
        if (isWatched(all, records[i].record)) {
            for (Second &second : seconds) {
                second.watchedCpu = 0;
                second.watchedMemory = 0;
            }
        } else {
            append(all.watched, records[i].record.watched);
        }
        const Offset shift = begun[i] - begun[0];
        timeline.add(std::move(seconds), shift);
        add(all, records[i], shift);
    }
    all.seconds = timeline.take();
    return all;
}

} // namespace parlor::cli::load
