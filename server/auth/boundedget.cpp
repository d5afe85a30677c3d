// SPDX-License-Identifier: MIT
#include "server/auth/boundedget.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QTimer>

#include <memory>

namespace parlor {

namespace {

constexpr int kOk = 200;

Result<QByteArray> bodyOf(QNetworkReply &reply, const QByteArray &body)
{
    const int status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (const QUrl elsewhere = reply.attribute(QNetworkRequest::RedirectionTargetAttribute).toUrl();
        !elsewhere.isEmpty())
        return Error{.text = "it is said to be at " + elsewhere.toString().toStdString() +
                             "; give that address, if you trust it"};
    if (status != 0 && status != kOk)
        return Error{.text = "the answer is " + std::to_string(status) + ", and not 200"};
    if (reply.error() != QNetworkReply::NoError)
        return Error{.text = reply.errorString().toStdString()};
    return body;
}

} // namespace

void boundedGet(QNetworkAccessManager &network, const QUrl &url, GetBounds bounds, QObject *context,
                std::function<void(const Result<QByteArray> &)> done)
{
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    request.setRawHeader("Accept-Encoding", "identity"); // what is counted is what comes
    QNetworkReply *reply = network.get(request);
    reply->setReadBufferSize(bounds.bytes + 1);

    struct State
    {
        QByteArray body;
        std::string cutBecause;
    };
    const auto state = std::make_shared<State>();
    const auto cut = [reply, state](std::string why) {
        state->cutBecause = std::move(why);
        reply->abort();
    };
    const auto take = [reply, state] { state->body += reply->readAll(); };
    QObject::connect(reply, &QNetworkReply::readyRead, reply, [take, cut, state, bounds] {
        take();
        if (state->body.size() > bounds.bytes)
            cut("the answer has more than " + std::to_string(bounds.bytes / 1024) + " KiB");
    });
    auto *deadline = new QTimer(reply);
    deadline->setSingleShot(true);
    QObject::connect(deadline, &QTimer::timeout, reply, [cut, bounds] {
        cut("no whole answer came within " + std::to_string(bounds.time.count()) + " ms");
    });
    deadline->start(bounds.time);
    QObject::connect(reply, &QNetworkReply::finished, context,
                     [reply, take, state, bounds, done = std::move(done)] {
                         reply->deleteLater();
                         if (!state->cutBecause.empty())
                             return done(Error{.text = state->cutBecause});
                         take();
                         if (state->body.size() > bounds.bytes)
                             return done(Error{.text = "the answer has more than " +
                                                       std::to_string(bounds.bytes / 1024) + " KiB"});
                         done(bodyOf(*reply, state->body));
                     });
}

} // namespace parlor
