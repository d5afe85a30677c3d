// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parlor::admin {

/// The keys of the admin API, of which only digests are kept in memory.
class AdminKeys
{
public:
    /// A file that nobody else may read: a key a line, of at least 32 characters, with a name and a colon
    /// before it where it has one.
    [[nodiscard]] static Result<AdminKeys> load(const std::string &path);
    /// `text` is what such a file holds, `file` names it in errors.
    [[nodiscard]] static Result<AdminKeys> parse(std::string_view text, const std::string &file);

    /// Whose key it is. Takes the same time whatever is wrong with it.
    [[nodiscard]] std::optional<std::string> nameOf(std::string_view key) const;

private:
    using Digest = std::array<unsigned char, 32>;
    struct Key
    {
        std::string name;
        Digest digest{};
    };
    [[nodiscard]] static Digest digestOf(std::string_view key);

    std::vector<Key> m_keys;
};

} // namespace parlor::admin
