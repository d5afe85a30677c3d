// SPDX-License-Identifier: MIT
// Random programs of clients against real servers that are stopped and killed at random, as is what keeps
// their messages, on one engine; then a checker reads every client's log and the final history.
//
// PARLOR_MODEL_SEEDS=N runs N seeds, PARLOR_MODEL_SEED=S begins with S and, alone, runs only that. A seed
// fixes the program and not the server's threads: what depends on them may need more than one run.
#include "tests/integration/model/checker.h"
#include "tests/integration/model/run.h"
#include "tests/support/testclass.h"

#include <QTest>
#include <QThreadPool>

#include <algorithm>
#include <future>
#include <map>
#include <memory>

using namespace parlor::test;
using namespace parlor::test::model;
using namespace Qt::StringLiterals;

struct Outcome
{
    Problem problem;
    std::vector<Violation> violations;
    Run::Figures figures;
};

class ModelTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyPromiseIsKept_data();
    void everyPromiseIsKept();
    void cleanupTestCase();

private:
    std::shared_future<Outcome> outcomeOf(int seed);

    int m_last = 0;
    QThreadPool m_pool;
    std::map<int, std::shared_future<Outcome>> m_outcomes; ///< also of seeds whose turn has not come
    int m_runs = 0;
    Run::Figures m_total;
};

namespace {

constexpr int kAtOnce = 3; ///< a run mostly waits: for processes to start and to end

QByteArray engineName()
{
    return qgetenv("PARLOR_TEST_ENGINE");
}

/// The row of the engine that the variable PARLOR_TEST_ENGINE names.
const Engine &engineUnderTest()
{
    const auto found =
        std::ranges::find_if(engines(), [](const Engine &each) { return each.name == engineName(); });
    if (found == engines().end())
        qFatal("PARLOR_TEST_ENGINE: there is no engine '%s'", engineName().constData());
    return *found;
}

Outcome outcome(int seed)
{
    const Program program = makeProgram(static_cast<std::uint32_t>(seed));
    Run run(program, engineUnderTest());
    Problem problem = run.execute();
    if (!problem.isEmpty())
        return {problem, {}, {}};
    const bool isLoss = engineUnderTest().faults == Engine::Faults::Loss;
    return {{}, isLoss ? checkLoss(run.record()) : check(run.record()), run.figures()};
}

} // namespace

std::shared_future<Outcome> ModelTest::outcomeOf(int seed)
{
    m_pool.setMaxThreadCount(kAtOnce);
    for (int ahead = seed; ahead < seed + kAtOnce && ahead <= m_last; ++ahead) {
        if (m_outcomes.contains(ahead))
            continue;
        auto task = std::make_shared<std::packaged_task<Outcome()>>([ahead] { return outcome(ahead); });
        m_outcomes.emplace(ahead, task->get_future().share());
        m_pool.start([task] { (*task)(); });
    }
    return m_outcomes.at(seed);
}

void ModelTest::everyPromiseIsKept_data()
{
    QTest::addColumn<int>("seed");
    const bool isOne = qEnvironmentVariableIsSet("PARLOR_MODEL_SEED");
    const int first = isOne ? qEnvironmentVariableIntValue("PARLOR_MODEL_SEED") : 1;
    const int count = qEnvironmentVariableIsSet("PARLOR_MODEL_SEEDS")
                          ? qEnvironmentVariableIntValue("PARLOR_MODEL_SEEDS")
                      : isOne ? 1
                              : engineUnderTest().seeds;
    m_last = first + count - 1;
    for (int seed = first; seed <= m_last; ++seed)
        QTest::addRow("seed %d", seed) << seed;
}

void ModelTest::everyPromiseIsKept()
{
    QFETCH(int, seed);
    const QString again = u"seed %1; again: PARLOR_MODEL_SEED=%1 ctest -V -R tst_model_%2"_s.arg(seed).arg(
        QLatin1String(engineName()));
    const Outcome found = outcomeOf(seed).get();
    m_outcomes.erase(seed);
    if (!found.violations.empty())
        qWarning("the program:\n%s", qPrintable(describe(makeProgram(static_cast<std::uint32_t>(seed)))));
    QVERIFY2(found.problem.isEmpty(), qPrintable(again + u'\n' + found.problem));
    QVERIFY2(found.violations.empty(), qPrintable(again + u'\n' + describe(found.violations)));
    ++m_runs;
    m_total.resumes += found.figures.resumes;
    m_total.duplicates += found.figures.duplicates;
    m_total.deathsInFlight += found.figures.deathsInFlight;
    m_total.messages += found.figures.messages;
    m_total.declined += found.figures.declined;
    m_total.forks += found.figures.forks;
    m_total.unsure += found.figures.unsure;
}

void ModelTest::cleanupTestCase()
{
    qInfo(
        "%d messages heard, %d sessions resumed, %d resends known, %d servers killed with publishes in "
        "flight, %d messages declined by a full disk, %d positions unknown to a restored backup, %d requests "
        "without an outcome",
        m_total.messages, m_total.resumes, m_total.duplicates, m_total.deathsInFlight, m_total.declined,
        m_total.forks, m_total.unsure);
    if (m_runs < engineUnderTest().seeds)
        return;
    QVERIFY(m_total.messages > 0 && m_total.resumes > 0 && m_total.duplicates > 0);
    QCOMPARE(m_total.declined > 0, engineUnderTest().isDurable);
    QCOMPARE(m_total.forks > 0, engineUnderTest().isDurable);
    QCOMPARE(m_total.unsure > 0, engineUnderTest().faults != Engine::Faults::None);
    QVERIFY2(m_total.deathsInFlight > 0, "no server died while it owed an answer: nothing was tested");
}

PARLOR_TEST_WITHIN(QCoreApplication, ModelTest)
#include "tst_model.moc"
