// SPDX-License-Identifier: MIT
// Deleted messages: who may, what stays, and who learns of it.
#include "shared/protocol/decoder.h"
#include "tests/support/testclass.h"
#include "tests/unit/server/engine/engineprobe.h"

#include <QTest>

using namespace parlor;
using Lines = std::vector<std::string>;
using Since = EnterRequest::Since;

namespace {

/// What events say, a line each.
std::string eventText(const SharedBytes &bytes)
{
    Decoder decoder(0);
    const auto any = decoder.frame(bytes.view());
    if (const auto *message = any ? std::get_if<frame::Message>(&*any) : nullptr) {
        std::string text = std::to_string(message->seq) + " '" + std::string(message->content.text) +
                           "' of " + std::string(message->user);
        if (message->deleted)
            text += " deleted by " + std::string(message->deleted->user) + " in " +
                    std::to_string(message->deleted->seq) + ' ' + std::string(message->deleted->timestamp);
        return text;
    }
    if (const auto *deletion = any ? std::get_if<frame::Deleted>(&*any) : nullptr)
        return std::to_string(deletion->seq) + " deletes " + std::to_string(deletion->targetSeq);
    return "?";
}

struct EventPort final : DeliveryPort
{
    Lines lines;
    std::optional<SyncPage> page{};
    std::optional<delivery::EraseDone> done{};
    void deliver(Delivery delivery) override
    {
        if (const auto *read = std::get_if<delivery::HistoryRead>(&delivery))
            take(read->page);
        else if (const auto *entered = std::get_if<delivery::Entered>(&delivery))
            take(entered->page);
        else if (const auto *event = std::get_if<delivery::Published>(&delivery))
            lines.push_back("live " + eventText(event->frame));
        else if (const auto *erased = std::get_if<delivery::EraseDone>(&delivery))
            done = *erased;
    }
    void take(const SyncPage &read)
    {
        page = read;
        for (const SharedBytes &each : read.events)
            lines.push_back(eventText(each));
    }
    [[nodiscard]] Lines take() { return std::exchange(lines, {}); }
};

/// Somebody who reads what is delivered.
struct Listener
{
    explicit Listener(Engine &engineUnderTest)
        : engine(engineUnderTest)
    {
        caller.port = &port;
        caller.identity = std::make_shared<const Identity>("LISTENER");
        caller.attachment = engine.nextAttachment();
        engine.attach(caller);
    }
    Lines enter(std::optional<Since> since = {})
    {
        EnterRequest request{"x"};
        request.history = 50;
        request.since = std::move(since);
        engine.enter(caller, std::move(request));
        return port.take();
    }
    Lines history(Engine::HistoryRange range)
    {
        engine.history(caller, "x", {}, range);
        return port.take();
    }
    Engine &engine;
    EventPort port;
    Caller caller;
};

} // namespace

class TestEngineDeletions : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void byItsAuthor();
    void byOthers();
    void twice();
    void whatIsNotThere();
    void ofARoomThatNobodyIsIn();
    void whoeverWasAwayLearnsOfIt();
    void positionsStay();
    void aResendBringsNothingBack();
    void whatIsNoString();
    void outOfTheRing();
    void betweenMessages();

private:
    [[nodiscard]] Since at(std::uint64_t seq) { return position(*m_engine, m_epoch, seq); }

    std::unique_ptr<Engine> m_engine;
    ProbePort m_port;
    std::optional<ProbeSession> m_a;
    std::optional<ProbeSession> m_b;
    std::optional<Listener> m_listener;
    std::string m_epoch;
};

void TestEngineDeletions::init()
{
    m_engine = makeEngine();
    m_a.emplace(*m_engine, m_port, "A");
    m_b.emplace(*m_engine, m_port, "B", 1);
    m_listener.emplace(*m_engine);
    m_a->enter("x");
    m_b->enter("x");
    (void)m_listener->enter();
    m_epoch = m_listener->port.page->epoch;
    (void)m_port.take();
}

void TestEngineDeletions::byItsAuthor()
{
    m_a->publish("x", "hi");
    m_b->publish("x", "ho");
    const Since one = at(1);
    (void)m_port.take();
    (void)m_listener->port.take();
    m_a->erase("x", one);
    QCOMPARE(m_port.take(), Lines({"erased by 3", "published x 3 deletion"}));
    QCOMPARE(m_listener->port.take(), Lines({"live 3 deletes 1"}));
    const std::string tombstone = "1 '' of A deleted by A in 3 1970-01-01T00:00:00.001Z";
    QCOMPARE(m_listener->history({}), Lines({tombstone, "2 'ho' of B", "3 deletes 1"}));
    QCOMPARE(at(1).id, one.id);
}

void TestEngineDeletions::byOthers()
{
    m_a->publish("x", "hi");
    const Since one = at(1);
    (void)m_port.take();
    m_b->erase("x", one);
    QCOMPARE(m_port.take(), Lines({"refused forbidden"}));
    QCOMPARE(m_listener->history({}), Lines({"live 1 'hi' of A", "1 'hi' of A"}));
    m_b->erase("x", one, true);
    QCOMPARE(m_port.take(), Lines({"erased by 2", "published x 2 deletion"}));
    QCOMPARE(m_listener->history({{}, 0, 1}),
             Lines({"live 2 deletes 1", "1 '' of A deleted by B in 2 1970-01-01T00:00:00.001Z"}));
}

void TestEngineDeletions::twice()
{
    m_a->publish("x", "hi");
    const Since one = at(1);
    (void)m_port.take();
    m_listener->caller.identity = std::make_shared<const Identity>("LISTENER", "A", "A");
    const Ulid id(7ULL << 16, 7);
    for (const Ulid &each : {id, Ulid(8ULL << 16, 8)}) {
        m_engine->erase(m_listener->caller, {"x", 5, each, {{1, *Ulid::parse(one.id)}}});
        const auto &done = m_listener->port.done.value();
        QCOMPARE(done.rid, RequestId(5));
        QCOMPARE(done.target, *Ulid::parse(one.id));
        QCOMPARE(done.receipt.id, id);
        QCOMPARE(done.receipt.seq, std::uint64_t(2));
        QCOMPARE(done.receipt.time, std::chrono::milliseconds(7));
        QCOMPARE(done.receipt.duplicate, each != id);
        QCOMPARE(done.receipt.durable, keepsEverything());
    }
    m_b->erase("x", one);
    m_b->erase("x", one, true);
    m_a->publish("x", "ho");
    QCOMPARE(m_port.take(), Lines({"published x 2 deletion", "refused forbidden", "erased by 2 duplicate",
                                   "done 3", "published x 3"}));
}

void TestEngineDeletions::whatIsNotThere()
{
    m_a->publish("x", "hi");
    m_a->publish("x", "ho");
    const Since one = at(1);
    const Since two = at(2);
    m_a->erase("x", one);
    const Since three = at(3);
    (void)m_port.take();
    for (const Since &each : {Since{{}, 1, two.id}, Since{{}, 2, one.id}, Since{{}, 0, one.id},
                              Since{{}, 0, {}}, Since{{}, 2, {}}, Since{{}, 9, two.id},
                              Since{{}, ~0ULL, two.id}, Since{{}, 1ULL << 63, two.id}, three})
        m_a->erase("x", each, true);
    QCOMPARE(m_port.take(), Lines(9, "refused bad_request"));
    m_a->publish("x", "ha");
    QCOMPARE(m_port.take(), Lines({"done 4", "published x 4"}));
}

/// Its messages are in the store at most, and there it stays the room it was.
void TestEngineDeletions::ofARoomThatNobodyIsIn()
{
    m_a->publish("x", "hi");
    const Since one = at(1);
    m_a->leave("x");
    m_b->leave("x");
    m_engine->leave(m_listener->caller, "x", {});
    (void)m_port.take();
    m_b->erase("x", one, true);
    m_b->erase("nobody-was-here", one, true);
    QCOMPARE(m_port.take(), Lines({"erased by 2", "refused bad_request"}));
    (void)m_listener->port.take();
    QCOMPARE(m_listener->enter(),
             Lines({"1 '' of A deleted by B in 2 1970-01-01T00:00:00.001Z", "2 deletes 1"}));
    m_engine->rooms(m_a->caller, {}, "nobody", {}, 10);
    QCOMPARE(m_port.take().back(), std::string("rooms"));
}

void TestEngineDeletions::whoeverWasAwayLearnsOfIt()
{
    m_a->publish("x", "hi");
    m_a->publish("x", "ho");
    const Since one = at(1);
    const Since two = at(2);
    m_engine->leave(m_listener->caller, "x", {});
    m_a->erase("x", one);
    (void)m_listener->port.take();
    QCOMPARE(m_listener->enter(two), Lines({"3 deletes 1"}));
    QVERIFY(m_listener->port.page->recovered);
}

void TestEngineDeletions::positionsStay()
{
    for (int i = 0; i < 3; ++i)
        m_a->publish("x", "hi");
    const Since two = at(2);
    const Since three = at(3);
    m_a->erase("x", two);
    m_a->erase("x", three);
    const Since four = at(4);
    const Since five = at(5);
    m_a->publish("x", "ho");
    m_engine->leave(m_listener->caller, "x", {});
    (void)m_listener->port.take();
    const auto isResumed = [this] { return m_listener->port.page->recovered; };
    QCOMPARE(m_listener->enter(two).size(), std::size_t(4));
    QVERIFY(isResumed());
    QCOMPARE(m_listener->enter(three), Lines({"4 deletes 2", "5 deletes 3", "6 'ho' of A"}));
    QVERIFY(isResumed());
    QCOMPARE(m_listener->enter(four), Lines({"5 deletes 3", "6 'ho' of A"}));
    QVERIFY(isResumed());
    QCOMPARE(m_listener->enter(five), Lines({"6 'ho' of A"}));
    QVERIFY(isResumed());
}

void TestEngineDeletions::aResendBringsNothingBack()
{
    m_a->publish("x", "hi", "cid");
    m_a->erase("x", at(1));
    (void)m_port.take();
    (void)m_listener->port.take();
    m_a->publish("x", "hi", "cid");
    QCOMPARE(m_port.take(), Lines({"done 1 duplicate"}));
    QCOMPARE(m_listener->history({{}, 0, 1}),
             Lines({"1 '' of A deleted by A in 2 1970-01-01T00:00:00.001Z"}));
}

/// As v1 clients can send it.
void TestEngineDeletions::whatIsNoString()
{
    PublishRequest request{std::make_shared<const std::string>("x"), {}, Ulid(7, 7)};
    request.content = R"({"deleted":{"seq":5},"seq":[1]})";
    m_engine->publish(m_a->caller, std::move(request));
    m_a->erase("x", at(1));
    (void)m_listener->port.take();
    QCOMPARE(m_listener->history({}),
             Lines({"1 '' of A deleted by A in 2 1970-01-01T00:00:00.001Z", "2 deletes 1"}));
}

/// Memory alone does not have it any more; a store does.
void TestEngineDeletions::outOfTheRing()
{
    m_a->publish("x", "hi");
    const Since one = at(1);
    for (int i = 0; i < 1000; ++i)
        m_a->publish("x", "ho");
    (void)m_port.take();
    (void)m_listener->port.take();
    m_a->erase("x", one);
    if (!keepsEverything()) {
        QCOMPARE(m_port.take(), Lines({"refused bad_request"}));
        return;
    }
    m_a->erase("x", one);
    QCOMPARE(m_port.take(),
             Lines({"erased by 1002", "published x 1002 deletion", "erased by 1002 duplicate"}));
    QCOMPARE(m_listener->history({{}, 0, 2}),
             Lines({"live 1002 deletes 1", "1 '' of A deleted by A in 1002 1970-01-01T00:00:00.001Z",
                    "2 'ho' of A"}));
}

/// More tombstones than a page takes, among as many messages: each page has what it should.
void TestEngineDeletions::betweenMessages()
{
    constexpr std::uint64_t kMessages = 700;
    for (std::uint64_t i = 0; i < kMessages; ++i)
        m_a->publish("x", "hi");
    std::vector<Since> all;
    m_listener->port.page.reset();
    Lines ids;
    for (std::uint64_t seq = 1; seq <= kMessages; ++seq) {
        if (seq % 2 == 0 || seq > 300)
            all.push_back(at(seq));
    }
    for (const Since &each : all)
        m_a->erase("x", each);
    (void)m_listener->port.take();
    const auto numbers = [&](Engine::HistoryRange range) {
        std::vector<std::uint64_t> found;
        for (const std::string &line : m_listener->history(range)) {
            found.push_back(std::stoull(line));
            const bool isDeletion = line.find("deletes") != std::string::npos;
            const bool isTombstone = line.find("deleted by") != std::string::npos;
            const bool mustBe = found.back() <= kMessages && (found.back() % 2 == 0 || found.back() > 300);
            if (isTombstone != mustBe || isDeletion != (found.back() > kMessages))
                return std::vector<std::uint64_t>();
        }
        return found;
    };
    const auto row = [](std::uint64_t first, std::uint64_t last) {
        std::vector<std::uint64_t> made;
        for (std::uint64_t seq = first; seq <= last; ++seq)
            made.push_back(seq);
        return made;
    };
    const std::uint64_t oldest = keepsEverything() ? 1 : kMessages + all.size() - 999;
    for (std::uint64_t from : {oldest, oldest + 150, oldest + 237})
        QCOMPARE(numbers({{}, from - 1, 200}), row(from, from + 199));
    for (std::uint64_t before : {oldest + 200, oldest + 350, oldest + 437})
        QCOMPARE(numbers({before, {}, 200}), row(before - 200, before - 1));
}

PARLOR_TEST_WITHIN(QCoreApplication, TestEngineDeletions)
#include "tst_engine_deletions.moc"
