// SPDX-License-Identifier: MIT
#include "server/admin/adminkeys.h"

#include "server/ops/secret.h"

#include <QCryptographicHash>

#include <algorithm>

namespace parlor::admin {

namespace {

constexpr std::size_t kLeastKey = 32;
constexpr std::size_t kLongestName = 32;
constexpr std::string_view kUnnamed = "admin";

bool isVisible(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

} // namespace

AdminKeys::Digest AdminKeys::digestOf(std::string_view key)
{
    const QByteArray hash = QCryptographicHash::hash(
        QByteArray::fromRawData(key.data(), static_cast<qsizetype>(key.size())), QCryptographicHash::Sha256);
    Digest digest{};
    std::copy(hash.begin(), hash.end(), digest.begin());
    return digest;
}

Result<AdminKeys> AdminKeys::load(const std::string &path)
{
    const auto text = loadPrivateFile(path, "the key file " + path);
    if (!text)
        return text.error();
    return parse(*text, "the key file " + path);
}

Result<AdminKeys> AdminKeys::parse(std::string_view text, const std::string &file)
{
    AdminKeys keys;
    for (std::size_t line = 1; !text.empty(); ++line) {
        const auto wrong = [&](const std::string &what) {
            return Error{.text = file + ", line " + std::to_string(line) + ": " + what +
                                 "; write KEY or NAME:KEY (openssl rand -base64 32 makes a key)"};
        };
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view rest = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (rest.ends_with('\r'))
            rest.remove_suffix(1);
        if (rest.empty())
            continue;
        std::string_view name = kUnnamed;
        if (const std::size_t colon = rest.find(':'); colon != std::string_view::npos) {
            name = rest.substr(0, colon);
            rest.remove_prefix(colon + 1);
        }
        if (name.empty() || name.size() > kLongestName || !isVisible(name))
            return wrong("a name has 1 to 32 visible characters of ASCII");
        if (rest.size() < kLeastKey)
            return wrong("the key has " + std::to_string(rest.size()) + " characters, and needs at least 32");
        if (!isVisible(rest))
            return wrong("the key has a character that is no visible one of ASCII");
        if (std::ranges::find(keys.m_keys, name, &Key::name) != keys.m_keys.end())
            return wrong("there is a key with the name " + std::string(name) + " before it");
        keys.m_keys.push_back({std::string(name), digestOf(rest)});
    }
    if (keys.m_keys.empty())
        return Error{.text = file + " has no key; write one into it: openssl rand -base64 32"};
    return keys;
}

std::optional<std::string> AdminKeys::nameOf(std::string_view key) const
{
    const Digest shown = digestOf(key);
    const Key *found = nullptr;
    for (const Key &each : m_keys) { // all of them, and all bytes
        unsigned difference = 0;
        for (std::size_t i = 0; i < shown.size(); ++i)
            difference |= static_cast<unsigned>(shown[i] ^ each.digest[i]);
        found = difference == 0 ? &each : found;
    }
    return found ? std::optional(found->name) : std::nullopt;
}

} // namespace parlor::admin
