// SPDX-License-Identifier: MIT
#include "client-cli/load/report/html.h"

#include "client-cli/load/record/figures.h"

namespace parlor::cli::load::html {

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : figures::printable(text)) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string element(std::string_view name, std::string_view attributes, std::string_view content)
{
    std::string out = "<" + std::string(name);
    if (!attributes.empty())
        out += " " + std::string(attributes);
    return out + ">" + std::string(content) + "</" + std::string(name) + ">";
}

std::string given(std::string_view text)
{
    return element("bdi", "class=given", escaped(text));
}

} // namespace parlor::cli::load::html
