// SPDX-License-Identifier: MIT
#include "client-cli/timeoption.h"

#include "client-cli/timevalue.h"

#include <string>

namespace parlor::cli {

namespace {

using namespace std::chrono_literals;

std::string toMilliseconds(std::string &text, std::chrono::milliseconds most)
{
    const auto time = parseTime(text);
    if (!time)
        return "'" + text + "' is no time; write a number with its unit: " + std::string(kTimeExamples);
    if (*time < 1ms || *time > most)
        return "'" + text + "' is out of range: 1ms to " + timeText(most).toStdString();
    text = std::to_string(time->count());
    return {};
}

} // namespace

CLI::Validator timeInMilliseconds(std::chrono::milliseconds most)
{
    return {[most](std::string &text) { return toMilliseconds(text, most); }, std::string(),
            std::string("time")};
}

} // namespace parlor::cli
