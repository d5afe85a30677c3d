// SPDX-License-Identifier: MIT
#include "server/auth/compacttoken.h"

#include <QByteArray>

#include <algorithm>

namespace parlor {

namespace {

constexpr std::size_t kMaxTokenBytes = 8192;

Error noToken(std::string why)
{
    return {ErrorCode::AuthInvalid, std::move(why)};
}

/// One part of the token, without its padding.
bool isBase64Url(std::string_view part, Padding padding)
{
    if (padding == Padding::Allowed && part.size() % 4 == 0) {
        for (int i = 0; i < 2 && part.ends_with('='); ++i)
            part.remove_suffix(1);
    }
    return !part.empty() && part.size() % 4 != 1 && std::ranges::all_of(part, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

/// The media types of signed tokens for access: RFC 7519 §5.1, RFC 9068 §2.1.
bool isTokenType(std::string_view typ)
{
    const QByteArray lower = QByteArray(typ.data(), static_cast<qsizetype>(typ.size())).toLower();
    return lower == "jwt" || lower == "at+jwt" || lower == "application/jwt" || lower == "application/at+jwt";
}

} // namespace

Result<CompactToken> CompactToken::read(std::string_view token, Padding padding)
{
    if (token.empty())
        return noToken("the token is empty; sign in, and send the token that you got");
    if (token.size() > kMaxTokenBytes)
        return noToken("the token has " + std::to_string(token.size()) +
                       " bytes, and at most 8192 are taken; have the issuer put fewer claims into it");
    const auto dots = std::ranges::count(token, '.');
    if (dots == 4)
        return noToken("the token is encrypted; have the issuer sign it only");
    const std::size_t first = token.find('.');
    const std::size_t second = token.rfind('.');
    if (dots != 2 || !isBase64Url(token.substr(0, first), padding) ||
        !isBase64Url(token.substr(first + 1, second - first - 1), padding))
        return noToken(
            "this is no token: a JWT has three parts in base64url with dots between; copy it whole");

    CompactToken read;
    const QByteArray json = QByteArray::fromBase64(QByteArray(token.data(), static_cast<qsizetype>(first)),
                                                   QByteArray::Base64UrlEncoding);
    auto header =
        read.m_document.parse({json.data(), static_cast<std::size_t>(json.size())}, "the token's header");
    if (!header)
        return noToken(header.error().text + "; get a new token");
    const auto algorithm = header->text("alg");
    const auto kid = header->text("kid");
    const auto typ = header->text("typ");
    if (!algorithm && !header->mistake())
        header->fail("the token's header names no algorithm; have the issuer sign it");
    else if (algorithm == "none")
        header->fail("the token is not signed; have the issuer sign it");
    else if (header->find("crit"))
        header->fail(
            "the token asks for extensions (crit), and this server has none; have the issuer do without");
    else if (typ && !isTokenType(*typ))
        header->fail("the token is of type " + inQuotes(*typ) +
                     ", which is none for signing in; send an access token or an ID token");
    if (header->mistake())
        return noToken(*header->mistake());
    if (!isBase64Url(token.substr(second + 1), padding))
        return noToken("the token has no signature in base64url; copy it whole");
    read.m_algorithm = *algorithm;
    if (kid)
        read.m_kid = *kid;
    read.m_header = *std::move(header);
    return read;
}

} // namespace parlor
