// SPDX-License-Identifier: MIT
#include "client-cli/load/options/scenario.h"

#include <algorithm>
#include <array>
#include <charconv>

// All of the library is in its header, and takes seconds to compile: it is included nowhere else.
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
// Some of its assertions do not hold for what a person may write, as "[ {", and an optimizer would build on
// them. Without them it says what is wrong.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(condition) static_assert(true)
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

namespace parlor::cli::load {

namespace {

/// Turns what the parser made into statements, and stops at the first thing that none can be made of.
class Reader
{
public:
    explicit Reader(const std::string &name)
        : m_name(name)
    {
    }

    std::vector<Statement> statements(const toml::table &table, bool mayHaveTables)
    {
        std::vector<std::pair<toml::source_position, Statement>> found;
        for (const auto &[key, value] : table) {
            const std::string name(key.str());
            Statement said{.key = name, .place = placeOf(key.source(), name)};
            take(value, mayHaveTables, said);
            if (m_mistake)
                return {};
            found.emplace_back(key.source().begin, std::move(said));
        }
        // In the order in which they are written, so that the first mistake is the first to be told.
        std::ranges::stable_sort(
            found, {}, [](const auto &each) { return std::pair(each.first.line, each.first.column); });
        std::vector<Statement> all;
        for (auto &each : found)
            all.push_back(std::move(each.second));
        return all;
    }

    [[nodiscard]] const std::optional<Mistake> &mistake() const { return m_mistake; }

    [[nodiscard]] std::string placeOf(const toml::source_region &source, const std::string &key) const
    {
        std::string place =
            m_name + ":" + std::to_string(source.begin.line) + ":" + std::to_string(source.begin.column);
        if (!key.empty())
            place += ": " + key;
        return place;
    }

private:
    void take(const toml::node &value, bool mayHaveTables, Statement &said)
    {
        if (const toml::table *table = value.as_table()) {
            if (!mayHaveTables)
                return refuse(value, said, "a value must stand here, and no table");
            said.tables.push_back(statements(*table, false));
            return;
        }
        const toml::array *list = value.as_array();
        if (list == nullptr) {
            takeText(value, said);
            return;
        }
        for (const toml::node &each : *list) {
            if (m_mistake)
                return;
            if (const toml::table *table = each.as_table(); table != nullptr && mayHaveTables)
                said.tables.push_back(statements(*table, false));
            else
                takeText(each, said);
        }
        if (!said.tables.empty() && !said.texts.empty())
            refuse(value, said, "the list has both values and tables");
    }

    void takeText(const toml::node &value, Statement &said)
    {
        if (const auto *text = value.as_string()) {
            if (text->get().find('\0') != std::string::npos)
                return refuse(value, said, "a text must not have a zero byte");
            said.texts.push_back(text->get());
        } else if (const auto *whole = value.as_integer()) {
            said.texts.push_back(std::to_string(whole->get()));
        } else if (const auto *real = value.as_floating_point()) {
            std::array<char, 32> digits{};
            const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), real->get()).ptr;
            said.texts.emplace_back(digits.data(), end);
        } else if (const auto *choice = value.as_boolean()) {
            said.texts.emplace_back(choice->get() ? "true" : "false");
        } else {
            refuse(value, said, "a text, a number, true or false must stand here");
        }
    }

    void refuse(const toml::node &value, const Statement &said, const std::string &why)
    {
        if (!m_mistake)
            m_mistake = Mistake{placeOf(value.source(), said.key) + ": " + why, true};
    }

    std::string m_name;
    std::optional<Mistake> m_mistake;
};

} // namespace

std::variant<Layer, Mistake> parseScenario(std::string_view text, const std::string &name)
{
    if (text.size() > kMaxScenarioBytes)
        return Mistake{name + ": a scenario has a mebibyte at most", true};
    const toml::parse_result parsed = toml::parse(text);
    Reader reader(name);
    if (!parsed) {
        return Mistake{reader.placeOf(parsed.error().source(), {}) + ": " +
                           std::string(parsed.error().description()),
                       true};
    }
    Layer layer{.statements = reader.statements(parsed.table(), true), .isFile = true};
    if (reader.mistake())
        return *reader.mistake();
    return layer;
}

} // namespace parlor::cli::load
