// SPDX-License-Identifier: MIT
#include "client-cli/chat/paste.h"

#include "shared/protocol/values.h"

#include <algorithm>
#include <utility>

namespace parlor::cli {

namespace {

void dropLastCharacter(std::string &utf8)
{
    while (!utf8.empty() && (static_cast<unsigned char>(utf8.back()) & 0xc0) == 0x80)
        utf8.pop_back();
    if (!utf8.empty())
        utf8.pop_back();
}

} // namespace

QString paste::editable(std::string_view utf8)
{
    QString text = QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
    // Most terminals send the key that ends a line, a carriage return, for a line break.
    text.replace(QLatin1String("\r\n"), QLatin1String("\n"));
    QString out;
    out.reserve(text.size());
    for (const QChar c : std::as_const(text)) {
        if (c == QLatin1Char('\n') || c == QLatin1Char('\r'))
            out += QChar(kLineBreakMark);
        else if (c == QLatin1Char('\t'))
            out += QLatin1String("    ");
        else if (c == QChar(kLineBreakMark))
            out += QChar(kMarkTyped);
        else if (c.category() != QChar::Other_Control)
            out += c;
    }
    return out;
}

QString paste::withoutBreaksAtEnd(QString edited)
{
    while (edited.endsWith(QChar(kLineBreakMark)))
        edited.chop(1);
    return edited;
}

QString paste::message(QString edited)
{
    return edited.replace(QChar(kLineBreakMark), QLatin1Char('\n'));
}

std::optional<std::string> PasteReader::feed(std::string_view bytes)
{
    m_tail += bytes;
    if (const std::size_t end = m_tail.find(paste::kEnd); end != std::string::npos) {
        keep(std::string_view(m_tail).substr(0, end));
        std::string rest = m_tail.substr(end + paste::kEnd.size());
        m_tail.clear();
        return rest;
    }
    const std::size_t kept = std::min(m_tail.size(), paste::kEnd.size() - 1);
    keep(std::string_view(m_tail).substr(0, m_tail.size() - kept));
    m_tail.erase(0, m_tail.size() - kept);
    return std::nullopt;
}

std::optional<QString> PasteReader::take()
{
    m_tail.clear();
    std::string text = std::exchange(m_text, {});
    if (text.size() == kMaxBytes && !values::isUtf8(text)) // cut within a character
        dropLastCharacter(text);
    if (!values::isUtf8(text))
        return std::nullopt;
    return paste::editable(text);
}

void PasteReader::keep(std::string_view bytes)
{
    m_text += bytes.substr(0, kMaxBytes - m_text.size());
}

} // namespace parlor::cli
