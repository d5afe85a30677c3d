// SPDX-License-Identifier: MIT
#include "chatclienttest.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QScopeGuard>
#include <QTemporaryDir>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace parlor;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// The answer to `auth` of somebody whom the server knows by a token.
QJsonObject personAck(const QString &person, std::chrono::milliseconds expires = {})
{
    QJsonObject ack{{u"type"_s, u"ack"_s},         {u"client_id"_s, u"c1"_s},  {u"user"_s, person},
                    {u"username"_s, person},       {u"resumed"_s, false},      {u"resume"_s, u"r1"_s},
                    {u"resume_ttl_ms"_s, 1000000}, {u"role"_s, u"moderator"_s}};
    if (expires.count() > 0)
        ack.insert(u"expires"_s, static_cast<qint64>(expires.count()));
    return ack;
}

} // namespace

/// Signing in with a token: where it comes from, what becomes of one that is refused or expires, and whose
/// things are sent.
class TestChatClientSignIn : public ChatClientTest
{
    Q_OBJECT
private Q_SLOTS:
    void theTokenIsReadForEachConnection();
    void withoutATokenItSaysThatOneIsNeeded();
    void aRefusedTokenIsNotTriedAgain();
    void aPersonTriesARefusedTokenAgain();
    void anExpiredTokenIsReadAgainAtOnce();
    void anExpiredTokenThatStaysIsRefused();
    void noTokenToBeHadIsTriedAgain();
    void renewsBeforeItExpires();
    void theServersClockCounts();
    void aRenewalThatFailsIsTriedAgain();
    void aRenewalThatIsPutOffIsTriedAgain();
    void theSameTokenShortlyBeforeItsEndIsTold();
    void anEndedSessionComesBackWithAnotherToken();
    void anEndedSessionWithoutAnotherTokenStops();
    void roleAndItsChange();
    void nothingOfAnotherPersonIsSent();
    void theSamePersonGoesOn();
    void whoLeavesTheTokenOutIsAnother();
    void moderatedIsTold();

    void fileAndCommand_data();
    void fileAndCommand();
    void aCommandThatHangsIsEnded();
    void whatACommandStartedEndsWithIt();
    void aFurtherReadDropsTheOneBefore();

private:
    void open(ScriptedServer &server, const QString &token, const QString &person = {});
    [[nodiscard]] CloseInfo stopped();

    std::shared_ptr<GivenToken> m_token;
};

void TestChatClientSignIn::open(ScriptedServer &server, const QString &token, const QString &person)
{
    m_token = std::make_shared<GivenToken>(token);
    server.setTerm(u"auth"_s, u"token"_s);
    m_client->connectToServer(server.url(),
                              {.username = {}, .token = m_token, .resumeToken = {}, .person = person});
}

CloseInfo TestChatClientSignIn::stopped()
{
    if (!QTest::qWaitFor([this] { return std::holds_alternative<state::Stopped>(m_client->state()); }))
        return {};
    return std::get<state::Stopped>(m_client->state()).why;
}

void TestChatClientSignIn::theTokenIsReadForEachConnection()
{
    ScriptedServer server;
    open(server, u"t1"_s);
    const QJsonObject first = server.expect(u"auth"_s);
    QCOMPARE(first.value(u"token"_s), u"t1"_s);
    server.answer(first, personAck(u"ann"_s));
    QTRY_VERIFY(m_client->isReady());
    m_token->set(u"t2"_s);
    server.drop();
    QCOMPARE(server.expect(u"auth"_s).value(u"token"_s), u"t2"_s);
}

void TestChatClientSignIn::withoutATokenItSaysThatOneIsNeeded()
{
    ScriptedServer server;
    open(server, {});
    const CloseInfo why = stopped();
    QCOMPARE(why.signIn, SignInProblem::TokenNeeded);
    QVERIFY2(why.text.contains(u"without a token"_s), qPrintable(why.text));
    QVERIFY(!server.hasFrame());
    m_token->set(u"t1"_s);
    m_client->reconnectNow();
    QCOMPARE(server.expect(u"auth"_s).value(u"token"_s), u"t1"_s);
}

void TestChatClientSignIn::aRefusedTokenIsNotTriedAgain()
{
    ScriptedServer server;
    open(server, u"t1"_s);
    server.answer(server.expect(u"auth"_s), errorFrame(u"auth_invalid"_s));
    const CloseInfo why = stopped();
    QCOMPARE(why.signIn, SignInProblem::TokenRefused);
    QVERIFY2(why.text.contains(u"text of auth_invalid"_s), qPrintable(why.text));
    QVERIFY(!why.text.contains(u"t1"_s));
    QCOMPARE(server.connections(), 1);
}

void TestChatClientSignIn::aPersonTriesARefusedTokenAgain()
{
    ScriptedServer server;
    open(server, u"t1"_s);
    server.answer(server.expect(u"auth"_s), errorFrame(u"auth_invalid"_s));
    QCOMPARE(stopped().signIn, SignInProblem::TokenRefused);
    m_client->reconnectNow();
    QCOMPARE(server.expect(u"auth"_s).value(u"token"_s), u"t1"_s);
}

void TestChatClientSignIn::anExpiredTokenIsReadAgainAtOnce()
{
    ScriptedServer server;
    open(server, u"old"_s);
    const QJsonObject auth = server.expect(u"auth"_s);
    m_token->set(u"new"_s);
    server.answer(auth, errorFrame(u"token_expired"_s));
    QCOMPARE(server.expect(u"auth"_s).value(u"token"_s), u"new"_s);
    QCOMPARE(server.connections(), 1);
}

void TestChatClientSignIn::anExpiredTokenThatStaysIsRefused()
{
    ScriptedServer server;
    open(server, u"old"_s);
    server.answer(server.expect(u"auth"_s), errorFrame(u"token_expired"_s));
    QCOMPARE(stopped().signIn, SignInProblem::TokenRefused);
    QCOMPARE(server.connections(), 1);
}

void TestChatClientSignIn::noTokenToBeHadIsTriedAgain()
{
    ScriptedServer server;
    const QTemporaryDir folder;
    const QString path = folder.filePath(u"token"_s);
    m_client->connectToServer(
        server.url(), {.username = {}, .token = std::make_shared<TokenFile>(path), .resumeToken = {}});
    QSignalSpy ended(m_client.get(), &ChatClient::connectionEnded);
    QTRY_VERIFY(!ended.isEmpty());
    const auto why = ended.first().first().value<CloseInfo>();
    QCOMPARE(why.signIn, SignInProblem::NoToken);
    QVERIFY2(why.text.contains(path), qPrintable(why.text));
    QCOMPARE(server.connections(), 0);
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("t1\n");
    file.close();
    QCOMPARE(server.expect(u"auth"_s).value(u"token"_s), u"t1"_s);
}

void TestChatClientSignIn::renewsBeforeItExpires()
{
    m_options.renewAgainAfter = 1ms;
    makeClient();
    ScriptedServer server;
    open(server, u"t1"_s);
    server.answer(server.expect(u"auth"_s), personAck(u"ann"_s, m_wall + m_options.renewBefore));
    m_token->set(u"t2"_s); // from half of the minute on
    QTRY_VERIFY(m_client->isReady());
    QVERIFY(!server.hasFrame());
    server.drop();
    server.answer(server.expect(u"auth"_s), personAck(u"ann"_s, m_wall + 1ms));
    m_token->set(u"t3"_s);
    const QJsonObject renewal = server.expect(u"auth"_s);
    QCOMPARE(renewal.value(u"token"_s), u"t3"_s);
    QVERIFY(!renewal.contains(u"resume"_s));
    server.answer(renewal, personAck(u"ann"_s, m_wall + 24h));
    QCOMPARE(server.connections(), 2);
    QVERIFY(m_client->isReady());
}

void TestChatClientSignIn::theServersClockCounts()
{
    m_options.renewAgainAfter = 1ms;
    makeClient();
    ScriptedServer server; // its clock is at m_wall
    server.setTerm(u"server_time"_s, static_cast<qint64>((m_wall + 1h).count()));
    open(server, u"t1"_s);
    server.answer(server.expect(u"auth"_s), personAck(u"ann"_s, m_wall + 1h));
    m_token->set(u"t2"_s);
    QCOMPARE(server.expect(u"auth"_s).value(u"token"_s), u"t2"_s);
}

void TestChatClientSignIn::aRenewalThatFailsIsTriedAgain()
{
    m_options.renewAgainAfter = 1ms;
    makeClient();
    ScriptedServer server;
    QSignalSpy failed(m_client.get(), &ChatClient::renewalFailed);
    open(server, u"t1"_s);
    server.answer(server.expect(u"auth"_s), personAck(u"ann"_s, m_wall));
    m_token->set(u"bad"_s);
    server.answer(server.expect(u"auth"_s), errorFrame(u"auth_invalid"_s));
    QTRY_COMPARE(failed.size(), 1);
    QCOMPARE(failed.first().first(), u"text of auth_invalid"_s);
    m_token->set(u"t2"_s);
    QCOMPARE(server.expect(u"auth"_s).value(u"token"_s), u"t2"_s);
    QVERIFY(m_client->isReady());
}

/// The server could not look at it: the same token is shown again, and is as good as before.
void TestChatClientSignIn::aRenewalThatIsPutOffIsTriedAgain()
{
    m_options.renewAgainAfter = 1ms;
    makeClient();
    ScriptedServer server;
    open(server, u"t1"_s);
    server.answer(server.expect(u"auth"_s), personAck(u"ann"_s, m_wall));
    m_token->set(u"t2"_s);
    server.answer(server.expect(u"auth"_s), errorFrame(u"unavailable"_s));
    const QJsonObject again = server.expect(u"auth"_s);
    QCOMPARE(again.value(u"token"_s), u"t2"_s);
    server.close(4001, u"the token has expired"_s);
    QCOMPARE(server.expect(u"auth"_s).value(u"token"_s), u"t2"_s);
}

void TestChatClientSignIn::theSameTokenShortlyBeforeItsEndIsTold()
{
    m_options.renewAgainAfter = 1ms;
    makeClient();
    ScriptedServer server;
    QSignalSpy failed(m_client.get(), &ChatClient::renewalFailed);
    open(server, u"t1"_s);
    server.answer(server.expect(u"auth"_s), personAck(u"ann"_s, m_wall));
    QTRY_VERIFY(!failed.isEmpty());
    QCOMPARE(failed.first().first(), u"there is no newer token yet"_s);
    QVERIFY(!server.hasFrame());
}

void TestChatClientSignIn::anEndedSessionComesBackWithAnotherToken()
{
    ScriptedServer server;
    open(server, u"t1"_s);
    server.answer(server.expect(u"auth"_s), personAck(u"ann"_s));
    QTRY_VERIFY(m_client->isReady());
    m_token->set(u"t2"_s);
    server.close(4001, u"the token has expired"_s);
    QCOMPARE(server.expect(u"auth"_s).value(u"token"_s), u"t2"_s);
}

void TestChatClientSignIn::anEndedSessionWithoutAnotherTokenStops()
{
    ScriptedServer server;
    open(server, u"t1"_s);
    server.answer(server.expect(u"auth"_s), personAck(u"ann"_s));
    QTRY_VERIFY(m_client->isReady());
    server.close(4001, u"the token has expired"_s);
    const CloseInfo why = stopped();
    QCOMPARE(why.signIn, SignInProblem::TokenRefused);
    QCOMPARE(why.reason, u"the token has expired"_s);
    QCOMPARE(server.connections(), 1);
}

void TestChatClientSignIn::roleAndItsChange()
{
    m_options.renewAgainAfter = 1ms;
    makeClient();
    ScriptedServer server;
    QSignalSpy changed(m_client.get(), &ChatClient::roleChanged);
    open(server, u"t1"_s);
    server.answer(server.expect(u"auth"_s), personAck(u"ann"_s, m_wall));
    QTRY_VERIFY(m_client->isReady());
    QCOMPARE(m_client->session().role, SessionRole::Moderator);
    QCOMPARE(m_client->session().person(), u"ann"_s);
    m_token->set(u"t2"_s);
    QJsonObject ack = personAck(u"ann"_s);
    ack.remove(u"role"_s);
    server.answer(server.expect(u"auth"_s), ack);
    QTRY_COMPARE(changed.size(), 1);
    QCOMPARE(m_client->session().role, SessionRole::Member);
}

void TestChatClientSignIn::nothingOfAnotherPersonIsSent()
{
    ScriptedServer server;
    m_client->rooms().join(kGeneral, {.since = RoomPosition{u"e1"_s, 5, u"id5"_s}});
    const QString cid = m_client->outgoing().send(kGeneral, u"Ann's"_s);
    QSignalSpy another(m_client.get(), &ChatClient::anotherPersonSignedIn);
    QSignalSpy started(m_client.get(), &ChatClient::sessionStarted);
    QSignalSpy tokens(m_client.get(), &ChatClient::resumeTokenChanged);
    open(server, u"bobs"_s, u"ann"_s);
    server.answer(server.expect(u"auth"_s), personAck(u"bob"_s));
    QCOMPARE(stopped().signIn, SignInProblem::AnotherPerson);
    QCOMPARE(another.size(), 1);
    QCOMPARE(another.first().first().value<SessionInfo>().person(), u"bob"_s);
    QVERIFY(!server.hasFrame());
    QVERIFY(started.isEmpty());
    QVERIFY(tokens.isEmpty());
    QCOMPARE(stateOf(cid), OutboxState::Queued);
}

/// The same holds for a token that changes while the program runs.
void TestChatClientSignIn::theSamePersonGoesOn()
{
    ScriptedServer server;
    m_client->rooms().join(kGeneral);
    open(server, u"t1"_s);
    server.answer(server.expect(u"auth"_s), personAck(u"ann"_s));
    QVERIFY(server.join(kGeneral));
    server.drop();
    server.answer(server.expect(u"auth"_s), personAck(u"ann"_s));
    QVERIFY(server.join(kGeneral));
    m_client->outgoing().send(kGeneral, u"Ann's"_s);
    server.expect(u"message"_s);
    server.drop();
    server.answer(server.expect(u"auth"_s), personAck(u"bob"_s));
    QCOMPARE(stopped().signIn, SignInProblem::AnotherPerson);
    QVERIFY(!server.hasFrame());
}

void TestChatClientSignIn::whoLeavesTheTokenOutIsAnother()
{
    ScriptedServer server;
    m_client->connectToServer(server.url(),
                              {.username = {}, .token = {}, .resumeToken = {}, .person = u"ann"_s});
    QVERIFY(server.authenticate());
    QCOMPARE(stopped().signIn, SignInProblem::AnotherPerson);
}

void TestChatClientSignIn::moderatedIsTold()
{
    ScriptedServer server;
    connectTo(server);
    QSignalSpy told(m_client.get(), &ChatClient::moderated);
    server.send({{u"type"_s, u"moderated"_s},
                 {u"action"_s, u"mute"_s},
                 {u"room"_s, u"general"_s},
                 {u"until"_s, 1700000001000.0},
                 {u"reason"_s, u"enough"_s}});
    QTRY_COMPARE(told.size(), 1);
    QCOMPARE(told.first().first().value<ModerationNotice>(),
             (ModerationNotice{u"mute"_s, kGeneral, 1700000001000ms, u"enough"_s}));
}

// ---- where a token comes from

void TestChatClientSignIn::fileAndCommand_data()
{
    QTest::addColumn<QByteArray>("file"); // null: a command
    QTest::addColumn<QString>("command");
    QTest::addColumn<QString>("token"); // empty: there is none
    QTest::addColumn<QString>("problem");
    const auto file = [](const char *name, const QByteArray &contents, const QString &token,
                         const QString &problem = {}) {
        QTest::newRow(name) << contents << QString() << token << problem;
    };
    const auto command = [](const char *name, const QString &shell, const QString &token,
                            const QString &problem = {}) {
        QTest::newRow(name) << QByteArray() << shell << token << problem;
    };
    file("file", "a.b-c_\n", u"a.b-c_"_s);
    file("file with white space", "  a.b\r\n\n", u"a.b"_s);
    file("empty file", "\n", {}, u"there is no token in it"_s);
    file("two lines", "a\nb\n", {}, u"one line"_s);
    file("not ASCII", "caf\xc3\xa9", {}, u"one line"_s);
    file("huge", QByteArray(9000, 'a'), {}, u"longer than 8 KiB"_s);
    command("command", u"echo a.b"_s, u"a.b"_s);
    command("first line", u"printf 'a\\nb\\n'"_s, u"a"_s);
    command("warnings are left out", u"echo careful >&2; echo a"_s, u"a"_s);
    command("pipe", u"printf xyz | tr x a"_s, u"ayz"_s);
    command("gets no input", u"read x; echo \"got $x\" >&2; exit 1"_s, {}, u"exit code 1: got; run it"_s);
    command("fails", u"echo; echo 'no network' >&2; exit 7"_s, {}, u"exit code 7: no network; run it"_s);
    command("prints nothing", u"true"_s, {}, u"there is no token in it"_s);
    command("is killed", u"kill -9 $$"_s, {}, u"was killed"_s);
    command("prints without an end", u"yes"_s, {}, u"more than 64 KiB"_s);
    command("many warnings", u"yes careful | head -c 300000 >&2; echo a"_s, u"a"_s);
    command("is none", u"/nonexistent/program"_s, {}, u"exit code 127"_s);
}

void TestChatClientSignIn::fileAndCommand()
{
    QFETCH(const QByteArray, file);
    QFETCH(const QString, command);
    QFETCH(const QString, token);
    QFETCH(const QString, problem);
    const QTemporaryDir folder;
    QFile contents(folder.filePath(u"token"_s));
    QVERIFY(contents.open(QIODevice::WriteOnly));
    contents.write(file);
    contents.close();
    TokenFile fromFile(contents.fileName());
    TokenCommand fromCommand(command);
    TokenSource &source = file.isNull() ? static_cast<TokenSource &>(fromCommand) : fromFile;
    for (int i = 0; i < 2; ++i) {
        std::optional<Result<QString>> read;
        source.read([&read](const Result<QString> &result) { read = result; });
        QTRY_VERIFY(read);
        QCOMPARE(bool(*read), problem.isEmpty());
        if (*read) {
            QCOMPARE(**read, token);
            continue;
        }
        const QString text = QString::fromStdString(read->error().text);
        QVERIFY2(text.contains(problem), qPrintable(text));
    }
}

void TestChatClientSignIn::aCommandThatHangsIsEnded()
{
    TokenCommand source(u"sleep 60"_s, 1ms);
    QString problem;
    source.read([&problem](const Result<QString> &result) {
        if (!result)
            problem = QString::fromStdString(result.error().text);
    });
    QTRY_VERIFY(problem.contains(u"no token within"_s));
}

void TestChatClientSignIn::whatACommandStartedEndsWithIt()
{
    const QTemporaryDir folder;
    const QByteArray pipe = QFile::encodeName(folder.filePath(u"pipe"_s));
    QCOMPARE(::mkfifo(pipe.constData(), 0600), 0);
    const int reader = ::open(pipe.constData(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const auto close = qScopeGuard([reader] { ::close(reader); });
    auto source = std::make_unique<TokenCommand>(
        u"exec 9>'%1'; echo >&9; sleep 60 & wait"_s.arg(QFile::decodeName(pipe)));
    source->read([](const Result<QString> &) {});
    char said = 0;
    QVERIFY(QTest::qWaitFor([&] { return ::read(reader, &said, 1) == 1; }));
    source.reset();
    QTRY_COMPARE(::read(reader, &said, 1), 0); // nobody has the other end any more
}

void TestChatClientSignIn::aFurtherReadDropsTheOneBefore()
{
    TokenCommand source(u"echo a"_s);
    QStringList heard;
    source.read([&heard](const Result<QString> &) { heard.append(u"first"_s); });
    source.read([&heard](const Result<QString> &) { heard.append(u"second"_s); });
    QTRY_VERIFY(!heard.isEmpty());
    QCOMPARE(heard, QStringList{u"second"_s});
}

PARLOR_TEST_WITHIN(QCoreApplication, TestChatClientSignIn)
#include "tst_chatclient_signin.moc"
