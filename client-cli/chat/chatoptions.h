// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chatclient.h"

#include <QRegularExpression>
#include <QSslConfiguration>
#include <QStringList>
#include <QUrl>

#include <chrono>
#include <optional>

namespace parlor::cli {

enum class MessageFormat { Text, JsonLines };

/// What `parlor-cli chat` was asked to do.
struct ChatOptions
{
    QUrl url;
    Credentials credentials;
    std::optional<QSslConfiguration> tls;
    QStringList rooms; ///< at least one; what is written goes to the first
    std::optional<quint32> history;
    QStringList rawFrames;
    QList<QRegularExpression> expectations;
    std::optional<int> count;
    std::chrono::milliseconds timeout{5000};
    MessageFormat format = MessageFormat::Text;
    QString stateFile;         ///< empty: the user's own at a terminal, none in a script
    bool keepsNothing = false; ///< at a terminal, too
    FirstFailure firstFailure = FirstFailure::GiveUp;
};

} // namespace parlor::cli
