// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <unistd.h>

namespace parlor::cli {

/// What comes from a terminal, byte by byte: keys, whose bytes come together, and pastes, which the terminal
/// marks. Owned by the LineEditor.
class TerminalInput
{
public:
    explicit TerminalInput(int descriptor = STDIN_FILENO)
        : m_descriptor(descriptor)
    {
    }

    /// Of a key: waits a moment for it. nullopt: there is none, or no more will ever come.
    [[nodiscard]] std::optional<unsigned char> nextByte();
    /// After an Escape: whether the terminal says with it that a paste begins. If not, nothing is consumed.
    [[nodiscard]] bool takePasteBegin();
    /// The character that this byte begins, with the bytes that belong to it. nullopt: they are not UTF-8.
    [[nodiscard]] std::optional<char32_t> completed(unsigned char first);
    /// All that is there, up to 4 KiB; empty: nothing yet. nullopt: no more will ever come.
    [[nodiscard]] std::optional<std::string> nextBytes();
    /// To be read next.
    void putBack(const std::string &bytes) { m_pending.insert(0, bytes); }

    [[nodiscard]] bool hasInput() const;
    [[nodiscard]] bool isAtEnd() const { return m_atEnd; }

private:
    int m_descriptor;
    std::string m_pending; ///< read, but not yet looked at
    bool m_atEnd = false;
};

} // namespace parlor::cli
