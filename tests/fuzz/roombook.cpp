// SPDX-License-Identifier: MIT
// What the desktop client and parlor-cli make of a server that says anything: what they ask is well-formed,
// and what they show is in order, each message once.
#include "shared/client/roombook.h"
#include "shared/client/directory.h"
#include "shared/client/memoryoutbox.h"
#include "shared/client/outboxsender.h"
#include "shared/protocol/decoder.h"
#include "shared/protocol/limits.h"
#include "tests/fuzz/target.h"

#include <QAbstractEventDispatcher>

#include <map>

namespace parlor::fuzz {

namespace {

/// The parts of a ChatClient behind its connection, put together as it does it.
class Person
{
public:
    Person()
    {
        m_options.clock = {[this] { return m_now; }, [this] { return m_now; }};
        m_options.random = [] { return 0.5; };
        QObject::connect(&m_rooms, &RoomBook::messageReceived, &m_outgoing, &OutboxSender::published);
        QObject::connect(&m_rooms, &RoomBook::roomReady, &m_outgoing, &OutboxSender::roomReady);
        QObject::connect(&m_rooms, &RoomBook::roomRefused, &m_outgoing, &OutboxSender::roomRefused);
        QObject::connect(&m_rooms, &RoomBook::messageReceived,
                         [this](const ChatMessage &message) { show(message); });
        QObject::connect(&m_rooms, &RoomBook::messagesMissing,
                         [this](const QString &room) { m_shown.erase(room); });
        QObject::connect(&m_rooms, &RoomBook::roomLeft, [this](const QString &room) { m_shown.erase(room); });
        start();
    }
    ~Person()
    {
        // Of an input that is over; they would wait for minutes.
        qDeleteAll(QAbstractEventDispatcher::instance()->children());
    }
    Person(const Person &) = delete;
    Person &operator=(const Person &) = delete;

    void hears(const std::string &text)
    {
        const auto decoded = m_decoder.frame(text);
        if (!decoded || m_requests.answer(*decoded))
            return;
        std::visit(
            [this](const auto &value) {
                if constexpr (requires { m_rooms.handle(value); })
                    m_rooms.handle(value);
            },
            *decoded);
    }

    void does(char what, const QString &text)
    {
        const QString room = text.section(QLatin1Char(' '), 0, 0);
        const QString rest = text.section(QLatin1Char(' '), 1);
        switch (what) {
        case 'j':
            return m_rooms.join(room);
        case 'J': // it was here before
            return m_rooms.join(room, {.since = RoomPosition{rest, 3, QStringLiteral("I3")},
                                       .shown = {{QStringLiteral("I2"), {}}, {QStringLiteral("I3"), {}}}});
        case 'l':
            return m_rooms.leave(room);
        case 's':
            m_outgoing.send(room, rest);
            return;
        case 'd':
            for (const OutboxEntry &each : m_outgoing.entries())
                m_outgoing.discard(each.cid);
            return;
        case 'r':
            for (const OutboxEntry &each : m_outgoing.entries())
                m_outgoing.resend(each.cid);
            return;
        case 'h':
            return m_directory.requestHistory(room, rest.toULongLong(), {});
        case 'w':
            return m_directory.requestMembers(room);
        case 'R':
            return m_directory.requestRooms(room);
        case 't':
            return m_rooms.setTyping(room, TypingState::On);
        case 'c':
            return m_outgoing.setCluster(rest.isEmpty() ? ClusterState::Whole : ClusterState::Degraded);
        case 'x': // the connection is lost, and comes back
            m_requests.close();
            m_rooms.connectionLost();
            m_outgoing.connectionLost();
            m_directory.connectionLost();
            return start();
        case 'k':
            m_now += std::chrono::milliseconds(rest.toUShort());
            return;
        default:
            return;
        }
    }

    [[nodiscard]] std::uint32_t latestRid() const { return m_latestRid; }

private:
    void start()
    {
        m_requests.open();
        m_outgoing.sessionStarted(QStringLiteral("me"), 64 * 1024);
        m_rooms.sessionStarted();
    }

    /// The server must be able to read it.
    void sent(const std::string &json)
    {
        const auto request = m_server.request(json);
        check(std::holds_alternative<Request>(request), "a request is well-formed", json);
        if (const auto rid = std::get<Request>(request).rid)
            m_latestRid = *rid;
    }

    void show(const ChatMessage &message)
    {
        const auto [before, isFirst] = m_shown.try_emplace(message.room, message.seq);
        check(isFirst || before->second < message.seq, "a room's messages are shown in order, each once",
              message.id.toStdString());
        before->second = message.seq;
    }

    ClientOptions m_options;
    std::chrono::milliseconds m_now{1'700'000'000'000};
    Decoder m_decoder{0};
    Decoder m_server{limits::kJsonDepth};
    std::uint32_t m_latestRid = 0;
    std::map<QString, quint64> m_shown; ///< the newest of each room
    MemoryOutbox m_outbox;
    RatePacer m_pacer{Clock{[this] { return m_now; }, [this] { return m_now; }}};
    Requests m_requests{m_pacer, [this](const std::string &json) { sent(json); }};
    RoomBook m_rooms{m_requests, m_options};
    OutboxSender m_outgoing{m_outbox, m_rooms, m_requests, m_pacer, m_options};
    Directory m_directory{m_requests, m_pacer};
};

/// @N is the number of the latest request but N.
std::string withRids(std::string_view line, std::uint32_t latest)
{
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '@' && i + 1 < line.size() && line[i + 1] >= '0' && line[i + 1] <= '9')
            text += std::to_string(latest - static_cast<std::uint32_t>(line[++i] - '0'));
        else
            text += line[i];
    }
    return text;
}

/// A line that begins with a brace is a frame of the server's, another one says what the person does.
void roomBook(std::string_view input)
{
    needApplication();
    Person person;
    for (Choices choices(input); !choices.isOver();) {
        const std::string_view line = choices.line();
        if (line.starts_with('{'))
            person.hears(withRids(line, person.latestRid()));
        else if (!line.empty())
            person.does(line[0], QString::fromUtf8(line.data() + 1, static_cast<qsizetype>(line.size() - 1)));
    }
}

const Target kRoomBook("roombook", &roomBook);

} // namespace

} // namespace parlor::fuzz
