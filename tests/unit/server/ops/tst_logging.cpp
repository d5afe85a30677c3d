// SPDX-License-Identifier: MIT
#include "server/ops/logging.h"
#include "tests/support/testclass.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTemporaryFile>
#include <QTest>

#include <functional>
#include <unistd.h>

using namespace parlor;

class LoggingTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void textLine();
    void jsonLine();
    void levels_data();
    void levels();
    void disabledIsNotComposed();
    void noForgedLines_data();
    void noForgedLines();
    void jsonGivesTheMessageBack_data();
    void jsonGivesTheMessageBack();
    void uncategorised();
};

namespace {

/// What `work` made the log write to stderr.
QByteArray logged(LogLevel level, LogFormat format, const std::function<void()> &work)
{
    QTemporaryFile file;
    if (!file.open())
        qFatal("cannot open a temporary file");
    const QtMessageHandler previous = qInstallMessageHandler(nullptr);
    const int stderrCopy = dup(STDERR_FILENO);
    dup2(file.handle(), STDERR_FILENO);
    log::start(level, format);
    work();
    dup2(stderrCopy, STDERR_FILENO);
    close(stderrCopy);
    qInstallMessageHandler(previous);
    QLoggingCategory::setFilterRules(QString());
    file.seek(0);
    return file.readAll();
}

QByteArray loggedMessage(LogFormat format, const QString &message)
{
    return logged(LogLevel::Info, format, [&] { qCWarning(log::session).noquote() << message; });
}

} // namespace

void LoggingTest::textLine()
{
    const QByteArray line =
        logged(LogLevel::Info, LogFormat::Text, [] { qCInfo(log::server, "listening on %d", 80); });
    const QRegularExpression form(QStringLiteral(
        "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z info parlor\\.server: listening on 80\n$"));
    QVERIFY2(form.match(QString::fromUtf8(line)).hasMatch(), line.constData());
}

void LoggingTest::jsonLine()
{
    const QByteArray line =
        logged(LogLevel::Info, LogFormat::Json, [] { qCCritical(log::accept, "no \"port\""); });
    QVERIFY(line.endsWith("}\n"));
    const QJsonObject json = QJsonDocument::fromJson(line).object();
    QCOMPARE(json.size(), 4);
    QCOMPARE(json.value(QLatin1String("level")).toString(), QStringLiteral("error"));
    QCOMPARE(json.value(QLatin1String("category")).toString(), QStringLiteral("parlor.accept"));
    QCOMPARE(json.value(QLatin1String("message")).toString(), QStringLiteral("no \"port\""));
    QVERIFY(QDateTime::fromString(json.value(QLatin1String("time")).toString(), Qt::ISODateWithMs).isValid());
}

void LoggingTest::levels_data()
{
    QTest::addColumn<LogLevel>("level");
    QTest::addColumn<QByteArray>("words");
    QTest::newRow("debug") << LogLevel::Debug << QByteArray("debug info warning error");
    QTest::newRow("info") << LogLevel::Info << QByteArray("info warning error");
    QTest::newRow("warning") << LogLevel::Warning << QByteArray("warning error");
    QTest::newRow("error") << LogLevel::Error << QByteArray("error");
}

void LoggingTest::levels()
{
    QFETCH(const LogLevel, level);
    QFETCH(const QByteArray, words);
    const QByteArray lines = logged(level, LogFormat::Text, [] {
        qCDebug(log::session, "x");
        qCInfo(log::session, "x");
        qCWarning(log::session, "x");
        qCCritical(log::session, "x");
    });
    QList<QByteArray> found;
    for (const QByteArray &line : lines.trimmed().split('\n'))
        found << line.split(' ').value(1);
    QCOMPARE(found, words.split(' '));
}

void LoggingTest::disabledIsNotComposed()
{
    int composed = 0;
    const auto compose = [&composed] {
        ++composed;
        return 1;
    };
    (void)logged(LogLevel::Warning, LogFormat::Text, [&] {
        qCDebug(log::session) << compose();
        qCInfo(log::session) << compose();
        qCWarning(log::session) << compose();
    });
    QCOMPARE(composed, 1);
}

void LoggingTest::noForgedLines_data()
{
    QTest::addColumn<QString>("message");
    QTest::addColumn<QByteArray>("written");
    QTest::newRow("plain") << QStringLiteral("Grüße")
                           << QByteArray("Gr\xC3\xBC\xC3\x9F"
                                         "e");
    QTest::newRow("line feed") << QStringLiteral("a\n2030-01-01T00:00:00.000Z info parlor.server: b")
                               << QByteArray("a\\n2030-01-01T00:00:00.000Z info parlor.server: b");
    QTest::newRow("carriage return") << QStringLiteral("a\rb") << QByteArray("a\\u000db");
    QTest::newRow("tab") << QStringLiteral("a\tb") << QByteArray("a\\tb");
    QTest::newRow("NUL") << QString(QLatin1String("a\0b", 3)) << QByteArray("a\\u0000b");
    QTest::newRow("escape") << QStringLiteral("\x1B[2J") << QByteArray("\\u001b[2J");
    QTest::newRow("DEL") << QStringLiteral("\x7F") << QByteArray("\\u007f");
    QTest::newRow("C1 escape") << QString(QChar(0x9B)) << QByteArray("\\u009b");
    QTest::newRow("C1 next line") << QString(QChar(0x85)) << QByteArray("\\u0085");
    QTest::newRow("line separator") << QString(QChar(0x2028)) << QByteArray("\\u2028");
    QTest::newRow("right to left") << QString(QChar(0x202E)) << QByteArray("\\u202e");
    QTest::newRow("isolate") << QString(QChar(0x2066)) << QByteArray("\\u2066");
    QTest::newRow("backslash") << QStringLiteral("a\\n") << QByteArray("a\\\\n");
}

void LoggingTest::noForgedLines()
{
    QFETCH(const QString, message);
    QFETCH(const QByteArray, written);
    for (const LogFormat format : {LogFormat::Text, LogFormat::Json}) {
        const QByteArray line = loggedMessage(format, message);
        QCOMPARE(line.count('\n'), 1);
        QVERIFY2(line.contains(written), line.constData());
    }
}

void LoggingTest::jsonGivesTheMessageBack_data()
{
    noForgedLines_data();
    QTest::newRow("quotes") << QStringLiteral("\"},{\"level\":\"error\"") << QByteArray();
}

void LoggingTest::jsonGivesTheMessageBack()
{
    QFETCH(const QString, message);
    const QJsonObject json = QJsonDocument::fromJson(loggedMessage(LogFormat::Json, message)).object();
    QCOMPARE(json.value(QLatin1String("message")).toString(), message);
    QCOMPARE(json.value(QLatin1String("level")).toString(), QStringLiteral("warning"));
}

void LoggingTest::uncategorised()
{
    const QByteArray line = logged(LogLevel::Info, LogFormat::Text, [] { qWarning("from a library"); });
    QVERIFY2(line.endsWith(" warning default: from a library\n"), line.constData());
}

PARLOR_TEST(LoggingTest)
#include "tst_logging.moc"
