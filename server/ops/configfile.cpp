// SPDX-License-Identifier: MIT
#include "server/ops/configfile.h"

#include <QFile>

#include <algorithm>
#include <optional>

namespace parlor {

namespace {

constexpr qint64 kMaxFileBytes = 1 << 20;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isBareCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '-' || c == '_';
}

bool isControl(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

/// Walks over the text once. A function that fails says why in m_wrong.
class ConfigReader
{
public:
    explicit ConfigReader(std::string_view text)
        : m_text(text)
    {
    }

    [[nodiscard]] bool skipToStatement();
    [[nodiscard]] std::optional<ConfigEntry> statement();
    [[nodiscard]] const std::string &wrong() const { return m_wrong; }
    [[nodiscard]] int line() const { return m_line; }

private:
    [[nodiscard]] bool atEnd() const { return m_at == m_text.size(); }
    [[nodiscard]] char next() const { return atEnd() ? '\n' : m_text[m_at]; }
    std::nullopt_t fail(std::string wrong)
    {
        m_wrong = std::move(wrong);
        return std::nullopt;
    }
    void skipBlanks();
    void skipLines();
    [[nodiscard]] std::string bare();
    [[nodiscard]] std::optional<std::string> string();
    [[nodiscard]] std::optional<std::string> scalar(const std::string &name);
    [[nodiscard]] std::optional<std::vector<std::string>> array(const std::string &name);

    std::string_view m_text;
    std::size_t m_at = 0;
    int m_line = 1;
    std::string m_wrong;
};

/// Over blanks and a comment, to the end of the line at most.
void ConfigReader::skipBlanks()
{
    while (!atEnd() && (next() == ' ' || next() == '\t'))
        ++m_at;
    if (next() == '#')
        m_at = std::min(m_text.find('\n', m_at), m_text.size());
    else if (m_text.substr(m_at).starts_with("\r\n"))
        ++m_at;
}

void ConfigReader::skipLines()
{
    for (skipBlanks(); !atEnd() && next() == '\n'; skipBlanks()) {
        ++m_at;
        ++m_line;
    }
}

bool ConfigReader::skipToStatement()
{
    skipLines();
    return !atEnd();
}

std::string ConfigReader::bare()
{
    const std::size_t begin = m_at;
    while (!atEnd() && isBareCharacter(next()))
        ++m_at;
    return std::string(m_text.substr(begin, m_at - begin));
}

std::optional<std::string> ConfigReader::string()
{
    std::string value;
    const char quote = m_text[m_at++];
    for (; next() != quote; ++m_at) {
        if (next() == '\n')
            return fail("a quote is not closed");
        if (isControl(next()))
            return fail("a string has a control character");
        if (quote == '"' && next() == '\\') {
            ++m_at;
            if (next() != '\\' && next() != '"')
                return fail(
                    "a backslash stands before neither \" nor \\; put the string into 'single quotes'");
        }
        value += next();
    }
    ++m_at;
    return value;
}

std::optional<std::string> ConfigReader::scalar(const std::string &name)
{
    if (next() == '"' || next() == '\'')
        return string();
    std::string value = bare();
    while (next() == '.' && isDigit(value.empty() ? ' ' : value.back())) {
        ++m_at;
        value += '.' + bare();
    }
    if (value.empty())
        return fail(name + (next() == '\n' ? " has no value" : ": put the value into quotes"));
    return value;
}

std::optional<std::vector<std::string>> ConfigReader::array(const std::string &name)
{
    std::vector<std::string> values;
    ++m_at;
    for (skipLines(); next() != ']'; skipLines()) {
        if (atEnd())
            return fail(name + ": an array is not closed");
        std::optional<std::string> value = scalar(name);
        if (!value)
            return std::nullopt;
        values.push_back(std::move(*value));
        skipLines();
        if (next() == ',')
            ++m_at;
        else if (next() != ']')
            return fail(name + ": there is no comma, and no ], after a value of the array");
    }
    ++m_at;
    return values;
}

std::optional<ConfigEntry> ConfigReader::statement()
{
    ConfigEntry entry;
    entry.line = m_line;
    if (next() == '[')
        return fail("tables are not used here; write lines of name = value only");
    entry.name = bare();
    skipBlanks();
    if (entry.name.empty() || next() != '=')
        return fail("this is no line of name = value");
    ++m_at;
    skipBlanks();
    if (next() == '[') {
        std::optional<std::vector<std::string>> values = array(entry.name);
        if (!values)
            return std::nullopt;
        entry.values = std::move(*values);
        entry.isArray = true;
    } else {
        std::optional<std::string> value = scalar(entry.name);
        if (!value)
            return std::nullopt;
        entry.values.push_back(std::move(*value));
    }
    skipBlanks();
    if (next() != '\n')
        return fail(entry.name + ": something follows the value; put the whole value into quotes");
    return entry;
}

} // namespace

Result<std::vector<ConfigEntry>> parseConfig(std::string_view text, const std::string &name)
{
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF"; // some editors put it before UTF-8
    if (text.starts_with(kByteOrderMark))
        text.remove_prefix(kByteOrderMark.size());
    std::vector<ConfigEntry> entries;
    ConfigReader reader(text);
    const auto failure = [&](const std::string &wrong, int line) {
        return Error{.text = name + ':' + std::to_string(line) + ": " + wrong};
    };
    while (reader.skipToStatement()) {
        std::optional<ConfigEntry> entry = reader.statement();
        if (!entry)
            return failure(reader.wrong(), reader.line());
        if (std::ranges::find(entries, entry->name, &ConfigEntry::name) != entries.end())
            return failure(entry->name + " is set a second time", entry->line);
        entries.push_back(std::move(*entry));
    }
    return entries;
}

Result<std::vector<ConfigEntry>> readConfigFile(const std::string &path)
{
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::ReadOnly))
        return Error{.text = path + ": cannot be read: " + file.errorString().toStdString()};
    const QByteArray bytes = file.read(kMaxFileBytes + 1);
    if (file.error() != QFileDevice::NoError)
        return Error{.text = path + ": cannot be read: " + file.errorString().toStdString()};
    if (bytes.size() > kMaxFileBytes)
        return Error{.text = path + ": is larger than a configuration file may be (1MiB)"};
    return parseConfig({bytes.constData(), static_cast<std::size_t>(bytes.size())}, path);
}

std::string configValue(std::string_view text)
{
    const bool isNumber = !text.empty() && isDigit(text.front()) && isDigit(text.back()) &&
                          std::ranges::all_of(text, [](char c) { return isDigit(c) || c == '.'; }) &&
                          std::ranges::count(text, '.') <= 1;
    if (isNumber)
        return std::string(text);
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

} // namespace parlor
