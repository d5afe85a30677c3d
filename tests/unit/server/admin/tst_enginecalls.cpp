// SPDX-License-Identifier: MIT
#include "server/admin/enginecalls.h"

#include "server/engine/memoryengine.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <thread>

using namespace parlor;
using namespace parlor::admin;

class EngineCallsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void answersFindTheirQuestions();
    void silenceEnds();
    void aLateAnswerIsDropped();
};

namespace {

constexpr std::chrono::milliseconds kLong = std::chrono::hours(1);

std::chrono::milliseconds noTime()
{
    return {};
}

void ignore(const Delivery &) {}

} // namespace

void EngineCallsTest::answersFindTheirQuestions()
{
    MemoryEngine engine({}, noTime);
    EngineCalls calls(kLong, ignore);
    calls.setEngine(&engine);
    std::string first;
    bool isUnknown = false;
    calls.call([](Engine &e, const Caller &caller,
                  RequestId rid) { std::thread([&] { e.rooms(caller, rid, "r", {}, 1); }).join(); },
               [&](std::optional<Delivery> answer) {
                   first = std::get<delivery::RoomsListed>(*answer).rooms.front().name;
               });
    calls.call([](Engine &e, const Caller &caller, RequestId rid) { e.moderate(caller, rid, {}); },
               [&](std::optional<Delivery> answer) { isUnknown = answer.has_value(); });
    QTRY_COMPARE(first, std::string("random"));
    QTRY_VERIFY(isUnknown);
}

void EngineCallsTest::silenceEnds()
{
    MemoryEngine engine({}, noTime);
    EngineCalls calls(std::chrono::milliseconds(1), ignore);
    calls.setEngine(&engine);
    bool isSilent = false;
    calls.call([](Engine &, const Caller &, RequestId) {},
               [&](std::optional<Delivery> answer) { isSilent = !answer; });
    QTRY_VERIFY(isSilent);
}

void EngineCallsTest::aLateAnswerIsDropped()
{
    MemoryEngine engine({}, noTime);
    EngineCalls calls(std::chrono::milliseconds(1), ignore);
    calls.setEngine(&engine);
    int answers = 0;
    Caller asked;
    RequestId askedRid;
    calls.call(
        [&](Engine &, const Caller &caller, RequestId rid) {
            asked = caller;
            askedRid = rid;
        },
        [&](const std::optional<Delivery> &) { ++answers; });
    QTRY_COMPARE(answers, 1);
    engine.rooms(asked, askedRid, {}, {}, 1);
    QCoreApplication::processEvents();
    QCOMPARE(answers, 1);
}

PARLOR_TEST_WITHIN(QCoreApplication, EngineCallsTest)
#include "tst_enginecalls.moc"
