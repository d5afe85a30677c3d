// SPDX-License-Identifier: MIT
#include "server/http/credential.h"

#include "server/http/characters.h"

namespace parlor {

namespace {

constexpr std::string_view kOidcData = "x-amzn-oidc-data";
constexpr std::string_view kAuthorization = "authorization";

std::variant<std::string, HttpError> bearer(const RequestHead &head)
{
    if (head.count(kAuthorization) > 1)
        return HttpError{400, "Authorization is there more than once"};
    const std::string_view value = head.field(kAuthorization).value_or("");
    const std::size_t space = value.find(' ');
    if (space == std::string_view::npos || !http::equalIgnoringCase(value.substr(0, space), "bearer"))
        return std::string(); // of another scheme: for somebody on the way
    return std::string(http::trimmed(value.substr(space)));
}

} // namespace

std::variant<std::string, HttpError> credentialOf(const RequestHead &head, CredentialField field,
                                                  bool isFromProxy)
{
    switch (field) {
    case CredentialField::None:
        return std::string();
    case CredentialField::Bearer:
        return bearer(head);
    case CredentialField::LoadBalancer:
        break;
    }
    if (!isFromProxy)
        return HttpError{401,
                         "people sign in at the load balancer, and this connection does not come from it"};
    if (head.count(kOidcData) > 1)
        return HttpError{400, "X-Amzn-Oidc-Data is there more than once"};
    return std::string(head.field(kOidcData).value_or(""));
}

} // namespace parlor
