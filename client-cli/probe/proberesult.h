// SPDX-License-Identifier: MIT
#pragma once

#include <QString>
#include <QStringList>

#include <chrono>

namespace parlor::cli {

/// What one connection of a probe brought.
struct ProbeResult
{
    QString host{};                         ///< as the `connection` frame names it; empty: it failed
    QString failure{};                      ///< why it failed, to what, what to do
    std::chrono::nanoseconds connectTime{}; ///< from the start to the `connection` frame
    QStringList setCookies{};               ///< names that the answer to the upgrade set
    bool carriedCookie = false;
    QString chat{};          ///< as the `connection` frame names it; empty: it names none
    bool needsToken = false; ///< nobody gets in without one
    QString signedInAs{};    ///< what the server says of the token, where it was shown; for people
};

} // namespace parlor::cli
