// SPDX-License-Identifier: MIT
#include "client-cli/load/run/intervalcodec.h"

#include <cstring>
#include <map>
#include <set>
#include <type_traits>
#include <utility>

namespace parlor::cli::load {

namespace {

// Each structure is taken apart by a structured binding, so that one that grows does not compile until its
// new member is listed here.

template <typename Archive>
void members(Archive &archive, HearingGroup &value)
{
    auto &[users, servers, epochs] = value;
    archive(users, servers, epochs);
}

template <typename Archive>
void members(Archive &archive, RoomSplit &value)
{
    auto &[room, groups] = value;
    archive(room, groups);
}

template <typename Archive>
void members(Archive &archive, DeliveryCounts &value)
{
    auto &[received, lost, doubled, reordered, corrupt, unexpected, ambiguous, excused, foreign, counted] =
        value;
    archive(received, lost, doubled, reordered, corrupt, unexpected, ambiguous, excused, foreign, counted);
}

template <typename Archive>
void members(Archive &archive, MessageCounts &value)
{
    auto &[planned, early, sent, notMember, dropped, held, answered, rejected, abandoned, unanswered] = value;
    archive(planned, early, sent, notMember, dropped, held, answered, rejected, abandoned, unanswered);
}

template <typename Archive>
void members(Archive &archive, PhaseMeasurements &value)
{
    // One with a base cannot be taken apart.
    static_assert(sizeof value == sizeof(MessageCounts) + 2 * sizeof(std::uint64_t) + 5 * sizeof(Histogram),
                  "list the new member below");
    members(archive, static_cast<MessageCounts &>(value));
    archive(value.isMeasured, value.deliveries, value.deliveryLatency, value.deliveryService, value.fanOut,
            value.ackLatency, value.sendLag);
}

template <typename Archive>
void members(Archive &archive, ConnectSteps &value)
{
    auto &[tcp, tls, upgrade, greeting] = value;
    archive(tcp, tls, upgrade, greeting);
}

template <typename Archive>
void members(Archive &archive, ProfileMeasurements &value)
{
    static_assert(sizeof value == sizeof(MessageCounts) + 2 * sizeof(Histogram), "list the new member below");
    members(archive, static_cast<MessageCounts &>(value));
    archive(value.deliveryLatency, value.ackLatency);
}

template <typename Archive>
void members(Archive &archive, Measurements &value)
{
    auto &[phases, profiles, deliveries, connectAttempts, connected, joinAttempts, joined, connectionsLost,
           reconnects, absent, unarrived, negativeTimes, bytesSent, bytesReceived, connectDuration,
           connectSteps, joinDuration, loopLag, errors, refusals, closeCodes, hosts, hostLatency, splits,
           lonelyRooms] = value;
    archive(phases, profiles, deliveries, connectAttempts, connected, joinAttempts, joined, connectionsLost,
            reconnects, absent, unarrived, negativeTimes, bytesSent, bytesReceived, connectDuration,
            connectSteps, joinDuration, loopLag, errors, refusals, closeCodes, hosts, hostLatency, splits,
            lonelyRooms);
}

template <typename Archive>
void members(Archive &archive, Outstanding &value)
{
    auto &[unanswered, rejected, holes, awaited] = value;
    archive(unanswered, rejected, holes, awaited);
}

template <typename Archive>
void members(Archive &archive, Interval &value)
{
    auto &[part, end, isLast, isLost, measurements, outstanding, users, open, cpu, failure, note] = value;
    archive(part, end, isLast, isLost, measurements, outstanding, users, open, cpu, failure, note);
}

class ByteWriter
{
public:
    explicit ByteWriter(std::string &out)
        : m_out(out)
    {
    }

    template <typename... Values>
    void operator()(Values &...values)
    {
        (put(values), ...);
    }

private:
    template <typename Value>
    void put(Value &value)
    {
        if constexpr (std::is_arithmetic_v<Value>)
            raw(value);
        else
            members(*this, value);
    }
    template <typename Value>
    void raw(const Value &value)
    {
        char bytes[sizeof value];
        std::memcpy(bytes, &value, sizeof value);
        m_out.append(bytes, sizeof value);
    }
    void put(Offset &value) { raw(value.count()); }
    void put(std::string &value)
    {
        raw(value.size());
        m_out += value;
    }
    template <typename Value>
    void put(std::vector<Value> &values)
    {
        raw(values.size());
        for (Value &value : values)
            put(value);
    }
    void put(std::set<std::string> &values)
    {
        raw(values.size());
        for (std::string value : values)
            put(value);
    }
    template <typename Key, typename Value>
    void put(std::map<Key, Value> &values)
    {
        raw(values.size());
        for (auto &entry : values) {
            Key key = entry.first;
            put(key);
            put(entry.second);
        }
    }
    void put(Histogram &value)
    {
        const auto buckets = value.buckets();
        raw(buckets.size());
        for (const Histogram::Bucket &bucket : buckets) {
            raw(bucket.low.count());
            raw(bucket.count);
        }
        raw(value.min().count());
        raw(value.max().count());
        raw(value.sum().count());
    }

    std::string &m_out;
};

class ByteReader
{
public:
    explicit ByteReader(std::string_view bytes)
        : m_bytes(bytes)
    {
    }

    template <typename... Values>
    void operator()(Values &...values)
    {
        (get(values), ...);
    }
    /// All was there, and nothing besides.
    [[nodiscard]] bool isWhole() const { return !m_isBroken && m_bytes.empty(); }

private:
    template <typename Value>
    void get(Value &value)
    {
        if constexpr (std::is_arithmetic_v<Value>)
            value = raw<Value>();
        else
            members(*this, value);
    }
    template <typename Value>
    Value raw()
    {
        Value value{};
        if (m_bytes.size() < sizeof value) {
            breakOff();
            return value;
        }
        std::memcpy(&value, m_bytes.data(), sizeof value);
        m_bytes.remove_prefix(sizeof value);
        return value;
    }
    /// How many follow; each takes a byte at least.
    std::size_t size()
    {
        const auto size = raw<std::size_t>();
        if (size <= m_bytes.size())
            return size;
        breakOff();
        return 0;
    }
    void breakOff()
    {
        m_isBroken = true;
        m_bytes = {};
    }
    void get(Offset &value) { value = Offset(raw<Offset::rep>()); }
    void get(std::string &value)
    {
        const std::size_t length = size();
        value = m_bytes.substr(0, length);
        m_bytes.remove_prefix(length);
    }
    template <typename Value>
    void get(std::vector<Value> &values)
    {
        for (std::size_t left = size(); left > 0 && !m_isBroken; --left)
            get(values.emplace_back());
    }
    void get(std::set<std::string> &values)
    {
        for (std::size_t left = size(); left > 0 && !m_isBroken; --left) {
            std::string value;
            get(value);
            values.insert(std::move(value));
        }
    }
    template <typename Key, typename Value>
    void get(std::map<Key, Value> &values)
    {
        for (std::size_t left = size(); left > 0 && !m_isBroken; --left) {
            Key key{};
            get(key);
            get(values[key]);
        }
    }
    void get(Histogram &value)
    {
        std::vector<Histogram::Bucket> buckets;
        for (std::size_t left = size(); left > 0 && !m_isBroken; --left) {
            const Histogram::Duration low(raw<Histogram::Duration::rep>());
            if (!Histogram::beginsBucket(low))
                return breakOff();
            buckets.push_back({low, low, raw<std::uint64_t>()});
        }
        const Histogram::Duration least(raw<Histogram::Duration::rep>());
        const Histogram::Duration most(raw<Histogram::Duration::rep>());
        value = Histogram(buckets, least, most, Histogram::Duration(raw<Histogram::Duration::rep>()));
    }

    std::string_view m_bytes;
    bool m_isBroken = false;
};

} // namespace

void appendInterval(std::string &out, const Interval &interval)
{
    ByteWriter writer(out);
    writer(const_cast<Interval &>(
        interval)); // members() are written once, for reading as well; it writes nothing
}

Result<Interval> readInterval(std::string_view bytes)
{
    Interval interval;
    ByteReader reader(bytes);
    reader(interval);
    if (!reader.isWhole())
        return Error{ErrorCode::Internal, "an interval is cut off"};
    return interval;
}

} // namespace parlor::cli::load
