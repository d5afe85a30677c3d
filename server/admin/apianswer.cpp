// SPDX-License-Identifier: MIT
#include "server/admin/apianswer.h"

#include "shared/protocol/jsonwriter.h"

namespace parlor::admin {

namespace {

std::string_view phraseOf(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    default:
        return "Error";
    }
}

} // namespace

ApiAnswer errorAnswer(const ApiError &error)
{
    ApiAnswer answer{error.status, {}};
    JsonWriter(answer.json).beginObject().field("error", error.text).field("code", error.code).endObject();
    return answer;
}

std::string httpResponse(const ApiAnswer &answer)
{
    std::string bytes = "HTTP/1.1 " + std::to_string(answer.status) + ' ';
    bytes += phraseOf(answer.status);
    bytes += "\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\n";
    if (answer.status == 401)
        bytes += "WWW-Authenticate: Bearer\r\n"; // RFC 6750 §3
    bytes += "Content-Length: " + std::to_string(answer.json.size() + 1) + "\r\n\r\n";
    bytes += answer.json;
    return bytes + '\n';
}

} // namespace parlor::admin
