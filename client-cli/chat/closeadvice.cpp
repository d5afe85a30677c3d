// SPDX-License-Identifier: MIT
#include "client-cli/chat/closeadvice.h"

#include "shared/protocol/closecode.h"

namespace parlor::cli {

QString adviceAfter(const CloseInfo &info)
{
    switch (info.signIn) {
    case SignInProblem::TokenNeeded:
        return QStringLiteral("then give it with --token-file FILE or --token-command CMD");
    case SignInProblem::TokenRefused:
        return QStringLiteral("connect again once --token-file or --token-command gives one that is valid");
    case SignInProblem::AnotherPerson:
        return QStringLiteral("give the token of the person from before, or another --name or --state");
    case SignInProblem::NoToken:
    case SignInProblem::None:
        break;
    }
    switch (static_cast<CloseCode>(info.code)) {
    case CloseCode::AuthInvalid:
        return QStringLiteral("get a new token, and connect again with it");
    case CloseCode::Forbidden:
        return QStringLiteral("ask the server's operator what you may do there");
    case CloseCode::Banned:
        return QStringLiteral("only the server's moderators can end this sooner");
    case CloseCode::Kicked:
        return QStringLiteral("you may connect again");
    case CloseCode::AuthDeadline:
        return QStringLiteral(
            "connect again; if that is too late as well, look for what slows the network down");
    default:
        return {};
    }
}

} // namespace parlor::cli
