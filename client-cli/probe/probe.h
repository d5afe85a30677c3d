// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/probe/probeconnection.h"
#include "client-cli/probe/probeoptions.h"

#include <QNetworkAccessManager>
#include <QNetworkCookieJar>

namespace parlor::cli {

/// Makes the connections of a probe, one after the other or several at once, and keeps their cookies. Lives
/// in the main thread.
class Probe : public QObject
{
    Q_OBJECT
public:
    explicit Probe(const ProbeOptions &options, QObject *parent = nullptr);

    void start() { startMore(); }
    /// Ends with what has come so far.
    void interrupt() { finish(); }

    [[nodiscard]] const ProbeReport &report() const { return m_report; }

Q_SIGNALS:
    void finished();

private:
    void startMore();
    void startOne();
    void onFinished(const ProbeResult &result, const QList<QNetworkCookie> &cookies);
    void fetchPage();
    void finish();
    /// Cookies are for http and https.
    [[nodiscard]] QUrl pageUrl(const QString &path) const;
    [[nodiscard]] QByteArray cookieField() const;

    ProbeOptions m_options;
    ProbeReport m_report;
    QNetworkAccessManager m_http;
    QNetworkCookieJar *m_jar; ///< owned by m_http
    int m_started = 0;
    int m_ended = 0;
    bool m_pageFetched = false;
    bool m_finished = false;
};

} // namespace parlor::cli
