// SPDX-License-Identifier: MIT
#include "client-cli/nearestname.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace parlor::cli {

namespace {

std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

} // namespace

std::string_view nearestOf(std::string_view name, std::span<const std::string_view> known)
{
    constexpr std::size_t kLongest = 64;
    std::string_view best;
    std::size_t least = std::min<std::size_t>(3, std::max<std::size_t>(1, name.size() / 2)) + 1;
    if (name.size() > kLongest)
        return best;
    for (const std::string_view each : known) {
        if (const std::size_t far = distance(name, each); far < least) {
            least = far;
            best = each;
        }
    }
    return best;
}

} // namespace parlor::cli
