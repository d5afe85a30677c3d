// SPDX-License-Identifier: MIT
#include "server/http/clientpage.h"

#include <QByteArray>
#include <QCryptographicHash>

namespace parlor {

namespace {

/// CSP3's hash-source of what stands between two tags; 'none' if they are not there.
std::string source(std::string_view page, std::string_view opening, std::string_view closing)
{
    std::size_t begin = page.find(opening);
    if (begin == std::string_view::npos)
        return "'none'";
    begin += opening.size();
    const std::string_view content = page.substr(begin, page.find(closing, begin) - begin);
    const QByteArray bytes(content.data(), static_cast<qsizetype>(content.size()));
    return "'sha256-" + QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toBase64().toStdString() +
           "'";
}

} // namespace

std::string contentSecurityPolicy(std::string_view page)
{
    return "default-src 'none'; script-src " + source(page, "<script type=\"module\">", "</script>") +
           "; style-src " + source(page, "<style>", "</style>") +
           "; connect-src ws: wss:; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors "
           "'none'";
}

} // namespace parlor
