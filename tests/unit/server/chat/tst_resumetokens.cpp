// SPDX-License-Identifier: MIT
#include "server/chat/resumetokens.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace std::chrono_literals;

class TestResumeTokens : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_now = std::chrono::milliseconds(1'700'000'000'000); }
    void backAndForth();
    void everyChangedByteIsRefused();
    void anotherSpellingIsRefused();
    void otherSecretIsRefused();
    void expires();
    void garbageIsRefused_data();
    void garbageIsRefused();

private:
    WallClock clock()
    {
        return [this] { return m_now; };
    }
    std::chrono::milliseconds m_now{};
    const Identity m_identity{"01J9ZQ4W7N5T3B8K2M6R0VXYDE", "user", "Zo\xC3\xAB"};
};

void TestResumeTokens::backAndForth()
{
    const ResumeTokens tokens("a secret of at least thirty-two bytes", clock());
    const auto identity = tokens.verify(tokens.issue(m_identity));
    QVERIFY(identity);
    QCOMPARE(identity->clientId(), m_identity.clientId());
    QCOMPARE(identity->user(), m_identity.user());
    QCOMPARE(identity->username(), m_identity.username());
}

void TestResumeTokens::everyChangedByteIsRefused()
{
    const ResumeTokens tokens("a secret of at least thirty-two bytes", clock());
    const std::string token = tokens.issue(m_identity);
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string forged = token;
        forged[i] = forged[i] == 'A' ? 'B' : 'A';
        QVERIFY2(!tokens.verify(forged), forged.c_str()); // nor is one with other spare bits at its end
        QVERIFY(!tokens.verify(token.substr(0, i)));
    }
}

void TestResumeTokens::anotherSpellingIsRefused()
{
    const ResumeTokens tokens("a secret of at least thirty-two bytes", clock());
    QVERIFY(!tokens.verify(tokens.issue(m_identity) + "="));
}

void TestResumeTokens::otherSecretIsRefused()
{
    const ResumeTokens ours("a secret of at least thirty-two bytes", clock());
    const ResumeTokens theirs("another one of at least thirty-two bytes", clock());
    QVERIFY(!ours.verify(theirs.issue(m_identity)));
}

void TestResumeTokens::expires()
{
    const ResumeTokens tokens("a secret of at least thirty-two bytes", clock());
    const std::string token = tokens.issue(m_identity);
    m_now += std::chrono::hours(24 * 30);
    QVERIFY(tokens.verify(token));
    m_now += 1ms;
    QVERIFY(!tokens.verify(token));
    m_now -= std::chrono::hours(24 * 31); // issued a day from now
    QVERIFY(!tokens.verify(token));
}

void TestResumeTokens::garbageIsRefused_data()
{
    QTest::addColumn<QByteArray>("token");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("dot") << QByteArray(".");
    QTest::newRow("no base64") << QByteArray("!!!.###");
    QTest::newRow("huge") << QByteArray(100'000, 'A');
    QTest::newRow("two dots") << QByteArray("QQ.QQ.QQ");
}

void TestResumeTokens::garbageIsRefused()
{
    QFETCH(QByteArray, token);
    const ResumeTokens tokens("a secret of at least thirty-two bytes", clock());
    QVERIFY(!tokens.verify(token.toStdString()));
}

PARLOR_TEST(TestResumeTokens)
#include "tst_resumetokens.moc"
