// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/probe/probereport.h"

#include <QSslConfiguration>
#include <QUrl>

namespace parlor::cli {

enum class Cookies {
    Forget, ///< each connection is a stranger
    Carry,  ///< from one connection to the next, as a browser does
};
enum class ReportFormat { Text, Json };

/// What `parlor-cli probe` was asked to do.
struct ProbeOptions
{
    QUrl url;
    std::optional<QSslConfiguration> tls;
    int count = 20;
    int parallel = 1;
    Cookies cookies = Cookies::Forget;
    std::optional<Expectation> expectation;
    std::chrono::milliseconds timeout{5000}; ///< of each connection
    QString token;                           ///< shown to those who ask; empty: none
    ReportFormat format = ReportFormat::Text;
};

} // namespace parlor::cli
