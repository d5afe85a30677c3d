// SPDX-License-Identifier: MIT
#include "client-cli/load/wire/upgrade.h"

#include "shared/websocket/fieldtext.h"

#include <array>
#include <strings.h>

namespace parlor::cli::load {

namespace {

bool isNamed(const websocket::HeadField &field, const char *name)
{
    return ::strcasecmp(field.name.c_str(), name) == 0;
}

} // namespace

Result<websocket::HeadField> parseHeader(std::string_view text)
{
    constexpr std::array kOurs{"Upgrade",
                               "Connection",
                               "Content-Length",
                               "Transfer-Encoding",
                               "Sec-WebSocket-Key",
                               "Sec-WebSocket-Version",
                               "Sec-WebSocket-Protocol",
                               "Sec-WebSocket-Extensions"};
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0)
        return Error{ErrorCode::BadRequest,
                     "it lacks a name and a colon; write NAME: VALUE, as in 'X-Tenant: blue'"};
    // Without the value, which may be a secret.
    const std::string quoted = "'" + std::string(text.substr(0, colon)) + "'";
    websocket::HeadField field{std::string(text.substr(0, colon)),
                               std::string(websocket::trimmed(text.substr(colon + 1)))};
    if (!websocket::isValidField(field))
        return Error{ErrorCode::BadRequest,
                     quoted + " has characters that no header may have: no space in the name, no line ends"};
    for (const char *ours : kOurs) {
        if (isNamed(field, ours))
            return Error{ErrorCode::BadRequest,
                         quoted + ": the WebSocket handshake sets " + ours + " itself; leave it out"};
    }
    return field;
}

websocket::UpgradeRequest upgradeRequest(const Target &target, std::string_view subprotocol,
                                         const CookieJar *cookies)
{
    websocket::UpgradeRequest request{target.authority, target.path, {}, {}};
    if (!subprotocol.empty())
        request.subprotocols.emplace_back(subprotocol);
    std::string cookie = cookies != nullptr ? cookies->field() : std::string();
    bool isAgentGiven = false;
    bool isAuthorized = false;
    for (const websocket::HeadField &field : target.headers) {
        if (isNamed(field, "Host")) {
            request.host = field.value;
            continue;
        }
        if (isNamed(field, "Cookie")) { // a request has one (RFC 6265 §5.4)
            cookie = field.value + (cookie.empty() ? "" : "; ") + cookie;
            continue;
        }
        isAgentGiven = isAgentGiven || isNamed(field, "User-Agent");
        isAuthorized = isAuthorized || isNamed(field, "Authorization");
        request.fields.push_back(field);
    }
    if (!isAgentGiven)
        request.fields.push_back({"User-Agent", "parlor-cli/" PARLOR_VERSION});
    if (!target.token.empty() && !isAuthorized)
        request.fields.push_back({"Authorization", "Bearer " + target.token});
    if (!cookie.empty())
        request.fields.push_back({"Cookie", std::move(cookie)});
    return request;
}

std::string refusalText(const websocket::ClientHandshake &handshake)
{
    using Reason = websocket::Refusal::Reason;
    const websocket::Refusal &refusal = handshake.refusal();
    if (refusal.reason == Reason::NoSubprotocol)
        return refusal.text + "; try --dialect v1";
    if (refusal.reason == Reason::NotHttp)
        return refusal.text + "; is there a WebSocket server, and does it want wss://?";
    if (refusal.reason != Reason::Status)
        return refusal.text;
    const websocket::ResponseHead &answer = handshake.response();
    if (answer.status >= 300 && answer.status < 400) {
        const auto location = answer.values("location");
        return "the server answers " + std::to_string(answer.status) +
               (location.empty() ? ", and does not say where to go"
                                 : " to " + std::string(location.front()) + ": give that address");
    }
    switch (answer.status) {
    case 401:
        return refusal.text +
               ": give a valid token with --token-file FILE; parlor-cli probe --token-file FILE "
               "says what is wrong with one";
    case 404:
        return refusal.text + ": the server has nothing at this path; give the URL with the right one";
    case 502:
    case 503:
    case 504:
        return refusal.text + ": no server is ready there, or it is full";
    default:
        return refusal.text;
    }
}

} // namespace parlor::cli::load
