// SPDX-License-Identifier: MIT
#include "client-cli/load/runfile/recordreader.h"

#include "client-cli/load/judgement/thresholdparser.h"
#include "client-cli/load/record/figures.h"
#include "client-cli/load/runfile/fields.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <charconv>
#include <limits>
#include <set>

namespace parlor::cli::load {

namespace {

/// Each has five histograms, of up to 190 kB.
constexpr qsizetype kMostPhases = 1000;
constexpr std::size_t kLongestError = 1000; ///< it may quote a key
constexpr qint64 kMostBytes = 256 * 1024 * 1024;
/// Far above what a run can count, and low enough that a few can be added.
constexpr std::uint64_t kLargestCount = 1ULL << 62;
/// Times are below 285 years, so that they can be added.
constexpr std::uint64_t kLongestTime = 1ULL << 53;

constexpr double kLargestReal = 1e15; ///< above all parts, weights and rates

/// Where a value stands in the file; its text is made for errors only.
struct Place
{
    const Place *above = nullptr;
    std::string_view key{};
    qsizetype index = -1; ///< in an array

    [[nodiscard]] std::string text() const
    {
        const std::string before = above != nullptr ? above->text() : std::string();
        if (index >= 0)
            return before + "[" + std::to_string(index) + "]";
        return before.empty() ? std::string(key) : before + "." + std::string(key);
    }
};

/// Reads values, and keeps the first thing that was wrong: after that nothing counts.
class ValueReader
{
public:
    void wrong(const Place &place, std::string_view what)
    {
        if (!m_error)
            m_error = Error{ErrorCode::BadRequest, place.text() + ": " + std::string(what)};
    }
    [[nodiscard]] bool isGood() const { return !m_error; }
    [[nodiscard]] const Error &error() const { return *m_error; }

    void read(const QJsonValue &json, bool &value, const Place &place)
    {
        if (!json.isBool())
            return wrong(place, "it must be true or false");
        value = json.toBool();
    }
    void read(const QJsonValue &json, double &value, const Place &place)
    {
        if (!json.isDouble())
            return wrong(place, "it must be a number");
        value = json.toDouble();
        if (!(value >= 0 && value <= kLargestReal))
            wrong(place, "it must be a number from 0 to 1e15");
    }
    void read(const QJsonValue &json, std::uint64_t &value, const Place &place)
    {
        if (!isWhole(json, std::numeric_limits<std::uint64_t>::max(), value))
            wrong(place, "it must be a whole number from 0 on");
    }
    void read(const QJsonValue &json, std::uint32_t &value, const Place &place)
    {
        std::uint64_t whole = 0;
        if (!isWhole(json, std::numeric_limits<std::uint32_t>::max(), whole))
            return wrong(place, "it must be a whole number from 0 to 4294967295");
        value = static_cast<std::uint32_t>(whole);
    }
    void read(const QJsonValue &json, Offset &value, const Place &place)
    {
        std::uint64_t whole = 0;
        if (!isWhole(json, kLongestTime, whole))
            return wrong(place, "it must be a whole number of microseconds, from 0 to 2^53");
        value = Offset(static_cast<Offset::rep>(whole));
    }
    void read(const QJsonValue &json, std::string &value, const Place &place)
    {
        if (!json.isString())
            return wrong(place, "it must be a text");
        value = json.toString().toStdString();
    }
    template <typename E>
    requires std::is_enum_v<E>
    void read(const QJsonValue &json, E &value, const Place &place)
    {
        const std::string text = json.toString().toStdString();
        std::string all;
        for (const auto &[name, each] : runfile::NamesOf<E>::kNames) {
            if (json.isString() && text == name) {
                value = each;
                return;
            }
            all += (all.empty() ? "" : ", ") + std::string(name);
        }
        wrong(place, "it must be one of " + all);
    }
    template <typename Item>
    void read(const QJsonValue &json, std::vector<Item> &items, const Place &place)
    {
        if (!json.isArray())
            return wrong(place, "it must be an array");
        const QJsonArray array = json.toArray();
        for (qsizetype i = 0; i < array.size() && isGood(); ++i) {
            Item item{};
            read(array[i], item, {&place, {}, i});
            items.push_back(std::move(item));
        }
    }
    void read(const QJsonValue &json, std::set<std::string> &items, const Place &place)
    {
        std::vector<std::string> all;
        read(json, all, place);
        items.insert(all.begin(), all.end());
    }
    template <typename Key, typename Value>
    void read(const QJsonValue &json, std::map<Key, Value> &map, const Place &place);
    void read(const QJsonValue &json, Histogram &value, const Place &place);
    void read(const QJsonValue &json, CoarseHistogram &value, const Place &place);
    template <typename Struct>
    requires std::is_class_v<Struct>
    void read(const QJsonValue &json, Struct &value, const Place &place);

private:
    static bool isWhole(const QJsonValue &json, std::uint64_t largest, std::uint64_t &value);
    void readBuckets(const QJsonArray &array, std::vector<Histogram::Bucket> &buckets, const Place &place);
    std::uint64_t count(const QJsonValue &json, const Place &place);

    std::optional<Error> m_error;
};

/// Visits the fields of an object (fields.h).
class ObjectReader
{
public:
    ObjectReader(ValueReader &reader, QJsonObject object, const Place &place)
        : m_reader(reader)
        , m_object(std::move(object))
        , m_place(place)
    {
    }

    template <typename T>
    void operator()(const char *key, T &value)
    {
        const Place place{&m_place, key};
        if (const QJsonValue json = present(place); m_reader.isGood())
            m_reader.read(json, value, place);
    }
    template <typename T>
    void optional(const char *key, T &value)
    {
        if (m_object.contains(QLatin1String(key)))
            (*this)(key, value);
    }
    template <typename Function>
    void group(const char *key, Function function)
    {
        const Place place{&m_place, key};
        const QJsonValue json = present(place);
        if (m_reader.isGood() && !json.isObject())
            m_reader.wrong(place, "it must be an object");
        ObjectReader inner(m_reader, json.toObject(), place);
        if (m_reader.isGood())
            function(inner);
    }

private:
    QJsonValue present(const Place &place)
    {
        QJsonValue json = m_object.value(QLatin1String(place.key.data(), static_cast<int>(place.key.size())));
        if (json.isUndefined())
            m_reader.wrong(place, "it is missing");
        return json;
    }

    ValueReader &m_reader;
    QJsonObject m_object;
    const Place &m_place;
};

bool ValueReader::isWhole(const QJsonValue &json, std::uint64_t largest, std::uint64_t &value)
{
    if (json.isString()) {
        const std::string text = json.toString().toStdString();
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
        return failure == std::errc() && end == text.data() + text.size() && value <= largest;
    }
    const qint64 whole = json.toInteger(-1);
    value = static_cast<std::uint64_t>(whole);
    return whole >= 0 && value <= largest;
}

std::uint64_t ValueReader::count(const QJsonValue &json, const Place &place)
{
    std::uint64_t value = 0;
    if (!isWhole(json, kLargestCount, value) || value == 0)
        wrong(place, "its count must be a whole number from 1 on");
    return value;
}

template <typename Struct>
requires std::is_class_v<Struct>
void ValueReader::read(const QJsonValue &json, Struct &value, const Place &place)
{
    if (!json.isObject())
        return wrong(place, "it must be an object");
    ObjectReader object(*this, json.toObject(), place);
    runfile::fields(object, value);
}

template <typename Key, typename Value>
void ValueReader::read(const QJsonValue &json, std::map<Key, Value> &map, const Place &place)
{
    if (!json.isObject())
        return wrong(place, "it must be an object");
    const QJsonObject object = json.toObject();
    for (auto each = object.begin(); each != object.end() && isGood(); ++each) {
        const std::string name = each.key().toStdString();
        const Place inner{&place, name};
        Value value{};
        read(each.value(), value, inner);
        if constexpr (std::is_same_v<Key, std::string>) {
            map.emplace(name, std::move(value));
        } else {
            Key key{};
            const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), key);
            if (failure != std::errc() || end != name.data() + name.size())
                return wrong(inner, "its key must be a whole number, from 0 to 65535");
            map.emplace(key, std::move(value));
        }
    }
}

void ValueReader::readBuckets(const QJsonArray &array, std::vector<Histogram::Bucket> &buckets,
                              const Place &place)
{
    std::uint64_t all = 0;
    for (qsizetype i = 0; i < array.size() && isGood(); ++i) {
        const Place inner{&place, {}, i};
        const QJsonArray pair = array[i].toArray();
        if (pair.isEmpty())
            return wrong(inner, "it must be a lowest value and a count");
        if (pair.size() == 1)
            return wrong(inner, "a count is missing");
        Histogram::Bucket bucket{};
        read(pair[0], bucket.low, inner);
        bucket.count = count(pair[1], inner);
        if (pair.size() > 2 || !Histogram::beginsBucket(bucket.low))
            return wrong(inner, "no bucket begins with this value");
        if (!buckets.empty() && buckets.back().low >= bucket.low)
            return wrong(inner, "it is not behind the one before it");
        all += bucket.count;
        if (all > kLargestCount)
            return wrong(inner, "the counts are too large");
        buckets.push_back(bucket);
    }
}

void ValueReader::read(const QJsonValue &json, Histogram &value, const Place &place)
{
    if (!json.isObject())
        return wrong(place, "it must be an object");
    ObjectReader object(*this, json.toObject(), place);
    std::uint64_t count = 0;
    std::uint64_t sum = 0;
    Offset min{};
    Offset max{};
    object("count", count);
    object("min_us", min);
    object("max_us", max);
    object("sum_us", sum);
    const Place inner{&place, "buckets"};
    const QJsonValue array = json.toObject().value(QLatin1String("buckets"));
    if (!array.isArray())
        return wrong(inner, array.isUndefined() ? "it is missing" : "it must be an array");
    std::vector<Histogram::Bucket> buckets;
    readBuckets(array.toArray(), buckets, inner);
    if (!isGood())
        return;
    if (sum > kLargestCount)
        return wrong({&place, "sum_us"}, "it is too large");
    Histogram read(buckets, min, max, Offset(static_cast<Offset::rep>(sum)));
    if (read.count() != count)
        return wrong({&place, "count"}, "the buckets hold " + std::to_string(read.count()));
    const std::vector<Histogram::Bucket> found = read.buckets();
    const bool isEmpty = found.empty() && min == Offset{} && max == Offset{} && sum == 0;
    const auto isIn = [](Offset time, const Histogram::Bucket &bucket) {
        constexpr std::uint64_t kLargestOfBuckets = (1ULL << 32) - 1;
        const bool isLast = static_cast<std::uint64_t>(bucket.high.count()) >= kLargestOfBuckets;
        return time >= bucket.low && (time <= bucket.high || isLast);
    };
    if (!isEmpty && (found.empty() || !isIn(min, found.front()) || !isIn(max, found.back())))
        return wrong(place, "min_us and max_us do not lie in the first and the last bucket");
    if (!isEmpty && (read.mean() < min || read.mean() > max))
        return wrong({&place, "sum_us"}, "it fits no count of values from min_us to max_us");
    value = std::move(read);
}

void ValueReader::read(const QJsonValue &json, CoarseHistogram &value, const Place &place)
{
    const QJsonArray flat = json.toArray();
    if (flat.isEmpty())
        return wrong(place, "it must be an array of the maximum, counts, and -N for N empty places");
    Offset max{};
    read(flat[0], max, {&place, {}, 0});
    std::vector<CoarseHistogram::Cell> cells;
    std::uint64_t all = 0;
    qint64 next = 0;
    for (qsizetype i = 1; i < flat.size() && isGood(); ++i) {
        const Place inner{&place, {}, i};
        const qint64 skipped = flat[i].toInteger(0);
        if (skipped < 0 && skipped > -CoarseHistogram::kPlaces) {
            next -= skipped;
            continue;
        }
        const std::uint64_t held = count(flat[i], inner);
        if (next >= CoarseHistogram::kPlaces)
            return wrong(inner, "there are " + std::to_string(CoarseHistogram::kPlaces) + " places");
        cells.emplace_back(static_cast<std::uint16_t>(next++), held);
        all += held;
        if (all > kLargestCount)
            return wrong(inner, "the counts are too large");
    }
    if (isGood())
        value = CoarseHistogram(std::move(cells), max);
}

/// Visits the fields of one second: a row of the columns.
class RowReader
{
public:
    RowReader(ValueReader &reader, const std::map<std::string, QJsonArray> &columns, qsizetype row,
              const Place &place)
        : m_reader(reader)
        , m_columns(columns)
        , m_row(row)
        , m_place(place)
    {
    }

    template <typename T>
    void operator()(const char *key, T &value)
    {
        const Place column{&m_place, key};
        const auto found = m_columns.find(key);
        if (found == m_columns.end())
            return m_reader.wrong(column, "it is missing");
        const Place place{&column, {}, m_row};
        if (m_reader.isGood())
            m_reader.read(found->second[m_row], value, place);
    }

private:
    ValueReader &m_reader;
    const std::map<std::string, QJsonArray> &m_columns;
    qsizetype m_row;
    const Place &m_place;
};

void readSeconds(ValueReader &reader, const QJsonValue &json, std::vector<Second> &seconds)
{
    const Place place{nullptr, "seconds"};
    if (!json.isObject())
        return reader.wrong(place, json.isUndefined() ? "it is missing" : "it must be an object");
    std::map<std::string, QJsonArray> columns;
    qsizetype rows = -1;
    const QJsonObject object = json.toObject();
    for (auto each = object.begin(); each != object.end(); ++each) {
        const std::string key = each.key().toStdString();
        if (!each.value().isArray())
            return reader.wrong({&place, key}, "it must be an array");
        const QJsonArray column = each.value().toArray();
        if (rows >= 0 && column.size() != rows) {
            return reader.wrong({&place, key}, "it has " + std::to_string(column.size()) +
                                                   " seconds, the one before it has " + std::to_string(rows));
        }
        rows = column.size();
        columns.emplace(key, column);
    }
    for (qsizetype row = 0; row < rows && reader.isGood(); ++row) {
        Second second;
        RowReader visit(reader, columns, row, place);
        runfile::fields(visit, second);
        const Place end{&place, "end_us"};
        if (!seconds.empty() && seconds.back().end > second.end)
            reader.wrong({&end, {}, row}, "it is before the one before it");
        seconds.push_back(std::move(second));
    }
}

void readPhases(ValueReader &reader, const QJsonValue &json, RunRecord &run)
{
    const Place place{nullptr, "phases"};
    if (!json.isArray())
        return reader.wrong(place, json.isUndefined() ? "it is missing" : "it must be an array");
    const QJsonArray phases = json.toArray();
    if (phases.size() > kMostPhases)
        return reader.wrong(place, "there are more than " + std::to_string(kMostPhases));
    for (qsizetype i = 0; i < phases.size() && reader.isGood(); ++i) {
        const Place inner{&place, {}, i};
        if (!phases[i].isObject())
            return reader.wrong(inner, "it must be an object");
        Phase phase;
        PhaseMeasurements measured;
        ObjectReader object(reader, phases[i].toObject(), inner);
        runfile::fields(object, phase, measured);
        measured.isMeasured = phase.isMeasured;
        if (phase.begin > phase.end)
            reader.wrong(inner, "its end is before its beginning");
        if (measured.sent > measured.planned || measured.answered > measured.planned)
            reader.wrong(inner, "more messages were sent or answered than were planned");
        run.phases.push_back(std::move(phase));
        run.measurements.phases.push_back(std::move(measured));
    }
}

void checkSettings(ValueReader &reader, const Settings &settings)
{
    const Place parameters{nullptr, "parameters"};
    const Place thresholds{&parameters, "thresholds"};
    for (std::size_t i = 0; i < settings.thresholds.size(); ++i) {
        if (const auto threshold = parseThreshold(settings.thresholds[i]); !threshold)
            reader.wrong({&thresholds, {}, static_cast<qsizetype>(i)}, threshold.error().text);
    }
    if (settings.profiles.empty())
        reader.wrong({&parameters, "profiles"}, "there must be one at least");
}

void checkProfiles(ValueReader &reader, const RunRecord &run)
{
    const std::size_t measured = run.measurements.profiles.size();
    if (measured > 0 && measured != run.settings.profiles.size())
        reader.wrong({nullptr, "profiles"}, "there must be as many as in parameters.profiles, or none");
}

Error unreadable(std::string why)
{
    return {ErrorCode::BadRequest, std::move(why)};
}

/// Line and column of a byte, for people.
std::string positionOf(const QByteArray &bytes, qsizetype offset)
{
    const QByteArray before = bytes.left(offset);
    return "line " + std::to_string(before.count('\n') + 1) + ", column " +
           std::to_string(before.size() - before.lastIndexOf('\n'));
}

std::optional<Error> mistakenVersion(const QJsonObject &run)
{
    const QJsonValue version = run.value(QLatin1String("schema_version"));
    if (!version.isDouble() || version.toInteger(-1) < 1)
        return unreadable("it is no file of a run of `parlor-cli load --out`: schema_version is missing");
    if (version.toInteger() == runfile::kSchemaVersion)
        return std::nullopt;
    const std::string found =
        "it has the form " + std::to_string(version.toInteger()) + ", and this parlor-cli ";
    if (version.toInteger() < runfile::kSchemaVersion)
        return unreadable(found +
                          "reads form 2: its seconds and phases are not all there; run the load again");
    return unreadable(found + "knows forms up to 2: take the parlor-cli that wrote it, or a newer one");
}

} // namespace

Result<RunRecord> readRecord(const QByteArray &bytes)
{
    if (bytes.size() > kMostBytes)
        return unreadable("it is larger than 256 MB");
    QJsonParseError mistake;
    const QJsonDocument document = QJsonDocument::fromJson(bytes, &mistake);
    if (mistake.error != QJsonParseError::NoError) {
        return unreadable("it is no JSON: " + positionOf(bytes, mistake.offset) + ": " +
                          mistake.errorString().toStdString());
    }
    const QJsonObject json = document.object();
    if (auto wrong = mistakenVersion(json))
        return *std::move(wrong);
    ValueReader reader;
    RunRecord run;
    run.settings.profiles.clear();
    const Place top;
    ObjectReader object(reader, json, top);
    runfile::fields(object, run);
    readPhases(reader, json.value(QLatin1String("phases")), run);
    readSeconds(reader, json.value(QLatin1String("seconds")), run.seconds);
    checkSettings(reader, run.settings);
    checkProfiles(reader, run);
    if (!reader.isGood())
        return reader.error();
    return run;
}

Result<RunRecord> readRecordFile(const std::string &path)
{
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::ReadOnly))
        return unreadable(path + ": it cannot be read: " + file.errorString().toStdString());
    // Not by its size: it may be a pipe.
    const QByteArray bytes = file.read(kMostBytes + 1);
    if (file.error() != QFileDevice::NoError)
        return unreadable(path + ": it cannot be read: " + file.errorString().toStdString());
    auto record = readRecord(bytes);
    if (!record)
        return unreadable(path + ": " + figures::printable(record.error().text, kLongestError));
    return record;
}

} // namespace parlor::cli::load
