// SPDX-License-Identifier: MIT
#include "client-cli/sink/faultlog.h"

#include <cerrno>
#include <cinttypes>
#include <cstring>

namespace parlor::cli::sink {

namespace {

Error writeError(const std::string &path, int number)
{
    return {.text = "cannot write the log " + path + ": " + std::strerror(number)};
}

} // namespace

Result<void> FaultLog::open(const std::string &path)
{
    m_path = path;
    m_file.reset(std::fopen(path.c_str(), "we"));
    return m_file ? Result<void>{} : writeError(path, errno);
}

void FaultLog::add(std::chrono::microseconds at, std::string_view room, std::uint32_t receiver,
                   const Committed &committed)
{
    if (!m_file)
        return;
    // A room's name needs no escape: it is made of [a-z0-9._-].
    std::fprintf(m_file.get(),
                 "{\"ms\":%.3f,\"kind\":\"%.*s\",\"room\":\"%.*s\",\"seq\":%" PRIu64 ",\"receiver\":%" PRIu32
                 "}\n",
                 static_cast<double>(at.count()) / 1000, static_cast<int>(toString(committed.fault).size()),
                 toString(committed.fault).data(), static_cast<int>(room.size()), room.data(), committed.seq,
                 receiver);
}

void FaultLog::add(std::chrono::microseconds at, const Stall &stall)
{
    if (m_file)
        std::fprintf(m_file.get(), "{\"ms\":%.3f,\"kind\":\"stall\",\"length_ms\":%" PRId64 "}\n",
                     static_cast<double>(at.count()) / 1000, std::int64_t{stall.length.count()});
}

Result<void> FaultLog::close()
{
    if (!m_file)
        return {};
    const bool isWhole = std::ferror(m_file.get()) == 0;
    errno = 0;
    if (std::fclose(m_file.release()) != 0 || !isWhole)
        return writeError(m_path, errno != 0 ? errno : EIO);
    return {};
}

} // namespace parlor::cli::sink
