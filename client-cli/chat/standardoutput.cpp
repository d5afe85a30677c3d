// SPDX-License-Identifier: MIT
#include "client-cli/chat/standardoutput.h"

#include "shared/process/standardstreams.h"

#include <cstdio>

namespace parlor::cli {

bool writeMessageLine(const QString &line)
{
    return writeToStdout(line.toStdString() + '\n', "parlor-cli");
}

void writeStatusLine(const QString &line)
{
    const QByteArray utf8 = line.toUtf8() + '\n';
    std::fwrite(utf8.constData(), 1, static_cast<std::size_t>(utf8.size()), stderr);
}

} // namespace parlor::cli
