// SPDX-License-Identifier: MIT
#include "tests/unit/server/engine/sqlitecase.h"

#include <csignal>

namespace parlor {

FullDisk::FullDisk(rlim_t bytes)
{
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &m_before);
    const rlimit limit{bytes, m_before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
}

FullDisk::~FullDisk()
{
    ::setrlimit(RLIMIT_FSIZE, &m_before);
}

SlowDisk::SlowDisk(const std::string &path)
{
    if (m_database.open(path, sqlite::OpenMode::Existing) || m_database.run("BEGIN IMMEDIATE"))
        qFatal("cannot hold %s", path.c_str());
}

std::string epochOf(const std::string &path)
{
    sqlite::Database database;
    sqlite::Statement query;
    if (database.open(path, sqlite::OpenMode::Existing) ||
        query.prepare(database, "SELECT value FROM facts WHERE name = 'epoch'") || !query.step())
        qFatal("cannot read %s", path.c_str());
    return std::string(query.text(0));
}

void SqliteCase::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_config = {};
    m_config.path = path("parlor.db");
    m_config.bootId = "this boot";
}

std::unique_ptr<SqliteEngine> SqliteCase::open()
{
    std::string why;
    auto engine = SqliteEngine::open(
        m_config, [this] { return m_now.load(); }, why);
    if (!engine)
        qFatal("%s", why.c_str());
    engine->waitUntilIdle();
    return engine;
}

} // namespace parlor
