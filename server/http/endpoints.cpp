// SPDX-License-Identifier: MIT
#include "server/http/endpoints.h"

#include "server/http/characters.h"
#include "server/http/clientpage.h"

#include <algorithm>
#include <array>

namespace parlor {

using namespace http;

namespace {

constexpr std::string_view kRetryAfterSeconds = "5";
constexpr std::size_t kListedClients = 100;
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kPrometheus = "text/plain; version=0.0.4; charset=utf-8";

std::string_view reasonPhrase(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 204:
        return "No Content";
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
    case 426:
        return "Upgrade Required";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Error";
    }
}

std::string jsonString(std::string_view text)
{
    std::string json = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            json += '\\';
            json += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            constexpr std::string_view hex = "0123456789abcdef";
            json += "\\u00";
            json += hex[static_cast<unsigned char>(c) >> 4];
            json += hex[static_cast<unsigned char>(c) & 15];
        } else {
            json += c;
        }
    }
    return json + '"';
}

struct Content
{
    int status = 200;
    std::string_view type = kJson;
    std::string body;
    std::string_view fields{}; ///< further ones, whole lines that outlive the answer
};

HttpResponse response(const Content &content, std::string_view extraFields)
{
    std::string bytes = "HTTP/1.1 " + std::to_string(content.status) + ' ';
    bytes += reasonPhrase(content.status);
    // RFC 9110 §7.8: a 426 names what to upgrade to, and Upgrade is listed in Connection.
    bytes += content.status == 426 ? "\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\n"
                                   : "\r\nConnection: close\r\n";
    if (content.status != 204) { // which may not have a Content-Length
        bytes += "Content-Type: ";
        bytes += content.type;
        bytes +=
            "\r\nContent-Length: " + std::to_string(content.body.size()) + "\r\nCache-Control: no-store\r\n";
    }
    bytes += content.fields;
    bytes += extraFields;
    bytes += "\r\n";
    bytes += content.body;
    return {content.status, std::move(bytes), {}};
}

Content errorContent(const HttpError &error)
{
    return {error.status, kJson, "{\"error\":" + jsonString(error.reason) + "}\n"};
}

Content root(const StatusSource &status)
{
    return {200, kJson,
            "{\"message\":" + jsonString("WebSocket server is running on " + status.hostname()) + '}'};
}

Content health(const StatusSource &status)
{
    std::string body = R"({"status":"healthy","hostname":)" + jsonString(status.hostname()) +
                       ",\"chat\":" + jsonString(status.chat()) +
                       ",\"connections\":" + std::to_string(status.connections()) + ",\"active_clients\":[";
    const char *separator = "";
    for (const std::string &id : status.activeClients(kListedClients)) {
        body += separator;
        body += jsonString(id);
        separator = ",";
    }
    return {200, kJson, body + "]}"};
}

Content ready(const StatusSource &status)
{
    switch (status.readiness()) {
    case StatusSource::Readiness::Ready:
        return {200, kJson, R"({"status":"ready"})"};
    case StatusSource::Readiness::Starting:
    case StatusSource::Readiness::Keyless:
        return {503, kJson, R"({"status":"starting"})"};
    case StatusSource::Readiness::Leaving:
    case StatusSource::Readiness::Draining:
        break;
    }
    return {503, kJson, R"({"status":"draining"})"};
}

Content metrics(const StatusSource &status)
{
    return {200, kPrometheus, status.metrics()};
}

Content clientPage(const StatusSource &)
{
    static const std::string fields = "Content-Security-Policy: " + contentSecurityPolicy(kClientPage) +
                                      "\r\nX-Content-Type-Options: nosniff\r\n"
                                      "Referrer-Policy: no-referrer\r\n";
    return {200, kHtml, std::string(kClientPage), fields};
}

struct Page
{
    std::string_view path;
    Content (*content)(const StatusSource &);
    std::string_view allow;       ///< the methods; others get 405
    std::string_view extraFields; ///< the tutorial's pages read from another origin
    std::array<bool, 2> isThere;  ///< for clients, for metrics
};

constexpr std::string_view kAnyOrigin = "Access-Control-Allow-Origin: *\r\n";
constexpr std::array kPages{
    Page{"/", root, "GET, HEAD, OPTIONS", kAnyOrigin, {true, false}},
    Page{"/health", health, "GET, HEAD, OPTIONS", kAnyOrigin, {true, true}},
    Page{"/ready", ready, "GET, HEAD, OPTIONS", kAnyOrigin, {true, true}},
    Page{"/metrics", metrics, "GET, HEAD", "", {false, true}},
    Page{"/client", clientPage, "GET, HEAD", "", {true, false}},
};

bool isBehind(Door door, const Page &page)
{
    return door == Door::Everything || page.isThere[door == Door::Metrics ? 1 : 0];
}

HttpResponse notAllowed(const RequestHead &head, std::string_view allow)
{
    const HttpError error{405, "this path takes " + std::string(allow) + ", not " + std::string(head.method)};
    return refusal(error, "Allow: " + std::string(allow) + "\r\n");
}

HttpResponse page(const Page &page, const RequestHead &head, const StatusSource &status)
{
    if (head.method == "GET" || head.method == "HEAD")
        return response(page.content(status), page.extraFields);
    if (head.method == "OPTIONS" && page.allow.ends_with("OPTIONS")) {
        std::string fields = "Allow: " + std::string(page.allow) + "\r\n";
        fields += page.extraFields;
        return response({204, {}, {}}, fields);
    }
    return notAllowed(head, page.allow);
}

/// RFC 6455 §4.1: base64 of 16 bytes.
bool isWebSocketKey(std::string_view key)
{
    return key.size() == 24 && key.ends_with("==") && std::ranges::all_of(key.substr(0, 22), [](char c) {
               return isDigit(c) || isLetter(c) || c == '+' || c == '/';
           });
}

bool announcesBody(const RequestHead &head)
{
    const std::string_view length = head.field("content-length").value_or("0");
    return head.count("transfer-encoding") > 0 || length.find_first_not_of('0') != std::string_view::npos;
}

/// RFC 6455 §4.2.1.
std::variant<UpgradeRequest, HttpResponse> upgrade(const RequestHead &head, const StatusSource &status)
{
    if (head.method != "GET")
        return notAllowed(head, "GET");
    if (head.minorVersion < 1)
        return refusal({505, "a WebSocket needs HTTP/1.1 (does a proxy in between speak HTTP/1.0?)"});
    if (!head.hasToken("connection", "upgrade"))
        return refusal({400, "Upgrade: websocket needs Connection: Upgrade"});
    if (head.count("sec-websocket-version") != 1 || *head.field("sec-websocket-version") != "13")
        return refusal({426, "only version 13 of the WebSocket protocol is spoken here"},
                       "Sec-WebSocket-Version: 13\r\n");
    if (head.count("sec-websocket-key") != 1 || !isWebSocketKey(*head.field("sec-websocket-key")))
        return refusal({400, "Sec-WebSocket-Key must be there once, base64 of 16 bytes"});
    if (head.count("origin") > 1)
        return refusal({400, "the request has more than one Origin"});
    if (announcesBody(head))
        return refusal({400, "a request for a WebSocket has no body"});
    const auto later = [](std::string_view why) {
        return refusal({503, std::string(why)}, "Retry-After: " + std::string(kRetryAfterSeconds) + "\r\n");
    };
    switch (status.readiness()) {
    case StatusSource::Readiness::Starting:
        return later("this server is starting; connect again");
    case StatusSource::Readiness::Draining:
        return later("this server is going away; connect again");
    case StatusSource::Readiness::Keyless:
    case StatusSource::Readiness::Ready:
    case StatusSource::Readiness::Leaving:
        break;
    }
    return UpgradeRequest{};
}

std::variant<UpgradeRequest, HttpResponse> route(const RequestHead &head, const StatusSource &status,
                                                 Door door)
{
    if (door != Door::Metrics && status.isWebSocketPath(head.path)) {
        if (head.wantsUpgrade())
            return upgrade(head, status);
        return refusal({426, "this path takes WebSocket connections only"}, "Sec-WebSocket-Version: 13\r\n");
    }
    if (head.wantsUpgrade())
        return refusal({404, door == Door::Metrics ? "there are no WebSocket connections at this port"
                                                   : "WebSocket connections are made to /ws"});
    const auto found = std::ranges::find(kPages, head.path, &Page::path);
    if (found == kPages.end() || !isBehind(door, *found))
        return refusal({404, "there is nothing at this path"});
    return page(*found, head, status);
}

} // namespace

std::variant<UpgradeRequest, HttpResponse> answer(const RequestHead &head, const StatusSource &status,
                                                  Door door)
{
    auto result = route(head, status, door);
    auto *response = std::get_if<HttpResponse>(&result);
    if (response && head.method == "HEAD")
        response->bytes.resize(response->bytes.find("\r\n\r\n") + 4);
    return result;
}

HttpResponse refusal(const HttpError &error, std::string_view extraFields)
{
    HttpResponse refused = response(errorContent(error), extraFields);
    refused.reason = error.reason;
    return refused;
}

} // namespace parlor
