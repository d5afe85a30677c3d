// SPDX-License-Identifier: MIT
#include "client-cli/probe/probe.h"

#include "shared/client/proxy.h"

#include <QNetworkReply>
#include <QNetworkRequest>
#include <QTimer>

namespace parlor::cli {

Probe::Probe(const ProbeOptions &options, QObject *parent)
    : QObject(parent)
    , m_options(options)
    , m_jar(new QNetworkCookieJar)
{
    m_http.setCookieJar(m_jar);
    if (const auto proxy = proxyFor(options.url))
        m_http.setProxy(proxy->address);
}

void Probe::startMore()
{
    if (m_ended == m_options.count) {
        finish();
        return;
    }
    // The first one brings the cookie that the others carry, so it goes alone.
    const bool first = m_options.cookies == Cookies::Carry && m_ended == 0;
    const int atOnce = first ? 1 : m_options.parallel;
    while (m_started < m_options.count && m_started - m_ended < atOnce)
        startOne();
}

void Probe::startOne()
{
    ++m_started;
    auto *connection = new ProbeConnection(
        {m_options.url, m_options.tls, m_options.timeout, cookieField(), m_options.token}, this);
    connect(connection, &ProbeConnection::finished, this,
            [this, connection](const auto &result, const auto &cookies) {
                connection->deleteLater();
                onFinished(result, cookies);
            });
    connection->start();
}

void Probe::onFinished(const ProbeResult &result, const QList<QNetworkCookie> &cookies)
{
    if (m_finished)
        return;
    ++m_ended;
    m_report.add(result);
    if (m_options.cookies == Cookies::Carry) {
        m_jar->setCookiesFromUrl(cookies, pageUrl(m_options.url.path()));
        // AWS sets its cookie on an ordinary answer, not on the 101; a browser has it from the page.
        if (!m_pageFetched && !result.host.isEmpty() && m_ended < m_options.count && cookieField().isEmpty())
            return fetchPage();
    }
    startMore();
}

void Probe::fetchPage()
{
    m_pageFetched = true;
    QNetworkRequest request(pageUrl(QStringLiteral("/")));
    if (m_options.tls)
        request.setSslConfiguration(*m_options.tls);
    QNetworkReply *reply = m_http.get(request);
    // All of it has this time; QNetworkRequest's transfer timeout is one of silence, and a page may drip.
    QTimer::singleShot(m_options.timeout, reply, &QNetworkReply::abort);
    connect(
        reply, &QNetworkReply::metaDataChanged, reply,
        [reply] {
            // The jar has the cookies, and nobody wants the body. Unless it says where the page is.
            const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
            if (status < 300 || status >= 400)
                reply->abort();
        },
        Qt::QueuedConnection);
    connect(reply, &QNetworkReply::finished, this, [this, reply] {
        reply->deleteLater();
        QStringList names;
        for (const QNetworkCookie &each : m_jar->cookiesForUrl(pageUrl(m_options.url.path())))
            names.append(QString::fromUtf8(each.name()));
        m_report.addCookiesOfPage(names);
        if (!m_finished)
            startMore();
    });
}

void Probe::finish()
{
    if (m_finished)
        return;
    m_finished = true;
    Q_EMIT finished();
}

QUrl Probe::pageUrl(const QString &path) const
{
    QUrl url = m_options.url;
    url.setScheme(url.scheme() == QLatin1String("wss") ? QStringLiteral("https") : QStringLiteral("http"));
    url.setPath(path);
    url.setQuery(QString());
    return url;
}

QByteArray Probe::cookieField() const
{
    if (m_options.cookies == Cookies::Forget)
        return {};
    QByteArrayList pairs;
    for (const QNetworkCookie &each : m_jar->cookiesForUrl(pageUrl(m_options.url.path())))
        pairs.append(each.toRawForm(QNetworkCookie::NameAndValueOnly));
    return pairs.join("; ");
}

} // namespace parlor::cli
