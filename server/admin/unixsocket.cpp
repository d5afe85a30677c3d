// SPDX-License-Identifier: MIT
#include "server/admin/unixsocket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace parlor::admin {

namespace {

constexpr int kBacklog = 16;

Error cannotListen(const std::string &path, const std::string &why)
{
    return {.text = "admin-listen: cannot listen on unix:" + path + ": " + why};
}

} // namespace

UnixSocketFile::UnixSocketFile(std::string path, int descriptor)
    : m_path(std::move(path))
    , m_descriptor(descriptor)
{
}

UnixSocketFile::UnixSocketFile(UnixSocketFile &&other) noexcept
    : m_path(std::exchange(other.m_path, {}))
    , m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

UnixSocketFile::~UnixSocketFile()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
    if (!m_path.empty())
        ::unlink(m_path.c_str());
}

Result<UnixSocketFile> UnixSocketFile::listen(const std::string &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return cannotListen(path, "the path has " + std::to_string(path.size()) + " bytes, and at most " +
                                      std::to_string(sizeof address.sun_path - 1) +
                                      " are possible; give a shorter one");
    path.copy(address.sun_path, path.size());
    const auto *const name = reinterpret_cast<const sockaddr *>(&address);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0)
        return cannotListen(path, std::strerror(errno));
    // The file gets the socket's mode: there is no moment in which others could connect.
    if (::fchmod(descriptor, S_IRUSR | S_IWUSR) != 0 || ::bind(descriptor, name, sizeof address) != 0) {
        const int error = errno;
        struct stat found = {};
        const bool isSocket =
            error == EADDRINUSE && ::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
        const bool isLeft =
            isSocket && ::connect(descriptor, name, sizeof address) != 0 && errno == ECONNREFUSED;
        ::close(descriptor);
        if (isLeft && ::unlink(path.c_str()) == 0)
            return listen(path);
        if (isSocket)
            return cannotListen(path, "another server has it; stop that one, or give another path");
        if (error == EADDRINUSE)
            return cannotListen(path, "there is a file that is no socket; give another path");
        return cannotListen(path, std::string(std::strerror(error)) +
                                      "; give a path in a folder that the server's user may write to");
    }
    UnixSocketFile file(path, descriptor);
    if (::listen(descriptor, kBacklog) != 0)
        return cannotListen(path, std::strerror(errno));
    return file;
}

int UnixSocketFile::takeDescriptor()
{
    return std::exchange(m_descriptor, -1);
}

std::string peerOf(int descriptor)
{
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return "unix";
    return "uid:" + std::to_string(peer.uid);
}

} // namespace parlor::admin
