// SPDX-License-Identifier: MIT
#include "client-cli/load/report/timeline.h"

#include <algorithm>
#include <array>

namespace parlor::cli::load::html {

namespace {

/// What comes after it in the same window.
void follow(Second &all, const Second &next)
{
    Second sum = all;
    sum.merge(next);
    sum.end = next.end;
    sum.wanted = next.wanted;
    sum.members = next.members;
    sum.open = next.open;
    sum.watchedCpu = std::max(all.watchedCpu, next.watchedCpu);
    sum.watchedMemory = std::max(all.watchedMemory, next.watchedMemory);
    all = std::move(sum);
}

std::size_t secondsEach(std::size_t count, std::size_t most)
{
    const std::size_t least = (count + most - 1) / most;
    for (const std::size_t round : {1UL, 2UL, 5UL, 6UL, 10UL, 12UL, 15UL, 20UL, 30UL, 60UL}) {
        if (least <= round)
            return round;
    }
    return (least + 59) / 60 * 60;
}

} // namespace

double Window::perSecond(std::uint64_t count) const
{
    const Offset during = all.end - begin;
    return during.count() <= 0 ? 0 : static_cast<double>(count) * 1e6 / static_cast<double>(during.count());
}

std::vector<Window> windowsOf(const std::vector<Second> &seconds, std::size_t most)
{
    std::vector<Window> found;
    const std::size_t each = secondsEach(seconds.size(), most);
    for (std::size_t i = 0; i < seconds.size(); ++i) {
        if (i % each != 0) {
            follow(found.back().all, seconds[i]);
            found.back().last = i;
            continue;
        }
        found.push_back(
            {.first = i, .last = i, .begin = i == 0 ? Offset{} : seconds[i - 1].end, .all = seconds[i]});
    }
    return found;
}

} // namespace parlor::cli::load::html
