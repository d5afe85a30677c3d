// SPDX-License-Identifier: MIT
#include "tests/integration/model/run.h"

#include "tests/integration/model/frames.h"
#include "tests/support/rawchat.h"

#include <QFile>
#include <QProcess>

#include <algorithm>
#include <set>
#include <sqlite3.h>
#include <sys/resource.h>

namespace parlor::test::model {

using namespace Qt::StringLiterals;
using enum Step::Kind;

namespace {

RoomHistory readHistory(RawChat &chat, const QString &room)
{
    RoomHistory history;
    qint64 after = 0;
    for (bool more = true; more;) {
        const auto page = chat.send({{u"type"_s, u"history"_s}, {u"room"_s, room}, {u"after"_s, after}})
                              ? chat.nextOf(u"history"_s)
                              : std::nullopt;
        if (!page)
            break;
        history.epoch = text(*page, "epoch");
        const std::vector<Message> events = eventsOf(*page);
        history.messages.insert(history.messages.end(), events.begin(), events.end());
        more = isTrue(*page, "more") && !events.empty();
        after = events.empty() ? after : events.back().seq;
    }
    return history;
}

} // namespace

Run::Run(const Program &program, const Engine &engine)
    : m_program(program)
    , m_engine(engine)
{
    for (std::size_t i = 0; i < program.isV2.size(); ++i)
        m_clients.emplace_back(static_cast<int>(i), program.isV2[i]);
}

Problem Run::start()
{
    ++m_run;
    // Three workers: a room's members are mostly on different ones.
    // No pings: a client answers only in its turn, which may come late on a slow machine.
    const QStringList arguments{u"--workers"_s,       u"3"_s,  u"--rate"_s, u"0"_s,
                                u"--inbound-rate"_s,  u"0"_s,  u"--ping"_s, u"0"_s,
                                u"--drain-timeout"_s, u"10s"_s};
    m_server = std::make_unique<ServerProcess>(
        ServerProcess::Settings{.program = u"parlor-server"_s,
                                .arguments = arguments + m_engine.arguments(QDir(m_folder.path()), m_run)});
    return m_server->start();
}

Problem Run::restart(const Step &step)
{
    if (step.kind == Terminate) {
        Problem problem = terminate();
        return problem.isEmpty() ? start() : problem;
    }
    ModelClient &witness = m_clients[static_cast<std::size_t>(step.client)];
    if (witness.isConnected())
        witness.readAcks(step.count);
    m_server->kill();
    bool inFlight = false;
    for (ModelClient &client : m_clients) {
        if (client.isConnected())
            client.readToEnd(ModelClient::Death::Killed);
        inFlight = inFlight || client.isOwed();
    }
    m_deathsInFlight += inFlight ? 1 : 0;
    return start();
}

Problem Run::terminate()
{
    m_server->signal(SIGTERM);
    for (ModelClient &client : m_clients) {
        if (client.isConnected())
            client.readToEnd(ModelClient::Death::Terminated);
    }
    return m_server->waitForEnd() ? m_server->judgeEnd() : u"SIGTERM does not end it"_s;
}

Problem Run::backUp()
{
    if (!m_engine.isDurable)
        return {};
    const QString copy = m_folder.filePath(u"copy.db"_s);
    QProcess process;
    process.start(QDir(qEnvironmentVariable("PARLOR_TEST_BIN")).filePath(u"parlor-server"_s),
                  m_engine.arguments(QDir(m_folder.path()), m_run) + QStringList{u"--backup"_s, copy});
    if (!process.waitForFinished() || process.exitCode() != 0)
        return u"the backup fails: "_s + QString::fromUtf8(process.readAllStandardError());
    m_backup = Fork{};
    sqlite3 *database = nullptr;
    const auto learn = [](void *tops, int, char **values, char **) {
        (*static_cast<std::map<QString, qint64> *>(tops))[QString::fromUtf8(values[0])] =
            QByteArray(values[1]).toLongLong();
        return 0;
    };
    const bool isRead = sqlite3_open(copy.toUtf8().constData(), &database) == SQLITE_OK &&
                        sqlite3_exec(database,
                                     "SELECT name, max(seq, ifnull((SELECT max(seq) FROM messages "
                                     "WHERE room = rooms.id), 0)) FROM rooms",
                                     learn, &m_backup->tops, nullptr) == SQLITE_OK;
    sqlite3_close(database);
    return isRead ? Problem() : u"the backup cannot be read"_s;
}

Problem Run::restore()
{
    if (!m_backup)
        return {};
    if (Problem problem = terminate(); !problem.isEmpty())
        return problem;
    const QString store = m_folder.filePath(u"parlor.db"_s);
    for (const QString &file : QStringList{store, store + u"-wal"_s, store + u"-shm"_s})
        QFile::remove(file);
    if (!QFile::copy(m_folder.filePath(u"copy.db"_s), store))
        return u"the backup cannot be copied"_s;
    m_backup->run = m_run + 1;
    m_forks.push_back(*m_backup);
    return start();
}

bool Run::limitFiles(std::uint64_t bytes) const
{
    const rlimit limit{bytes, RLIM_INFINITY};
    return ::prlimit(static_cast<pid_t>(m_server->pid()), RLIMIT_FSIZE, &limit, nullptr) == 0;
}

Problem Run::fillDisk(const Step &step)
{
    ModelClient &speaker = m_clients[static_cast<std::size_t>(step.client)];
    const QString &room = m_program.rooms[static_cast<std::size_t>(step.room)];
    if (!m_engine.isDurable)
        return {};
    for (ModelClient &client : m_clients) {
        if (client.isConnected())
            client.settle();
    }
    if (!speaker.isConnected() || !speaker.rooms().contains(room))
        return {};
    if (!limitFiles(0))
        return u"its files cannot be limited"_s;
    const std::size_t before = speaker.log().size();
    speaker.sayInVain(room, step.count);
    const Log &log = speaker.log();
    const Log declined(log.begin() + static_cast<std::ptrdiff_t>(before), log.end());
    for (ModelClient &client : m_clients) {
        if (client.isConnected())
            client.read();
    }
    if (Problem problem = wasHeard(declined); !problem.isEmpty())
        return problem;
    if (step.from != 0)
        return restart({.kind = Kill, .client = step.client});
    if (!limitFiles(RLIM_INFINITY))
        return u"its files cannot be let grow"_s;
    if (speaker.isConnected())
        speaker.settle();
    return {};
}

Problem Run::wasHeard(const Log &declined) const
{
    std::set<QString> contents;
    for (const Entry &each : declined) {
        if (const auto *known = std::get_if<entry::Declined>(&each))
            contents.insert(known->content);
    }
    if (contents.empty())
        return u"nothing was declined, though the server could not write"_s;
    for (const ModelClient &client : m_clients) {
        for (const Entry &each : client.log()) {
            const auto *heard = std::get_if<entry::Heard>(&each);
            if (heard && contents.contains(heard->message.content))
                return u"declined, but heard: "_s + heard->message.content.left(12);
        }
    }
    return {};
}

void Run::catchUp(ModelClient &client)
{
    client.settle();
    const std::set<QString> rooms = client.rooms();
    for (const QString &room : rooms) {
        if (client.isConnected())
            client.readUpTo(room, m_clients.front().lastAck(room));
    }
}

void Run::perform(const Step &step, ModelClient &client)
{
    const QString &room = m_program.rooms[static_cast<std::size_t>(step.room)];
    if (step.kind == Connect)
        return client.isConnected() ? void() : client.connect(m_server->port(), m_run);
    if (!client.isConnected())
        return; // it was cut, which its log says
    switch (step.kind) {
    case Replace:
        return client.replace(m_server->port(), m_run);
    case Disconnect:
        return client.disconnect();
    case Vanish:
        return client.vanish();
    case Reset:
        return client.reset();
    case Join:
        return client.join(room);
    case JoinAnew:
        return client.joinAnew(room, step.count);
    case Leave:
        return client.leave(room);
    case Switch:
        if (m_program.isV2[static_cast<std::size_t>(step.client)])
            client.leave(m_program.rooms[static_cast<std::size_t>(step.from)]);
        return client.join(room);
    case Send:
        return client.send(room, step.count, step.padding);
    case ResendAcked:
        return client.resendAcked(step.count);
    case ResendOpen:
        return client.resendOpen();
    case Page:
        return client.page(room, step.from == 0 ? ModelClient::Way::Before : ModelClient::Way::After,
                           step.count);
    case Read:
        return client.read();
    case Settle:
        return client.settle();
    case CatchUp:
        return catchUp(client);
    case Connect:
    case Terminate:
    case Kill:
    case FullDisk:
    case BackUp:
    case Restore:
        return;
    }
}

Problem Run::execute()
{
    if (Problem problem = start(); !problem.isEmpty())
        return problem;
    for (const Step &step : m_program.steps) {
        if (step.kind == Terminate || step.kind == Kill) {
            if (Problem problem = restart(step); !problem.isEmpty())
                return problem;
        } else if (step.kind == FullDisk) {
            if (Problem problem = fillDisk(step); !problem.isEmpty())
                return problem;
        } else if (step.kind == BackUp || step.kind == Restore) {
            if (Problem problem = step.kind == BackUp ? backUp() : restore(); !problem.isEmpty())
                return problem;
        } else {
            perform(step, m_clients[static_cast<std::size_t>(step.client)]);
        }
    }
    return {};
}

Record Run::record()
{
    Record record{m_engine.isDurable, {}, {}, m_forks};
    for (const ModelClient &client : m_clients)
        record.clients.push_back(client.log());
    RawChat reader;
    for (const QString &room : m_program.rooms) {
        if (!reader.webSocket().socket().isOpen())
            (void)reader.openAndJoin(m_server->port(), Dialect::V2, room);
        else if (reader.send({{u"type"_s, u"join"_s}, {u"room"_s, room}}))
            (void)reader.nextOf(u"sync"_s);
        record.rooms[room] = readHistory(reader, room); // an empty one lacks all that was heard
    }
    return record;
}

Run::Figures Run::figures() const
{
    Figures figures;
    figures.deathsInFlight = m_deathsInFlight;
    for (const ModelClient &client : m_clients) {
        for (const Entry &each : client.log()) {
            if (const auto *session = std::get_if<entry::Session>(&each))
                figures.resumes += session->resumed ? 1 : 0;
            else if (const auto *ack = std::get_if<entry::Acked>(&each))
                figures.duplicates += ack->dup ? 1 : 0;
            else if (std::holds_alternative<entry::Heard>(each))
                ++figures.messages;
            else if (std::holds_alternative<entry::Declined>(each))
                ++figures.declined;
            else if (const auto *sync = std::get_if<entry::Synced>(&each))
                figures.forks += sync->reason == u"ahead"_s || sync->reason == u"diverged"_s ? 1 : 0;
        }
    }
    return figures;
}

} // namespace parlor::test::model
