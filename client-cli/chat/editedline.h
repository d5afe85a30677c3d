// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace parlor::cli {

enum class Motion { Left, Right, WordLeft, WordRight, Start, End };
enum class LetterCase { Lower, Upper, Capital };

/// The text that a person edits, and the cursor in it. Knows no key and no terminal.
class EditedLine
{
public:
    [[nodiscard]] const std::u32string &text() const { return m_text; }
    /// The character in front of which it stands.
    [[nodiscard]] std::size_t cursor() const { return m_cursor; }

    /// The cursor is at the end.
    void set(std::u32string text);
    void insert(std::u32string_view text);
    void move(Motion motion) { m_cursor = target(motion); }
    /// Deletes all that the motion would pass.
    void erase(Motion motion);
    /// The same, for yank().
    void kill(Motion motion);
    void killAll();
    /// Inserts what was killed last.
    void yank() { insert(m_killed); }
    /// Swaps the two characters before the cursor; further left, those around it.
    void transpose();
    /// Of what is left of the word, and goes behind it.
    void changeCase(LetterCase to);

private:
    [[nodiscard]] std::size_t target(Motion motion) const;

    std::u32string m_text;
    std::u32string m_killed;
    std::size_t m_cursor = 0;
};

} // namespace parlor::cli
