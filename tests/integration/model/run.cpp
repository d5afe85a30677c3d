// SPDX-License-Identifier: MIT
#include "tests/integration/model/run.h"

#include "tests/integration/model/frames.h"
#include "tests/support/rawchat.h"

#include <algorithm>
#include <set>

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
    , m_storage(engine.makeStorage())
    , m_servers(static_cast<std::size_t>(engine.servers))
    , m_runs(m_servers.size())
    , m_at(program.isV2.size())
{
    const auto trust =
        engine.faults == Engine::Faults::None ? ModelClient::Trust::Full : ModelClient::Trust::Patient;
    for (std::size_t i = 0; i < program.isV2.size(); ++i)
        m_clients.emplace_back(static_cast<int>(i), program.isV2[i], trust);
}

Problem Run::start(std::size_t server)
{
    m_runs[server] = ++m_run;
    // Three workers: a room's members are mostly on different ones.
    // No pings: a client answers only in its turn, which may come late on a slow machine.
    const QStringList arguments{u"--workers"_s,       u"3"_s,  u"--rate"_s, u"0"_s,
                                u"--inbound-rate"_s,  u"0"_s,  u"--ping"_s, u"0"_s,
                                u"--drain-timeout"_s, u"10s"_s};
    m_servers[server] = std::make_unique<ServerProcess>(ServerProcess::Settings{
        .program = u"parlor-server"_s, .arguments = arguments + m_storage->arguments(m_run)});
    return m_servers[server]->start();
}

Problem Run::restart(const Step &step)
{
    const std::size_t server = serverOf(step);
    ModelClient &witness = m_clients[static_cast<std::size_t>(step.client)];
    if (step.kind == Kill && witness.isConnected())
        witness.readAcks(step.count);
    const Problem problem = step.kind == Kill ? kill(server) : terminate(server);
    return problem.isEmpty() ? start(server) : problem;
}

Problem Run::kill(std::size_t server)
{
    m_servers[server]->kill();
    bool inFlight = false;
    for (std::size_t i = 0; i < m_clients.size(); ++i) {
        const bool wasAt = isAt(i, server);
        if (wasAt)
            m_clients[i].readToEnd(ModelClient::Death::Killed);
        inFlight = inFlight || (wasAt && m_clients[i].isOwed());
    }
    m_deathsInFlight += inFlight ? 1 : 0;
    return {};
}

Problem Run::terminate(std::size_t server)
{
    m_servers[server]->signal(SIGTERM);
    for (std::size_t i = 0; i < m_clients.size(); ++i) {
        if (isAt(i, server))
            m_clients[i].readToEnd(ModelClient::Death::Terminated);
    }
    return m_servers[server]->waitForEnd() ? m_servers[server]->judgeEnd() : u"SIGTERM does not end it"_s;
}

Problem Run::backUp()
{
    if (!m_engine.isDurable || m_engine.faults == Engine::Faults::Loss)
        return {};
    m_backup = Fork{};
    return m_storage->backUp(m_backup->tops);
}

Problem Run::restore()
{
    if (!m_backup)
        return {};
    for (std::size_t server = 0; server < m_servers.size(); ++server) {
        if (Problem problem = terminate(server); !problem.isEmpty())
            return problem;
    }
    if (Problem problem = m_storage->restore(); !problem.isEmpty())
        return problem;
    m_backup->run = m_run + 1;
    m_forks.push_back(*m_backup);
    for (std::size_t server = 0; server < m_servers.size(); ++server) {
        if (Problem problem = start(server); !problem.isEmpty())
            return problem;
    }
    return {};
}

Problem Run::disturb(const Step &step)
{
    if (m_engine.faults != Engine::Faults::Harmless)
        return {};
    if (step.from == 0)
        settleAll();
    return m_storage->disturb(step.count, step.from == 0 ? Storage::Part::Begin : Storage::Part::End);
}

Problem Run::lose(const Step &step)
{
    if (m_engine.faults != Engine::Faults::Loss)
        return {};
    if (step.from == 0) {
        settleAll();
        noteAll(entry::Saved{});
        return m_storage->lose(step.count, Storage::Part::Begin);
    }
    Problem problem = m_storage->lose(step.count, Storage::Part::End);
    noteAll(entry::Lost{step.count < Storage::kKeepingLosses});
    return problem;
}

void Run::settleAll()
{
    for (ModelClient &client : m_clients) {
        if (client.isConnected())
            client.settle();
    }
}

void Run::noteAll(const Entry &what)
{
    for (ModelClient &client : m_clients)
        client.note(what);
}

Problem Run::fillDisk(const Step &step)
{
    ModelClient &speaker = m_clients[static_cast<std::size_t>(step.client)];
    const QString &room = m_program.rooms[static_cast<std::size_t>(step.room)];
    if (!m_engine.isDurable)
        return {};
    settleAll();
    if (!speaker.isConnected() || !speaker.rooms().contains(room))
        return {};
    const std::size_t server = m_at[static_cast<std::size_t>(step.client)];
    if (Problem problem = m_storage->fill(m_servers[server]->pid()); !problem.isEmpty())
        return problem;
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
    if (step.from != 0) {
        if (Problem problem = kill(server); !problem.isEmpty())
            return problem;
    }
    if (Problem problem = m_storage->makeRoom(m_servers[server]->pid()); !problem.isEmpty())
        return problem;
    if (step.from != 0)
        return start(server);
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

void Run::connect(const Step &step, ModelClient &client)
{
    const std::size_t server = serverOf(step);
    m_at[static_cast<std::size_t>(step.client)] = server;
    if (step.kind == Replace)
        client.replace(m_servers[server]->port(), m_runs[server]);
    else
        client.connect(m_servers[server]->port(), m_runs[server]);
    // Who moved on before the others know that the session is here could be taken for the older one.
    if (m_servers.size() > 1 && client.isConnected())
        client.fence();
}

void Run::perform(const Step &step, ModelClient &client)
{
    const QString &room = m_program.rooms[static_cast<std::size_t>(step.room)];
    if (step.kind == Connect)
        return client.isConnected() ? void() : connect(step, client);
    if (!client.isConnected())
        return; // it was cut, which its log says
    switch (step.kind) {
    case Replace:
        return connect(step, client);
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
    case Disturb:
    case Lose:
        return;
    }
}

Problem Run::perform(const Step &step)
{
    switch (step.kind) {
    case Terminate:
    case Kill:
        return restart(step);
    case FullDisk:
        return fillDisk(step);
    case BackUp:
        return backUp();
    case Restore:
        return restore();
    case Disturb:
        return disturb(step);
    case Lose:
        return lose(step);
    default:
        perform(step, m_clients[static_cast<std::size_t>(step.client)]);
        return {};
    }
}

Problem Run::execute()
{
    if (Problem problem = m_storage->start(); !problem.isEmpty())
        return problem;
    for (std::size_t server = 0; server < m_servers.size(); ++server) {
        if (Problem problem = start(server); !problem.isEmpty())
            return problem;
    }
    for (const Step &step : m_program.steps) {
        if (Problem problem = perform(step); !problem.isEmpty())
            return problem;
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
            (void)reader.openAndJoin(m_servers.front()->port(), Dialect::V2, room);
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
            else if (std::holds_alternative<entry::Unsure>(each))
                ++figures.unsure;
            else if (const auto *sync = std::get_if<entry::Synced>(&each))
                figures.forks += sync->reason == u"ahead"_s || sync->reason == u"diverged"_s ? 1 : 0;
        }
    }
    return figures;
}

} // namespace parlor::test::model
