// SPDX-License-Identifier: MIT
#include "client-cli/load/runfile/tables.h"

#include "client-cli/load/record/figures.h"
#include "client-cli/load/runfile/fields.h"

#include <QXmlStreamWriter>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace parlor::cli::load {

namespace {

QString shown(std::string_view utf8)
{
    return QString::fromStdString(figures::printable(utf8));
}

constexpr std::array kPercents{std::pair("p50", 50.0), std::pair("p90", 90.0), std::pair("p99", 99.0)};

/// Visits the fields of a second, and keeps their names.
class HeaderWriter
{
public:
    template <typename T>
    void operator()(std::string_view key, const T &)
    {
        m_line += (m_line.empty() ? "" : ",") + std::string(key);
    }
    void operator()(std::string_view key, const CoarseHistogram &)
    {
        for (const auto &[name, percent] : kPercents)
            m_line += "," + std::string(key) + "_" + name + "_us";
        m_line += "," + std::string(key) + "_max_us";
    }
    [[nodiscard]] const std::string &line() const { return m_line; }

private:
    std::string m_line;
};

/// Visits the fields of a second, and keeps their values.
class RowWriter
{
public:
    template <typename T>
    void operator()(std::string_view, const T &value)
    {
        add(value);
    }
    [[nodiscard]] const std::string &line() const { return m_line; }

private:
    void addText(std::string_view text) { m_line += (m_line.empty() ? "" : ",") + std::string(text); }
    template <typename Number>
    void add(Number value)
    {
        std::array<char, 32> out{};
        const auto end = std::to_chars(out.data(), out.data() + out.size(), value).ptr;
        addText({out.data(), static_cast<std::size_t>(end - out.data())});
    }
    void add(Offset value) { add(value.count()); }
    void add(const CoarseHistogram &latency)
    {
        const bool isEmpty = latency.count() == 0;
        for (const auto &[name, percent] : kPercents)
            addText(isEmpty ? "" : std::to_string(latency.percentile(percent).count()));
        addText(isEmpty ? "" : std::to_string(latency.max().count()));
    }

    std::string m_line;
};

/// RFC 4180: in quotes, and quotes twice.
std::string quotedCell(std::string_view text)
{
    std::string cell = "\"";
    for (const char c : text)
        cell += c == '"' ? std::string("\"\"") : std::string(1, c);
    return cell + "\"";
}

std::string_view phaseOf(const RunRecord &record, Offset end)
{
    for (const Phase &phase : record.phases) {
        if (end <= phase.end)
            return phase.name;
    }
    return "after the end"; // what is still owed is waited for
}

struct TestCase
{
    std::string name;
    std::string failure; ///< empty: passed
};

std::string correctnessFailure(const RunRecord &record)
{
    std::vector<CountedFault> faults = faultsOf(record.measurements);
    faults.push_back({record.measurements.splits.size(), "rooms split between servers"});
    return listOf(faults);
}

/// "threshold failed"
std::string verdictFailure(Verdict verdict)
{
    std::string text(verdict == Verdict::Passed ? std::string_view{} : toString(verdict));
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

std::string thresholdFailure(const ThresholdResult &threshold)
{
    if (threshold.passed)
        return {};
    return (threshold.isJudged ? "not met: it was " : "it cannot be judged: ") + threshold.measured;
}

std::vector<TestCase> testCasesOf(const RunRecord &record, const Judgement &judgement)
{
    std::vector<TestCase> cases{{"verdict", verdictFailure(judgement.verdict)},
                                {"correctness", correctnessFailure(record)}};
    for (const ThresholdResult &each : judgement.thresholds)
        cases.push_back({"threshold: " + each.text, thresholdFailure(each)});
    return cases;
}

/// One line of the percentile distribution.
std::string hgrmLine(double milliseconds, double part, std::uint64_t count)
{
    std::array<char, 96> out{};
    if (part < 1)
        std::snprintf(out.data(), out.size(), "%12.3f %2.12f %10llu %14.2f\n", milliseconds, part,
                      static_cast<unsigned long long>(count), 1 / (1 - part));
    else
        std::snprintf(out.data(), out.size(), "%12.3f %2.12f %10llu\n", milliseconds, part,
                      static_cast<unsigned long long>(count));
    return out.data();
}

double millisecondsOf(Offset time)
{
    return static_cast<double>(time.count()) / 1000;
}

Offset middleOf(const Histogram::Bucket &bucket)
{
    return bucket.low + (bucket.high - bucket.low) / 2;
}

double deviationOf(const Histogram &histogram)
{
    const double mean = static_cast<double>(histogram.sum().count()) / static_cast<double>(histogram.count());
    double squares = 0;
    for (const Histogram::Bucket &bucket : histogram.buckets()) {
        const double from = static_cast<double>(middleOf(bucket).count()) - mean;
        squares += from * from * static_cast<double>(bucket.count);
    }
    return std::sqrt(squares / static_cast<double>(histogram.count())) / 1000;
}

/// The percentiles that HdrHistogram prints: so many each time that the distance to 100 % halves.
std::string distributionOf(const Histogram &histogram)
{
    constexpr double kTicksOfHalf = 5;
    const std::vector<Histogram::Bucket> buckets = histogram.buckets();
    const auto all = static_cast<double>(histogram.count());
    std::string text;
    double part = 0;
    std::uint64_t passed = 0;
    for (const Histogram::Bucket &bucket : buckets) {
        passed += bucket.count;
        const double value = millisecondsOf(std::clamp(middleOf(bucket), histogram.min(), histogram.max()));
        while (part * all <= static_cast<double>(passed) && passed < histogram.count()) {
            text += hgrmLine(value, part, passed);
            const double halves = std::floor(std::log2(1 / (1 - part))) + 1;
            part += 1 / (kTicksOfHalf * std::exp2(halves));
        }
    }
    if (!buckets.empty())
        text += hgrmLine(millisecondsOf(histogram.max()), 1, histogram.count());
    return text;
}

} // namespace

QByteArray csvOf(const RunRecord &record)
{
    const Second none;
    HeaderWriter header;
    runfile::fields(header, none);
    std::string text = header.line() + ",phase\n";
    for (const Second &second : record.seconds) {
        RowWriter row;
        runfile::fields(row, second);
        text += row.line() + "," + quotedCell(phaseOf(record, second.end)) + "\n";
    }
    return QByteArray::fromStdString(text);
}

QByteArray junitOf(const RunRecord &record, const Judgement &judgement)
{
    const std::vector<TestCase> cases = testCasesOf(record, judgement);
    const auto failures =
        std::count_if(cases.begin(), cases.end(), [](const TestCase &each) { return !each.failure.empty(); });
    QByteArray bytes;
    QXmlStreamWriter xml(&bytes);
    xml.setAutoFormatting(true);
    xml.writeStartDocument();
    xml.writeStartElement(QStringLiteral("testsuites"));
    xml.writeStartElement(QStringLiteral("testsuite"));
    xml.writeAttribute(QStringLiteral("name"),
                       QStringLiteral("parlor-cli load ") + shown(record.settings.url));
    xml.writeAttribute(QStringLiteral("tests"), QString::number(cases.size()));
    xml.writeAttribute(QStringLiteral("failures"), QString::number(failures));
    xml.writeAttribute(QStringLiteral("errors"), QStringLiteral("0"));
    xml.writeAttribute(QStringLiteral("time"),
                       QString::number(millisecondsOf(record.duration) / 1000, 'f', 3));
    xml.writeAttribute(QStringLiteral("timestamp"), shown(record.begun));
    for (const TestCase &each : cases) {
        xml.writeStartElement(QStringLiteral("testcase"));
        xml.writeAttribute(QStringLiteral("classname"), QStringLiteral("parlor-cli.load"));
        xml.writeAttribute(QStringLiteral("name"), shown(each.name));
        if (!each.failure.empty()) {
            xml.writeStartElement(QStringLiteral("failure"));
            xml.writeAttribute(QStringLiteral("message"), shown(each.failure));
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }
    xml.writeEndDocument();
    return bytes;
}

QByteArray hgrmOf(const RunRecord &record)
{
    const Histogram latency = record.measurements.total().deliveryLatency;
    std::string text =
        "       Value     Percentile TotalCount 1/(1-Percentile)\n\n" + distributionOf(latency);
    std::array<char, 256> end{};
    const bool isEmpty = latency.count() == 0;
    std::snprintf(end.data(), end.size(),
                  "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n"
                  "#[Max     = %12.3f, Total count    = %12llu]\n"
                  "#[Buckets = %12d, SubBuckets     = %12d]\n",
                  millisecondsOf(latency.mean()), isEmpty ? 0.0 : deviationOf(latency),
                  millisecondsOf(latency.max()), static_cast<unsigned long long>(latency.count()), 22, 2048);
    return QByteArray::fromStdString(text + end.data());
}

} // namespace parlor::cli::load
