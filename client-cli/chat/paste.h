// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <optional>
#include <string>
#include <string_view>

namespace parlor::cli {

/// Bracketed paste: a terminal that is asked to marks what is pasted, so that it is not taken for typed keys.
namespace paste {
inline constexpr std::string_view kAskFor = "\x1b[?2004h";
inline constexpr std::string_view kNoMore = "\x1b[?2004l";
inline constexpr std::string_view kBegin = "\x1b[200~";
inline constexpr std::string_view kEnd = "\x1b[201~";

/// Stands for a line break in the line that is edited, which is one line.
inline constexpr char16_t kLineBreakMark = u'\u23ce'; // ⏎
/// What a person gets who types or pastes the mark itself.
inline constexpr char16_t kMarkTyped = u'\u21b5'; // ↵

/// What was pasted, for the line that is edited: line breaks as marks, tabs as blanks, and no other control
/// character.
[[nodiscard]] QString editable(std::string_view utf8);
/// What is copied often ends in a line break, which nobody means to send.
[[nodiscard]] QString withoutBreaksAtEnd(QString edited);
/// The message that the edited line stands for.
[[nodiscard]] QString message(QString edited);
} // namespace paste

/// Collects what comes between a paste's begin and its end, in pieces of any size.
class PasteReader
{
public:
    /// More than any message may have. What goes beyond is dropped.
    static constexpr std::size_t kMaxBytes = 64 * 1024;

    /// nullopt: more is to come. Else the bytes behind the paste's end, which are keys again.
    [[nodiscard]] std::optional<std::string> feed(std::string_view bytes);
    /// What was pasted, as editable(); nullopt: it is not UTF-8. The reader is as new.
    [[nodiscard]] std::optional<QString> take();

private:
    void keep(std::string_view bytes);

    std::string m_text;
    std::string m_tail; ///< may be the beginning of the end
};

} // namespace parlor::cli
