// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <simdjson.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace parlor {

/// A JSON object of somebody who may mean harm. A name that is read must stand in it once: parsers differ
/// about which of two counts. The first mistake stays, and stands for all that was read. Valid as long as its
/// StrictDocument.
class StrictObject
{
public:
    /// `name`: what it is, in mistakes: `the token's header`.
    StrictObject(simdjson::dom::object object, std::string name);

    /// nullopt: there is none.
    [[nodiscard]] std::optional<simdjson::dom::element> find(std::string_view member);
    /// The member of this name; if there is none and it has dots, what it leads to: `realm_access.roles`.
    [[nodiscard]] std::optional<simdjson::dom::element> at(std::string_view path);
    /// Anything else than a string is a mistake.
    [[nodiscard]] std::optional<std::string_view> text(std::string_view member);
    /// A NumericDate (RFC 7519 §2): seconds since 1970, also with a fraction. Anything else is a mistake.
    [[nodiscard]] std::optional<std::chrono::milliseconds> time(std::string_view member);

    void fail(std::string mistake);
    [[nodiscard]] const std::optional<std::string> &mistake() const { return m_mistake; }

private:
    simdjson::dom::object m_object;
    std::string m_name;
    std::optional<std::string> m_mistake;
};

/// Reads one JSON text, of at most 16 levels.
class StrictDocument
{
public:
    [[nodiscard]] Result<StrictObject> parse(std::string_view json, const std::string &name);

private:
    std::unique_ptr<simdjson::dom::parser> m_parser =
        std::make_unique<simdjson::dom::parser>(); ///< objects point into it
};

/// Somebody else's text in quotes, for people: its first 40 characters.
[[nodiscard]] std::string inQuotes(std::string_view text);

} // namespace parlor
