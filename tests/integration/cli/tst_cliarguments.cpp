// SPDX-License-Identifier: MIT
#include "tests/support/rawsocket.h"
#include "tests/support/testclass.h"

#include <QProcess>
#include <QProcessEnvironment>
#include <QTemporaryDir>
#include <QTest>

using namespace parlor::test;
using namespace Qt::StringLiterals;

/// Arguments, variables and files with bytes that are not UTF-8. They are no text, and nothing is started.
class TestCliArguments : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void bytesThatAreNoText_data();
    void bytesThatAreNoText();
};

void TestCliArguments::bytesThatAreNoText_data()
{
    QTest::addColumn<QString>("command"); // of a shell; $x has the bytes
    QTest::addColumn<QString>("errors");
    const auto row = [](const QString &command, const QString &errors) {
        QTest::newRow(qPrintable(command)) << command << errors;
    };
    for (const QString &option : {u"--name"_s, u"-n"_s, u"--room"_s, u"-r"_s, u"--token-file"_s,
                                  u"--token-command"_s, u"--expect"_s, u"-x"_s, u"--state"_s})
        row(u"parlor-cli chat localhost:1 "_s + option + u" \"$x\""_s,
            u"parlor-cli: the value of %1 is not UTF-8\n"_s.arg(option));
    row(u"parlor-cli chat localhost:1 --name=\"$x\""_s, u"parlor-cli: the value of --name is not UTF-8\n"_s);
    row(u"parlor-cli chat \"ws://$x\""_s, u"parlor-cli: argument 2 is not UTF-8\n"_s);
    row(u"parlor-cli load localhost:1 --rooms \"$x\""_s,
        u"parlor-cli: the value of --rooms is not UTF-8\n"_s);
    row(u"parlor-cli load \"$x\""_s, u"parlor-cli: argument 2 is not UTF-8\n"_s);
    row(u"parlor-cli probe \"$x\""_s, u"parlor-cli: argument 2 is not UTF-8\n"_s);
    row(u"printf '%s' \"$x\" > token; parlor-cli chat localhost:1 --token-file token"_s,
        u"parlor-cli chat: the token file token cannot be used: a token is one line of letters, digits and "
        "signs without spaces; see parlor-cli chat --help\n"_s);
}

void TestCliArguments::bytesThatAreNoText()
{
    QFETCH(const QString, command);
    QFETCH(const QString, errors);
    const QTemporaryDir folder;
    QProcess shell;
    shell.setWorkingDirectory(folder.path());
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"PATH"_s,
                       qEnvironmentVariable("PARLOR_TEST_BIN") + u':' + qEnvironmentVariable("PATH"));
    shell.setProcessEnvironment(environment);
    for (const QString &bytes : {u"caf\\351"_s, u"\\300\\257"_s, u"\\355\\240\\200"_s, u"x\\342\\202"_s}) {
        shell.start(u"/bin/sh"_s, {u"-c"_s, u"x=$(printf 'a%1'); %2"_s.arg(bytes, command)});
        shell.closeWriteChannel();
        QVERIFY(shell.waitForFinished(static_cast<int>(kPatience.count())));
        QCOMPARE(QString::fromUtf8(shell.readAllStandardError()), errors);
        QCOMPARE(shell.exitCode(), 2);
    }
}

PARLOR_TEST_WITHIN(QCoreApplication, TestCliArguments)
#include "tst_cliarguments.moc"
