// SPDX-License-Identifier: MIT
#include "client-cli/load/compare/statistics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>

namespace parlor::cli::load::compare {

namespace {

double meanOf(std::span<const double> values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double squaresAround(double mean, std::span<const double> values)
{
    double sum = 0;
    for (const double each : values)
        sum += (each - mean) * (each - mean);
    return sum;
}

/// The integral of cos^power from `from` to π/2, by Simpson's rule.
double cosinePowerIntegral(double power, double from)
{
    constexpr int kSteps = 2000;
    const double step = (std::numbers::pi / 2 - from) / kSteps;
    double sum = 0;
    for (int i = 0; i <= kSteps; ++i) {
        const double weight = i == 0 || i == kSteps ? 1 : i % 2 == 1 ? 4 : 2;
        sum += weight * std::pow(std::max(0.0, std::cos(from + step * i)), power);
    }
    return sum * step / 3;
}

/// That Student's t is at least so far from 0. With t = √freedom · tan θ its density is that of cos^(freedom
/// - 1) θ.
double studentTail(double t, double freedom)
{
    const double from = std::atan(std::abs(t) / std::sqrt(freedom));
    return cosinePowerIntegral(freedom - 1, from) / cosinePowerIntegral(freedom - 1, 0);
}

/// Twice the ranks of all values, the lowest 2: so that the middle rank of equal ones is whole.
std::vector<std::size_t> doubledRanks(const std::vector<double> &all)
{
    std::vector<double> sorted = all;
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::size_t> ranks;
    for (const double each : all) {
        const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), each);
        ranks.push_back(static_cast<std::size_t>((low - sorted.begin()) + (high - sorted.begin()) + 1));
    }
    return ranks;
}

} // namespace

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double correlationTime(std::span<const double> series)
{
    const std::size_t count = series.size();
    if (count < 4)
        return 1;
    const double mean = meanOf(series);
    const auto covariance = [&](std::size_t lag) {
        double sum = 0;
        for (std::size_t i = 0; i + lag < count; ++i)
            sum += (series[i] - mean) * (series[i + lag] - mean);
        return sum / static_cast<double>(count);
    };
    std::vector<double> covariances;
    for (std::size_t lag = 0; lag <= std::min<std::size_t>(count / 2, 600); ++lag)
        covariances.push_back(covariance(lag));
    if (covariances[0] <= 0)
        return 1;
    double time = 1;
    for (int round = 0; round < 3; ++round) {
        // The mean is one of this series, and has a variance of its own.
        const double hidden =
            round == 0 ? 0 : covariances[0] * std::min(0.9, time / static_cast<double>(count));
        time = 1;
        for (std::size_t lag = 1; lag + 1 < covariances.size(); lag += 2) {
            const double pair =
                (covariances[lag] + covariances[lag + 1] + 2 * hidden) / (covariances[0] + hidden);
            if (pair <= 0)
                break;
            time += 2 * pair;
        }
    }
    return time;
}

double signFlipTest(std::span<const double> differences)
{
    const std::size_t ways = std::size_t{1} << differences.size();
    double sum = std::accumulate(differences.begin(), differences.end(), 0.0);
    double size = 0;
    for (const double each : differences)
        size += std::abs(each);
    const double bound = std::abs(sum) - 1e-9 * size;
    std::size_t asFar = 1;
    // In Gray's order, so that one sign changes at a time.
    std::vector<double> turned(differences.begin(), differences.end());
    for (std::size_t way = 1; way < ways; ++way) {
        double &value = turned[static_cast<std::size_t>(std::countr_zero(way))];
        value = -value;
        sum += 2 * value;
        asFar += std::abs(sum) >= bound ? 1 : 0;
    }
    return static_cast<double>(asFar) / static_cast<double>(ways);
}

double rankTest(std::span<const double> left, std::span<const double> right)
{
    std::vector<double> all(left.begin(), left.end());
    all.insert(all.end(), right.begin(), right.end());
    const std::vector<std::size_t> ranks = doubledRanks(all);
    const std::size_t most = std::accumulate(ranks.begin(), ranks.end(), std::size_t{0});
    const std::size_t found = std::accumulate(
        ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(left.size()), std::size_t{0});

    // How many choices of so many values have which sum of ranks.
    std::vector<std::vector<double>> ways(left.size() + 1, std::vector<double>(most + 1));
    ways[0][0] = 1;
    for (const std::size_t rank : ranks) {
        for (std::size_t chosen = left.size(); chosen > 0; --chosen) {
            for (std::size_t sum = rank; sum <= most; ++sum)
                ways[chosen][sum] += ways[chosen - 1][sum - rank];
        }
    }
    const auto middle = static_cast<double>(left.size() * (all.size() + 1)); // twice the mean sum
    const double distance = std::abs(static_cast<double>(found) - middle);
    double asFar = 0;
    double count = 0;
    for (std::size_t sum = 0; sum <= most; ++sum) {
        count += ways[left.size()][sum];
        if (std::abs(static_cast<double>(sum) - middle) >= distance)
            asFar += ways[left.size()][sum];
    }
    return asFar / count;
}

double leastOfRankTest(std::size_t left, std::size_t right)
{
    double choices = 1;
    for (std::size_t i = 1; i <= left; ++i)
        choices = choices * static_cast<double>(right + i) / static_cast<double>(i);
    return std::min(1.0, 2 / choices);
}

double studentTest(std::span<const double> left, std::span<const double> right)
{
    const double leftMean = meanOf(left);
    const double rightMean = meanOf(right);
    const auto freedom = static_cast<double>(left.size() + right.size() - 2);
    const double variance = (squaresAround(leftMean, left) + squaresAround(rightMean, right)) / freedom;
    if (variance <= 0)
        return leftMean == rightMean ? 1 : 0;
    const double error =
        variance / static_cast<double>(left.size()) + variance / static_cast<double>(right.size());
    return studentTail((leftMean - rightMean) / std::sqrt(error), freedom);
}

} // namespace parlor::cli::load::compare
