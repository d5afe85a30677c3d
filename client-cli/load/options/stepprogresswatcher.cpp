// SPDX-License-Identifier: MIT
#include "client-cli/load/options/stepprogresswatcher.h"

#include "client-cli/load/ceiling/ceilingreport.h"

#include <numeric>
#include <unistd.h>

namespace parlor::cli::load {

StepProgressWatcher::StepProgressWatcher(const Settings &settings)
    : m_rate(settings.profiles.front().rate *
             speakersOf(settings.profiles.front(), settings.stages.back().users))
    , m_output(STDERR_FILENO)
    , m_isTerminal(::isatty(STDERR_FILENO) == 1)
{
    show(std::accumulate(settings.stages.begin(), settings.stages.end(), Offset{},
                         [](Offset sum, const Stage &stage) { return sum + stage.duration; }));
}

StepProgressWatcher::~StepProgressWatcher()
{
    if (m_isTerminal)
        m_output.writeAll("\r\033[K");
}

void StepProgressWatcher::second(const RunStatus &status)
{
    show(status.end - status.now);
}

void StepProgressWatcher::show(Offset left) const
{
    if (m_isTerminal && m_output.hasRoom())
        m_output.write("\r\033[K" + stepProgress(m_rate, left));
}

} // namespace parlor::cli::load
