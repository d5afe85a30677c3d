// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace parlor::cli::load {

std::vector<std::string> sparkline(const std::vector<double> &values, int columns, int rows)
{
    static constexpr std::array<std::string_view, 9> kBars{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    constexpr int kLevels = 8;
    std::vector<std::string> lines(static_cast<std::size_t>(std::max(rows, 0)));
    const std::size_t shown = std::min(values.size(), static_cast<std::size_t>(std::max(columns, 0)));
    if (shown == 0)
        return lines;
    const auto begin = values.end() - static_cast<std::ptrdiff_t>(shown);
    const double highest = *std::max_element(begin, values.end());
    for (auto value = begin; value != values.end(); ++value) {
        // What is there at all can be seen.
        const int height =
            *value > 0 ? std::max(1, static_cast<int>(std::lround(*value / highest * kLevels * rows))) : 0;
        for (int row = 0; row < rows; ++row) {
            const int below = (rows - 1 - row) * kLevels;
            lines[static_cast<std::size_t>(row)] +=
                kBars[static_cast<std::size_t>(std::clamp(height - below, 0, kLevels))];
        }
    }
    return lines;
}

} // namespace parlor::cli::load
