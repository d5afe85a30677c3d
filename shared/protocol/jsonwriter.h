// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace parlor {

/// Appends compact JSON to a string that the caller owns. It puts the commas; balanced braces are the
/// caller's.
class JsonWriter
{
public:
    explicit JsonWriter(std::string &out)
        : m_out(out)
    {
    }

    JsonWriter &beginObject() { return open('{'); }
    JsonWriter &endObject() { return close('}'); }
    JsonWriter &beginArray() { return open('['); }
    JsonWriter &endArray() { return close(']'); }
    /// `name` needs no escaping: keys are ours.
    JsonWriter &key(std::string_view name);

    JsonWriter &string(std::string_view utf8);
    JsonWriter &number(std::uint64_t value);
    JsonWriter &number(std::int64_t value);
    /// Without a fraction where it has none. JSON has no infinities: they become 0.
    JsonWriter &number(double value);
    JsonWriter &boolean(bool value) { return raw(value ? "true" : "false"); }
    /// A value that is JSON already.
    JsonWriter &raw(std::string_view json);

    JsonWriter &field(std::string_view name, std::string_view value) { return key(name).string(value); }
    JsonWriter &field(std::string_view name, const char *value) { return key(name).string(value); }
    JsonWriter &field(std::string_view name, std::same_as<bool> auto value)
    {
        return key(name).boolean(value);
    }
    JsonWriter &field(std::string_view name, double value) { return key(name).number(value); }
    JsonWriter &field(std::string_view name, std::chrono::milliseconds value)
    {
        return key(name).number(static_cast<std::int64_t>(value.count()));
    }
    template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>) JsonWriter &field(std::string_view name, T value)
    {
        return key(name).number(static_cast<std::uint64_t>(value));
    }

private:
    JsonWriter &open(char c);
    JsonWriter &close(char c);
    void separate();

    std::string &m_out;
    bool m_needsComma = false;
};

} // namespace parlor
