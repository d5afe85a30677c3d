// SPDX-License-Identifier: MIT
#include "server/ops/logging.h"

#include "server/ops/repeatedlines.h"

#include <QDateTime>
#include <QString>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace parlor::log {

namespace {

struct Settings
{
    LogFormat format = LogFormat::Text;
    bool hasPriorities = false;
};
// Not constants only because Qt's message handler is a plain function. start() alone writes the settings.
Settings settings;
std::atomic<LogLevel> leastLevel{LogLevel::Info};
RepeatedLines repeated;
std::atomic<std::uint64_t> unread{0}; ///< lines that were left out

LogLevel levelOf(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return LogLevel::Debug;
    case QtInfoMsg:
        return LogLevel::Info;
    case QtWarningMsg:
        return LogLevel::Warning;
    case QtCriticalMsg:
    case QtFatalMsg:
        break;
    }
    return LogLevel::Error;
}

QLatin1String nameOf(LogLevel level)
{
    switch (level) {
    case LogLevel::Debug:
        return QLatin1String("debug");
    case LogLevel::Info:
        return QLatin1String("info");
    case LogLevel::Warning:
        return QLatin1String("warning");
    case LogLevel::Error:
        break;
    }
    return QLatin1String("error");
}

/// What could end the line, move a terminal's cursor, or show letters in another order than they are stored.
bool isUnsafe(char16_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/// The same notation for both formats: JSON's.
QString escaped(const QString &text, LogFormat format)
{
    QString safe;
    safe.reserve(text.size());
    for (const QChar c : text) {
        if (c == QLatin1Char('\n'))
            safe += QLatin1String("\\n");
        else if (c == QLatin1Char('\t'))
            safe += QLatin1String("\\t");
        else if (isUnsafe(c.unicode()))
            safe +=
                QLatin1String("\\u") + QString::number(c.unicode(), 16).rightJustified(4, QLatin1Char('0'));
        else if (c == QLatin1Char('\\') || (c == QLatin1Char('"') && format == LogFormat::Json))
            safe += QLatin1Char('\\') + QString(c);
        else
            safe += c;
    }
    return safe;
}

void write(const QByteArray &line)
{
    qsizetype written = 0;
    while (written < line.size()) {
        const auto n =
            ::write(STDERR_FILENO, line.constData() + written, static_cast<size_t>(line.size() - written));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return; // nobody reads the log; the server goes on
        written += n;
    }
}

/// Whether a line can be written now.
bool mayWrite()
{
    pollfd polled{STDERR_FILENO, POLLOUT, 0};
    return ::poll(&polled, 1, 0) != 0; // an error is found by writing
}

/// Whether stderr is the journal's own: its number is in the variable (systemd.exec(5)).
bool isJournal()
{
    struct stat status = {};
    const char *stream = std::getenv("JOURNAL_STREAM");
    return stream && ::fstat(STDERR_FILENO, &status) == 0 &&
           stream == std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino);
}

/// syslog(3)'s.
QLatin1String priorityOf(LogLevel level)
{
    switch (level) {
    case LogLevel::Debug:
        return QLatin1String("<7>");
    case LogLevel::Info:
        return QLatin1String("<6>");
    case LogLevel::Warning:
        return QLatin1String("<4>");
    case LogLevel::Error:
        break;
    }
    return QLatin1String("<3>");
}

QString quoted(const QString &text, LogFormat format)
{
    if (format == LogFormat::Json)
        return u'"' + escaped(text, format) + u'"';
    const bool isPlain = !text.isEmpty() && std::none_of(text.begin(), text.end(), [](QChar c) {
        return c <= u' ' || c == u'"' || c == u'=' || c == u'\\';
    });
    return isPlain ? escaped(text, format) : u'"' + escaped(text, LogFormat::Json) + u'"';
}

QString valueText(const Field &field, LogFormat format)
{
    if (const auto *number = std::get_if<std::int64_t>(&field.value))
        return QString::number(*number);
    return quoted(QString::fromStdString(std::get<std::string>(field.value)), format);
}

/// A line without its time, behind its priority: what equal lines have in common.
QString body(LogLevel level, const char *category, const QString &message)
{
    const LogFormat format = settings.format;
    if (format == LogFormat::Json)
        return priorityOf(level) + QLatin1String("\"level\":\"") + nameOf(level) +
               QLatin1String("\",\"category\":") + quoted(QString::fromUtf8(category), format) +
               QLatin1String(",\"message\":") + quoted(message, format);
    return priorityOf(level) + nameOf(level) + QLatin1Char(' ') +
           escaped(QString::fromUtf8(category), format) + QLatin1String(": ") + escaped(message, format);
}

QString body(const Event &event)
{
    const LogFormat format = settings.format;
    const bool isJson = format == LogFormat::Json;
    const QString name = QString::fromStdString(event.name);
    QString text = body(LogLevel::Info, event.category.categoryName(), name);
    if (isJson)
        text += QLatin1String(",\"event\":") + quoted(name, format);
    for (const Field &field : event.fields) {
        const QString fieldName = QString::fromStdString(field.name);
        if (isJson)
            text += QLatin1String(",\"") + fieldName + QLatin1String("\":");
        else
            text += QLatin1Char(' ') + fieldName + QLatin1Char('=');
        text += valueText(field, format);
    }
    return text;
}

/// Nobody waits for whoever reads the log: a line that finds it full is left out.
void writeBody(const QString &body)
{
    if (!mayWrite()) {
        unread.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    const qsizetype priority = priorityOf(LogLevel::Info).size();
    const QString time = QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs);
    QString line = settings.hasPriorities ? body.left(priority) : QString();
    if (settings.format == LogFormat::Json)
        line += QLatin1String("{\"time\":\"") + time + QLatin1String("\",") + body.mid(priority) +
                QLatin1String("}\n");
    else
        line += time + QLatin1Char(' ') + body.mid(priority) + QLatin1Char('\n');
    write(line.toUtf8());
}

void handleMessage(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    const LogLevel level = levelOf(type);
    if (level < leastLevel.load(std::memory_order_relaxed))
        return;
    const QString text = body(level, context.category ? context.category : "default", message);
    if (repeated.admit(text.toStdString()))
        writeBody(text);
}

} // namespace

void start(const Options &options)
{
    settings = {options.logFormat, isJournal()};
    change(options);
    qInstallMessageHandler(handleMessage);
}

void change(const Options &options)
{
    leastLevel.store(options.logLevel, std::memory_order_relaxed);
    // So that what is not logged is not composed either.
    QString rules;
    if (options.logLevel > LogLevel::Debug)
        rules += QLatin1String("*.debug=false\n");
    if (options.logLevel > LogLevel::Info)
        rules += QLatin1String("*.info=false\n");
    if (options.logLevel > LogLevel::Warning)
        rules += QLatin1String("*.warning=false\n");
    rules += options.accessLog ? QLatin1String("parlor.access.info=true\n")
                               : QLatin1String("parlor.access.info=false\n");
    QLoggingCategory::setFilterRules(rules);
}

void write(const Event &event)
{
    const QString text = body(event);
    if (!event.isOneOfMany && !repeated.admit(text.toStdString()))
        return;
    writeBody(text);
}

void sayLeftOut()
{
    if (!mayWrite())
        return;
    if (const std::uint64_t count = unread.exchange(0); count != 0)
        qCWarning(server).noquote() << count << "lines are not in this log: nobody read it in time";

    const bool isJson = settings.format == LogFormat::Json;
    for (const auto &[line, count] : repeated.sweep()) {
        const QString number = QString::number(count);
        const QLatin1String name(isJson ? ",\"repeated\":" : " repeated=");
        writeBody(QString::fromStdString(line) + name + number);
    }
}

} // namespace parlor::log
