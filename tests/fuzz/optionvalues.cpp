// SPDX-License-Identifier: MIT
// Values of options and addresses that people write: what is read is written so that it reads as the same. No
// error tells a password.
#include "client-cli/load/options/optionvalues.h"
#include "client-cli/load/judgement/thresholdparser.h"
#include "client-cli/load/wire/upgrade.h"
#include "server/ops/redisaddress.h"
#include "server/ops/values.h"
#include "shared/client/proxy.h"
#include "shared/client/serverurl.h"
#include "tests/fuzz/target.h"

namespace parlor::fuzz {

namespace {

template <typename Parse, typename Text>
void checkNotation(std::string_view text, Parse parse, Text toText)
{
    const auto value = parse(text);
    if (!value)
        return;
    const std::string written = toText(*value);
    const auto again = parse(written);
    check(bool(again), "what was written can be read", written);
    check(toText(*again) == written, "what was written reads as the same", written);
}

void checkServerOptions(std::string_view text)
{
    checkNotation(text, values::parseDuration, [](auto v) { return values::text(v); });
    checkNotation(text, values::parseAge, values::ageText);
    checkNotation(text, values::parseStore, [](const auto &v) { return values::text(v); });
    checkNotation(text, values::parseSize, values::sizeText);
    checkNotation(text, values::parseCount, [](auto v) { return std::to_string(v); });
    checkNotation(text, values::parseRate, [](double v) { return values::text(v); });
    checkNotation(text, values::parseListenAddress, [](const auto &v) { return values::text(v); });
    checkNotation(text, values::parseSubnet, [](const auto &v) { return values::text(v); });
    const auto asItIs = [](const std::string &v) { return v; };
    checkNotation(text, values::parseOrigin, asItIs);
    checkNotation(text, values::parsePath, asItIs);
    checkNotation(text, values::parseHostname, asItIs);
    checkNotation(text, values::parseRedisPrefix, asItIs);
}

void checkLoadOptions(std::string_view text)
{
    static_cast<void>(cli::load::parseDuration(text));
    static_cast<void>(cli::load::parseStages(text));
    static_cast<void>(cli::load::parseRate(text));
    if (const auto rooms = cli::load::parseRooms(text))
        check(rooms->size() <= 0xFFFF, "a marker can name each room");
    if (const auto size = cli::load::parseSize(text))
        static_cast<void>(cli::load::checkSize(*size, cli::load::DialectName::V2));
    static_cast<void>(cli::load::parseArrivals(text));
    static_cast<void>(cli::load::parseLasting(text));
    static_cast<void>(cli::load::parseSenders(text));
    static_cast<void>(cli::load::parseVerify(text));
    static_cast<void>(cli::load::parseTag(text));
    if (const auto header = cli::load::parseHeader(text))
        check(websocket::isValidField(*header), "a request may carry the header");
    static_cast<void>(cli::load::parseThreshold(text));
}

void checkAddresses(std::string_view text)
{
    static constexpr std::string_view kPassword = "s3cr3t";
    // Before it only the scheme, and a user, and the same word nowhere else: a path may hold what it likes.
    const std::string_view before = text.substr(0, text.find(":s3cr3t@"));
    const std::size_t scheme = before.find("://");
    const bool hasPassword = before.size() != text.size() && scheme != std::string_view::npos &&
                             before.find_first_of("/?#", scheme + 3) == std::string_view::npos &&
                             text.find(kPassword) == text.rfind(kPassword);
    const auto hidesIt = [&](std::string_view said) {
        check(!hasPassword || said.find(kPassword) == std::string_view::npos, "no password is told", said);
    };
    const auto parse = [](std::string_view from) { return redis::parseAddress(std::string(from)); };
    checkNotation(text, parse, [](const redis::Address &v) { return v.textWithUser(); });
    if (const auto address = parse(text)) {
        hidesIt(address->text());
        hidesIt(address->textWithUser());
    } else {
        hidesIt(address.error().text);
    }
    const QString typed = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
    const auto url = parseServerUrl(typed);
    if (url) {
        check(url->isValid() && !url->host().isEmpty(), "a server's address names a host", text);
        const auto again = parseServerUrl(url->toString());
        check(again && *again == *url, "a server's address is taken as it is", text);
    }
    QProcessEnvironment environment;
    environment.insert(QStringLiteral("http_proxy"), typed);
    environment.insert(QStringLiteral("no_proxy"), typed);
    const QUrl server(QStringLiteral("ws://[2001:db8::1]:8000/ws"));
    static_cast<void>(proxyFor(server, environment));
    environment.remove(QStringLiteral("no_proxy"));
    if (const auto proxy = proxyFor(server, environment); !proxy)
        hidesIt(proxy.error().text);
    else if (proxy->isUsed())
        hidesIt(proxy->text().toStdString());
}

void optionValues(std::string_view input)
{
    checkServerOptions(input);
    checkLoadOptions(input);
    checkAddresses(input);
}

const Target kOptionValues("optionvalues", &optionValues);

} // namespace

} // namespace parlor::fuzz
