// SPDX-License-Identifier: MIT
#include "client-cli/load/runfile/secrets.h"

#include <algorithm>
#include <array>

namespace parlor::cli::load {

namespace {

constexpr std::string_view kHidden = "…";
constexpr std::array<std::string_view, 2> kHeaderOptions{"--header", "--prom-header"};

/// "Authorization: Bearer x" → "Authorization: …"
std::string headerWithoutValue(std::string_view header)
{
    const std::size_t colon = header.find(':');
    return colon == std::string_view::npos
               ? std::string(kHidden)
               : std::string(header.substr(0, colon)) + ": " + std::string(kHidden);
}

bool isSecretParameter(std::string_view name)
{
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
    });
    constexpr std::array<std::string_view, 8> kParts{"token", "secret", "pass",   "auth",
                                                     "key",   "sig",    "ticket", "jwt"};
    return std::any_of(kParts.begin(), kParts.end(),
                       [&lower](std::string_view part) { return lower.find(part) != std::string::npos; });
}

std::string queryWithoutSecrets(std::string_view query)
{
    std::string text;
    while (true) {
        const std::size_t end = query.find_first_of("&;#");
        const std::string_view pair = query.substr(0, end);
        const std::size_t equals = pair.find('=');
        if (equals != std::string_view::npos && isSecretParameter(pair.substr(0, equals)))
            text += std::string(pair.substr(0, equals + 1)) + std::string(kHidden);
        else
            text += pair;
        if (end == std::string_view::npos)
            return text;
        text += query[end];
        query.remove_prefix(end + 1);
    }
}

} // namespace

std::string urlWithoutSecrets(std::string_view url)
{
    const std::size_t scheme = url.find("://");
    const std::size_t authority = scheme == std::string_view::npos ? 0 : scheme + 3;
    const std::size_t path = std::min(url.find_first_of("/?#", authority), url.size());
    const std::size_t at = url.substr(0, path).rfind('@');
    std::string text(url.substr(0, authority));
    if (scheme != std::string_view::npos && at != std::string_view::npos && at >= authority)
        text += std::string(kHidden) + std::string(url.substr(at, path - at));
    else
        text += url.substr(authority, path - authority);
    const std::size_t query = url.find('?', path);
    text += url.substr(path, query == std::string_view::npos ? query : query + 1 - path);
    return query == std::string_view::npos ? text : text + queryWithoutSecrets(url.substr(query + 1));
}

std::vector<std::string> argumentsWithoutSecrets(const std::vector<std::string> &arguments)
{
    std::vector<std::string> harmless;
    bool isHeader = false;
    for (const std::string &argument : arguments) {
        const auto option =
            std::find_if(kHeaderOptions.begin(), kHeaderOptions.end(), [&argument](std::string_view each) {
                return argument.starts_with(each) &&
                       (argument.size() == each.size() || argument[each.size()] == '=');
            });
        if (isHeader) {
            harmless.push_back(headerWithoutValue(argument));
            isHeader = false;
        } else if (option == kHeaderOptions.end()) {
            harmless.push_back(urlWithoutSecrets(argument));
        } else if (argument.size() == option->size()) {
            harmless.push_back(argument);
            isHeader = true;
        } else {
            harmless.push_back(std::string(*option) + "=" +
                               headerWithoutValue(std::string_view(argument).substr(option->size() + 1)));
        }
    }
    return harmless;
}

} // namespace parlor::cli::load
