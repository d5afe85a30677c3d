// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <QByteArray>
#include <QUrl>

#include <chrono>
#include <functional>

class QNetworkAccessManager;
class QObject;

namespace parlor {

struct GetBounds
{
    qint64 bytes;
    std::chrono::milliseconds time; ///< for the whole answer
};

/// Calls back with the body of a 200 within these bounds, or with why there is none, for people. A redirect
/// is not followed: whoever answers is to be the one who was named. Once `context` is gone, nobody is called.
void boundedGet(QNetworkAccessManager &network, const QUrl &url, GetBounds bounds, QObject *context,
                std::function<void(const Result<QByteArray> &)> done);

} // namespace parlor
