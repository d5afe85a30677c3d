// SPDX-License-Identifier: MIT
#include "server/ops/accesslog.h"
#include "server/ops/auditlog.h"
#include "server/ops/logging.h"
#include "tests/support/testclass.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTemporaryFile>
#include <QTest>

#include <functional>
#include <sys/stat.h>
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
    void accessText();
    void accessJson();
    void accessIsOff();
    void audit();
    void repeated();
    void journalPriorities();
};

namespace {

/// What `work` made the log write to stderr.
QByteArray logged(const Options &options, const std::function<void()> &work)
{
    QTemporaryFile file;
    if (!file.open())
        qFatal("cannot open a temporary file");
    const QtMessageHandler previous = qInstallMessageHandler(nullptr);
    const int stderrCopy = dup(STDERR_FILENO);
    dup2(file.handle(), STDERR_FILENO);
    log::start(options);
    work();
    dup2(stderrCopy, STDERR_FILENO);
    close(stderrCopy);
    qInstallMessageHandler(previous);
    QLoggingCategory::setFilterRules(QString());
    file.seek(0);
    return file.readAll();
}

QByteArray logged(LogLevel level, LogFormat format, const std::function<void()> &work)
{
    Options options;
    options.logLevel = level;
    options.logFormat = format;
    return logged(options, work);
}

/// What the access log has of this work.
QByteArray accessed(LogFormat format, const std::function<void()> &work)
{
    Options options;
    options.logFormat = format;
    options.accessLog = true;
    options.logLevel = LogLevel::Warning; // changes nothing
    return logged(options, work);
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

void LoggingTest::accessText()
{
    const QByteArray lines = accessed(LogFormat::Text, [] {
        const QHostAddress address(QStringLiteral("192.0.2.7"));
        accesslog::connected(address, "parlor.v2");
        accesslog::connected(address, "");
        accesslog::refused(address, 429, "too many");
        accesslog::refused(address, 0, "late");
        accesslog::closed({address, 1006, true, std::chrono::seconds(2)});
        accesslog::closed({address, 4102, false, std::chrono::milliseconds(3), {"id", "An \"n\n", "a,b"}});
    });
    QList<QByteArray> found;
    for (const QByteArray &line : lines.trimmed().split('\n'))
        found << line.mid(line.indexOf(' ') + 1);
    const QList<QByteArray> expected{
        "info parlor.access: connect address=192.0.2.7 protocol=parlor.v2",
        "info parlor.access: connect address=192.0.2.7 protocol=v1",
        "info parlor.access: refuse address=192.0.2.7 status=429 reason=\"too many\"",
        "info parlor.access: refuse address=192.0.2.7 reason=late",
        "info parlor.access: close address=192.0.2.7 code=1006 by=client duration_ms=2000",
        "info parlor.access: close address=192.0.2.7 code=4102 by=server duration_ms=3 client=id "
        "user=\"An \\\"n\\n\" room=a,b"};
    QCOMPARE(found, expected);
}

void LoggingTest::accessJson()
{
    const QByteArray line = accessed(LogFormat::Json, [] {
        const QHostAddress address(QStringLiteral("::1"));
        accesslog::closed({address, 1000, true, std::chrono::seconds(1), {"id", "\"", "a"}});
    });
    const QJsonObject json = QJsonDocument::fromJson(line).object();
    QCOMPARE(json.value(QLatin1String("event")), QJsonValue(QLatin1String("close")));
    QCOMPARE(json.value(QLatin1String("address")), QJsonValue(QLatin1String("::1")));
    QCOMPARE(json.value(QLatin1String("code")), QJsonValue(1000));
    QCOMPARE(json.value(QLatin1String("duration_ms")), QJsonValue(1000));
    QCOMPARE(json.value(QLatin1String("user")), QJsonValue(QLatin1String("\"")));
    QCOMPARE(json.value(QLatin1String("room")), QJsonValue(QLatin1String("a")));
}

void LoggingTest::accessIsOff()
{
    const QByteArray lines = logged(LogLevel::Debug, LogFormat::Text, [] {
        accesslog::refused(QHostAddress(QHostAddress::LocalHost), 429, "too many");
    });
    QCOMPARE(lines, QByteArray());
}

/// Each act, also where it is done often, and whatever the level.
void LoggingTest::audit()
{
    const QByteArray lines = logged(LogLevel::Error, LogFormat::Text, [] {
        for (int i = 0; i < 20; ++i)
            auditlog::write({"kick", "user:eve", "ann"});
        auditlog::write({"ban", "user:\"\n", "ops", auditlog::Way::Api, "forbidden", "spam"});
    });
    QCOMPARE(
        lines.count(" info parlor.audit: admin action=kick subject=user:eve by=ann via=chat outcome=done\n"),
        20);
    QVERIFY2(
        lines.endsWith("action=ban subject=\"user:\\\"\\n\" by=ops via=api outcome=forbidden reason=spam\n"),
        lines.constData());
}

void LoggingTest::repeated()
{
    const QByteArray lines = logged(LogLevel::Info, LogFormat::Text, [] {
        for (int i = 0; i < 25; ++i) {
            qCWarning(log::server, "the same");
            qCWarning(log::server, "another %d", i);
        }
        log::sayLeftOut();
        log::sayLeftOut();
        qCWarning(log::server, "the same");
    });
    QCOMPARE(lines.count("the same\n"), 11);
    QCOMPARE(lines.count(" warning parlor.server: the same repeated=15\n"), 1);
    QCOMPARE(lines.count("another "), 25);
}

void LoggingTest::journalPriorities()
{
    const QByteArray lines = logged(LogLevel::Info, LogFormat::Text, [] {
        struct stat status = {};
        QCOMPARE(fstat(STDERR_FILENO, &status), 0);
        qputenv("JOURNAL_STREAM", QStringLiteral("%1:%2").arg(status.st_dev).arg(status.st_ino).toLatin1());
        log::start(Options());
        qunsetenv("JOURNAL_STREAM");
        qCInfo(log::server, "x");
        qCWarning(log::server, "x");
        qCCritical(log::server, "x");
    });
    QList<QByteArray> priorities;
    for (const QByteArray &line : lines.trimmed().split('\n'))
        priorities << line.left(3);
    QCOMPARE(priorities, (QList<QByteArray>{"<6>", "<4>", "<3>"}));
}

PARLOR_TEST(LoggingTest)
#include "tst_logging.moc"
