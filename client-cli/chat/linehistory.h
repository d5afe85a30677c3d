// SPDX-License-Identifier: MIT
#pragma once

#include <QString>
#include <QStringList>

#include <optional>

namespace parlor::cli {

/// The lines that a person entered, newest last, and the place in them to which the arrow keys went.
class LineHistory
{
public:
    static constexpr qsizetype kMaxLines = 500;

    /// `file`: has the lines of earlier runs, and gets each new one at once, as it does from others that run
    /// at the same time; only its owner may read it. Empty: they are not kept.
    explicit LineHistory(const QString &file);

    /// Blank lines, and one that is the same as the last, are not added. The place is the end.
    void add(const QString &line);
    /// `edited`: what newer() brings back at the end.
    [[nodiscard]] std::optional<QString> older(const QString &edited);
    [[nodiscard]] std::optional<QString> newer();

    [[nodiscard]] qsizetype count() const { return m_lines.size(); }
    [[nodiscard]] const QString &line(qsizetype index) const { return m_lines.at(index); }
    /// The newest line, at `from` or before it, that has the text.
    [[nodiscard]] std::optional<qsizetype> find(const QString &text, qsizetype from) const;

private:
    /// Whether it was added.
    bool remember(const QString &line);
    /// Leaves the file alone if it cannot be written.
    void rewriteFile() const;
    void appendToFile(const QString &line) const;

    QString m_file;
    QStringList m_lines;
    qsizetype m_place = 0; ///< count(): the line that is new
    QString m_edited;
};

} // namespace parlor::cli
