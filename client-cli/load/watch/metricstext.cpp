// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/metricstext.h"

#include <array>
#include <charconv>

namespace parlor::cli::load {

namespace {

std::string numberText(double value)
{
    std::array<char, 64> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return {digits.data(), end};
}

void appendLabels(std::string &out, const MetricLabels &labels)
{
    char before = '{';
    for (const auto &[name, value] : labels) {
        out += before;
        out += name;
        out += "=\"";
        for (const char c : value) {
            if (c == '\\' || c == '"')
                out += '\\';
            if (c == '\n')
                out += "\\n";
            else
                out += c;
        }
        out += '"';
        before = ',';
    }
    if (!labels.empty())
        out += '}';
}

} // namespace

std::string metricsText(std::span<const MetricFamily> families)
{
    std::string out;
    for (const MetricFamily &family : families) {
        out.append("# HELP ").append(family.name).append(" ").append(family.help).append("\n");
        out.append("# TYPE ").append(family.name).append(" ").append(toString(family.type)).append("\n");
        for (const MetricSample &sample : family.samples) {
            out.append(family.name).append(sample.suffix);
            appendLabels(out, sample.labels);
            out.append(" ").append(numberText(sample.value)).append("\n");
        }
    }
    return out;
}

} // namespace parlor::cli::load
