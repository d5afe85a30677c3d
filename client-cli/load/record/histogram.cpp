// SPDX-License-Identifier: MIT
#include "client-cli/load/record/histogram.h"

#include "client-cli/load/record/loglinear.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace parlor::cli::load {

namespace {

using Scale = LogLinear<10>;

constexpr double kSoundSamples = 10;

Histogram::Duration duration(std::uint64_t value)
{
    return Histogram::Duration(static_cast<Histogram::Duration::rep>(value));
}

} // namespace

Histogram::Histogram(const std::vector<Bucket> &buckets, Duration min, Duration max, Duration sum)
    : m_sum(sum)
    , m_min(min)
    , m_max(max)
{
    for (const Bucket &bucket : buckets) {
        assert(beginsBucket(bucket.low));
        const std::size_t index = Scale::indexOf(static_cast<std::uint64_t>(bucket.low.count()));
        makePlaceFor(index);
        m_counts[index] = bucket.count;
        m_count += bucket.count;
    }
}

bool Histogram::beginsBucket(Duration value)
{
    const auto low = static_cast<std::uint64_t>(value.count());
    return value.count() >= 0 && low <= Scale::kLargest && Scale::lowOf(Scale::indexOf(low)) == low;
}

bool Histogram::operator==(const Histogram &other) const
{
    // As many in all: past the end of the shorter one there are none.
    const std::size_t size = std::min(m_counts.size(), other.m_counts.size());
    return m_count == other.m_count && m_sum == other.m_sum && m_min == other.m_min && m_max == other.m_max &&
           std::equal(m_counts.begin(), m_counts.begin() + static_cast<std::ptrdiff_t>(size),
                      other.m_counts.begin());
}

void Histogram::makePlaceFor(std::size_t index)
{
    if (index >= m_counts.size())
        m_counts.resize((index / Scale::kHalf + 1) * Scale::kHalf);
}

void Histogram::record(Duration value)
{
    assert(value.count() >= 0);
    const std::size_t index = Scale::indexOf(static_cast<std::uint64_t>(value.count()));
    makePlaceFor(index);
    ++m_counts[index];
    m_min = m_count == 0 ? value : std::min(m_min, value);
    m_max = std::max(m_max, value);
    m_sum += value;
    ++m_count;
}

void Histogram::merge(const Histogram &other)
{
    if (other.m_count == 0)
        return;
    makePlaceFor(other.m_counts.size() - 1);
    for (std::size_t i = 0; i < other.m_counts.size(); ++i)
        m_counts[i] += other.m_counts[i];
    m_min = m_count == 0 ? other.m_min : std::min(m_min, other.m_min);
    m_max = std::max(m_max, other.m_max);
    // Files may hold any sum.
    m_sum = other.m_sum > Duration::max() - m_sum ? Duration::max() : m_sum + other.m_sum;
    m_count += other.m_count;
}

void Histogram::clear()
{
    std::fill(m_counts.begin(), m_counts.end(), 0);
    m_count = 0;
    m_sum = m_min = m_max = Duration{};
}

Histogram::Duration Histogram::mean() const
{
    return m_count == 0 ? Duration{} : m_sum / static_cast<Duration::rep>(m_count);
}

Histogram::Duration Histogram::percentile(double percent) const
{
    if (m_count == 0)
        return {};
    const double exact = percent / 100.0 * static_cast<double>(m_count);
    const auto rank =
        static_cast<std::uint64_t>(std::clamp(std::ceil(exact - 1e-9), 1.0, static_cast<double>(m_count)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < m_counts.size(); ++i) {
        seen += m_counts[i];
        if (seen >= rank) {
            const std::uint64_t middle = Scale::lowOf(i) + (Scale::lowOf(i + 1) - 1 - Scale::lowOf(i)) / 2;
            return std::clamp(duration(middle), m_min, m_max);
        }
    }
    return m_max;
}

std::optional<Histogram::Duration> Histogram::soundPercentile(double percent) const
{
    const double above = (1.0 - percent / 100.0) * static_cast<double>(m_count);
    if (above + 1e-6 < kSoundSamples)
        return std::nullopt;
    return percentile(percent);
}

std::vector<Histogram::Bucket> Histogram::buckets() const
{
    std::vector<Bucket> found;
    for (std::size_t i = 0; i < m_counts.size(); ++i) {
        if (m_counts[i] != 0)
            found.push_back({duration(Scale::lowOf(i)), duration(Scale::lowOf(i + 1) - 1), m_counts[i]});
    }
    return found;
}

} // namespace parlor::cli::load
