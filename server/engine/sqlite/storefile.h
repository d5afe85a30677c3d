// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/sqlite/filewatch.h"
#include "server/engine/sqlite/schema.h"
#include "server/ops/storefigures.h"
#include "shared/protocol/result.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace parlor::sqlite {

enum class Durability : std::uint8_t {
    Normal, ///< survives the end of the process, kill -9 included
    Power,  ///< and the loss of power: each commit waits for the disk
};

struct StoreConfig
{
    std::string path;
    Durability durability = Durability::Normal;
    std::function<std::string()> drawEpoch{}; ///< a name that was never given before
    Steps steps = schemaSteps();
};

/// The database of a server: of our schema, and locked against a second server for as long as this object
/// lives. Whoever opens it owns it.
class StoreFile
{
public:
    ~StoreFile();
    StoreFile(const StoreFile &) = delete;
    StoreFile &operator=(const StoreFile &) = delete;

    /// Makes or opens the file, and brings it up to date. A file that is refused is left as it was; the error
    /// is for people.
    [[nodiscard]] static Result<std::unique_ptr<StoreFile>> open(const StoreConfig &config);

    /// The writing connection. All its statements go before this object.
    [[nodiscard]] Database &database() { return m_database; }
    /// Names the store; drawn when the file was made.
    [[nodiscard]] const std::string &epoch() const { return m_epoch; }
    /// Without links.
    [[nodiscard]] const std::string &path() const { return m_path; }
    /// The size of the write-ahead log beside it. Any thread.
    [[nodiscard]] std::uint64_t logBytes() const;
    /// What it takes of its disk, and what is free there. Any thread.
    void addTo(StoreFigures &figures) const;
    /// The file is damaged: it stays as it is, and the next start reads the whole of it.
    void noteDamage();

private:
    explicit StoreFile(std::string path)
        : m_path(std::move(path))
    {
    }
    [[nodiscard]] std::optional<std::string> lock();
    [[nodiscard]] std::optional<std::string> openDatabase(const StoreConfig &config);
    [[nodiscard]] Problem beginLog();
    [[nodiscard]] Problem settleFacts(const StoreConfig &config);
    void keepLogAtClose(bool isKept);

    std::string m_path;
    std::string m_epoch;
    std::string m_inode;
    int m_file = -1;                  ///< has the lock; closed last, for that takes SQLite's locks away, too
    FileWatch m_watch{std::string()}; ///< the file
    Database m_database;
};

} // namespace parlor::sqlite
