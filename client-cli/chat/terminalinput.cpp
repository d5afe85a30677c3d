// SPDX-License-Identifier: MIT
#include "client-cli/chat/terminalinput.h"

#include "client-cli/chat/paste.h"
#include "shared/protocol/values.h"

#include <QList>
#include <QString>
#include <QStringDecoder>

#include <cerrno>
#include <poll.h>
#include <string_view>
#include <utility>

namespace parlor::cli {

namespace {

constexpr std::size_t kChunk = 4096;
/// How long the rest of a key's bytes may take; a lone Escape must not stop the program.
constexpr int kKeyMilliseconds = 50;

bool waitForInput(int descriptor, int milliseconds)
{
    pollfd input{descriptor, POLLIN, 0};
    return ::poll(&input, 1, milliseconds) > 0;
}

} // namespace

std::optional<unsigned char> TerminalInput::nextByte()
{
    unsigned char byte = 0;
    if (!m_pending.empty()) {
        byte = static_cast<unsigned char>(m_pending.front());
        m_pending.erase(0, 1);
        return byte;
    }
    if (!waitForInput(m_descriptor, kKeyMilliseconds))
        return std::nullopt;
    if (::read(m_descriptor, &byte, 1) == 1)
        return byte;
    m_atEnd = true;
    return std::nullopt;
}

bool TerminalInput::takePasteBegin()
{
    const std::string_view rest = paste::kBegin.substr(1);
    std::string taken;
    while (taken.size() < rest.size() && rest.starts_with(taken)) {
        const auto byte = nextByte();
        if (!byte)
            break;
        taken += static_cast<char>(*byte);
    }
    if (taken == rest)
        return true;
    putBack(taken);
    return false;
}

std::optional<char32_t> TerminalInput::completed(unsigned char first)
{
    std::string utf8(1, static_cast<char>(first));
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    while (utf8.size() < size) {
        const auto next = nextByte();
        if (!next)
            return std::nullopt;
        utf8 += static_cast<char>(*next);
        if ((*next & 0xc0) == 0x80)
            continue;
        putBack(utf8.substr(utf8.size() - 1)); // the next key
        return std::nullopt;
    }
    if (!values::isUtf8(utf8))
        return std::nullopt;
    // With ConvertInitialBom U+FEFF is a character like others.
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::ConvertInitialBom);
    return QString(decoder(QByteArrayView(utf8))).toUcs4().first();
}

std::optional<std::string> TerminalInput::nextBytes()
{
    std::string bytes = std::exchange(m_pending, {});
    if (!bytes.empty())
        return bytes;
    bytes.resize(kChunk);
    const auto size = ::read(m_descriptor, bytes.data(), bytes.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return std::string();
    m_atEnd = size <= 0;
    if (m_atEnd)
        return std::nullopt;
    bytes.resize(static_cast<std::size_t>(size));
    return bytes;
}

bool TerminalInput::hasInput() const
{
    return !m_pending.empty() || waitForInput(m_descriptor, 0);
}

} // namespace parlor::cli
