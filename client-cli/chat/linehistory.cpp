// SPDX-License-Identifier: MIT
#include "client-cli/chat/linehistory.h"

#include <QFile>

namespace parlor::cli {

namespace {

/// The format is libedit's, whose files there are: a line an entry, with escapes as of vis(3).
constexpr char kFirstLine[] = "_HiStOrY_V2_";

QByteArray encoded(const QString &line)
{
    QByteArray out;
    for (const char c : line.toUtf8()) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7f || c == '\\')
            out += '\\' + QByteArray::number(byte, 8).rightJustified(3, '0');
        else
            out += c;
    }
    return out;
}

QString decoded(const QByteArray &line)
{
    QByteArray out;
    for (qsizetype i = 0; i < line.size(); ++i) {
        bool isOctal = false;
        const auto byte = line.mid(i + 1, 3).toUInt(&isOctal, 8);
        if (line[i] == '\\' && isOctal && byte < 0x100 && i + 3 < line.size()) {
            out += static_cast<char>(byte);
            i += 3;
        } else {
            out += line[i];
        }
    }
    return QString::fromUtf8(out);
}

} // namespace

LineHistory::LineHistory(const QString &file)
    : m_file(file)
{
    QFile kept(m_file);
    if (m_file.isEmpty() || !kept.open(QIODevice::ReadOnly) || kept.readLine().trimmed() != kFirstLine)
        return;
    while (!kept.atEnd()) {
        QByteArray line = kept.readLine();
        if (line.endsWith('\n'))
            line.chop(1);
        add(decoded(line));
    }
}

LineHistory::~LineHistory()
{
    QFile kept(m_file);
    if (m_file.isEmpty() || !kept.open(QIODevice::WriteOnly))
        return;
    kept.write(QByteArray(kFirstLine) + '\n');
    for (const QString &each : std::as_const(m_lines))
        kept.write(encoded(each) + '\n');
}

void LineHistory::add(const QString &line)
{
    if (!line.trimmed().isEmpty() && (m_lines.isEmpty() || m_lines.last() != line))
        m_lines.append(line);
    if (m_lines.size() > kMaxLines)
        m_lines.removeFirst();
    m_place = m_lines.size();
}

std::optional<QString> LineHistory::older(const QString &edited)
{
    if (m_place == 0)
        return std::nullopt;
    if (m_place == m_lines.size())
        m_edited = edited;
    return m_lines.at(--m_place);
}

std::optional<QString> LineHistory::newer()
{
    if (m_place == m_lines.size())
        return std::nullopt;
    return ++m_place == m_lines.size() ? m_edited : m_lines.at(m_place);
}

std::optional<qsizetype> LineHistory::find(const QString &text, qsizetype from) const
{
    for (qsizetype i = std::min(from, m_lines.size() - 1); i >= 0; --i) {
        if (m_lines.at(i).contains(text))
            return i;
    }
    return std::nullopt;
}

} // namespace parlor::cli
