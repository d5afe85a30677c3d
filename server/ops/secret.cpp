// SPDX-License-Identifier: MIT
#include "server/ops/secret.h"

#include "server/ops/shellword.h"

#include <QByteArray>
#include <QRandomGenerator>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

namespace parlor {

namespace {

constexpr std::size_t kMinKeyBytes = 32;
constexpr std::size_t kMaxKeyBytes = 4096;

/// Closes a descriptor.
class Descriptor
{
public:
    explicit Descriptor(int descriptor)
        : m_descriptor(descriptor)
    {
    }
    ~Descriptor()
    {
        if (isOpen())
            close(m_descriptor);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    [[nodiscard]] bool isOpen() const { return m_descriptor >= 0; }
    [[nodiscard]] int get() const { return m_descriptor; }

private:
    int m_descriptor;
};

/// Removes a file at the end.
class FileRemover
{
public:
    explicit FileRemover(std::string path)
        : m_path(std::move(path))
    {
    }
    ~FileRemover() { unlink(m_path.c_str()); }
    FileRemover(const FileRemover &) = delete;
    FileRemover &operator=(const FileRemover &) = delete;

private:
    std::string m_path;
};

Error systemFailure(const std::string &what, int error, const std::string &remedy)
{
    return {.text = what + ": " + std::strerror(error) + "; " + remedy};
}

bool writeAll(int descriptor, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t n = write(descriptor, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

std::string folderOf(const std::string &path)
{
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos)
        return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// Puts the name of a new file onto the disk too. Some file systems do not offer it; the file is whole
/// without it.
void syncFolder(const std::string &path)
{
    const Descriptor descriptor(open(folderOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor.isOpen())
        fsync(descriptor.get());
}

/// What to do where the file could not be made.
std::string remedyFor(int error, const std::string &path)
{
    const std::string folder = folderOf(path);
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return "there is no folder " + folder + "; make it (mkdir -p " + shellWord(folder) +
               "), or give another path";
    case ENOSPC:
    case EDQUOT:
        return "make room on the disk of " + folder + ", or give a path on another";
    default:
        return "let the server write to " + folder + ", or make the file: openssl rand -base64 32 > " +
               shellWord(path) + " && chmod 600 " + shellWord(path);
    }
}

/// The file is there, made by us or by another process in the meantime.
Result<void> makeFile(const std::string &path)
{
    const auto failure = [&path](int error) {
        return systemFailure("cannot make the secret file " + path, error, remedyFor(error, path));
    };
    std::string temporary = path + ".XXXXXX";
    const Descriptor file(mkostemp(temporary.data(), O_CLOEXEC)); // exclusive, mode 0600
    if (!file.isOpen())
        return failure(errno);
    const FileRemover remover(temporary);
    if (!writeAll(file.get(), drawSecret() + '\n') || fsync(file.get()) != 0)
        return failure(errno);
    // link(), unlike rename(), does not replace the key that another process may have made by now.
    if (link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST)
        return failure(errno);
    syncFolder(path);
    return {};
}

/// Whether users can read or change the file for whom it is not meant. What belongs to another user is read
/// through its group or an ACL, as with systemd's credentials: that is how it reaches us.
bool isOpenToOthers(const struct stat &status)
{
    const mode_t group = status.st_uid == geteuid() ? S_IRWXG : S_IWGRP | S_IXGRP;
    return (status.st_mode & (group | S_IRWXO)) != 0;
}

/// A file of one line that nobody else may read.
struct PrivateLine
{
    std::string file;    ///< in messages: `the secret file /x`
    std::string content; ///< in messages: `key`
    std::size_t least;   ///< bytes
    /// Put behind the number of bytes, if that is less.
    std::string tooShort;
};

/// What is in a file of at most kMaxKeyBytes, and one byte more where it has more.
Result<std::string> readSmallFile(int descriptor, const std::string &file, struct stat &status)
{
    if (fstat(descriptor, &status) != 0)
        return systemFailure("cannot read " + file, errno, "check the path");
    if (!S_ISREG(status.st_mode))
        return Error{.text = file + " is no regular file; give a file"};
    std::string text(kMaxKeyBytes + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t n = read(descriptor, text.data() + size, text.size() - size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return systemFailure("cannot read " + file, errno, "check the disk");
        if (n == 0)
            break;
        size += static_cast<std::size_t>(n);
    }
    text.resize(size);
    return text;
}

Error openToOthers(const std::string &file, const std::string &content, const std::string &path)
{
    return {.text = file + " is open to other users; if it is the server's " + content + ", run: chmod 600 " +
                    shellWord(path) + "; else give another path"};
}

Result<std::string> readPrivateLine(int descriptor, const std::string &path, const PrivateLine &line)
{
    struct stat status = {};
    auto read = readSmallFile(descriptor, line.file, status);
    if (!read)
        return read;
    std::string &text = *read;
    const std::string onlyThat = "; it should hold one " + line.content + " and nothing else";
    if (text.size() > kMaxKeyBytes)
        return Error{.text = line.file + " is larger than 4096 bytes" + onlyThat};
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.pop_back();
    if (text.size() < line.least)
        return Error{.text = line.file + " holds " + std::to_string(text.size()) + " bytes" + line.tooShort};
    if (text.find('\n') != std::string::npos)
        return Error{.text = line.file + " has several lines" + onlyThat};
    // Only now: nobody is to close a file that is none of this kind.
    if (isOpenToOthers(status))
        return openToOthers(line.file, line.content, path);
    return std::move(text);
}

Result<std::string> readKey(int descriptor, const std::string &path)
{
    return readPrivateLine(descriptor, path,
                           {"the secret file " + path, "key", kMinKeyBytes,
                            ", and a key has at least 32: it is none; give another path, and the server "
                            "makes one there"});
}

constexpr int kReading = O_RDONLY | O_CLOEXEC | O_NONBLOCK; // the last for a FIFO, which would block here

} // namespace

Result<std::string> loadSecret(const std::string &path)
{
    if (const Descriptor file(open(path.c_str(), kReading)); file.isOpen())
        return readKey(file.get(), path);
    if (errno != ENOENT)
        return systemFailure("cannot read the secret file " + path, errno, "let the server's user read it");
    if (const auto made = makeFile(path); !made)
        return made.error();
    const Descriptor file(open(path.c_str(), kReading));
    if (!file.isOpen())
        return systemFailure("cannot read the secret file " + path, errno, "let the server's user read it");
    return readKey(file.get(), path);
}

Result<std::string> loadPassword(const std::string &path)
{
    const std::string file = "the password file " + path;
    const Descriptor descriptor(open(path.c_str(), kReading));
    if (!descriptor.isOpen())
        return systemFailure("cannot read " + file, errno,
                             "give a file with the password, which the server's user may read");
    return readPrivateLine(descriptor.get(), path,
                           {file, "password", 1, "; write the password into its one line"});
}

Result<std::string> loadPrivateFile(const std::string &path, const std::string &what)
{
    const Descriptor descriptor(open(path.c_str(), kReading));
    if (!descriptor.isOpen())
        return systemFailure("cannot read " + what, errno, "let the server's user read it");
    struct stat status = {};
    auto text = readSmallFile(descriptor.get(), what, status);
    if (text && text->size() > kMaxKeyBytes)
        return Error{.text = what + " is larger than 4096 bytes; give a file with keys and nothing else"};
    if (text && isOpenToOthers(status))
        return openToOthers(what, "file", path);
    return text;
}

std::string drawSecret()
{
    std::array<quint32, 8> words{};
    QRandomGenerator::system()->fillRange(words.data(), static_cast<qsizetype>(words.size()));
    return QByteArray(reinterpret_cast<const char *>(words.data()), sizeof words).toBase64().toStdString();
}

} // namespace parlor
