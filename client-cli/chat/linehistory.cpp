// SPDX-License-Identifier: MIT
#include "client-cli/chat/linehistory.h"

#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

namespace parlor::cli {

namespace {

/// The format is libedit's, whose files there are: a line an entry, with escapes as of vis(3).
constexpr char kFirstLine[] = "_HiStOrY_V2_";
constexpr auto kPrivate = QFileDevice::ReadOwner | QFileDevice::WriteOwner;

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
    if (!QFileInfo(m_file).isFile() || !kept.open(QIODevice::ReadOnly)) // a link may lead to /dev/null
        return;
    kept.setPermissions(kPrivate);
    const bool isOurs = kept.readLine().trimmed() == kFirstLine;
    qsizetype lines = 0;
    for (; isOurs && !kept.atEnd(); ++lines) {
        QByteArray line = kept.readLine();
        if (line.endsWith('\n'))
            line.chop(1);
        remember(decoded(line));
    }
    // Seldom: what another process appends meanwhile is lost.
    if ((!isOurs && kept.size() > 0) || lines > 2 * kMaxLines)
        rewriteFile();
}

void LineHistory::add(const QString &line)
{
    if (remember(line) && !m_file.isEmpty())
        appendToFile(line);
}

bool LineHistory::remember(const QString &line)
{
    const bool isNew = !line.trimmed().isEmpty() && (m_lines.isEmpty() || m_lines.last() != line);
    if (isNew)
        m_lines.append(line);
    if (m_lines.size() > kMaxLines)
        m_lines.removeFirst();
    m_place = m_lines.size();
    return isNew;
}

void LineHistory::rewriteFile() const
{
    QSaveFile file(m_file); // another takes its place only when it is whole
    if (!file.open(QIODevice::WriteOnly))
        return;
    file.write(QByteArray(kFirstLine) + '\n');
    for (const QString &each : m_lines)
        file.write(encoded(each) + '\n');
    if (file.flush()) // commit() would not tell that a full disk cut the last part
        file.commit();
}

void LineHistory::appendToFile(const QString &line) const
{
    // By its name each time: another process may have put another file in its place.
    QFile file(m_file);
    if (!file.open(QIODevice::ReadWrite | QIODevice::Append | QIODevice::Unbuffered, kPrivate))
        return;
    QByteArray bytes = encoded(line) + '\n';
    char last = '\n';
    if (file.size() == 0)
        bytes.prepend(QByteArray(kFirstLine) + '\n');
    else if (file.seek(file.size() - 1) && file.getChar(&last) && last != '\n') // the disk was full
        bytes.prepend('\n');
    const bool isNew = file.size() == 0;
    if (file.write(bytes) != bytes.size() && isNew)
        file.resize(0); // half a first line would be nobody's file
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
