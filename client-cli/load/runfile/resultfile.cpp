// SPDX-License-Identifier: MIT
#include "client-cli/load/runfile/resultfile.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <sys/stat.h>

namespace parlor::cli::load {

ResultFile::ResultFile(const std::string &path)
    : m_path(path)
    , m_new(QString::fromStdString(path))
    , m_isInPlace(isWrittenInPlace(path))
{
}

bool ResultFile::isWrittenInPlace(const std::string &path)
{
    // A descriptor's name may lead to a regular file that somebody else writes, as /dev/stdout does.
    const std::string_view name = path;
    if (name == "/dev/stdin" || name == "/dev/stdout" || name == "/dev/stderr" ||
        name.starts_with("/dev/fd/") ||
        (name.starts_with("/proc/") && std::filesystem::path(name).parent_path().filename() == "fd"))
        return true;
    struct stat status
    {
    };
    return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

Result<void> ResultFile::open()
{
    const std::string whatFails = "cannot write " + m_path + ": ";
    if (!m_isInPlace) {
        if (m_new.open(QIODevice::WriteOnly))
            return {};
        return Error{.text = whatFails + m_new.errorString().toStdString()};
    }
    const int descriptor = ::open(m_path.c_str(), O_WRONLY | O_APPEND | O_NOCTTY | O_CLOEXEC);
    if (descriptor < 0)
        return Error{.text = whatFails + std::strerror(errno)};
    if (!m_inPlace.open(descriptor, QIODevice::WriteOnly | QIODevice::Unbuffered, QFile::AutoCloseHandle))
        return Error{.text = whatFails + m_inPlace.errorString().toStdString()};
    return {};
}

Result<void> ResultFile::write(const QByteArray &bytes)
{
    QFileDevice &file = m_isInPlace ? static_cast<QFileDevice &>(m_inPlace) : m_new;
    const bool isWritten = file.write(bytes) == bytes.size();
    const int reason = errno; // Qt keeps none where a part was written
    // commit() would not tell that a full disk cut what it flushes.
    if (isWritten && (m_isInPlace || (m_new.flush() && m_new.commit())))
        return {};
    return Error{.text = "cannot write " + m_path + ": " +
                         (isWritten ? file.errorString().toStdString() : std::strerror(reason))};
}

} // namespace parlor::cli::load
