// SPDX-License-Identifier: MIT
#include "server/ops/logging.h"

#include <QDateTime>
#include <QString>

#include <cerrno>
#include <unistd.h>

namespace parlor::log {

namespace {

struct Settings
{
    LogLevel level = LogLevel::Info;
    LogFormat format = LogFormat::Text;
};
Settings
    settings; // not a constant only because Qt's message handler is a plain function; start() alone writes it

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
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
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

void handleMessage(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    const LogLevel level = levelOf(type);
    if (level < settings.level)
        return;
    const QString time = QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs);
    const QString category = QString::fromUtf8(context.category ? context.category : "default");
    const QString text = escaped(message, settings.format);
    QString line;
    if (settings.format == LogFormat::Json)
        line = QLatin1String("{\"time\":\"") + time + QLatin1String("\",\"level\":\"") + nameOf(level) +
               QLatin1String("\",\"category\":\"") + escaped(category, settings.format) +
               QLatin1String("\",\"message\":\"") + text + QLatin1String("\"}\n");
    else
        line = time + QLatin1Char(' ') + nameOf(level) + QLatin1Char(' ') +
               escaped(category, settings.format) + QLatin1String(": ") + text + QLatin1Char('\n');
    write(line.toUtf8());
}

} // namespace

void start(LogLevel level, LogFormat format)
{
    settings = {level, format};
    // So that what is not logged is not composed either.
    QString rules;
    if (level > LogLevel::Debug)
        rules += QLatin1String("*.debug=false\n");
    if (level > LogLevel::Info)
        rules += QLatin1String("*.info=false\n");
    if (level > LogLevel::Warning)
        rules += QLatin1String("*.warning=false\n");
    QLoggingCategory::setFilterRules(rules);
    qInstallMessageHandler(handleMessage);
}

} // namespace parlor::log
