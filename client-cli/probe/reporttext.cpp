// SPDX-License-Identifier: MIT
#include "client-cli/probe/reporttext.h"

#include "client-cli/chat/terminaltext.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonObject>

#include <algorithm>
#include <cmath>

namespace parlor::cli {

namespace {

class ReportText
{
    Q_DECLARE_TR_FUNCTIONS(parlor::cli::ReportText)
};

constexpr double kBarCells = 32; ///< of a share of 100 %
constexpr qsizetype kLongestHost = 48;

double milliseconds(std::chrono::nanoseconds time)
{
    return std::chrono::duration<double, std::milli>(time).count();
}

QString heading(const ProbeOptions &options)
{
    return ReportText::tr("%1 connections to %2, %3, %4")
        .arg(options.count)
        .arg(options.url.toString(),
             options.parallel > 1 ? ReportText::tr("%1 at once").arg(options.parallel)
                                  : ReportText::tr("one after the other"),
             options.cookies == Cookies::Carry ? ReportText::tr("with cookies")
                                               : ReportText::tr("without cookies"));
}

QString table(const QList<ProbeReport::Host> &hosts)
{
    const QString title = ReportText::tr("HOST");
    QStringList names;
    qsizetype width = title.size();
    for (const auto &host : hosts) {
        names.append(sanitised(host.name).left(kLongestHost));
        width = std::max(width, names.back().size());
    }
    const auto row = [width](const QString &name, const QString &count, const QString &share,
                             const QString &time, const QString &bar) {
        const QString line = name.leftJustified(width) % count.rightJustified(8) % share.rightJustified(8) %
                             time.rightJustified(14);
        return bar.isEmpty() ? line : QString(line % QLatin1String("  ") % bar);
    };
    QStringList lines{
        row(title, ReportText::tr("COUNT"), ReportText::tr("SHARE"), ReportText::tr("CONNECT P50"), {})};
    for (qsizetype i = 0; i < hosts.size(); ++i) {
        const auto &host = hosts[i];
        const auto cells = std::max<qsizetype>(1, std::lround(host.share * kBarCells));
        lines.append(row(names[i], QString::number(host.count),
                         ReportText::tr("%1 %").arg(host.share * 100, 0, 'f', 0),
                         ReportText::tr("%1 ms").arg(milliseconds(host.median), 0, 'f', 1),
                         QString(cells, QChar(0x2588))));
    }
    return lines.join(QLatin1Char('\n'));
}

QString cookieText(const ProbeReport &report, const ProbeOptions &options)
{
    QStringList lines;
    if (!report.upgradeCookies().isEmpty())
        lines.append(ReportText::tr("Cookies set by the answer to the upgrade: %1")
                         .arg(sanitised(report.upgradeCookies().join(QLatin1String(", ")))));
    if (!report.pageCookies().isEmpty())
        lines.append(ReportText::tr("Cookies set by the answer to a GET of /: %1")
                         .arg(sanitised(report.pageCookies().join(QLatin1String(", ")))));
    if (options.cookies == Cookies::Forget)
        return lines.join(QLatin1Char('\n'));
    if (report.carried() > 0)
        lines.append(ReportText::tr("The cookie kept the host %1 of %2 times")
                         .arg(report.kept())
                         .arg(report.carried()));
    else if (lines.isEmpty())
        lines.append(
            ReportText::tr("No cookie was set: neither the server nor a load balancer before it uses one"));
    return lines.join(QLatin1Char('\n'));
}

/// Empty: everybody gets in.
QString admissionText(const ProbeReport &report)
{
    if (!report.signedInAs().isEmpty())
        return ReportText::tr("The token was accepted: %1")
            .arg(sanitised(report.signedInAs().join(QLatin1String(" | "))));
    if (report.askedForToken() > 0)
        return ReportText::tr(
            "Nobody gets in without a token; --token-file FILE shows whether one is accepted");
    return {};
}

QJsonArray named(const QStringList &names)
{
    return QJsonArray::fromStringList(names);
}

} // namespace

QString toText(const ProbeReport &report, const ProbeOptions &options)
{
    QStringList parts{heading(options)};
    if (report.connected() > 0)
        parts.append(table(report.hosts()));
    if (const auto failures = report.failures(); !failures.isEmpty()) {
        QStringList lines{ReportText::tr("%1 failed:").arg(report.failed())};
        for (const auto &each : failures)
            lines.append(QStringLiteral("%1  %2").arg(each.count, 6).arg(sanitised(each.reason)));
        parts.append(lines.join(QLatin1Char('\n')));
    }
    if (report.connected() > 0) {
        if (const QString cookies = cookieText(report, options); !cookies.isEmpty())
            parts.append(cookies);
        if (const QString admission = admissionText(report); !admission.isEmpty())
            parts.append(admission);
        if (const auto chats = judgeChats(report))
            parts.append(sanitised(chats->met ? chats->text : ReportText::tr("FAILED  %1").arg(chats->text)));
        if (options.expectation) {
            const Verdict verdict = judge(report, *options.expectation);
            QString line = (verdict.met ? ReportText::tr("PASSED  %1") : ReportText::tr("FAILED  %1"))
                               .arg(sanitised(verdict.text));
            if (verdict.met && report.failed() > 0) // the exit code is not 0
                line = ReportText::tr("PASSED, but %1 of %2 connections failed  %3")
                           .arg(report.failed())
                           .arg(report.failed() + report.connected())
                           .arg(sanitised(verdict.text));
            parts.append(line);
        }
    }
    return parts.join(QLatin1String("\n\n"));
}

QJsonObject toJson(const ProbeReport &report, const ProbeOptions &options)
{
    QJsonArray hosts;
    for (const auto &each : report.hosts())
        hosts.append(QJsonObject{{QStringLiteral("hostname"), each.name},
                                 {QStringLiteral("count"), each.count},
                                 {QStringLiteral("share"), each.share},
                                 {QStringLiteral("connect_p50_ms"), milliseconds(each.median)}});
    QJsonArray failures;
    for (const auto &each : report.failures())
        failures.append(
            QJsonObject{{QStringLiteral("reason"), each.reason}, {QStringLiteral("count"), each.count}});
    QJsonObject json{
        {QStringLiteral("url"), options.url.toString()},
        {QStringLiteral("connections"), options.count},
        {QStringLiteral("parallel"), options.parallel},
        {QStringLiteral("connected"), report.connected()},
        {QStringLiteral("failed"), report.failed()},
        {QStringLiteral("hosts"), hosts},
        {QStringLiteral("failures"), failures},
        {QStringLiteral("upgrade_cookies"), named(report.upgradeCookies())},
        {QStringLiteral("asked_for_token"), report.askedForToken()},
        {QStringLiteral("signed_in_as"), named(report.signedInAs())},
    };
    QJsonArray chats;
    for (const auto &[chat, names] : report.chats().asKeyValueRange())
        chats.append(
            QJsonObject{{QStringLiteral("chat"), chat}, {QStringLiteral("hostnames"), named(names)}});
    json.insert(QStringLiteral("chats"), chats);
    if (options.cookies == Cookies::Carry) {
        json.insert(QStringLiteral("page_cookies"), named(report.pageCookies()));
        json.insert(QStringLiteral("carried_cookie"), report.carried());
        json.insert(QStringLiteral("kept_host"), report.kept());
    }
    if (options.expectation) {
        const Verdict verdict = judge(report, *options.expectation);
        json.insert(QStringLiteral("expected"), *options.expectation == Expectation::Spread
                                                    ? QStringLiteral("spread")
                                                    : QStringLiteral("sticky"));
        json.insert(QStringLiteral("passed"), verdict.met);
        json.insert(QStringLiteral("verdict"), verdict.text);
    }
    return json;
}

} // namespace parlor::cli
