// SPDX-License-Identifier: MIT
#include "server/auth/strictjson.h"

#include <algorithm>
#include <cmath>

namespace parlor {

namespace dom = simdjson::dom;

namespace {

constexpr std::size_t kDepth = 16;
constexpr std::size_t kQuotedBytes = 40;
/// Of a time: the year 33658. More is no time, and would not fit milliseconds.
constexpr double kMaxSeconds = 1e12;

} // namespace

StrictObject::StrictObject(dom::object object, std::string name)
    : m_object(object)
    , m_name(std::move(name))
{
}

void StrictObject::fail(std::string mistake)
{
    if (!m_mistake)
        m_mistake = std::move(mistake);
}

std::optional<dom::element> StrictObject::find(std::string_view member)
{
    std::optional<dom::element> found;
    for (const dom::key_value_pair each : m_object) {
        if (each.key != member)
            continue;
        if (found)
            fail(m_name + " has " + inQuotes(member) + " twice; have the issuer correct it");
        found = each.value;
    }
    return found;
}

std::optional<dom::element> StrictObject::at(std::string_view path)
{
    if (const auto whole = find(path))
        return whole;
    const std::size_t dot = path.find('.');
    if (dot == std::string_view::npos)
        return std::nullopt;
    const auto first = find(path.substr(0, dot));
    dom::object object;
    if (!first || first->get(object) != simdjson::SUCCESS)
        return std::nullopt;
    StrictObject nested(object, m_name);
    const auto found = nested.at(path.substr(dot + 1));
    if (nested.mistake())
        fail(*nested.mistake());
    return found;
}

std::optional<std::string_view> StrictObject::text(std::string_view member)
{
    const auto found = find(member);
    std::string_view text;
    if (!found)
        return std::nullopt;
    if (found->get(text) == simdjson::SUCCESS)
        return text;
    fail(inQuotes(member) + " of " + m_name + " is no string; have the issuer correct it");
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> StrictObject::time(std::string_view member)
{
    const auto found = find(member);
    double seconds = 0;
    if (!found)
        return std::nullopt;
    if (found->get(seconds) == simdjson::SUCCESS && std::abs(seconds) < kMaxSeconds)
        return std::chrono::milliseconds(std::llround(seconds * 1000));
    fail(inQuotes(member) + " of " + m_name +
         " is no time, a number of seconds since 1970; have the issuer correct it");
    return std::nullopt;
}

Result<StrictObject> StrictDocument::parse(std::string_view json, const std::string &name)
{
    dom::object object;
    // simdjson 3.12 skips a byte order mark, which is no JSON.
    if (json.empty() || json.starts_with("\xEF\xBB\xBF") ||
        m_parser->allocate(json.size(), kDepth) != simdjson::SUCCESS)
        return Error{ErrorCode::AuthInvalid, name + " is no valid JSON"};
    switch (m_parser->parse(json.data(), json.size()).get(object)) {
    case simdjson::SUCCESS:
        return StrictObject(object, name);
    case simdjson::DEPTH_ERROR:
        return Error{ErrorCode::AuthInvalid, name + " is nested too deeply"};
    case simdjson::INCORRECT_TYPE:
        return Error{ErrorCode::AuthInvalid, name + " is no JSON object"};
    default:
        return Error{ErrorCode::AuthInvalid, name + " is no valid JSON"};
    }
}

std::string inQuotes(std::string_view text)
{
    std::size_t shown = std::min(text.size(), kQuotedBytes);
    while (shown > 0 && shown < text.size() && (static_cast<unsigned char>(text[shown]) & 0xC0) == 0x80)
        --shown; // never half a code point
    return '"' + std::string(text.substr(0, shown)) + (shown < text.size() ? "…\"" : "\"");
}

} // namespace parlor
