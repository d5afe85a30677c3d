// SPDX-License-Identifier: MIT
#include "client-cli/load/judgement/judgement.h"
#include "client-cli/load/runfile/fields.h"
#include "client-cli/load/runfile/recordreader.h"
#include "client-cli/load/runfile/recordwriter.h"
#include "fullrecord.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <random>

using namespace parlor::cli::load;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

/// Can stand for any member, to count those of an aggregate.
struct Anything
{
    template <typename T>
    operator T() const; // NOLINT: implicit, that is what it is for
};

template <typename T, std::size_t... Is>
constexpr bool takes(std::index_sequence<Is...>)
{
    return requires
    {
        T{(static_cast<void>(Is), Anything{})...};
    };
}

/// How many members an aggregate has.
template <typename T, std::size_t N = 40>
constexpr std::size_t memberCount()
{
    if constexpr (takes<T>(std::make_index_sequence<N>()))
        return N;
    else
        return memberCount<T, N - 1>();
}

/// Visits fields, and counts them.
struct FieldCounter
{
    std::size_t count = 0;
    template <typename T>
    void operator()(const char *, T &)
    {
        ++count;
    }
};

template <typename T>
std::size_t fieldCount()
{
    FieldCounter counter;
    T value{};
    runfile::fields(counter, value);
    return counter.count;
}

QByteArray written(const RunRecord &record)
{
    return writeRecord(record, judge(record));
}

QJsonObject jsonOf(const RunRecord &record)
{
    return QJsonDocument::fromJson(written(record)).object();
}

/// Sets what stands at a path as `phases.0.messages.planned`; an undefined value takes it away.
QJsonValue with(const QJsonValue &in, const QStringList &path, const QJsonValue &value)
{
    if (path.isEmpty())
        return value;
    const QStringList rest = path.mid(1);
    if (in.isArray()) {
        QJsonArray array = in.toArray();
        const qsizetype at = path.first().toInt();
        const QJsonValue changed = with(array.at(at), rest, value);
        if (changed.isUndefined())
            array.removeAt(at);
        else
            array[at] = changed;
        return array;
    }
    QJsonObject object = in.toObject();
    const QJsonValue changed = with(object.value(path.first()), rest, value);
    if (changed.isUndefined())
        object.remove(path.first());
    else
        object.insert(path.first(), changed);
    return object;
}

/// Every key, as docs/run-file.md names it: what comes in several places by its own name, keys that are data
/// as NAME.
void collect(const QJsonValue &value, const QString &path, QSet<QString> &keys)
{
    static const QSet<QString> kMaps{u"connections.close_codes"_s,
                                     u"connections.hosts"_s,
                                     u"connections.host_delivery_latency"_s,
                                     u"errors"_s,
                                     u"refusals"_s,
                                     u"splits[].groups[].servers"_s,
                                     u"parameters.tags"_s};
    if (value.isArray()) {
        const QJsonArray array = value.toArray();
        for (const QJsonValue &each : array) {
            if (each.isObject())
                collect(each, path + u"[]"_s, keys);
        }
        return;
    }
    const QJsonObject object = value.toObject();
    const bool isHistogram = object.contains(u"buckets"_s);
    for (auto each = object.begin(); each != object.end(); ++each) {
        if (kMaps.contains(path))
            break;
        QString key = isHistogram      ? u"HISTOGRAM."_s + each.key()
                      : path.isEmpty() ? each.key()
                                       : path + u'.' + each.key();
        key.replace(u"phases[].messages."_s, u"messages."_s);
        key.replace(u"phases[].histograms."_s, u"histograms."_s);
        key.replace(u"profiles[].messages."_s, u"messages."_s);
        key.replace(u"profiles[].histograms."_s, u"histograms."_s);
        keys.insert(key);
        collect(each.value(), key, keys);
    }
}

} // namespace

class TestLoadRunFile : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyMemberIsNamed();
    void readsWhatWasWritten();
    void readsAnEmptyRun();
    void readsFilesFromBeforeAKey();
    void keepsTodaysKeys();
    void wrong_data();
    void wrong();
    void noRun_data();
    void noRun();
    void everyMissingKeyIsNamed();
    void files();
    void sizeOfAnHour();
    void documented();
};

void TestLoadRunFile::everyMemberIsNamed()
{
    const auto check = [](const char *name, std::size_t members, std::size_t fields) {
        QVERIFY2(members == fields,
                 qPrintable(u"%1 has %2 members, and runfile/fields.h names %3"_s.arg(QLatin1String(name))
                                .arg(members)
                                .arg(fields)));
    };
    check("Stage", memberCount<Stage>(), fieldCount<Stage>());
    check("ArrivalStage", memberCount<ArrivalStage>(), fieldCount<ArrivalStage>());
    check("Lasting", memberCount<Lasting>(), fieldCount<Lasting>());
    check("Senders", memberCount<Senders>(), fieldCount<Senders>());
    check("Profile", memberCount<Profile>() + 1, fieldCount<Profile>()); // the size is two
    check("Settings", memberCount<Settings>(), fieldCount<Settings>());
    check("Machine", memberCount<Machine>(), fieldCount<Machine>());
    check("ThreadHealth", memberCount<ThreadHealth>(), fieldCount<ThreadHealth>());
    check("WatchedProcess", memberCount<WatchedProcess>(), fieldCount<WatchedProcess>());
    check("DeliveryCounts", memberCount<DeliveryCounts>(), fieldCount<DeliveryCounts>());
    check("MessageCounts", memberCount<MessageCounts>(), fieldCount<MessageCounts>());
    check("HearingGroup", memberCount<HearingGroup>(), fieldCount<HearingGroup>());
    check("RoomSplit", memberCount<RoomSplit>(), fieldCount<RoomSplit>());
    check("Second", memberCount<Second>(), fieldCount<Second>());
}

void TestLoadRunFile::readsWhatWasWritten()
{
    const RunRecord record = parlor::test::fullRecord();
    const auto read = readRecord(written(record));
    QVERIFY2(read, read ? "" : read.error().text.c_str());
    QVERIFY(read->settings == record.settings);
    QVERIFY(read->phases == record.phases);
    QVERIFY(read->measurements.phases == record.measurements.phases);
    QVERIFY(read->measurements == record.measurements);
    QVERIFY(read->seconds == record.seconds);
    QVERIFY(*read == record);
    QCOMPARE(written(*read), written(record));
    // It is told where one differs.
    RunRecord other = record;
    other.measurements.phases[1].fanOut.record(5us);
    QVERIFY(*read != other);
}

void TestLoadRunFile::readsAnEmptyRun()
{
    const RunRecord record;
    const auto read = readRecord(written(record));
    QVERIFY2(read, read ? "" : read.error().text.c_str());
    QVERIFY(*read == record);
}

void TestLoadRunFile::readsFilesFromBeforeAKey()
{
    RunRecord record = parlor::test::fullRecord();
    record.measurements.hostLatency.clear();
    record.measurements.profiles.clear(); // as of one profile
    QVERIFY(!jsonOf(record).contains(u"profiles"_s));
    QVERIFY(!jsonOf(record)[u"connections"].toObject().contains(u"host_delivery_latency"_s));
    const auto read = readRecord(written(record));
    QVERIFY2(read, read ? "" : read.error().text.c_str());
    QVERIFY(*read == record);
}

void TestLoadRunFile::keepsTodaysKeys()
{
    const RunRecord record = parlor::test::fullRecord();
    const QJsonObject run = jsonOf(record);
    QCOMPARE(run[u"schema_version"].toInt(), 2);
    QCOMPARE(run[u"parameters"][u"seed"].toString(), u"18364758544493064720"_s); // a double would lose it
    QCOMPARE(run[u"deliveries"][u"received"].toString(), u"9007199254740993"_s);
    QCOMPARE(run[u"thresholds"].toArray().size(), 2);
    QCOMPARE(run[u"generator"][u"threads"].toArray().size(), 2);
    QVERIFY(run[u"histograms"][u"delivery_latency"][u"p50_us"].isDouble());
    QCOMPARE(run[u"seconds"][u"cpu"].toArray().size(), 3);
}

void TestLoadRunFile::wrong_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QByteArray>("value"); // JSON in an array; empty: the key is taken away
    QTest::addColumn<QByteArray>("why");
    const auto row = [](const char *path, const char *value, const char *why) {
        QTest::addRow("%s %s", path, value)
            << QString::fromLatin1(path) << QByteArray(value) << QByteArray(why);
    };
    row("parameters", "", "parameters: it is missing");
    row("parameters", "[3]", "parameters: it must be an object");
    row("parameters.seed", "", "parameters.seed: it is missing");
    row("parameters.seed", "[\"18446744073709551616\"]",
        "parameters.seed: it must be a whole number from 0 on");
    row("parameters.seed", "[\"1 \"]", "parameters.seed: it must be a whole number");
    row("parameters.pace", "[1]", "");
    row("parameters.profiles.1.pace", "[\"quick\"]",
        "parameters.profiles[1].pace: it must be one of fixed, poisson, closed");
    row("parameters.profiles", "[[]]", "parameters.profiles: there must be one at least");
    row("parameters.threads", "[-1]", "parameters.threads: it must be a whole number from 0 to 4294967295");
    row("parameters.threads", "[4294967296]",
        "parameters.threads: it must be a whole number from 0 to 4294967295");
    row("parameters.zipf", "[-0.5]", "parameters.zipf: it must be a number from 0 to 1e15");
    row("parameters.zipf", "[1e308]", "parameters.zipf: it must be a number from 0 to 1e15");
    row("parameters.drain_us", "[9007199254740994]",
        "parameters.drain_us: it must be a whole number of microseconds");
    row("parameters.strict", "[1]", "parameters.strict: it must be true or false");
    row("parameters.rooms.1", "[5]", "parameters.rooms[1]: it must be a text");
    row("parameters.thresholds.0", "[\"speed p(99)<1s\"]",
        "parameters.thresholds[0]: 'speed p(99)<1s', column 1:");
    row("parameters.tags", "[[]]", "parameters.tags: it must be an object");
    row("deliveries.received", "[1.5]", "deliveries.received: it must be a whole number");
    row("connections.close_codes", "[{\"65536\":1}]",
        "connections.close_codes.65536: its key must be a whole number");
    row("connections.host_delivery_latency", "[{\"ws1\":3}]",
        "connections.host_delivery_latency.ws1: it must be an object");
    row("profiles.1", "", "profiles: there must be as many as in parameters.profiles, or none");
    row("connections.hosts", "[{\"ws1\":-1}]", "connections.hosts.ws1: it must be a whole number");
    row("connections", "[null]", "connections: it must be an object");
    row("generator.threads.0.cpu_mean", "[null]", "generator.threads[0].cpu_mean: it must be a number");
    row("splits.0.groups.0.epochs", "[\"x\"]", "splits[0].groups[0].epochs: it must be an array");
    row("phases", "", "phases: it is missing");
    row("phases.0", "[7]", "phases[0]: it must be an object");
    row("phases.0.end_us", "[0]", "");
    row("phases.1.end_us", "[0]", "phases[1]: its end is before its beginning");
    row("phases.1.messages.planned", "[0]",
        "phases[1]: more messages were sent or answered than were planned");
    const auto bucket = [&row](const char *path, const char *value, const char *why) {
        row(("phases.0.histograms.delivery_latency" + std::string(path)).c_str(), value,
            ("phases[0].histograms.delivery_latency" + std::string(why)).c_str());
    };
    bucket(".buckets.3", "[[3130]]", ".buckets[3]: a count is missing");
    bucket(".buckets.3", "[7]", ".buckets[3]: it must be a lowest value and a count");
    bucket(".buckets.3", "[[-5,1]]", ".buckets[3]: it must be a whole number of microseconds");
    bucket(".buckets.3", "[[9001,0]]", ".buckets[3]: its count must be a whole number from 1 on");
    bucket(".buckets.3", "[[9001,1]]", ".buckets[3]: no bucket begins with this value");
    bucket(".buckets.3", "[[4,1]]", ".buckets[3]: it is not behind the one before it");
    bucket(".buckets.3", "[[9000,\"4611686018427387904\"]]", ".buckets[3]: the counts are too large");
    bucket(".buckets", "[{}]", ".buckets: it must be an array");
    bucket(".buckets", "[[]]", ".count: the buckets hold 0");
    bucket(".count", "[50]", ".count: the buckets hold 51");
    bucket(".min_us", "[1]", ": min_us and max_us do not lie in the first and the last bucket");
    bucket(".max_us", "[99]", ": min_us and max_us do not lie in the first and the last bucket");
    bucket(".sum_us", "[99]", ".sum_us: it fits no count of values");
    row("seconds", "[[]]", "seconds: it must be an object");
    row("seconds.latency", "", "seconds.latency: it is missing");
    row("seconds.cpu", "[3]", "seconds.cpu: it must be an array");
    row("seconds.cpu.1", "", "seconds.cpu: it has 2 seconds, the one before it has 3");
    row("seconds.end_us.2", "[1999999]", "seconds.end_us[2]: it is before the one before it");
    row("seconds.latency.1", "[[]]", "seconds.latency[1]: it must be an array of the maximum");
    row("seconds.latency.1", "[[null]]", "seconds.latency[1][0]: it must be a whole number of microseconds");
    row("seconds.latency.1", "[[5,0]]", "seconds.latency[1][1]: its count must be");
    row("seconds.latency.1", "[[5,-896,1]]", "seconds.latency[1][1]: its count must be");
    row("seconds.latency.1", "[[5,-895,1]]", "");
    row("seconds.latency.1", "[[5,-895,1,1]]", "seconds.latency[1][3]: there are 896 places");
    row("seconds.latency.1", "[[5,-500,-500,1]]", "seconds.latency[1][3]: there are 896 places");
    row("watched", "[null]", "watched: it must be an array");
    row("verdict", "[5]", ""); // computed: nobody reads it
    row("a_new_key", "[5]", "");
    row("schema_version", "", "it is no file of a run of `parlor-cli load --out`: schema_version is missing");
    row("schema_version", "[1]", "it has the form 1, and this parlor-cli reads form 2");
    row("schema_version", "[3]", "it has the form 3, and this parlor-cli knows forms up to 2");
}

void TestLoadRunFile::wrong()
{
    QFETCH(const QString, path);
    QFETCH(const QByteArray, value);
    QFETCH(const QByteArray, why);
    const QJsonValue changed =
        value.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonDocument::fromJson(value).array().at(0);
    const QJsonObject run = with(jsonOf(parlor::test::fullRecord()), path.split(u'.'), changed).toObject();
    const auto read = readRecord(QJsonDocument(run).toJson());
    const QByteArray error = read ? QByteArray() : QByteArray::fromStdString(read.error().text);
    QVERIFY2(error.isEmpty() == why.isEmpty() && error.startsWith(why), error.constData());
}

void TestLoadRunFile::noRun_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("why");
    const auto row = [](const char *name, const QByteArray &bytes, const char *why) {
        QTest::newRow(name) << bytes << QByteArray(why);
    };
    row("nothing", "", "it is no JSON: line 1, column 1:");
    row("text", "{\n \"schema_version\": two}", "it is no JSON: line 2, column ");
    row("cut off", written(parlor::test::fullRecord()).left(5000), "it is no JSON: line 1, column ");
    row("an array", "[]", "it is no file of a run");
    row("another's", "{\"schema_version\":\"2\"}", "it is no file of a run");
    row(
        "a run of a thousand and one phases",
        [] {
            QJsonObject run = jsonOf(RunRecord());
            QJsonArray phases;
            for (int i = 0; i <= 1000; ++i)
                phases.append(1);
            run.insert(u"phases"_s, phases);
            return QJsonDocument(run).toJson();
        }(),
        "phases: there are more than 1000");
}

void TestLoadRunFile::noRun()
{
    QFETCH(const QByteArray, bytes);
    QFETCH(const QByteArray, why);
    const auto read = readRecord(bytes);
    QVERIFY(!read);
    QVERIFY2(QByteArray::fromStdString(read.error().text).startsWith(why), read.error().text.c_str());
}

/// Of each object the reader needs each key that is not computed; without it there is an error, and no crash.
void TestLoadRunFile::everyMissingKeyIsNamed()
{
    static const QSet<QString> kComputed{
        u"verdict"_s,    u"exit_code"_s,           u"messages"_s,          u"histograms"_s,
        u"thresholds"_s, u"deliveries.expected"_s, u"generator.limited"_s, u"generator.limits"_s};
    static const QSet<QString> kOptional{
        u"profiles"_s,
        u"connections.host_delivery_latency"_s,
        u"connections.tcp_duration"_s,
        u"connections.tls_duration"_s,
        u"connections.upgrade_duration"_s,
        u"connections.greeting_duration"_s,
    };
    static const QRegularExpression kComputedOfHistograms(u"^(mean_us|p\\d+_us)$"_s);
    const QJsonObject run = jsonOf(parlor::test::fullRecord());
    int tried = 0;
    const auto tryWithout = [&](const QStringList &path) {
        ++tried;
        const QJsonObject less = with(run, path, QJsonValue(QJsonValue::Undefined)).toObject();
        const auto read = readRecord(QJsonDocument(less).toJson());
        const QString dotted = path.join(u'.');
        const bool isComputed =
            kComputed.contains(dotted) || kComputedOfHistograms.match(path.last()).hasMatch();
        QVERIFY2(bool(read) == (isComputed || kOptional.contains(dotted)), qPrintable(dotted));
        if (!read)
            QVERIFY2(read.error().text.find(path.last().toStdString()) != std::string::npos,
                     read.error().text.c_str());
    };
    const QStringList keys = run.keys();
    for (const QString &key : keys) {
        tryWithout({key});
        const QStringList inner = run[key].toObject().keys();
        if (kComputed.contains(key) || key == u"errors"_s || key == u"refusals"_s)
            continue;
        for (const QString &each : inner)
            tryWithout({key, each});
    }
    for (const QStringList &path :
         {QStringList{u"phases"_s, u"1"_s}, QStringList{u"parameters"_s, u"profiles"_s, u"0"_s},
          QStringList{u"phases"_s, u"1"_s, u"histograms"_s, u"fan_out"_s}}) {
        QJsonValue at = run;
        for (const QString &step : path)
            at = at.isArray() ? at[step.toInt()] : at[step];
        const QStringList inner = at.toObject().keys();
        for (const QString &each : inner)
            tryWithout(path + QStringList{each});
    }
    QVERIFY2(tried > 120, qPrintable(QString::number(tried)));
}

void TestLoadRunFile::files()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"run.json"_s);
    const auto missing = readRecordFile(path.toStdString());
    QVERIFY(!missing);
    QVERIFY2(missing.error().text.starts_with(path.toStdString() + ": it cannot be read: "),
             missing.error().text.c_str());
    QVERIFY(!readRecordFile(folder.path().toStdString()));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("{}");
    file.close();
    const auto other = readRecordFile(path.toStdString());
    QVERIFY(!other);
    QVERIFY2(other.error().text.starts_with(path.toStdString() + ": it is no file of a run"),
             other.error().text.c_str());
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(written(parlor::test::fullRecord()));
    file.close();
    QVERIFY(readRecordFile(path.toStdString()));
}

void TestLoadRunFile::sizeOfAnHour()
{
    RunRecord record = parlor::test::fullRecord();
    record.seconds.clear();
    std::mt19937_64 random(1);
    std::lognormal_distribution<double> latency(std::log(4000.0), 0.8); // µs: median 4 ms, p99 26 ms
    for (PhaseMeasurements &phase : record.measurements.phases) {
        for (int i = 0; i < 100'000; ++i) {
            const Offset value(static_cast<std::int64_t>(latency(random)));
            phase.deliveryLatency.record(value);
            phase.deliveryService.record(value);
            phase.ackLatency.record(value / 2);
            phase.sendLag.record(value / 100);
        }
    }
    std::vector<CoarseHistogram> some;
    for (int i = 0; i < 20; ++i) {
        Histogram second;
        for (int k = 0; k < 5000; ++k)
            second.record(Offset(static_cast<std::int64_t>(latency(random))));
        some.emplace_back(second);
    }
    Second second = parlor::test::fullRecord().seconds.front();
    for (int i = 1; i <= 3600; ++i) {
        second.end = i * 1s;
        second.latency = some[static_cast<std::size_t>(i) % some.size()];
        second.cpu = 1.0 / (i + 1);
        record.seconds.push_back(second);
    }
    const QByteArray bytes = written(record);
    QVERIFY2(bytes.size() < 5'000'000, qPrintable(QString::number(bytes.size())));
    const auto read = readRecord(bytes);
    QVERIFY2(read, read ? "" : read.error().text.c_str());
    QVERIFY(*read == record);
}

/// docs/run-file.md names each key, and no other: they stand in the first column of its tables.
void TestLoadRunFile::documented()
{
    QSet<QString> keys;
    collect(jsonOf(parlor::test::fullRecord()), {}, keys);
    QVERIFY(keys.size() > 100);
    QFile file(qEnvironmentVariable("PARLOR_TEST_SOURCE") + u"/docs/run-file.md"_s);
    QVERIFY(file.open(QIODevice::ReadOnly));
    static const QRegularExpression kRow(u"^\\| *`([^`]+)`"_s, QRegularExpression::MultilineOption);
    QSet<QString> told;
    for (auto rows = kRow.globalMatch(QString::fromUtf8(file.readAll())); rows.hasNext();) {
        const QString key = rows.next().captured(1);
        QVERIFY2(!told.contains(key), qPrintable(key + u" is there twice"_s));
        told.insert(key);
    }
    QStringList missing = (QSet<QString>(keys) - told).values();
    QStringList invented = (QSet<QString>(told) - keys).values();
    missing.sort();
    invented.sort();
    QVERIFY2(missing.isEmpty(), qPrintable(u"not in the document: "_s + missing.join(u", "_s)));
    QVERIFY2(invented.isEmpty(), qPrintable(u"in the document alone: "_s + invented.join(u", "_s)));
}

PARLOR_TEST(TestLoadRunFile)
#include "tst_load_runfile.moc"
