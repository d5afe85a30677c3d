// SPDX-License-Identifier: MIT
#include "client-cli/load/runfile/jsonreport.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace parlor::cli::load {

namespace {

constexpr int kSchemaVersion = 1;

struct Told
{
    const RunRecord &record;
    const Judgement &judgement;
};

ThreadHealth busiest(const RunRecord &record)
{
    ThreadHealth most;
    for (const ThreadHealth &each : record.threads)
        most = each.meanCpu > most.meanCpu ? each : most;
    return most;
}

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

qint64 number(std::uint64_t value)
{
    return static_cast<qint64>(value);
}

qint64 number(Offset value)
{
    return static_cast<qint64>(value.count());
}

void put(QJsonObject &object, const char *key, const QJsonValue &value)
{
    object.insert(QLatin1String(key), value);
}

template <typename Item>
QJsonArray texts(const std::vector<Item> &items)
{
    QJsonArray array;
    for (const auto &item : items)
        array.append(text(item));
    return array;
}

template <typename Key>
QJsonObject counted(const std::map<Key, std::uint64_t> &counts)
{
    QJsonObject object;
    for (const auto &[key, count] : counts) {
        if constexpr (std::is_same_v<Key, std::string>)
            object.insert(text(key), number(count));
        else
            object.insert(QString::number(key), number(count));
    }
    return object;
}

QJsonObject histogram(const Histogram &h)
{
    QJsonObject object;
    put(object, "count", number(h.count()));
    put(object, "min_us", number(h.min()));
    put(object, "mean_us", number(h.mean()));
    put(object, "max_us", number(h.max()));
    put(object, "sum_us", number(h.sum()));
    for (const auto &[key, percent] :
         {std::pair("p50_us", 50.0), std::pair("p90_us", 90.0), std::pair("p95_us", 95.0),
          std::pair("p99_us", 99.0), std::pair("p999_us", 99.9)}) {
        const auto value = h.soundPercentile(percent);
        put(object, key, value ? QJsonValue(number(*value)) : QJsonValue(QJsonValue::Null));
    }
    QJsonArray buckets;
    for (const Histogram::Bucket &bucket : h.buckets())
        buckets.append(QJsonArray{number(bucket.low), number(bucket.count)});
    put(object, "buckets", buckets); // [lowest value, count]
    return object;
}

QJsonObject messages(const PhaseMeasurements &m)
{
    QJsonObject object;
    put(object, "planned", number(m.planned));
    put(object, "early", number(m.early));
    put(object, "sent", number(m.sent));
    put(object, "answered", number(m.answered));
    put(object, "rejected", number(m.rejected));
    put(object, "unanswered", number(m.unanswered));
    put(object, "abandoned", number(m.abandoned));
    put(object, "not_member", number(m.notMember));
    put(object, "dropped", number(m.dropped));
    return object;
}

QJsonObject histograms(const PhaseMeasurements &m)
{
    QJsonObject object;
    put(object, "delivery_latency", histogram(m.deliveryLatency));
    put(object, "delivery_service", histogram(m.deliveryService));
    put(object, "ack_latency", histogram(m.ackLatency));
    put(object, "send_lag", histogram(m.sendLag));
    return object;
}

QJsonObject deliveries(const DeliveryCounts &counts)
{
    QJsonObject object;
    put(object, "expected", number(counts.expected()));
    put(object, "received", number(counts.received));
    put(object, "lost", number(counts.lost));
    put(object, "doubled", number(counts.doubled));
    put(object, "reordered", number(counts.reordered));
    put(object, "corrupt", number(counts.corrupt));
    put(object, "unexpected", number(counts.unexpected));
    put(object, "ambiguous", number(counts.ambiguous));
    put(object, "excused", number(counts.excused));
    put(object, "foreign", number(counts.foreign));
    return object;
}

QJsonObject connections(const Measurements &m)
{
    QJsonObject object;
    put(object, "attempts", number(m.connectAttempts));
    put(object, "connected", number(m.connected));
    put(object, "join_attempts", number(m.joinAttempts));
    put(object, "joined", number(m.joined));
    put(object, "lost", number(m.connectionsLost));
    put(object, "reconnects", number(m.reconnects));
    put(object, "absent_users", number(m.absent));
    put(object, "unarrived_users", number(m.unarrived));
    put(object, "close_codes", counted(m.closeCodes));
    put(object, "hosts", counted(m.hosts));
    put(object, "bytes_sent", number(m.bytesSent));
    put(object, "bytes_received", number(m.bytesReceived));
    put(object, "connect_duration", histogram(m.connectDuration));
    put(object, "join_duration", histogram(m.joinDuration));
    return object;
}

QJsonArray splits(const Measurements &m)
{
    QJsonArray rooms;
    for (const RoomSplit &split : m.splits) {
        QJsonArray groups;
        for (const HearingGroup &group : split.groups) {
            QJsonObject object;
            put(object, "users", number(group.users));
            put(object, "servers", counted(group.servers));
            put(object, "epochs", texts(std::vector(group.epochs.begin(), group.epochs.end())));
            groups.append(object);
        }
        QJsonObject object;
        put(object, "room", text(split.room));
        put(object, "groups", groups);
        rooms.append(object);
    }
    return rooms;
}

QJsonObject parameters(const Settings &options)
{
    QJsonObject object;
    put(object, "url", text(options.url));
    put(object, "dialect", QLatin1String(options.dialect == DialectName::V1 ? "v1" : "v2"));
    put(object, "rate_per_user", options.profiles.front().rate);
    put(object, "rooms", texts(options.rooms));
    put(object, "size_least", number(options.profiles.front().size.least));
    put(object, "size_most", number(options.profiles.front().size.most));
    put(object, "seed", text(std::to_string(options.seed))); // may have more than 53 bits
    put(object, "drain_us", number(options.drain));
    put(object, "connect_timeout_us", number(options.connectTimeout));
    return object;
}

QJsonArray phases(const Told &result)
{
    QJsonArray array;
    for (std::size_t i = 0; i < result.record.phases.size(); ++i) {
        const Phase &phase = result.record.phases[i];
        QJsonObject object;
        put(object, "name", text(phase.name));
        put(object, "begin_us", number(phase.begin));
        put(object, "end_us", number(phase.end));
        put(object, "users_from", qint64(phase.from));
        put(object, "users_to", qint64(phase.to));
        put(object, "messages", messages(result.record.measurements.phases[i]));
        put(object, "histograms", histograms(result.record.measurements.phases[i]));
        array.append(object);
    }
    return array;
}

QJsonArray thresholds(const Told &result)
{
    QJsonArray array;
    for (const ThresholdResult &each : result.judgement.thresholds) {
        QJsonObject object;
        put(object, "expression", text(each.text));
        put(object, "measured", text(each.measured));
        put(object, "passed", each.passed);
        array.append(object);
    }
    return array;
}

QJsonObject generator(const Told &result)
{
    QJsonObject object;
    put(object, "limited", !result.judgement.limits.empty());
    put(object, "limits", texts(result.judgement.limits));
    put(object, "cpu_mean", busiest(result.record).meanCpu);
    put(object, "cpu_peak", busiest(result.record).peakCpu);
    put(object, "negative_times", number(result.record.measurements.negativeTimes));
    return object;
}

} // namespace

QByteArray jsonReport(const RunRecord &record, const Judgement &judgement)
{
    const Told result{record, judgement};
    const PhaseMeasurements all = result.record.measurements.total();
    QJsonObject run;
    put(run, "schema_version", kSchemaVersion);
    put(run, "program", QStringLiteral("parlor-cli " PARLOR_VERSION));
    put(run, "verdict", text(toString(result.judgement.verdict)));
    put(run, "exit_code", exitCodeOf(result.judgement.verdict));
    put(run, "begun", text(result.record.begun));
    put(run, "duration_us", number(result.record.duration));
    put(run, "argv", texts(result.record.arguments));
    put(run, "parameters", parameters(result.record.settings));
    put(run, "thresholds", thresholds(result));
    put(run, "deliveries", deliveries(result.record.measurements.deliveries));
    put(run, "splits", splits(result.record.measurements));
    put(run, "rooms_of_one", texts(result.record.measurements.lonelyRooms));
    put(run, "messages", messages(all));
    put(run, "refusals", counted(result.record.measurements.refusals));
    put(run, "histograms", histograms(all));
    put(run, "phases", phases(result));
    put(run, "connections", connections(result.record.measurements));
    put(run, "generator", generator(result));
    put(run, "errors", counted(result.record.measurements.errors));
    return QJsonDocument(run).toJson(QJsonDocument::Compact) + '\n';
}

} // namespace parlor::cli::load
