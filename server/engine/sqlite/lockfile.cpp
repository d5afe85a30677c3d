// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/lockfile.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace parlor::sqlite {

namespace {

/// Between a mark's time and that at which the file was changed, which some systems keep in seconds. After a
/// loss of power one of them may be older than the other, by what the system leaves unwritten.
constexpr std::chrono::milliseconds kMarkToFile{1100};
constexpr std::chrono::minutes kMarkToFileAfterBoot{5};

std::chrono::milliseconds sinceEpoch(const timespec &time)
{
    return std::chrono::seconds(time.tv_sec) +
           std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds(time.tv_nsec));
}

/// Of one length: a new one covers the old one.
std::string markText(std::uint64_t mark)
{
    timespec now = {};
    ::clock_gettime(CLOCK_REALTIME, &now);
    std::array<char, 64> text{};
    const int length = std::snprintf(text.data(), text.size(), "%020" PRId64 " %020" PRIu64,
                                     std::int64_t(sinceEpoch(now).count()), mark);
    return {text.data(), static_cast<std::size_t>(length)};
}

} // namespace

LockFile::~LockFile()
{
    close();
}

std::optional<std::string> LockFile::lock(const std::string &path)
{
    m_path = path;
    do {
        close();
        if (!open()) {
            const bool isOther = errno == ELOOP || errno == EISDIR || errno == ENXIO || errno == 0;
            if (isOther)
                return "its lock file " + path + " is no regular file; remove it, or give another path";
            return path + ": " + std::strerror(errno) +
                   "; let the server write to its folder, or give another path";
        }
        if (::flock(m_file, LOCK_EX | LOCK_NB) != 0) {
            m_isNew = false; // whoever holds it uses it
            if (errno == EWOULDBLOCK)
                return "another server uses it; stop that one, or give another path";
            return path + ": " + std::strerror(errno);
        }
    } while (!isStillThere()); // else its maker has removed it since: nobody else would find this lock
    return std::nullopt;
}

/// What others have put there is neither written into nor waited for: false, and errno is 0 where that is not
/// the system's word.
bool LockFile::open()
{
    constexpr int kFlags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    m_file = ::open(m_path.c_str(), kFlags | O_EXCL, 0600);
    m_isNew = m_file >= 0;
    if (!m_isNew && errno == EEXIST)
        m_file = ::open(m_path.c_str(), kFlags, 0600);
    if (m_file < 0)
        return false;
    struct stat status = {};
    if (::fstat(m_file, &status) != 0)
        return false;
    errno = 0;
    return S_ISREG(status.st_mode);
}

bool LockFile::isStillThere() const
{
    struct stat opened = {};
    struct stat named = {};
    if (::fstat(m_file, &opened) != 0 || ::stat(m_path.c_str(), &named) != 0)
        return errno != ENOENT;
    return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

void LockFile::close()
{
    if (m_file >= 0)
        ::close(m_file);
    m_file = -1;
}

/// While it is locked: another server that has opened it cannot have locked it, and will see that it is gone.
void LockFile::removeIfNew()
{
    if (m_isNew && note().token.empty() && isStillThere())
        ::unlink(m_path.c_str());
    m_isNew = false;
}

/// The first line is the token and the state, the second one time, mark and boot, the third one the next
/// token.
LockFile::Note LockFile::note(std::string_view bootId) const
{
    std::array<char, 512> bytes{};
    const ssize_t length = ::pread(m_file, bytes.data(), bytes.size(), 0);
    if (length <= 0)
        return {};
    std::istringstream lines(std::string(bytes.data(), static_cast<std::size_t>(length)));
    std::string first;
    std::getline(lines, first);
    Note note;
    const std::size_t space = first.find(' ');
    note.token = first.substr(0, space);
    if (space != std::string::npos)
        note.state = first.substr(space + 1);
    std::int64_t time = 0;
    if (!(lines >> time >> note.mark))
        return note;
    note.hasMark = true;
    lines.ignore(); // a space
    std::getline(lines, note.bootId);
    std::getline(lines, note.next);
    struct stat status = {};
    const std::chrono::milliseconds most = note.bootId == bootId ? kMarkToFile : kMarkToFileAfterBoot;
    note.isCopied = ::fstat(m_file, &status) != 0 ||
                    std::chrono::abs(sinceEpoch(status.st_ctim) - std::chrono::milliseconds(time)) > most;
    return note;
}

/// Over the old one, in the same block: on a full disk, too, there is room for it.
bool LockFile::write(const Note &note)
{
    std::string text = note.token + ' ' + note.state + '\n';
    m_markAt = static_cast<off_t>(text.size());
    text += markText(note.mark) + ' ' + note.bootId + '\n' + note.next;
    const auto length = static_cast<ssize_t>(text.size());
    return ::pwrite(m_file, text.data(), text.size(), 0) == length && ::ftruncate(m_file, length) == 0 &&
           ::fsync(m_file) == 0;
}

void LockFile::moveMark(std::uint64_t mark)
{
    const std::string text = markText(mark);
    (void)!::pwrite(m_file, text.data(), text.size(), m_markAt);
}

} // namespace parlor::sqlite
