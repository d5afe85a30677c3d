// SPDX-License-Identifier: MIT
#include "client-cli/chat/standardoutput.h"

#include <cstdio>

namespace parlor::cli {

namespace {

bool writeLine(std::FILE *stream, const QString &line)
{
    const QByteArray utf8 = line.toUtf8() + '\n';
    const auto size = static_cast<std::size_t>(utf8.size());
    return std::fwrite(utf8.constData(), 1, size, stream) == size && std::fflush(stream) == 0;
}

} // namespace

bool writeMessageLine(const QString &line)
{
    return writeLine(stdout, line);
}

void writeStatusLine(const QString &line)
{
    writeLine(stderr, line);
}

} // namespace parlor::cli
