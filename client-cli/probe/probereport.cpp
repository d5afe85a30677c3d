// SPDX-License-Identifier: MIT
#include "client-cli/probe/probereport.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace parlor::cli {

namespace {

class VerdictText
{
    Q_DECLARE_TR_FUNCTIONS(parlor::cli::ProbeReport)
};

void addNew(QStringList &list, const QStringList &names)
{
    for (const QString &each : names) {
        if (!list.contains(each))
            list.append(each);
    }
}

std::chrono::nanoseconds median(QList<std::chrono::nanoseconds> times)
{
    const auto middle = times.begin() + (times.size() - 1) / 2;
    std::nth_element(times.begin(), middle, times.end());
    return *middle;
}

Verdict judgeSpread(const ProbeReport &report)
{
    const auto hosts = report.hosts();
    if (hosts.size() > 1)
        return {true, VerdictText::tr("spread: %1 hosts served").arg(hosts.size())};
    const QString text = VerdictText::tr("not spread: %1 served all %2 connections")
                             .arg(hosts.front().name)
                             .arg(report.connected());
    // Were two hosts drawn like a coin is tossed, all n would fall on the same one with 2 * (1/2)^n.
    const double chance = std::ldexp(1.0, 1 - report.connected());
    if (chance < 0.01)
        return {false, text};
    return {false, VerdictText::tr(
                       "%1; so few prove little: of two hosts drawn at random, one alone serves %2 with a "
                       "chance of %3 %; take a larger -n")
                       .arg(text)
                       .arg(report.connected())
                       .arg(chance * 100, 0, 'f', chance < 0.1 ? 1 : 0)};
}

Verdict judgeSticky(const ProbeReport &report)
{
    const auto hosts = report.hosts();
    const bool cookieSeen = report.carried() > 0;
    if (hosts.size() == 1 && cookieSeen)
        return {true, VerdictText::tr("sticky: the cookie kept %1").arg(hosts.front().name)};
    if (hosts.size() == 1)
        return {
            true,
            VerdictText::tr("sticky: %1 served all, though no cookie was carried").arg(hosts.front().name)};
    const QString text = VerdictText::tr("not sticky: %1 hosts served").arg(hosts.size());
    return {false, cookieSeen ? text : VerdictText::tr("%1, and no connection carried a cookie").arg(text)};
}

} // namespace

void ProbeReport::add(const ProbeResult &result)
{
    addNew(m_upgradeCookies, result.setCookies);
    if (result.host.isEmpty()) {
        ++m_failed;
        ++m_reasons[result.failure];
        return;
    }
    ++m_connected;
    m_times[result.host].append(result.connectTime);
    m_askedForToken += result.needsToken ? 1 : 0;
    if (!result.signedInAs.isEmpty())
        addNew(m_signedInAs, {result.signedInAs});
    if (result.chat.isEmpty())
        ++m_unnamed;
    else
        addNew(m_chats[result.chat], {result.host});
    if (result.carriedCookie && !m_previousHost.isEmpty()) {
        ++m_carried;
        m_kept += result.host == m_previousHost ? 1 : 0;
    }
    m_previousHost = result.host;
}

void ProbeReport::addCookiesOfPage(const QStringList &names)
{
    addNew(m_pageCookies, names);
}

QList<ProbeReport::Host> ProbeReport::hosts() const
{
    QList<Host> hosts;
    for (auto it = m_times.begin(); it != m_times.end(); ++it) {
        const auto count = static_cast<int>(it->size());
        hosts.append({it.key(), count, static_cast<double>(count) / m_connected, median(*it)});
    }
    std::sort(hosts.begin(), hosts.end(), [](const Host &a, const Host &b) {
        return a.count != b.count ? a.count > b.count : a.name < b.name;
    });
    return hosts;
}

QList<ProbeReport::Failure> ProbeReport::failures() const
{
    QList<Failure> failures;
    for (auto it = m_reasons.begin(); it != m_reasons.end(); ++it)
        failures.append({it.key(), *it});
    std::sort(failures.begin(), failures.end(), [](const Failure &a, const Failure &b) {
        return a.count != b.count ? a.count > b.count : a.reason < b.reason;
    });
    return failures;
}

Verdict judge(const ProbeReport &report, Expectation expectation)
{
    if (report.connected() < 2)
        return {false, VerdictText::tr("nothing to judge: %1 connections came about, and it takes two")
                           .arg(report.connected())};
    return expectation == Expectation::Spread ? judgeSpread(report) : judgeSticky(report);
}

std::optional<Verdict> judgeChats(const ProbeReport &report)
{
    const auto hosts = report.hosts().size();
    const QString served = hosts == 1 ? VerdictText::tr("1 host") : VerdictText::tr("%1 hosts").arg(hosts);
    if (report.chats().size() > 1) {
        QStringList groups;
        for (const QStringList &each : report.chats())
            groups.append(each.join(QLatin1String(", ")));
        return Verdict{false,
                       VerdictText::tr("%1, %2 separate chats (%3): people on one do not see what is said on "
                                       "another; start all servers with --redis and the same address")
                           .arg(served)
                           .arg(report.chats().size())
                           .arg(groups.join(QLatin1String(" | ")))};
    }
    if (report.chats().isEmpty() || !report.allNamedTheirChat())
        return std::nullopt;
    return Verdict{true, VerdictText::tr("%1, one chat").arg(served)};
}

} // namespace parlor::cli
