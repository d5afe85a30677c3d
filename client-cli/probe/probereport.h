// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/probe/proberesult.h"

#include <QHash>
#include <QList>
#include <QMap>

#include <optional>

namespace parlor::cli {

/// What all connections of a probe brought together.
class ProbeReport
{
public:
    struct Host
    {
        QString name;
        int count = 0;
        double share = 0;                  ///< of the connections that came about, 0 to 1
        std::chrono::nanoseconds median{}; ///< of its connect times
    };
    struct Failure
    {
        QString reason;
        int count = 0;
    };

    void add(const ProbeResult &result);
    /// A plain GET had to fetch the cookie; the upgrade's answer set none.
    void addCookiesOfPage(const QStringList &names);

    [[nodiscard]] int connected() const { return m_connected; }
    [[nodiscard]] int failed() const { return m_failed; }
    /// The hosts of each chat that was named; more than one: whoever is in one does not see the others'.
    [[nodiscard]] const QMap<QString, QStringList> &chats() const { return m_chats; }
    /// Whether each connection's server named its chat.
    [[nodiscard]] bool allNamedTheirChat() const { return m_unnamed == 0; }
    /// Connections whose server lets nobody in without a token.
    [[nodiscard]] int askedForToken() const { return m_askedForToken; }
    /// As whom the servers know the token that was shown: more than one where they do not agree.
    [[nodiscard]] const QStringList &signedInAs() const { return m_signedInAs; }
    /// The busiest first.
    [[nodiscard]] QList<Host> hosts() const;
    /// The most frequent first.
    [[nodiscard]] QList<Failure> failures() const;
    [[nodiscard]] const QStringList &upgradeCookies() const { return m_upgradeCookies; }
    [[nodiscard]] const QStringList &pageCookies() const { return m_pageCookies; }
    /// Connections that carried a cookie, and how many of them came to the host of the one before.
    [[nodiscard]] int carried() const { return m_carried; }
    [[nodiscard]] int kept() const { return m_kept; }

private:
    QHash<QString, QList<std::chrono::nanoseconds>> m_times;
    QMap<QString, QStringList> m_chats;
    QHash<QString, int> m_reasons;
    QStringList m_upgradeCookies;
    QStringList m_pageCookies;
    QStringList m_signedInAs;
    QString m_previousHost;
    int m_connected = 0;
    int m_unnamed = 0; ///< connections whose server named no chat
    int m_failed = 0;
    int m_askedForToken = 0;
    int m_carried = 0;
    int m_kept = 0;
};

enum class Expectation {
    Spread, ///< more than one host serves
    Sticky, ///< one host serves
};

struct Verdict
{
    bool met = false;
    QString text;
};
[[nodiscard]] Verdict judge(const ProbeReport &report, Expectation expectation);
/// Whether the hosts share one chat, which is always expected. nullopt: they do not say.
[[nodiscard]] std::optional<Verdict> judgeChats(const ProbeReport &report);

} // namespace parlor::cli
