// SPDX-License-Identifier: MIT
// A script of bytes against real sessions: two workers' chats with one engine. Each request has its answer,
// each room's messages come in order, each once, what is deleted stays so, and nobody hears a room before
// they have said who they are, where that is asked.
#include "server/chat/chat.h"
#include "server/engine/memoryengine.h"
#include "shared/protocol/values.h"
#include "shared/websocket/reader.h"
#include "tests/fuzz/target.h"

#include <map>
#include <set>

namespace parlor::fuzz {

namespace {

constexpr std::size_t kClients = 8;
constexpr std::size_t kWorkers = 2;
constexpr websocket::ReaderLimits kSliceLimits{.messageBytes = 1U << 30U, .fragments = 1};

/// What one client has heard. Its own decoder: the sessions' must not depend on it.
class Hearing final : private websocket::ReaderSink
{
public:
    Hearing(bool isV2, bool mayHear)
        : m_isV2(isV2)
        , m_mayHear(mayHear)
    {
    }

    /// It has shown who it is.
    void known() { m_mayHear = true; }

    void asked(std::uint32_t rid) { ++m_unanswered[rid]; }
    void isSilent(std::uint32_t rid) { m_maybeSilent.insert(rid); }
    /// Of a request that was answered, or needed no answer.
    [[nodiscard]] std::optional<std::uint32_t> unanswered() const
    {
        for (const auto &[rid, count] : m_unanswered) {
            if (count > 0 && !m_maybeSilent.contains(rid))
                return rid;
        }
        return std::nullopt;
    }

    void hearFrames(std::string bytes)
    {
        check(m_reader.feed(bytes, *this) == bytes.size() && !m_reader.violation() &&
                  !m_reader.isMidMessage(),
              "a slice is whole frames");
    }
    void hear(std::string_view text)
    {
        check(values::isUtf8(text), "a frame is UTF-8", text);
        const auto decoded = m_decoder.frame(text);
        check(bool(decoded), "a frame can be read", text);
        std::visit([this, text](const auto &value) { take(value, text); }, *decoded);
    }

    [[nodiscard]] const std::string &resumeToken() const { return m_resume; }
    [[nodiscard]] const std::string &latestId() const { return m_latestId; }
    [[nodiscard]] std::uint64_t latestSeq() const { return m_latestSeq; }
    [[nodiscard]] const std::string &epoch() const { return m_epoch; }
    [[nodiscard]] const std::string &user() const { return m_user; }

private:
    websocket::Flow onText(std::string_view message) override
    {
        hear(message);
        return websocket::Flow::Continue;
    }
    websocket::Flow onBinary(std::string_view) override { return unexpected(); }
    websocket::Flow onPing(std::string_view) override { return unexpected(); }
    websocket::Flow onPong(std::string_view) override { return unexpected(); }
    void onClose(std::optional<std::uint16_t>, std::string_view) override { unexpected(); }
    static websocket::Flow unexpected() { broken("a room says text only", {}); }

    template <typename Frame>
    void take(const Frame &frame, std::string_view text)
    {
        check(!std::is_same_v<Frame, frame::Unknown>, "a frame is of a known type", text);
        if constexpr (requires { frame.rid; })
            if (frame.rid)
                check(m_unanswered[*frame.rid]-- > 0, "a request is answered once", text);
        if constexpr (requires { frame.room; } && !std::is_same_v<Frame, frame::Error>)
            check(m_mayHear, "a room is for those who have said who they are", text);
        if constexpr (std::is_same_v<Frame, frame::Ack>)
            note(frame);
        else if constexpr (std::is_same_v<Frame, frame::Sync>)
            note(frame, text);
        else if constexpr (std::is_same_v<Frame, frame::History>)
            noteEvents(frame.events, text);
        else if constexpr (std::is_same_v<Frame, frame::Message> || std::is_same_v<Frame, frame::Deleted>)
            if (m_isV2)
                live(frame, text);
    }
    void note(const frame::Ack &ack)
    {
        if (const auto *auth = std::get_if<frame::AuthAck>(&ack.body)) {
            known();
            m_resume = auth->resume;
            m_user = auth->user;
        } else if (const auto *nick = std::get_if<frame::NickAck>(&ack.body)) {
            m_resume = nick->resume;
        }
    }
    void noteEvent(const frame::Message &message, std::string_view text)
    {
        check(!message.deleted || message.content.text.empty(), "a deleted message has no content", text);
        check(message.deleted || !m_deleted.contains(std::string(message.id)), "a deleted message stays so",
              text);
    }
    void noteEvent(const frame::Deleted &deleted, std::string_view) { m_deleted.emplace(deleted.target); }
    static void noteEvent(const frame::UnknownEvent &, std::string_view text)
    {
        broken("an event is of a known type", text);
    }
    void noteEvents(const std::vector<frame::Event> &events, std::string_view text)
    {
        for (const frame::Event &each : events)
            std::visit([&](const auto &event) { noteEvent(event, text); }, each);
    }
    void note(const frame::Sync &sync, std::string_view text)
    {
        noteEvents(sync.events, text);
        std::uint64_t before = 0;
        for (const frame::Event &each : sync.events) {
            const std::uint64_t seq = std::visit([](const auto &event) { return event.seq; }, each);
            check(before == 0 || seq == before + 1, "a page has no hole", text);
            check(seq <= sync.seq, "a page ends at the room's newest", text);
            before = seq;
        }
        check(sync.more || before == 0 || before == sync.seq, "the last page ends with the room's newest",
              text);
        m_live.insert_or_assign(std::string(sync.room), sync.more ? 0 : sync.seq + 1);
        m_epoch = sync.epoch;
        m_latestSeq = sync.seq;
        m_latestId = sync.id;
    }
    template <typename Event>
    void live(const Event &event, std::string_view text)
    {
        const auto room = m_live.find(std::string(event.room));
        check(room != m_live.end() && room->second != 0, "a message comes behind the room's sync", text);
        check(event.seq == room->second, "a room's messages come in order, each once", text);
        ++room->second;
        noteEvent(event, text);
        m_latestSeq = event.seq;
        m_latestId = event.id;
    }

    const bool m_isV2;
    bool m_mayHear;
    std::set<std::string> m_deleted; ///< ids
    Decoder m_decoder{0};
    websocket::Reader m_reader{websocket::Role::Client, kSliceLimits};
    std::map<std::uint32_t, int> m_unanswered;
    std::set<std::uint32_t> m_maybeSilent;
    std::map<std::string, std::uint64_t> m_live; ///< by room: the next one; 0: it catches up
    std::string m_resume;
    std::string m_latestId;
    std::string m_epoch;
    std::string m_user;
    std::uint64_t m_latestSeq = 0;
};

/// A client's end of a connection, as the worker has it, and the client.
class ScriptedPeer final : public Peer
{
public:
    ScriptedPeer(bool isV2, bool mayHear)
        : hearing(isV2, mayHear)
    {
    }
    void sendText(std::string_view payload) override
    {
        if (!m_isOpen)
            return;
        m_isDrained = false;
        hearing.hear(payload);
    }
    void sendBinary(std::string_view) override { broken("sessions say text only", {}); }
    void deliver(const Slice &slice, Route) override
    {
        if (!m_isOpen)
            return;
        m_isDrained = false;
        hearing.hearFrames(std::string(slice.view()));
    }
    void close(CloseCode code, std::string_view reason) override
    {
        check(values::isUtf8(reason), "a reason is UTF-8", reason);
        if (std::exchange(m_isOpen, false))
            m_code = static_cast<std::uint16_t>(code);
    }
    void holdInput() override { m_isHeld = true; }
    void releaseInput() override { m_isHeld = false; }
    bool isOpen() const override { return m_isOpen; }
    bool isDrained() const override { return m_isDrained; }
    bool isGone() const override { return m_isGone; }

    void drain() { m_isDrained = true; }
    void hangUp() { m_isGone = true; }
    [[nodiscard]] bool isHeld() const { return m_isHeld; }
    [[nodiscard]] std::uint16_t code() const { return m_code; }

    Hearing hearing;

private:
    bool m_isOpen = true;
    bool m_isHeld = false;
    bool m_isDrained = true;
    bool m_isGone = false;
    std::uint16_t m_code = 1006;
};

struct ScriptedWorker final : DeliveryPort
{
    void deliver(Delivery delivery) override { inbox.push_back(std::move(delivery)); }

    std::deque<Delivery> inbox;
    WorkerMetrics metrics;
    std::unique_ptr<Chat> chat;
};

/// A token is a user, and letters: what they may do, and what is wrong with it: `ann m`, `bob a?`.
class ScriptedAuthenticator final : public Authenticator
{
public:
    [[nodiscard]] Verdict check(std::string_view token, std::chrono::milliseconds now) override
    {
        Choices choices(token);
        Grant grant{.user = std::string(choices.upTo(' ')), .expires = now + std::chrono::minutes(1)};
        if (grant.user.empty())
            return Refused{"nobody"};
        while (!choices.isOver()) {
            switch (choices.byte()) {
            case 'm':
                grant.role = Role::Moderator;
                break;
            case 'a':
                grant.role = Role::Admin;
                break;
            case 'n':
                grant.username = grant.user;
                break;
            case 'r':
                grant.rooms = {"x*"};
                break;
            case 'o':
                return Refused{"it is old", true};
            case '?':
                if (!m_hasKeys)
                    return KeyAwaited{};
                break;
            default:
                return Refused{"it is wrong"};
            }
        }
        return grant;
    }
    void keysCome() { m_hasKeys = true; }

private:
    bool m_hasKeys = false;
};

class World
{
public:
    explicit World(bool needsTokens)
        : m_needsTokens(needsTokens)
    {
        for (ScriptedWorker &each : m_workers)
            each.chat = std::make_unique<Chat>(ChatServices{m_engine, m_tokens, m_limits, "host",
                                                            [this] { return m_wall; }, m_registry,
                                                            needsTokens ? &m_authenticator : nullptr},
                                               each, each.metrics, [this] { return m_now; });
    }
    ~World()
    {
        keysCome();
        rest();
        for (const auto &client : m_clients) {
            if (client && client->peer.isOpen() && !client->peer.isGone())
                check(!client->peer.hearing.unanswered() || !client->waiting.empty(),
                      "each request is answered",
                      std::to_string(client->peer.hearing.unanswered().value_or(0)));
        }
        for (std::size_t i = 0; i < kClients; ++i)
            end(i, {1006, true});
        rest();
        m_engine.stop();
    }
    World(const World &) = delete;
    World &operator=(const World &) = delete;

    void connect(std::size_t number, bool isV2, std::string_view token)
    {
        end(number, {1006, true});
        Chat &chat = *m_workers[number % kWorkers].chat;
        const std::string_view subprotocol = isV2 ? "parlor.v2" : "";
        // A field of a head is UTF-8 or less.
        const auto admitted =
            chat.admit(values::isUtf8(token) ? std::string(token) : std::string(), subprotocol);
        const auto *credential = std::get_if<Credential>(&admitted);
        if (!credential)
            return;
        auto &client = m_clients[number];
        client = std::make_unique<Client>(isV2, !m_needsTokens || credential->grant, chat);
        client->hasShownToken = !credential->token.empty();
        client->number = client->chat.greet(client->peer, {subprotocol, {}, *credential});
    }
    void keysCome()
    {
        m_authenticator.keysCome();
        for (const auto &client : m_clients) {
            if (client && client->hasShownToken)
                client->peer.hearing.known();
        }
        for (ScriptedWorker &each : m_workers)
            each.chat->onKeysRefreshed();
    }
    void say(std::size_t number, std::string_view line)
    {
        // The connection's reader lets nothing else through.
        if (auto &client = m_clients[number]; client && values::isUtf8(line)) {
            client->waiting.push_back(withKnown(line, *client));
            read(*client);
        }
    }
    void sayBinary(std::size_t number)
    {
        auto &client = m_clients[number];
        if (!client || !client->peer.isOpen() || client->peer.isHeld())
            return;
        accept(*client);
        client->listener->onBinary("x");
    }
    void end(std::size_t number, const Ending &ending)
    {
        const auto client = std::exchange(m_clients[number], nullptr);
        if (!client)
            return;
        if (!client->listener)
            client->chat.forget(client->number);
        else
            client->listener->onEnded(ending);
    }
    void hangUp(std::size_t number)
    {
        if (m_clients[number])
            m_clients[number]->peer.hangUp();
    }
    void reads(std::size_t number)
    {
        const auto &client = m_clients[number];
        if (!client || client->peer.isDrained())
            return;
        client->peer.drain();
        if (client->listener)
            client->listener->onDrained();
    }
    void deliverOne(std::size_t number)
    {
        ScriptedWorker &worker = m_workers[number % kWorkers];
        if (worker.inbox.empty())
            return;
        Delivery next = std::move(worker.inbox.front());
        worker.inbox.pop_front();
        worker.chat->onDelivery(std::move(next));
    }
    void endTurn(std::size_t number, std::size_t sends)
    {
        ScriptedWorker &worker = m_workers[number % kWorkers];
        static_cast<void>(worker.chat->flush(sends));
        worker.chat->onFlushed(std::chrono::microseconds(10), m_now);
    }
    void tick(std::chrono::milliseconds later)
    {
        m_now += later;
        m_wall += later;
        for (ScriptedWorker &each : m_workers)
            each.chat->onTick();
    }
    void drain()
    {
        for (ScriptedWorker &each : m_workers)
            each.chat->drain(std::chrono::seconds(5));
    }
    /// Those that were closed are told so, and what waited is read.
    void settle()
    {
        for (std::size_t i = 0; i < kClients; ++i) {
            if (m_clients[i])
                read(*m_clients[i]);
            if (m_clients[i] && !m_clients[i]->peer.isOpen())
                end(i, {m_clients[i]->peer.code(), false});
        }
    }

private:
    struct Client
    {
        Client(bool isV2, bool mayHear, Chat &served)
            : peer(isV2, mayHear)
            , chat(served)
            , speaksV2(isV2)
        {
        }
        ScriptedPeer peer;
        Chat &chat;
        bool speaksV2;
        bool hasShownToken = false; ///< with its upgrade
        PeerNumber number = 0;
        std::unique_ptr<PeerListener> listener;
        std::deque<std::string> waiting; ///< said while the input was held
    };

    static void accept(Client &client)
    {
        if (!client.listener)
            client.listener = client.chat.accept(client.number);
    }

    /// As the worker hands it over.
    void read(Client &client)
    {
        while (!client.waiting.empty() && !client.peer.isHeld() && client.peer.isOpen()) {
            const std::string text = std::move(client.waiting.front());
            client.waiting.pop_front();
            accept(client);
            if (client.speaksV2)
                expect(client.peer.hearing, text);
            client.listener->onText(text);
        }
    }
    void expect(Hearing &hearing, const std::string &text)
    {
        const auto decoded = m_decoder.request(text);
        const auto *error = std::get_if<RequestError>(&decoded);
        const auto rid = error ? error->rid : std::get<Request>(decoded).rid;
        if (!rid)
            return;
        hearing.asked(*rid);
        if (!error && std::holds_alternative<request::Typing>(std::get<Request>(decoded).body))
            hearing.isSilent(*rid);
    }

    /// @ and a letter is what the client was told: its resume token, a message's id, number, its user, the
    /// epoch.
    static std::string withKnown(std::string_view line, const Client &client)
    {
        const Hearing &hearing = client.peer.hearing;
        std::string text;
        for (std::size_t i = 0; i < line.size(); ++i) {
            const char letter = line[i] == '@' && i + 1 < line.size() ? line[i + 1] : '\0';
            switch (letter) {
            case 'r':
                text += hearing.resumeToken();
                break;
            case 'i':
                text += hearing.latestId();
                break;
            case 's':
                text += std::to_string(hearing.latestSeq());
                break;
            case 'e':
                text += hearing.epoch();
                break;
            case 'u':
                text += hearing.user();
                break;
            default:
                text += line[i];
                continue;
            }
            ++i;
        }
        return text;
    }

    /// Everything that is under way arrives; everybody reads.
    void rest()
    {
        for (int turn = 0; turn < 1000; ++turn) {
            bool isAtRest = true;
            for (std::size_t i = 0; i < kWorkers; ++i) {
                isAtRest = isAtRest && m_workers[i].inbox.empty();
                while (!m_workers[i].inbox.empty())
                    deliverOne(i);
                endTurn(i, 1000);
            }
            tick(std::chrono::milliseconds(100));
            for (std::size_t i = 0; i < kClients; ++i) {
                isAtRest = isAtRest && (!m_clients[i] || m_clients[i]->peer.isDrained());
                reads(i);
            }
            settle();
            if (isAtRest)
                return;
        }
        broken("the chat comes to rest", {});
    }

    std::chrono::milliseconds m_wall{1'700'000'000'000};
    SteadyTime m_now{std::chrono::seconds(100)};
    MemoryEngine m_engine{RoomLimits{.historyBytes = 64 * 1024, .maxRooms = 4}, [this] { return m_wall; }};
    const ResumeTokens m_tokens{"a secret of at least thirty-two bytes", [this] { return m_wall; }};
    const ChatLimits m_limits{.requests = {100, 200}, .roomsPerSession = 3};
    const bool m_needsTokens;
    ScriptedAuthenticator m_authenticator;
    ClientRegistry m_registry;
    Decoder m_decoder{limits::kJsonDepth};
    std::array<ScriptedWorker, kWorkers> m_workers;
    std::array<std::unique_ptr<Client>, kClients> m_clients;
};

/// A first line T: tokens are needed. Each line is a step. A digit, and a client says the rest; a letter, and
/// then whom or what it is about: a, b: a client connects, in v1 or v2, with a token or without; k: the keys
/// of tokens come; c: closes; d: is lost; h: has hung up; i: reads; x: sends binary; e: a worker gets the
/// next delivery; f: its turn ends; t: time passes; z: the server is about to stop.
void session(std::string_view input)
{
    const bool needsTokens = input.starts_with("T\n");
    World world(needsTokens);
    for (Choices choices(input.substr(needsTokens ? 2 : 0)); !choices.isOver(); world.settle()) {
        const std::string_view line = choices.line();
        if (line.empty())
            continue;
        const std::size_t who = line.size() > 1 ? static_cast<unsigned char>(line[1]) % kClients : 0;
        switch (line[0]) {
        case 'a':
        case 'b':
            world.connect(who, line[0] == 'b', line.substr(std::min<std::size_t>(2, line.size())));
            break;
        case 'c':
            world.end(who, {1000, true});
            break;
        case 'd':
            world.end(who, {1006, true});
            break;
        case 'e':
            world.deliverOne(who);
            break;
        case 'f':
            world.endTurn(who, line.size());
            break;
        case 'h':
            world.hangUp(who);
            break;
        case 'i':
            world.reads(who);
            break;
        case 'k':
            world.keysCome();
            break;
        case 't':
            world.tick(std::chrono::milliseconds(1U << (who * 2)));
            break;
        case 'x':
            world.sayBinary(who);
            break;
        case 'z':
            world.drain();
            break;
        default:
            if (line[0] >= '0' && line[0] <= '9')
                world.say(static_cast<std::size_t>(line[0] - '0') % kClients, line.substr(1));
        }
    }
}

const Target kSession("session", &session);

} // namespace

} // namespace parlor::fuzz
