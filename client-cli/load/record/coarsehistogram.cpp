// SPDX-License-Identifier: MIT
#include "client-cli/load/record/coarsehistogram.h"

#include "client-cli/load/record/loglinear.h"

#include <algorithm>
#include <cmath>

namespace parlor::cli::load {

namespace {

using CoarseScale = LogLinear<5>;

} // namespace

std::uint16_t CoarseHistogram::placeOf(Duration value)
{
    return static_cast<std::uint16_t>(CoarseScale::indexOf(static_cast<std::uint64_t>(value.count())));
}

CoarseHistogram::Duration CoarseHistogram::lowOf(std::uint16_t place)
{
    return Duration(static_cast<Duration::rep>(CoarseScale::lowOf(place)));
}

CoarseHistogram::CoarseHistogram(const Histogram &exact)
    : m_max(exact.max())
{
    for (const Histogram::Bucket &bucket : exact.buckets()) {
        const std::uint16_t place = placeOf(bucket.low);
        if (!m_cells.empty() && m_cells.back().first == place)
            m_cells.back().second += bucket.count;
        else
            m_cells.emplace_back(place, bucket.count);
    }
}

CoarseHistogram::CoarseHistogram(std::vector<Cell> cells, Duration max)
    : m_cells(std::move(cells))
    , m_max(max)
{
}

void CoarseHistogram::merge(const CoarseHistogram &other)
{
    std::vector<Cell> all;
    auto mine = m_cells.begin();
    for (const Cell &theirs : other.m_cells) {
        while (mine != m_cells.end() && mine->first < theirs.first)
            all.push_back(*mine++);
        const bool isBoth = mine != m_cells.end() && mine->first == theirs.first;
        all.emplace_back(theirs.first, theirs.second + (isBoth ? (mine++)->second : 0));
    }
    all.insert(all.end(), mine, m_cells.end());
    m_cells = std::move(all);
    m_max = std::max(m_max, other.m_max);
}

std::uint64_t CoarseHistogram::count() const
{
    std::uint64_t all = 0;
    for (const Cell &cell : m_cells)
        all += cell.second;
    return all;
}

CoarseHistogram::Duration CoarseHistogram::percentile(double percent) const
{
    const std::uint64_t all = count();
    const auto rank = static_cast<std::uint64_t>(std::ceil(static_cast<double>(all) * percent / 100));
    std::uint64_t passed = 0;
    for (const Cell &cell : m_cells) {
        passed += cell.second;
        if (passed >= std::max<std::uint64_t>(rank, 1))
            return std::min(highOf(cell.first), m_max);
    }
    return {};
}

} // namespace parlor::cli::load
