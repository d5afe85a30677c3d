// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/store.h"

#include "shared/protocol/limits.h"
#include "shared/protocol/ulid.h"

#include <utility>

namespace parlor::sqlite {

namespace {

/// Messages read at once for those who catch up: several pages, and never more than a ring takes.
constexpr std::size_t kRunMessages = HistoryRing::kMaxMessages;
constexpr std::size_t kRunBytes = HistoryRing::kMaxBytes / 2;

std::string optionsOf(const RetentionLimits &limits)
{
    std::string names = limits.age.count() != 0 ? "--history-max-age" : "";
    if (limits.messages != 0)
        names += names.empty() ? "--history-max-messages" : " or --history-max-messages";
    return names;
}

} // namespace

Result<std::unique_ptr<Store>> Store::open(const Config &config, const WallClock &clock)
{
    auto file = StoreFile::open(
        {config.path, config.durability, [clock] { return UlidSource().next(clock()).toString(); }});
    if (!file)
        return file.error();
    std::unique_ptr<Store> store(new Store(config, clock, std::move(file).value()));
    Problem problem = store->m_sanctions.load();
    if (!problem)
        problem = store->m_writer.prepare();
    if (!problem)
        problem = store->m_reads.open(store->m_file->path());
    if (problem)
        return Error{ErrorCode::Unavailable,
                     "cannot use the store " + config.path + ": " + problem.text + remedy(problem)};
    return store;
}

Store::Store(const Config &config, const WallClock &clock, std::unique_ptr<StoreFile> file)
    : m_clock(clock)
    , m_log(file->path(), optionsOf(config.retention), config.log)
    , m_file(std::move(file))
    , m_sanctions(m_file->database(), m_log, clock)
    , m_writer(m_file->database(), config.retention, clock, m_log, config.writing)
{
}

Store::~Store()
{
    stop();
    if (m_writer.isDamaged())
        m_file->noteDamage();
}

void Store::start(Listener &listener)
{
    m_sanctions.start(listener);
    m_writer.start(listener);
    m_reads.start();
}

void Store::stop()
{
    m_reads.stop();
    m_writer.stop();
}

void Store::waitUntilIdle()
{
    do {
        m_reads.waitUntilIdle();
        m_writer.flush();
        m_writer.waitUntilIdle();
    } while (!m_writer.isIdle());
}

void Store::moderate(Act act, std::function<void(Result<void> done)> then)
{
    const bool isAccepted = m_writer.call([this, act = std::move(act), then](Problem problem) {
        Result<void> done = m_sanctions.moderate(act, problem);
        then(std::move(done));
        return problem;
    });
    if (!isAccepted)
        then(Error{ErrorCode::Unavailable, "the server is stopping; nothing has changed"});
}

StoreFigures Store::figures() const
{
    StoreFigures figures;
    m_writer.addTo(figures);
    figures.reads = m_reads.count();
    m_file->addTo(figures);
    return figures;
}

// ---- reading

template <typename Found, typename Read>
void Store::read(Read read, Then<Found> then, IsAbandoned isAbandoned)
{
    m_reads.push({[this, read = std::move(read), then = std::move(then)](StoreReader &reader) {
                      Found found;
                      const bool done = read(reader, found);
                      const Problem &problem = reader.problem();
                      if (problem.isDamage())
                          m_writer.giveUp(problem);
                      m_log.note(StoreLog::Activity::Reading, problem, m_clock());
                      if (done)
                          then(std::move(found));
                      else
                          then(Error{ErrorCode::Unavailable, problem.text});
                  },
                  std::move(isAbandoned)});
}

void Store::readRoom(const std::string &room, Then<StoredRoom> then)
{
    read<StoredRoom>([room](StoreReader &reader, StoredRoom &found) { return reader.room(room, found); },
                     std::move(then), {});
}

void Store::readMessages(const std::string &room, const MessageRange &range, Amount amount,
                         Then<StoredMessages> then, IsAbandoned isAbandoned)
{
    const bool isPage = amount == Amount::Page;
    const std::size_t messages = isPage ? limits::kHistoryPage : kRunMessages;
    const std::size_t bytes = isPage ? limits::kHistoryPageBytes : kRunBytes;
    read<StoredMessages>(
        [room, range, messages, bytes](StoreReader &reader, StoredMessages &found) {
            return reader.messages(room, range, messages, bytes, found);
        },
        std::move(then), std::move(isAbandoned));
}

void Store::listRooms(const std::string &prefix, const std::string &after, std::size_t most,
                      Then<Listing> then, IsAbandoned isAbandoned)
{
    read<Listing>([prefix, after, most](StoreReader &reader,
                                        Listing &found) { return reader.rooms(prefix, after, most, found); },
                  std::move(then), std::move(isAbandoned));
}

void Store::callLater(std::chrono::milliseconds pause, std::function<void()> call, IsAbandoned isAbandoned)
{
    ReadQueue::Job job{[call = std::move(call)](StoreReader &) { call(); }, std::move(isAbandoned)};
    if (pause.count() == 0)
        m_reads.push(std::move(job));
    else
        m_reads.pushAfter(pause, std::move(job));
}

} // namespace parlor::sqlite
