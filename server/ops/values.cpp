// SPDX-License-Identifier: MIT
#include "server/ops/values.h"

#include <QRegularExpression>
#include <QUrl>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace parlor::values {

namespace {

constexpr std::uint64_t kMaxMilliseconds = 168ULL * 3600 * 1000;
constexpr std::uint64_t kMillisecondsADay = 24ULL * 3600 * 1000;
constexpr std::uint64_t kMaxDays = 36'500;
constexpr std::uint64_t kMaxBytes = 1ULL << 40;
constexpr std::string_view kSqliteMark = "sqlite:";
constexpr std::uint64_t kMaxCount = 1'000'000'000'000'000;
constexpr double kMinRate = 0.001;
constexpr double kMaxRate = 1e6;
constexpr std::string_view kDurationHint = "give a number and a unit, as 500ms, 5s, 1m or 2h";
constexpr std::string_view kAgeHint = "give a number and a unit, as 12h or 30d";
constexpr std::string_view kSizeHint = "give bytes, as 65536, 64KiB or 1MiB";
constexpr std::string_view kSchemeMark = "://";
constexpr std::string_view kHttpsHint = "give one as https://issuer.example/keys; http:// is for this "
                                        "machine only, as http://127.0.0.1:8080/keys";
constexpr std::string_view kUnixMark = "unix:";
constexpr std::string_view kHttpsMark = "https://";
constexpr std::string_view kListenHint = "give address and port, as 127.0.0.1:8000 or wss://[::]:8443";
constexpr std::string_view kSubnetHint = "give a network, as 10.0.0.0/8 or 2001:db8::/32";
constexpr std::string_view kOriginHint =
    "give scheme and host as a browser sends them, as https://chat.example.org";

struct Unit
{
    std::string_view name;
    std::uint64_t factor;
};
constexpr std::array kDurationUnits{Unit{"h", 3'600'000}, Unit{"m", 60'000}, Unit{"s", 1000}, Unit{"ms", 1}};
constexpr std::array kSizeUnits{Unit{"GiB", 1ULL << 30}, Unit{"MiB", 1ULL << 20}, Unit{"KiB", 1ULL << 10}};

std::string quoted(std::string_view text)
{
    return '"' + std::string(text) + '"';
}

Error wrong(std::string_view text, std::string_view what, std::string_view hint)
{
    return {.text = quoted(text) + ' ' + std::string(what) + "; " + std::string(hint)};
}

/// The whole number at the front of `text`, which it is taken off. nullopt: none is there, or 64 bits do not
/// hold it.
std::optional<std::uint64_t> takeNumber(std::string_view &text)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data())
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

bool startsWithDigit(std::string_view text)
{
    return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

/// `-5`, `-0.5`: a number, but none that is ever meant.
bool isNegative(std::string_view text)
{
    return text.starts_with('-') && startsWithDigit(text.substr(1));
}

/// Why `host` before `port` is no address to listen on, and what to write.
Error wrongHost(std::string_view text, std::string_view host, std::string_view port)
{
    const auto like = [port](std::string_view address) {
        return std::string(address) + ':' + std::string(port);
    };
    if (host.empty() || host == "*")
        return wrong(text, "has no valid address",
                     "for all addresses give " + like("0.0.0.0") + " or " + like("[::]"));
    if (host == "localhost")
        return wrong(text, "has a name where a numeric address belongs",
                     "give " + like("127.0.0.1") + " or " + like("[::1]"));
    if (std::ranges::any_of(host, [](char c) { return (c >= 'g' && c <= 'z') || (c >= 'G' && c <= 'Z'); }))
        return wrong(text, "has a name where a numeric address belongs",
                     "give one of this machine's, as " + like("192.0.2.1") + ", or " + like("0.0.0.0") +
                         " for all of them");
    return wrong(text, "has no valid address", kListenHint);
}

std::optional<QHostAddress> parseAddress(std::string_view text)
{
    const std::string zeroEnded(text);
    in_addr four{};
    if (inet_pton(AF_INET, zeroEnded.c_str(), &four) == 1)
        return QHostAddress(ntohl(four.s_addr));
    in6_addr six{};
    if (inet_pton(AF_INET6, zeroEnded.c_str(), &six) == 1)
        return QHostAddress(six.s6_addr);
    return std::nullopt;
}

Result<std::chrono::milliseconds> durationOf(std::string_view text, std::string_view hint)
{
    std::string_view unitName = text;
    const std::optional<std::uint64_t> number = takeNumber(unitName);
    if (!number)
        return wrong(text, startsWithDigit(text) ? "is too long" : "is no duration", hint);
    if (unitName.empty() && *number == 0)
        return std::chrono::milliseconds(0);
    if (unitName.empty())
        return wrong(text, "has no unit", hint);
    const auto unit = std::ranges::find(kDurationUnits, unitName, &Unit::name);
    if (unit == kDurationUnits.end())
        return wrong(text, "is no duration", hint);
    if (*number > kMaxMilliseconds / unit->factor)
        return wrong(text, "is too long", "at most 168h");
    return std::chrono::milliseconds(*number * unit->factor);
}

} // namespace

Result<std::chrono::milliseconds> parseDuration(std::string_view text)
{
    return durationOf(text, kDurationHint);
}

Result<std::chrono::milliseconds> parseAge(std::string_view text)
{
    std::string_view unitName = text;
    const std::optional<std::uint64_t> days = takeNumber(unitName);
    if (!days || unitName != "d")
        return durationOf(text, kAgeHint);
    if (*days > kMaxDays)
        return wrong(text, "is too long", "at most 36500d");
    return std::chrono::milliseconds(*days * kMillisecondsADay);
}

Result<StoreChoice> parseStore(std::string_view text)
{
    if (text == "memory")
        return StoreChoice{};
    if (!text.starts_with(kSqliteMark))
        return wrong(text, "is no store",
                     "give memory, or sqlite: and a file, as sqlite:/var/lib/parlor/parlor.db");
    Result<std::string> path = parsePath(text.substr(kSqliteMark.size()));
    if (!path)
        return path.error();
    return StoreChoice{*std::move(path)};
}

Result<std::uint64_t> parseSize(std::string_view text)
{
    std::string_view unitName = text;
    const std::optional<std::uint64_t> number = takeNumber(unitName);
    if (!number)
        return wrong(text, startsWithDigit(text) ? "is too large" : "is no size", kSizeHint);
    std::uint64_t factor = 1;
    if (!unitName.empty()) {
        const auto unit = std::ranges::find_if(kSizeUnits, [unitName](const Unit &u) {
            return unitName == u.name || unitName == u.name.substr(0, 1);
        });
        if (unit == kSizeUnits.end())
            return wrong(text, "is no size", kSizeHint);
        factor = unit->factor;
    }
    if (*number > kMaxBytes / factor)
        return wrong(text, "is too large", "at most 1024GiB");
    return *number * factor;
}

Result<std::uint64_t> parseCount(std::string_view text)
{
    std::string_view rest = text;
    const std::optional<std::uint64_t> number = takeNumber(rest);
    if (!number && startsWithDigit(text))
        return wrong(text, "is too large", "at most " + std::to_string(kMaxCount));
    if (isNegative(text))
        return wrong(text, "is negative", "give a whole number as 0 or 100");
    if (!number || !rest.empty())
        return wrong(text, "is no whole number", "give one as 0 or 100");
    if (*number > kMaxCount)
        return wrong(text, "is too large", "at most " + std::to_string(kMaxCount));
    return *number;
}

Result<double> parseRate(std::string_view text)
{
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (isNegative(text))
        return wrong(text, "is negative", "give 0, or 0.001 to 1000000");
    if (!startsWithDigit(text) || end != text.data() + text.size())
        return wrong(text, "is no number", "give one as 10 or 0.5");
    if (error != std::errc() || number > kMaxRate || (number < kMinRate && number != 0))
        return wrong(text, "is out of range", "give 0, or 0.001 to 1000000");
    return number;
}

Result<ListenAddress> parseListenAddress(std::string_view text)
{
    std::string_view rest = text;
    ListenScheme scheme = ListenScheme::Ws;
    if (const std::size_t schemeEnd = text.find(kSchemeMark); schemeEnd != std::string_view::npos) {
        const std::string_view name = text.substr(0, schemeEnd);
        if (name != "ws" && name != "wss")
            return wrong(text, "has an unknown scheme",
                         "write wss:// for TLS, and ws:// or nothing for none");
        scheme = name == "wss" ? ListenScheme::Wss : ListenScheme::Ws;
        rest.remove_prefix(schemeEnd + kSchemeMark.size());
    }
    if (!rest.empty() && std::ranges::all_of(rest, [](char c) { return c >= '0' && c <= '9'; }))
        return wrong(text, "has no address", kListenHint);
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos || rest.ends_with(']'))
        return wrong(text, "has no port", kListenHint);
    std::string_view host = rest.substr(0, colon);
    std::string_view portText = rest.substr(colon + 1);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (!bracketed && host.find(':') != std::string_view::npos)
        return wrong(text, "has an IPv6 address without brackets", kListenHint);
    if (bracketed)
        host = host.substr(1, host.size() - 2);
    const std::optional<QHostAddress> address = parseAddress(host);
    if (!address || bracketed != (address->protocol() == QAbstractSocket::IPv6Protocol))
        return wrongHost(text, host, portText);
    const std::optional<std::uint64_t> port = takeNumber(portText);
    if (!port || !portText.empty() || *port > 65535)
        return wrong(text, "has no valid port", "a port is 0 to 65535, 0 meaning any free one");
    return ListenAddress{*address, static_cast<std::uint16_t>(*port), scheme};
}

Result<AdminAddress> parseAdminAddress(std::string_view text)
{
    if (text.starts_with(kUnixMark)) {
        const std::string_view path = text.substr(kUnixMark.size());
        if (!path.starts_with('/'))
            return wrong(text, "has no path from the root", "write it as unix:/run/parlor/admin");
        const auto parsed = parsePath(path);
        if (!parsed)
            return parsed.error();
        return AdminAddress{AdminAddress::Kind::Unix, {}, 0, *parsed};
    }
    const bool isTls = text.starts_with(kHttpsMark);
    const std::string_view rest = text.substr(isTls ? kHttpsMark.size() : 0);
    if (rest.find(kSchemeMark) != std::string_view::npos)
        return wrong(text, "has an unknown scheme", "write https:// for TLS, unix: for a socket, or nothing");
    const auto parsed = parseListenAddress(rest);
    if (!parsed)
        return parsed.error();
    return AdminAddress{
        isTls ? AdminAddress::Kind::Tls : AdminAddress::Kind::Plain, parsed->address, parsed->port, {}};
}

Result<Subnet> parseSubnet(std::string_view text)
{
    const std::size_t slash = text.find('/');
    const std::optional<QHostAddress> address = parseAddress(text.substr(0, slash));
    if (!address)
        return wrong(text, "has no valid address", kSubnetHint);
    const int bits = address->protocol() == QAbstractSocket::IPv6Protocol ? 128 : 32;
    if (slash == std::string_view::npos)
        return Subnet{*address, bits};
    std::string_view lengthText = text.substr(slash + 1);
    const std::optional<std::uint64_t> length = takeNumber(lengthText);
    if (!length || !lengthText.empty() || *length > static_cast<std::uint64_t>(bits))
        return wrong(text, "has no valid length", "after the slash come 0 to " + std::to_string(bits));
    const Subnet subnet{*address, static_cast<int>(*length)};
    const auto masked = QHostAddress::parseSubnet(address->toString() + QLatin1Char('/') +
                                                  QString::number(subnet.prefixLength));
    if (masked.first != *address)
        return wrong(text, "has bits past its length",
                     "the network is " + values::text(Subnet{masked.first, subnet.prefixLength}));
    return subnet;
}

Result<std::string> parseOrigin(std::string_view text)
{
    if (text == "null")
        return std::string(text);
    if (text == "*")
        return wrong(text, "is no origin", "leave allowed-origin out to let every origin pass");
    const std::size_t schemeEnd = text.find("://");
    if (schemeEnd == std::string_view::npos || schemeEnd == 0)
        return wrong(text, "has no scheme", kOriginHint);
    const std::string_view host = text.substr(schemeEnd + 3);
    if (host.empty() || host.front() == ':' || host.find_first_of("/?#@,") != std::string_view::npos)
        return wrong(text, "is more or less than an origin", kOriginHint);
    if (!std::ranges::all_of(
            text, [](char c) { return c > ' ' && c < 0x7F && c != '"' && c != '\'' && c != '\\'; }))
        return wrong(text, "has a character that no origin has", kOriginHint);
    if (std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; }))
        return wrong(text, "has capitals", "browsers send an Origin in lower case");
    return std::string(text);
}

namespace {

bool isName(std::string_view text, std::size_t longest)
{
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view(":._-").find(c) != std::string_view::npos;
    });
}

} // namespace

Result<std::string> parseHostname(std::string_view text)
{
    if (!isName(text, 253))
        return wrong(text, "is no hostname", "give 1 to 253 letters, digits and :._-, as chat-1.internal");
    return std::string(text);
}

Result<std::string> parseRedisPrefix(std::string_view text)
{
    if (!isName(text, 64))
        return wrong(text, "is no prefix", "give 1 to 64 letters, digits and :._-, as parlor:");
    return std::string(text);
}

namespace {

Result<std::string> parsePlain(std::string_view text, const std::string &what)
{
    if (text.empty())
        return Error{.text = "the " + what + " is empty"};
    const bool plain = std::ranges::all_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte != 0x7F;
    });
    if (!plain)
        return Error{.text = "the " + what + " has a control character; give one without"};
    return std::string(text);
}

} // namespace

Result<std::string> parsePath(std::string_view text)
{
    return parsePlain(text, "path");
}

Result<std::string> parseLine(std::string_view text)
{
    return parsePlain(text, "text");
}

Result<std::string> parseHttpsUrl(std::string_view text)
{
    const QUrl url(QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())), QUrl::StrictMode);
    if (!url.isValid() || url.host().isEmpty() || !url.userInfo().isEmpty() || url.hasFragment())
        return wrong(text, "is no address of a web server", kHttpsHint);
    const bool isHere = url.host() == QLatin1String("localhost") || QHostAddress(url.host()).isLoopback();
    if (url.scheme() != QLatin1String("https") && !(url.scheme() == QLatin1String("http") && isHere))
        return wrong(text, "is not with TLS, and whoever is between could put other keys in", kHttpsHint);
    std::string whole(text);
    while (whole.ends_with('/'))
        whole.pop_back();
    return whole;
}

Result<std::string> parseJwks(std::string_view text)
{
    return text.find(kSchemeMark) != std::string_view::npos ? parseHttpsUrl(text) : parsePath(text);
}

Result<std::string> parseAlbArn(std::string_view text)
{
    static const QRegularExpression form(
        QStringLiteral("^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:"
                       "loadbalancer/app/[A-Za-z0-9-]+/[0-9a-f]+$"));
    if (!form.match(QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()))).hasMatch())
        return wrong(
            text, "is no ARN of an Application Load Balancer",
            "give the one that aws elbv2 describe-load-balancers shows, as "
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/chat/0123456789abcdef");
    return std::string(text);
}

Result<std::vector<std::string>> parseUsers(std::string_view text)
{
    std::vector<std::string> users;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        std::string_view user = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        while (user.starts_with(' '))
            user.remove_prefix(1);
        while (user.ends_with(' '))
            user.remove_suffix(1);
        if (user.empty())
            continue;
        auto parsed = parseLine(user);
        if (!parsed)
            return parsed.error();
        users.push_back(*std::move(parsed));
    }
    return users;
}

std::string text(std::chrono::milliseconds duration)
{
    const auto count = static_cast<std::uint64_t>(duration.count());
    if (count == 0)
        return "0";
    const auto unit =
        std::ranges::find_if(kDurationUnits, [count](const Unit &u) { return count % u.factor == 0; });
    return std::to_string(count / unit->factor) + std::string(unit->name);
}

std::string ageText(std::chrono::milliseconds age)
{
    const auto count = static_cast<std::uint64_t>(age.count());
    if (count == 0 || count % kMillisecondsADay != 0)
        return text(age);
    return std::to_string(count / kMillisecondsADay) + 'd';
}

std::string text(const StoreChoice &store)
{
    return store.database ? std::string(kSqliteMark) + *store.database : "memory";
}

std::string sizeText(std::uint64_t bytes)
{
    const auto unit = std::ranges::find_if(
        kSizeUnits, [bytes](const Unit &u) { return bytes > 0 && bytes % u.factor == 0; });
    if (unit == kSizeUnits.end())
        return std::to_string(bytes);
    return std::to_string(bytes / unit->factor) + std::string(unit->name);
}

std::string roundSizeText(std::uint64_t bytes)
{
    constexpr std::array kNames{" KiB", " MiB", " GiB", " TiB"};
    if (bytes < 1024)
        return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
    double size = static_cast<double>(bytes) / 1024;
    auto name = kNames.begin();
    for (; size >= 1023.95 && name + 1 != kNames.end(); ++name)
        size /= 1024;
    std::array<char, 64> buffer{};
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), size, std::chars_format::fixed, 1).ptr;
    return std::string(buffer.data(), end) + *name;
}

std::string text(double rate)
{
    std::array<char, 64> buffer{};
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), rate, std::chars_format::fixed).ptr;
    return std::string(buffer.data(), end);
}

std::string text(const ListenAddress &address)
{
    const std::string host = address.address.toString().toStdString();
    const bool six = address.address.protocol() == QAbstractSocket::IPv6Protocol;
    return (address.scheme == ListenScheme::Wss ? "wss://" : "") + (six ? '[' + host + ']' : host) + ':' +
           std::to_string(address.port);
}

std::string text(const AdminAddress &address)
{
    if (address.kind == AdminAddress::Kind::Unix)
        return std::string(kUnixMark) + address.path;
    return (address.kind == AdminAddress::Kind::Tls ? std::string(kHttpsMark) : std::string()) +
           text(ListenAddress{address.address, address.port});
}

std::string text(const Subnet &subnet)
{
    return subnet.address.toString().toStdString() + '/' + std::to_string(subnet.prefixLength);
}

} // namespace parlor::values
