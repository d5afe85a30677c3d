// SPDX-License-Identifier: MIT
// Random programs of clients against a real server that is stopped and killed at random, on one engine; then
// a checker reads every client's log and the final history.
//
// PARLOR_MODEL_SEEDS=N runs N seeds, PARLOR_MODEL_SEED=S begins with S and, alone, runs only that. A seed
// fixes the program and not the server's threads: what depends on them may need more than one run.
#include "tests/integration/model/checker.h"
#include "tests/integration/model/run.h"

#include <QTest>

#include <algorithm>

using namespace parlor::test;
using namespace parlor::test::model;
using namespace Qt::StringLiterals;

class ModelTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyPromiseIsKept_data();
    void everyPromiseIsKept();
    void cleanupTestCase();

private:
    Run::Figures m_total;
};

namespace {

constexpr int kSeeds = 50;

/// The engine's row whose name ends this program's.
const Engine &engineUnderTest()
{
    const auto found = std::ranges::find_if(
        engines(), [](const Engine &each) { return std::string_view(each.name) == PARLOR_MODEL_ENGINE; });
    if (found == engines().end())
        qFatal("no engine is called " PARLOR_MODEL_ENGINE);
    return *found;
}

} // namespace

void ModelTest::everyPromiseIsKept_data()
{
    QTest::addColumn<int>("seed");
    const bool isOne = qEnvironmentVariableIsSet("PARLOR_MODEL_SEED");
    const int first = isOne ? qEnvironmentVariableIntValue("PARLOR_MODEL_SEED") : 1;
    const int count = qEnvironmentVariableIsSet("PARLOR_MODEL_SEEDS")
                          ? qEnvironmentVariableIntValue("PARLOR_MODEL_SEEDS")
                      : isOne ? 1
                              : kSeeds;
    for (int seed = first; seed < first + count; ++seed)
        QTest::addRow("seed %d", seed) << seed;
}

void ModelTest::everyPromiseIsKept()
{
    QFETCH(int, seed);
    const Program program = makeProgram(static_cast<std::uint32_t>(seed));
    const QString again =
        u"seed %1; again: PARLOR_MODEL_SEED=%1 ctest -V -R tst_model_" PARLOR_MODEL_ENGINE ""_s.arg(seed);
    Run run(program, engineUnderTest());
    const Problem problem = run.execute();
    QVERIFY2(problem.isEmpty(), qPrintable(again + u'\n' + problem));
    const std::vector<Violation> violations = check(run.record());
    if (!violations.empty())
        qWarning("the program:\n%s", qPrintable(describe(program)));
    QVERIFY2(violations.empty(), qPrintable(again + u'\n' + describe(violations)));
    const Run::Figures figures = run.figures();
    m_total.resumes += figures.resumes;
    m_total.duplicates += figures.duplicates;
    m_total.deathsInFlight += figures.deathsInFlight;
    m_total.messages += figures.messages;
}

void ModelTest::cleanupTestCase()
{
    qInfo("%d messages heard, %d sessions resumed, %d resends known, %d servers killed with publishes in "
          "flight",
          m_total.messages, m_total.resumes, m_total.duplicates, m_total.deathsInFlight);
}

QTEST_GUILESS_MAIN(ModelTest)
#include "tst_model.moc"
