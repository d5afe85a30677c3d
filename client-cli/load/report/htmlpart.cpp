// SPDX-License-Identifier: MIT
#include "client-cli/load/report/htmlpart.h"

#include "client-cli/load/report/html.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace parlor::cli::load::html {

std::string section(std::string_view id, std::string_view title, std::string_view content)
{
    if (content.empty())
        return {};
    const std::string name(id);
    return "\n" + element("section", "id=\"" + name + "\" aria-labelledby=\"" + name + "-heading\"",
                          element("h2", "id=\"" + name + "-heading\"", escaped(title)) +
                              element("div", "class=grid", content));
}

std::string card(std::string_view classes, std::string_view content)
{
    if (content.empty())
        return {};
    return element("div", "class=\"card " + std::string(classes) + "\"", content);
}

std::string tableCard(std::string_view classes, std::string_view title, std::string_view about,
                      std::string_view table)
{
    return card(classes,
                element("h3", "", escaped(title)) +
                    (about.empty() ? "" : element("p", "class=muted", escaped(about))) +
                    element("div",
                            "class=scroll tabindex=0 role=region aria-label=\"" + escaped(title) + "\"",
                            element("table", "", table)));
}

std::string head(const std::vector<std::string_view> &names)
{
    std::string out = "<thead><tr>";
    for (const std::string_view name : names)
        out += "<th scope=col>" + escaped(name);
    return out + "</thead>";
}

std::string rowHead(std::string_view name)
{
    return "\n<tr><th scope=row>" + escaped(name);
}

std::string words(std::string_view text)
{
    return "<td class=words>" + escaped(text);
}

std::string bar(double part)
{
    std::array<char, 16> width{};
    std::snprintf(width.data(), width.size(), "%.1f", std::clamp(part, 0.0, 1.0) * 100);
    return "<td class=bar><svg viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect "
           "width=\"" +
           std::string(width.data()) + "\" height=\"1\"/></svg>";
}

} // namespace parlor::cli::load::html
