// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace parlor::cli {

enum class LineBreaks {
    Escape, ///< one message stays one line
    Indent, ///< a further line cannot pass for a message of its own
};

/// Text from elsewhere, made harmless for a terminal: C0, C1, DEL, line separators and direction controls
/// become visible escapes such as `\x1b`.
[[nodiscard]] QString sanitised(QStringView text, LineBreaks breaks = LineBreaks::Escape);

/// Whether TERM says that the terminal would print control sequences, or does not say what it is.
[[nodiscard]] bool isDumbTerminal();

/// Colours, where the terminal has them.
class Palette
{
public:
    enum class Use { Never, Always };
    explicit Palette(Use use)
        : m_use(use)
    {
    }
    /// For this descriptor, with respect to NO_COLOR and TERM.
    [[nodiscard]] static Palette forDescriptor(int fd);

    [[nodiscard]] QString dim(const QString &text) const { return wrap(text, "2"); }
    [[nodiscard]] QString bold(const QString &text) const { return wrap(text, "1"); }
    [[nodiscard]] QString warning(const QString &text) const { return wrap(text, "33"); }
    /// The same colour for the same key in every run.
    [[nodiscard]] QString named(const QString &text, const QString &key) const;

private:
    [[nodiscard]] QString wrap(const QString &text, const char *code) const;
    Use m_use;
};

} // namespace parlor::cli
