// SPDX-License-Identifier: MIT
#include "client-cli/load/runfile/recordwriter.h"

#include "client-cli/load/runfile/fields.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <cassert>
#include <set>

namespace parlor::cli::load {

namespace {

QString textOf(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

/// Most readers of JSON hold numbers as doubles: larger ones are written as text.
constexpr std::uint64_t kLargestNumber = 1ULL << 53;

QJsonValue toJson(bool value)
{
    return value;
}

QJsonValue toJson(double value)
{
    return value;
}

QJsonValue toJson(std::uint64_t value)
{
    if (value > kLargestNumber)
        return QString::number(value);
    return static_cast<qint64>(value);
}

QJsonValue toJson(std::uint32_t value)
{
    return static_cast<qint64>(value);
}

QJsonValue toJson(Offset value)
{
    return static_cast<qint64>(value.count());
}

QJsonValue toJson(const std::string &value)
{
    return textOf(value);
}

template <typename E>
requires std::is_enum_v<E> QJsonValue toJson(E value)
{
    return textOf(runfile::nameOf(value));
}

/// The maximum, then the counts of all places from the first one on; -N stands for N empty ones.
QJsonValue toJson(const CoarseHistogram &coarse)
{
    QJsonArray flat{toJson(coarse.max())};
    qint64 next = 0;
    for (const CoarseHistogram::Cell &cell : coarse.cells()) {
        if (cell.first > next)
            flat.append(next - cell.first);
        flat.append(toJson(cell.second));
        next = cell.first + 1;
    }
    return flat;
}

QJsonValue toJson(const Histogram &exact);
template <typename Key, typename Value>
QJsonValue toJson(const std::map<Key, Value> &map);
template <typename Item>
QJsonValue toJson(const std::vector<Item> &items);
QJsonValue toJson(const std::set<std::string> &items);

class ObjectWriter;
template <typename Struct>
requires requires(ObjectWriter &visit, const Struct &value)
{
    runfile::fields(visit, value);
}
QJsonValue toJson(const Struct &value);

/// Visits fields (fields.h).
class ObjectWriter
{
public:
    template <typename T>
    void operator()(const char *key, const T &value)
    {
        m_object.insert(QLatin1String(key), toJson(value));
    }
    template <typename T>
    void optional(const char *key, const T &value)
    {
        if (!value.empty())
            (*this)(key, value);
    }
    template <typename Function>
    void group(const char *key, Function function)
    {
        ObjectWriter inner;
        function(inner);
        m_object.insert(QLatin1String(key), inner.object());
    }
    [[nodiscard]] const QJsonObject &object() const { return m_object; }

private:
    QJsonObject m_object;
};

template <typename Struct>
requires requires(ObjectWriter &visit, const Struct &value)
{
    runfile::fields(visit, value);
}
QJsonValue toJson(const Struct &value)
{
    ObjectWriter writer;
    runfile::fields(writer, value);
    return writer.object();
}

template <typename Item>
QJsonValue toJson(const std::vector<Item> &items)
{
    QJsonArray array;
    for (const Item &item : items)
        array.append(toJson(item));
    return array;
}

QJsonValue toJson(const std::set<std::string> &items)
{
    return toJson(std::vector(items.begin(), items.end()));
}

template <typename Key, typename Value>
QJsonValue toJson(const std::map<Key, Value> &map)
{
    QJsonObject object;
    for (const auto &[key, value] : map) {
        if constexpr (std::is_same_v<Key, std::string>)
            object.insert(textOf(key), toJson(value));
        else
            object.insert(QString::number(key), toJson(value));
    }
    return object;
}

QJsonValue toJson(const Histogram &exact)
{
    ObjectWriter object;
    object("count", exact.count());
    object("min_us", exact.min());
    object("max_us", exact.max());
    object("sum_us", exact.sum());
    QJsonArray buckets;
    for (const Histogram::Bucket &bucket : exact.buckets())
        buckets.append(QJsonArray{toJson(bucket.low), toJson(bucket.count)});
    QJsonObject all = object.object();
    all.insert(QLatin1String("buckets"), buckets);
    // Computed from the others.
    all.insert(QLatin1String("mean_us"), toJson(exact.mean()));
    for (const auto &[key, percent] :
         {std::pair("p50_us", 50.0), std::pair("p90_us", 90.0), std::pair("p95_us", 95.0),
          std::pair("p99_us", 99.0), std::pair("p999_us", 99.9)}) {
        const auto value = exact.soundPercentile(percent);
        all.insert(QLatin1String(key), value ? toJson(*value) : QJsonValue(QJsonValue::Null));
    }
    return all;
}

/// Visits the fields of each second.
class ColumnWriter
{
public:
    template <typename T>
    void operator()(const char *key, const T &value)
    {
        m_columns[key].append(toJson(value));
    }
    [[nodiscard]] QJsonObject object() const
    {
        QJsonObject all;
        for (const auto &[key, column] : m_columns)
            all.insert(textOf(key), column);
        return all;
    }

private:
    std::map<std::string_view, QJsonArray> m_columns;
};

QJsonObject columnsOf(const std::vector<Second> &seconds)
{
    if (seconds.empty())
        return {};
    ColumnWriter columns;
    for (const Second &second : seconds)
        runfile::fields(columns, second);
    return columns.object();
}

QJsonArray phasesOf(const RunRecord &record)
{
    assert(record.phases.size() == record.measurements.phases.size());
    QJsonArray phases;
    for (std::size_t i = 0; i < record.phases.size(); ++i) {
        ObjectWriter phase;
        runfile::fields(phase, record.phases[i], record.measurements.phases[i]);
        phases.append(phase.object());
    }
    return phases;
}

QJsonArray thresholdsOf(const Judgement &judgement)
{
    QJsonArray results;
    for (const ThresholdResult &each : judgement.thresholds) {
        ObjectWriter result;
        result("expression", each.text);
        result("measured", each.measured);
        result("passed", each.passed);
        results.append(result.object());
    }
    return results;
}

template <typename Value>
void addTo(QJsonObject &run, const char *group, const char *key, const Value &value)
{
    QJsonObject inner = run.value(QLatin1String(group)).toObject();
    inner.insert(QLatin1String(key), toJson(value));
    run.insert(QLatin1String(group), inner);
}

} // namespace

QJsonObject toJson(const Settings &settings)
{
    ObjectWriter writer;
    runfile::fields(writer, settings);
    return writer.object();
}

QByteArray writeRecord(const RunRecord &record, const Judgement &judgement)
{
    ObjectWriter writer;
    writer("schema_version", static_cast<std::uint32_t>(runfile::kSchemaVersion));
    runfile::fields(writer, record);
    // Computed from the others; no reader of ours looks at it.
    const PhaseMeasurements total = record.measurements.total();
    writer("verdict", std::string(toString(judgement.verdict)));
    writer("exit_code", static_cast<std::uint32_t>(exitCodeOf(judgement.verdict)));
    writer("messages", static_cast<const MessageCounts &>(total));
    writer.group("histograms", [&total](auto &in) { runfile::histogramFields(in, total); });

    QJsonObject run = writer.object();
    run.insert(QLatin1String("phases"), phasesOf(record));
    run.insert(QLatin1String("seconds"), columnsOf(record.seconds));
    run.insert(QLatin1String("thresholds"), thresholdsOf(judgement));
    addTo(run, "deliveries", "expected", record.measurements.deliveries.expected());
    addTo(run, "generator", "limited", !judgement.limits.empty());
    addTo(run, "generator", "limits", judgement.limits);
    return QJsonDocument(run).toJson(QJsonDocument::Compact) + '\n';
}

} // namespace parlor::cli::load
