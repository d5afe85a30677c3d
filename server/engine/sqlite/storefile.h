// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/sqlite/filewatch.h"
#include "server/engine/sqlite/lockfile.h"
#include "server/engine/sqlite/schema.h"

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
    std::string bootId{};                     ///< names this run of the machine; empty: nobody knows
    std::function<std::string()> drawEpoch{}; ///< a name that was never given before; of tokens, too
    Steps steps = schemaSteps();
};

/// The database of a server: locked against a second server, of our schema, with epochs that can be believed.
/// Whoever opens it owns it; the lock lasts as long as this object.
class StoreFile
{
public:
    ~StoreFile();
    StoreFile(const StoreFile &) = delete;
    StoreFile &operator=(const StoreFile &) = delete;

    /// Makes or opens the file, and brings it up to date. Null, and why, for people; then the file is as it
    /// was, unless it was the lock file that could not be written: it has new epochs then.
    [[nodiscard]] static std::unique_ptr<StoreFile> open(const StoreConfig &config, std::string &why);

    /// The writing connection.
    [[nodiscard]] Database &database() { return m_database; }
    /// Of rooms that nobody has written in yet.
    [[nodiscard]] const std::string &epoch() const { return m_epoch; }
    /// Without links.
    [[nodiscard]] const std::string &path() const { return m_path; }
    /// The size of the write-ahead log beside it. Any thread.
    [[nodiscard]] std::uint64_t logBytes() const;
    /// Whether older positions were declared void at this opening.
    [[nodiscard]] bool hasNewEpochs() const { return m_newEpochs; }
    /// So many messages were committed: a start that finds fewer takes the file for a copy. The writing
    /// thread's.
    void noteCommitted(std::uint64_t messages) { m_lock.moveMark(m_committed += messages); }
    /// Notes that nothing can have been lost. After all other statements are gone.
    void closeCleanly();
    /// Leaves all as it is, for the next start to be looked at as a whole.
    void closeDamaged();

private:
    StoreFile() = default;
    [[nodiscard]] std::optional<std::string> openDatabase(Steps steps);
    [[nodiscard]] Problem beginLog();
    [[nodiscard]] Problem emptyLog();
    [[nodiscard]] bool isAltered() const;
    void close();
    void closeAsItIs();
    [[nodiscard]] Problem settleEpochs(const StoreConfig &config);
    [[nodiscard]] Problem learnWhetherNew(const StoreConfig &config);
    [[nodiscard]] Problem countCommitted();
    [[nodiscard]] Problem commitWithToken();

    std::string m_path;
    std::string m_epoch;
    std::string m_bootId;
    std::function<std::string()> m_drawToken;
    FileWatch m_watch{std::string()}; ///< the file
    std::uint64_t m_committed = 0;    ///< messages, dropped ones too
    bool m_isAltered = false;         ///< by others, since the last run
    bool m_wasCopied = false;
    bool m_newEpochs = false;
    bool m_isSettled = false;   ///< the lock file says that it is in use
    bool m_isTokenLast = false; ///< nothing was committed after the token that the lock file has
    LockFile m_lock;
    Database m_database;
};

struct Copied
{
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0; ///< of the file
};
/// Copies the store at `path`, which a server may be using, to a new file. Nothing, and why, for people.
[[nodiscard]] std::optional<Copied> backUp(const std::string &path, const std::string &target,
                                           std::string &why);

} // namespace parlor::sqlite
