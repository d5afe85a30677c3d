// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/messages.h"
#include "shared/protocol/result.h"

#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace parlor {

[[nodiscard]] Error badField(std::string_view name, std::string_view what);

/// An object's fields, read by name and type. Of fields with the same name the last one counts, as most
/// readers of JSON have it (RFC 8259 §4). The first mistake is kept and everything after it reads as empty.
class JsonFields
{
public:
    /// `arena` holds what is no view into the parser's buffer.
    JsonFields(simdjson::dom::object object, std::deque<std::string> &arena)
        : m_object(object)
        , m_arena(arena)
    {
    }

    [[nodiscard]] const std::optional<Error> &error() const { return m_error; }
    void fail(Error error)
    {
        if (!m_error)
            m_error = std::move(error);
    }

    [[nodiscard]] bool has(std::string_view name) const { return find(name).has_value(); }

    std::optional<std::string_view> optionalString(std::string_view name)
    {
        return optional<std::string_view>(name, "must be a string");
    }
    std::optional<std::uint64_t> optionalUnsigned(std::string_view name)
    {
        return optional<std::uint64_t>(name, "must be a whole number that is not negative");
    }
    std::optional<bool> optionalBool(std::string_view name)
    {
        return optional<bool>(name, "must be true or false");
    }
    std::optional<double> optionalNumber(std::string_view name)
    {
        return optional<double>(name, "must be a number");
    }
    std::optional<simdjson::dom::object> optionalObject(std::string_view name)
    {
        return optional<simdjson::dom::object>(name, "must be an object");
    }
    std::optional<simdjson::dom::array> optionalArray(std::string_view name)
    {
        return optional<simdjson::dom::array>(name, "must be an array");
    }

    std::string_view string(std::string_view name) { return require(optionalString(name), name); }
    std::uint64_t number(std::string_view name) { return require(optionalUnsigned(name), name); }
    bool boolean(std::string_view name) { return require(optionalBool(name), name); }
    std::optional<std::chrono::milliseconds> optionalMilliseconds(std::string_view name)
    {
        const auto value = optionalUnsigned(name);
        if (!value)
            return std::nullopt;
        return std::chrono::milliseconds(
            static_cast<std::int64_t>(std::min<std::uint64_t>(*value, INT64_MAX)));
    }
    std::chrono::milliseconds milliseconds(std::string_view name)
    {
        return require(optionalMilliseconds(name), name);
    }
    /// A page's size: clamped, since more than there can be is no mistake.
    std::optional<std::uint32_t> count(std::string_view name)
    {
        const auto value = optionalUnsigned(name);
        if (!value)
            return std::nullopt;
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(*value, UINT32_MAX));
    }

    /// Any JSON value; nullopt if it is not there.
    std::optional<Content> content(std::string_view name)
    {
        const auto element = find(name);
        if (!element)
            return std::nullopt;
        return toContent(*element);
    }

    JsonFields nested(simdjson::dom::object object) { return JsonFields(object, m_arena); }

private:
    /// Not at_key(), which takes the first field of this name.
    [[nodiscard]] std::optional<simdjson::dom::element> find(std::string_view name) const
    {
        std::optional<simdjson::dom::element> last;
        for (auto field = m_object.begin(), end = m_object.end(); field != end; ++field) {
            if (field.key_equals(name))
                last = field.value();
        }
        return last;
    }

    Content toContent(simdjson::dom::element element)
    {
        Content content;
        if (std::string_view text; element.get(text) == simdjson::SUCCESS) {
            content.text = text;
            return content;
        }
        m_arena.push_back(simdjson::minify(element));
        content.text = content.json = m_arena.back();
        content.isString = false;
        return content;
    }

    template <typename T>
    std::optional<T> optional(std::string_view name, std::string_view mistake)
    {
        const auto element = find(name);
        if (m_error || !element)
            return std::nullopt;
        T value{};
        if (element->get(value) == simdjson::SUCCESS)
            return value;
        fail(badField(name, mistake));
        return std::nullopt;
    }
    template <typename T>
    T require(std::optional<T> value, std::string_view name)
    {
        if (value)
            return *value;
        fail(badField(name, "is missing"));
        return T{};
    }

    simdjson::dom::object m_object;
    std::deque<std::string> &m_arena;
    std::optional<Error> m_error;
};

/// Calls `each` with the fields of every object of the array.
void readObjects(JsonFields &in, std::string_view name, const auto &each)
{
    const auto array = in.optionalArray(name);
    if (!array) {
        if (!in.error())
            in.fail(badField(name, "is missing"));
        return;
    }
    for (simdjson::dom::element element : *array) {
        simdjson::dom::object object;
        if (element.get(object)) {
            in.fail(badField(name, "must hold objects"));
            return;
        }
        each(in.nested(object));
    }
}

/// What requests and answers have in common.
[[nodiscard]] std::optional<std::uint32_t> readRid(JsonFields &in);

/// Reads the alternative of `Variant` that has this type name; false if none has.
template <typename Variant, std::size_t I = 0, typename Read>
bool readByType(std::string_view type, Variant &out, const Read &readInto)
{
    if constexpr (I == std::variant_size_v<Variant>) {
        return false;
    } else {
        using Struct = std::variant_alternative_t<I, Variant>;
        if (type == Struct::kType) {
            readInto(out.template emplace<I>());
            return true;
        }
        return readByType<Variant, I + 1>(type, out, readInto);
    }
}

} // namespace parlor
