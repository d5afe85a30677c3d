// SPDX-License-Identifier: MIT
#include "shared/protocol/closecode.h"

namespace parlor {

RetryPolicy retryPolicy(std::uint16_t code)
{
    switch (code) {
    case 1001:
    case 1005:
    case 1006:
    case 1011:
    case 1012:
    case 1013:
    case 1014:
        return RetryPolicy::BackOff;
    default:
        break;
    }
    if (code >= 4100 && code < 4200)
        return RetryPolicy::BackOff;
    if (code >= 4200 && code < 4300)
        return RetryPolicy::AdvisedDelay;
    return RetryPolicy::Never;
}

bool isValidOnWire(std::uint16_t code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

namespace {

/// Empty: it has no name.
std::string_view words(std::uint16_t code)
{
    switch (static_cast<CloseCode>(code)) {
    case CloseCode::Normal:
        return "closed normally";
    case CloseCode::GoingAway:
        return "the server is going away";
    case CloseCode::ProtocolError:
        return "protocol error";
    case CloseCode::UnsupportedData:
        return "this kind of data is not accepted";
    case CloseCode::NoStatus:
        return "closed without a code";
    case CloseCode::Abnormal:
        return "the connection was lost";
    case CloseCode::InvalidPayload:
        return "the text was not valid UTF-8";
    case CloseCode::MessageTooBig:
        return "the message was too big";
    case CloseCode::BadRequest:
        return "the request was not understood";
    case CloseCode::AuthInvalid:
        return "the credentials were refused";
    case CloseCode::Forbidden:
        return "not allowed";
    case CloseCode::Banned:
        return "banned";
    case CloseCode::Kicked:
        return "removed by a moderator";
    case CloseCode::Replaced:
        return "replaced by a newer connection of the same session";
    case CloseCode::AuthDeadline:
        return "no credentials came in time";
    case CloseCode::Overload:
        return "the server is overloaded";
    case CloseCode::RateLimit:
        return "too many requests";
    case CloseCode::SlowConsumer:
        return "this client did not read fast enough";
    case CloseCode::InternalError:
        return "internal error of the server";
    case CloseCode::Shutdown:
        return "the server is shutting down";
    case CloseCode::NoPong:
        return "this client did not answer in time";
    case CloseCode::Resync:
        return "a fresh start is needed";
    case CloseCode::Rebalance:
        return "the server moves clients to another one";
    }
    return {};
}

} // namespace

bool isKnown(std::uint16_t code)
{
    return !words(code).empty();
}

std::string_view describe(std::uint16_t code)
{
    if (const std::string_view known = words(code); !known.empty())
        return known;
    if (code >= 4000 && code < 4100)
        return "refused by the server";
    if (code >= 4100 && code < 4200)
        return "the server asks to try again later";
    if (code >= 4200 && code < 4300)
        return "the server asks to reconnect";
    return "closed";
}

} // namespace parlor
