// SPDX-License-Identifier: MIT
// A server that lets nobody in without a token: what is asked, what is kept, and whose things are shown.
#include "tests/gui/windowundertest.h"
#include "tests/support/testclass.h"
#include "tests/unit/shared/client/scriptedserver.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace Qt::StringLiterals;

class TestMainWindowSignIn : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void asksForAToken();
    void pastedOverSeveralLines();
    void whatCannotBeAToken();
    void saysWhatIsWrongWithIt();
    void keepsItOnceTheServerHasTakenIt();
    void doesNotKeepWhatIsNotWanted();
    void findsItAgain();
    void asksWhereTheKeychainIsLocked();
    void whereNoKeychainRuns();
    void saysThatTheKeychainDidNotKeepIt();
    void signsOut();
    void anotherPerson_data();
    void anotherPerson();
    void aTokenThatExpired();
    void aProgramThatGivesNone();
    void aServerOfOnesOwnKeepsItsTokens();
    void whatIsWrittenStaysBelow();
    void nothingShowsTheToken();

private:
    static constexpr QLatin1String kToken{"do-not-log.the-token"};
    void start();
    [[nodiscard]] QString prompt();
    /// What is wrong with the token, or the question where none was given.
    [[nodiscard]] QString problem() { return m_app->child<QLabel>("signInProblem").text(); }
    [[nodiscard]] QLineEdit &field() { return m_app->child<QLineEdit>("signInToken"); }
    void give(const QString &token);
    /// Lets the person with this token in. False: the window did not show the token.
    [[nodiscard]] bool admit(const QString &token, const QString &person);
    /// After admit(): into `general`, until the window has asked all that it asks.
    [[nodiscard]] bool enter()
    {
        return m_server->join(u"general"_s) && !m_server->expect(u"rooms"_s).isEmpty() &&
               QTest::qWaitFor([this] { return m_app->controller().members(u"general"_s)->isKnown(); });
    }
    void refuse(const QString &code, const QString &text);
    [[nodiscard]] QAction *signOutAction();

    std::unique_ptr<QTemporaryDir> m_profile;
    std::unique_ptr<ScriptedServer> m_server;
    std::unique_ptr<WindowUnderTest> m_app;
};

void TestMainWindowSignIn::init()
{
    m_profile = std::make_unique<QTemporaryDir>();
    m_server = std::make_unique<ScriptedServer>();
    m_server->setTerm(u"auth"_s, u"token"_s);
    start();
}

void TestMainWindowSignIn::cleanup()
{
    m_app.reset();
    m_server.reset();
}

void TestMainWindowSignIn::start()
{
    m_app.reset();
    m_app =
        std::make_unique<WindowUnderTest>(Scheme::Light, WindowUnderTest::hastyOptions(), m_profile->path());
}

QString TestMainWindowSignIn::prompt()
{
    return m_app->child<QWidget>("signInPane").isVisible() ? m_app->child<QLabel>("signInTitle").text()
                                                           : QString();
}

void TestMainWindowSignIn::give(const QString &token)
{
    field().setText(token);
    QTest::keyClick(&field(), Qt::Key_Return);
}

bool TestMainWindowSignIn::admit(const QString &token, const QString &person)
{
    const QJsonObject auth = m_server->expect(u"auth"_s);
    if (auth.value(u"token"_s) != token)
        return false;
    m_server->answer(auth, {{u"type"_s, u"ack"_s},
                            {u"client_id"_s, QString(u"session-of-"_s + person)},
                            {u"user"_s, person},
                            {u"username"_s, person},
                            {u"resumed"_s, false},
                            {u"resume"_s, QString(u"resume-of-"_s + person)},
                            {u"resume_ttl_ms"_s, 1000000},
                            {u"role"_s, u"member"_s}});
    return true;
}

void TestMainWindowSignIn::refuse(const QString &code, const QString &text)
{
    m_server->answer(m_server->expect(u"auth"_s),
                     {{u"type"_s, u"error"_s}, {u"code"_s, code}, {u"message"_s, text}});
}

QAction *TestMainWindowSignIn::signOutAction()
{
    const auto actions = m_app->window().findChildren<QAction *>();
    const auto it =
        std::ranges::find_if(actions, [](QAction *each) { return each->text() == u"Sign &out"_s; });
    return it == actions.end() ? nullptr : *it;
}

void TestMainWindowSignIn::asksForAToken()
{
    m_app->open(m_server->url().toString());
    QTRY_COMPARE(prompt(), u"Sign in to 127.0.0.1:%1"_s.arg(m_server->url().port()));
    QVERIFY2(problem().contains(u"token"_s), qPrintable(problem()));
    QVERIFY(m_app->banner().isEmpty()); // one place says what is wrong
    QVERIFY2(m_app->status().startsWith(u"Not signed in"_s), qPrintable(m_app->status()));
    QVERIFY(field().hasFocus());
    QCOMPARE(field().echoMode(), QLineEdit::Password);
    QVERIFY(!m_app->child<QPushButton>("signInButton").isEnabled());
    QVERIFY(!m_server->hasFrame());

    give(kToken);
    QVERIFY(admit(kToken, u"ann"_s));
    QTRY_VERIFY(prompt().isEmpty());
    QVERIFY(m_app->controller().connection().isReady());
    QVERIFY(field().text().isEmpty());
    QTRY_VERIFY(m_app->child<QWidget>("messageInput").hasFocus());
}

void TestMainWindowSignIn::pastedOverSeveralLines()
{
    m_app->open(m_server->url().toString());
    QTRY_VERIFY(!prompt().isEmpty());
    QApplication::clipboard()->setText(u"  aaa.bbb\n bbb.ccc \r\n"_s);
    field().paste();
    QCOMPARE(field().text(), u"aaa.bbbbbb.ccc"_s);
    auto &show = m_app->child<QPushButton>("signInShow");
    show.click();
    QCOMPARE(field().echoMode(), QLineEdit::Normal);
    show.click();
    QCOMPARE(field().echoMode(), QLineEdit::Password);
}

void TestMainWindowSignIn::whatCannotBeAToken()
{
    m_app->open(m_server->url().toString());
    QTRY_VERIFY(!prompt().isEmpty());
    give(u"schlüssel"_s);
    QVERIFY2(problem().contains(u"letters, digits"_s), qPrintable(problem()));
    QCOMPARE(field().text(), u"schlüssel"_s);
    QVERIFY(!m_server->hasFrame());
}

void TestMainWindowSignIn::saysWhatIsWrongWithIt()
{
    m_app->open(m_server->url().toString());
    QTRY_VERIFY(!prompt().isEmpty());
    give(kToken);
    refuse(u"auth_invalid"_s, u"the token's signature does not match the key"_s);
    QTRY_VERIFY2(problem().contains(u"the token's signature does not match the key"_s),
                 qPrintable(problem()));
    QVERIFY(!problem().contains(kToken));
    QVERIFY(!prompt().isEmpty());
    QVERIFY(m_app->keychain().secrets.isEmpty());
    // the field has it still, selected, so that another one replaces it
    QCOMPARE(field().selectedText(), QString(kToken));
    QVERIFY(m_app->save(u"sign-in-refused"_s));

    give(u"another"_s);
    QVERIFY(admit(u"another"_s, u"ann"_s));
    QTRY_VERIFY(prompt().isEmpty());
}

void TestMainWindowSignIn::keepsItOnceTheServerHasTakenIt()
{
    m_app->open(m_server->url().toString());
    QTRY_VERIFY(!prompt().isEmpty());
    give(kToken);
    const QJsonObject auth = m_server->expect(u"auth"_s);
    QVERIFY(m_app->keychain().secrets.isEmpty());
    m_server->answer(auth, {{u"type"_s, u"ack"_s},
                            {u"client_id"_s, u"c1"_s},
                            {u"user"_s, u"ann"_s},
                            {u"username"_s, u"Ann"_s},
                            {u"resumed"_s, false},
                            {u"resume"_s, u"r1"_s},
                            {u"resume_ttl_ms"_s, 1000000}});
    QTRY_COMPARE(m_app->keychain().secrets,
                 (QMap<QString, QString>{{m_server->url().toString(), QString(kToken)}}));
}

void TestMainWindowSignIn::doesNotKeepWhatIsNotWanted()
{
    m_app->keychain().secrets.insert(m_server->url().toString(), u"an-old-one"_s);
    m_app->open(m_server->url().toString());
    refuse(u"auth_invalid"_s, u"no"_s); // the old one
    QTRY_VERIFY(!prompt().isEmpty());
    m_app->child<QCheckBox>("signInKeep").setChecked(false);
    give(kToken);
    QVERIFY(admit(kToken, u"ann"_s));
    QTRY_VERIFY(m_app->keychain().secrets.isEmpty()); // nor the old one, which would come back
}

void TestMainWindowSignIn::findsItAgain()
{
    m_app->keychain().secrets.insert(m_server->url().toString(), kToken);
    m_app->open(m_server->url().toString());
    QVERIFY(admit(kToken, u"ann"_s));
    QTRY_VERIFY(m_app->controller().connection().isReady());
    QVERIFY(prompt().isEmpty());
    // and not for each connection
    m_server->drop();
    QVERIFY(admit(kToken, u"ann"_s));
    QCOMPARE(m_app->keychain().reads, 1);
}

void TestMainWindowSignIn::asksWhereTheKeychainIsLocked()
{
    m_app->keychain().answers = false;
    m_app->open(m_server->url().toString());
    QTRY_VERIFY(!prompt().isEmpty());
    give(kToken);
    QVERIFY(admit(kToken, u"ann"_s));
    QTRY_VERIFY(m_app->controller().connection().isReady());
}

void TestMainWindowSignIn::whereNoKeychainRuns()
{
    m_app->keychain().problem = u"no keychain runs here"_s;
    m_app->open(m_server->url().toString());
    QTRY_VERIFY(!prompt().isEmpty());
    QVERIFY(!m_app->child<QCheckBox>("signInKeep").isVisible());
    const QString note = m_app->child<QLabel>("signInNote").text();
    QVERIFY2(note.contains(u"until Parlor ends: no keychain runs here"_s), qPrintable(note));
    give(kToken);
    QVERIFY(admit(kToken, u"ann"_s));
    QTRY_VERIFY(m_app->controller().connection().isReady());
    QVERIFY(!m_app->child<QLabel>("noticeText").isVisible());
}

void TestMainWindowSignIn::saysThatTheKeychainDidNotKeepIt()
{
    m_app->open(m_server->url().toString());
    QTRY_VERIFY(!prompt().isEmpty());
    m_app->keychain().problem = u"the keychain was not opened"_s;
    give(kToken);
    QVERIFY(admit(kToken, u"ann"_s));
    auto &notice = m_app->child<QLabel>("noticeText");
    QTRY_VERIFY(notice.isVisible());
    QCOMPARE(notice.text(),
             u"You stay signed in until Parlor ends, and not longer: The keychain was not opened."_s);
}

void TestMainWindowSignIn::signsOut()
{
    m_app->keychain().secrets.insert(m_server->url().toString(), kToken);
    m_app->open(m_server->url().toString());
    QVERIFY(admit(kToken, u"ann"_s));
    QVERIFY(enter());
    m_server->send(messageFrame(1, u"a secret"_s));
    QTRY_COMPARE(m_app->said(), QStringList{u"a secret"_s});
    QVERIFY(signOutAction());
    QVERIFY(signOutAction()->isEnabled());

    signOutAction()->trigger();
    QTRY_VERIFY(!prompt().isEmpty());
    QTRY_VERIFY(m_app->keychain().secrets.isEmpty());
    QVERIFY(!signOutAction()->isEnabled());
    QVERIFY(m_app->said().isEmpty());
    QTRY_COMPARE(m_server->closeCode(), quint16(1000));

    give(u"again"_s);
    QVERIFY(admit(u"again"_s, u"ann"_s));
    QTRY_COMPARE(m_app->said(), QStringList{u"a secret"_s});
}

void TestMainWindowSignIn::anotherPerson_data()
{
    QTest::addColumn<bool>("restarts");
    QTest::newRow("signs out") << false;
    QTest::newRow("at the next start") << true;
}

/// Nothing that Ann wrote goes out under Bob's name, and Bob does not see it either.
void TestMainWindowSignIn::anotherPerson()
{
    QFETCH(const bool, restarts);
    m_app->open(m_server->url().toString());
    QTRY_VERIFY(!prompt().isEmpty());
    give(u"token-of-ann"_s);
    QVERIFY(admit(u"token-of-ann"_s, u"ann"_s));
    QVERIFY(enter());
    m_server->send(messageFrame(1, u"for Ann"_s));
    QTRY_COMPARE(m_app->said(), QStringList{u"for Ann"_s});
    m_server->close(4001, u"the token has expired"_s);
    QTRY_VERIFY(!prompt().isEmpty());
    m_app->type(u"from Ann"_s);
    m_app->pressEnter();
    QCOMPARE(m_app->controller().unsent(), 1);

    if (restarts) {
        start();
        m_app->open(m_server->url().toString());
        QCOMPARE(m_app->said(), (QStringList{u"for Ann"_s, u"from Ann"_s}));
    } else {
        signOutAction()->trigger();
    }
    QTRY_VERIFY(!prompt().isEmpty());
    give(u"token-of-bob"_s);
    QVERIFY(admit(u"token-of-bob"_s, u"bob"_s)); // the connection that finds out
    QVERIFY(admit(u"token-of-bob"_s, u"bob"_s));
    QVERIFY(enter());
    QTRY_VERIFY(m_app->controller().connection().isReady());
    QCOMPARE(m_app->controller().username(), u"bob"_s);
    QVERIFY(prompt().isEmpty());
    QVERIFY(m_app->said().isEmpty());
    m_app->type(u"from Bob"_s);
    m_app->pressEnter();
    QVERIFY(m_server->expect(u"typing"_s).value(u"on"_s).toBool());
    QVERIFY(!m_server->expect(u"typing"_s).isEmpty());
    const QJsonObject said = m_server->expect(u"message"_s);
    QCOMPARE(said.value(u"content"_s), u"from Bob"_s);
    m_server->acknowledge(said, 2);
    QTRY_COMPARE(m_app->controller().unsent(), 0);

    // Ann comes back, and finds all of it.
    signOutAction()->trigger();
    QTRY_VERIFY(!prompt().isEmpty());
    give(u"token-of-ann"_s);
    QVERIFY(admit(u"token-of-ann"_s, u"ann"_s));
    QVERIFY(admit(u"token-of-ann"_s, u"ann"_s));
    QTRY_COMPARE(m_app->said(), (QStringList{u"for Ann"_s, u"from Ann"_s}));
}

void TestMainWindowSignIn::aTokenThatExpired()
{
    m_app->keychain().secrets.insert(m_server->url().toString(), kToken);
    m_app->open(m_server->url().toString());
    QVERIFY(admit(kToken, u"ann"_s));
    QTRY_VERIFY(m_app->controller().connection().isReady());
    m_server->close(4001, u"the token has expired"_s);
    QTRY_VERIFY(!prompt().isEmpty());
    QCOMPARE(problem(), u"127.0.0.1:%1 ended the connection: the token has expired; get another token."_s.arg(
                            m_server->url().port()));
    give(u"another"_s);
    QVERIFY(admit(u"another"_s, u"ann"_s));
    QTRY_VERIFY(prompt().isEmpty());
    QTRY_COMPARE(m_app->keychain().secrets.value(m_server->url().toString()), u"another"_s);
}

void TestMainWindowSignIn::aProgramThatGivesNone()
{
    const QString file = m_profile->filePath(u"token"_s);
    m_app->controller().signIn().setProgramSource(std::make_shared<TokenFile>(file));
    m_app->open(m_server->url().toString());
    QTRY_VERIFY2(problem().contains(file), qPrintable(problem()));
    QVERIFY(!field().isVisible());
    auto &again = m_app->child<QPushButton>("signInButton");
    QTRY_COMPARE(again.text(), u"Try again"_s);
    QVERIFY(m_app->banner().isEmpty());
    QFile token(file);
    QVERIFY(token.open(QIODevice::WriteOnly) && token.write("from-the-file\n") > 0);
    token.close();
    if (again.isEnabled())
        again.click();
    QVERIFY(admit(u"from-the-file"_s, u"ann"_s));
    QTRY_VERIFY(prompt().isEmpty());
    QVERIFY(!signOutAction()->isEnabled()); // it is not ours to forget
    QCOMPARE(m_app->keychain().reads, 0);
    QVERIFY(m_app->keychain().secrets.isEmpty());
}

/// Tokens are for the server that they were given for.
void TestMainWindowSignIn::aServerOfOnesOwnKeepsItsTokens()
{
    m_app->controller().signIn().setProgramSource(std::make_shared<GivenToken>(kToken));
    m_app->open(m_server->url().toString());
    QVERIFY(admit(kToken, u"ann"_s));
    QTRY_VERIFY(m_app->controller().connection().isReady());

    ScriptedServer other;
    m_app->window().connectTo(other.url().toString(), u"Ann"_s, {});
    QVERIFY(!other.expect(u"auth"_s).contains(u"token"_s));
}

void TestMainWindowSignIn::whatIsWrittenStaysBelow()
{
    m_app->keychain().secrets.insert(m_server->url().toString(), kToken);
    m_app->open(m_server->url().toString());
    QVERIFY(admit(kToken, u"ann"_s));
    QVERIFY(enter());
    QTRY_VERIFY(m_app->controller().connection().isReady());
    m_app->type(u"half a sent"_s);
    m_server->close(4001, u"the token has expired"_s);
    QTRY_VERIFY(!prompt().isEmpty());
    QVERIFY(m_app->child<QWidget>("messageInput").hasFocus()); // keys must not land in the token
    m_app->window().resize(480, 480);
    QCoreApplication::processEvents(); // what wraps gets its height later
    QCOMPARE(m_app->window().width(), 480);
    QVERIFY(m_app->save(u"sign-in-narrow"_s));
}

/// Not the settings, not the store, no text of the window.
void TestMainWindowSignIn::nothingShowsTheToken()
{
    m_app->open(m_server->url().toString());
    QTRY_VERIFY(!prompt().isEmpty());
    give(kToken);
    QVERIFY(admit(kToken, u"ann"_s));
    QVERIFY(enter());
    QTRY_VERIFY(m_app->controller().connection().isReady());
    for (const QWidget *each : m_app->window().findChildren<QWidget *>())
        QVERIFY(!each->accessibleName().contains(kToken) && !each->toolTip().contains(kToken));
    for (const QLabel *each : m_app->window().findChildren<QLabel *>())
        QVERIFY(!each->text().contains(kToken));
    QTRY_VERIFY(!m_app->keychain().secrets.isEmpty());
    m_app.reset();
    const QDir profile(m_profile->path());
    const QStringList files = profile.entryList(QDir::Files | QDir::Hidden);
    QVERIFY(!files.isEmpty());
    for (const QString &each : files) {
        QFile file(profile.filePath(each));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY2(!file.readAll().contains(QByteArray(kToken.data(), kToken.size())), qPrintable(each));
    }
}

PARLOR_TEST_WITHIN(QApplication, TestMainWindowSignIn)
#include "tst_mainwindow_signin.moc"
