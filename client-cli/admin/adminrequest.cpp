// SPDX-License-Identifier: MIT
#include "client-cli/admin/adminrequest.h"

#include "client-cli/timevalue.h"

#include <QUrl>

#include <algorithm>
#include <array>
#include <functional>

namespace parlor::cli::admin {

namespace {

QString qt(const std::string &text)
{
    return QString::fromStdString(text);
}

QByteArray segment(const std::string &text)
{
    return '/' + QUrl::toPercentEncoding(qt(text));
}

Error usage(const std::string &text)
{
    return {.text = text};
}

using Make = std::function<Result<AdminRequest>(const AdminOptions &options)>;

AdminRequest getting(const char *path)
{
    return {"GET", path};
}

Result<AdminRequest> rooms(const AdminOptions &options)
{
    AdminRequest request = getting("/v1/rooms");
    if (!options.prefix.empty())
        request.query.addQueryItem(QStringLiteral("prefix"), qt(options.prefix));
    request.list = QStringLiteral("rooms");
    request.cursor = QStringLiteral("name");
    return request;
}

Result<AdminRequest> members(const AdminOptions &options)
{
    AdminRequest request{"GET", "/v1/rooms" + segment(options.arguments[0]) + "/members"};
    request.list = QStringLiteral("members");
    request.cursor = QStringLiteral("id");
    return request;
}

Result<AdminRequest> history(const AdminOptions &options)
{
    constexpr std::uint64_t kUsual = 50;
    AdminRequest request{"GET", "/v1/rooms" + segment(options.arguments[0]) + "/messages"};
    request.query.addQueryItem(QStringLiteral("limit"), QString::number(options.limit.value_or(kUsual)));
    if (options.before)
        request.query.addQueryItem(QStringLiteral("before"), QString::number(*options.before));
    return request;
}

Result<AdminRequest> say(const AdminOptions &options)
{
    AdminRequest request{"POST", "/v1/rooms" + segment(options.arguments[0]) + "/messages"};
    request.body.insert(QLatin1String("content"), qt(options.arguments[1]));
    if (options.cid)
        request.body.insert(QLatin1String("cid"), qt(*options.cid));
    return request;
}

Result<AdminRequest> erase(const AdminOptions &options)
{
    AdminRequest request{"DELETE", "/v1/rooms" + segment(options.arguments[0]) + "/messages" +
                                       segment(options.arguments[1])};
    request.query.addQueryItem(QStringLiteral("id"), qt(options.arguments[2]));
    return request;
}

Result<AdminRequest> moderate(const AdminOptions &options)
{
    AdminRequest request{"POST", "/v1/sanctions"};
    QJsonObject &body = request.body;
    body.insert(QLatin1String("action"), qt(options.command));
    const bool hasNetwork = options.network.has_value();
    if (options.arguments.size() != (hasNetwork ? 0U : 1U))
        return usage(options.command + ": give a USER" +
                     (options.command.ends_with("ban") ? ", or --network CIDR" : ""));
    if (hasNetwork)
        body.insert(QLatin1String("network"), qt(*options.network));
    else
        body.insert(QLatin1String("user"), qt(options.arguments[0]));
    if (options.room)
        body.insert(QLatin1String("room"), qt(*options.room));
    if (options.duration)
        body.insert(QLatin1String("duration_ms"), qint64(*options.duration));
    if (options.reason)
        body.insert(QLatin1String("reason"), qt(*options.reason));
    return request;
}

Result<AdminRequest> slow(const AdminOptions &options)
{
    const auto wait = parseSlow(options.arguments[1]);
    if (!wait)
        return usage("slow: '" + options.arguments[1] + "' is no time; write one like " +
                     std::string(kTimeExamples) + ", or off");
    AdminRequest request{"POST", "/v1/sanctions"};
    request.body = {{QLatin1String("action"), QLatin1String("slow")},
                    {QLatin1String("room"), qt(options.arguments[0])},
                    {QLatin1String("interval_ms"), qint64(wait->count())}};
    if (options.duration)
        request.body.insert(QLatin1String("duration_ms"), qint64(*options.duration));
    if (options.reason)
        request.body.insert(QLatin1String("reason"), qt(*options.reason));
    return request;
}

Result<AdminRequest> drain(const AdminOptions &options)
{
    AdminRequest request{"POST", "/v1/drain"};
    if (options.now)
        request.body.insert(QLatin1String("now"), true);
    return request;
}

Result<AdminRequest> rebalance(const AdminOptions &options)
{
    bool isNumber = false;
    const double fraction = qt(options.arguments[0]).toDouble(&isNumber);
    if (!isNumber)
        return usage("rebalance: '" + options.arguments[0] +
                     "' is no number; give the part of the clients that is to move, as 0.2");
    AdminRequest request{"POST", "/v1/rebalance"};
    request.body.insert(QLatin1String("fraction"), fraction);
    if (options.within)
        request.body.insert(QLatin1String("within_ms"), qint64(*options.within));
    return request;
}

Make plain(const char *method, const char *path)
{
    return [method, path](const AdminOptions &) -> Result<AdminRequest> {
        return AdminRequest{method, path};
    };
}

struct Command
{
    const char *name;
    const char *form;    ///< of its arguments
    const char *purpose; ///< for the help
    std::size_t least;   ///< arguments
    std::size_t most;
    Make make;
};

const std::vector<Command> &commands()
{
    static const std::vector<Command> all{
        {"rooms", "", "rooms, with how many are there", 0, 0, rooms},
        {"members", "ROOM", "who is in a room", 1, 1, members},
        {"history", "ROOM", "the newest messages of a room; --before SEQ, --limit N", 1, 1, history},
        {"say", "ROOM TEXT", "says something as the server", 2, 2, say},
        {"delete", "ROOM SEQ ID", "deletes a message (history shows both)", 3, 3, erase},
        {"kick", "USER", "ends all connections of a user", 1, 1, moderate},
        {"ban", "USER", "keeps a user out, or --network CIDR; --for TIME", 0, 1, moderate},
        {"unban", "USER", "ends that", 0, 1, moderate},
        {"mute", "USER", "lets a user only read; --room ROOM, --for TIME", 1, 1, moderate},
        {"unmute", "USER", "ends that; --room ROOM", 1, 1, moderate},
        {"slow", "ROOM TIME", "the time between two messages of one member, or off", 2, 2, slow},
        {"sanctions", "", "bans, mutes and slow rooms that are in force", 0, 0,
         plain("GET", "/v1/sanctions")},
        {"status", "", "version, state and connections of the server", 0, 0, plain("GET", "/v1/status")},
        {"config", "", "all options as they are in force", 0, 0, plain("GET", "/v1/config")},
        {"drain", "", "stops the server as SIGTERM does; --now without drain-delay", 0, 0, drain},
        {"rebalance", "FRACTION", "sends a part of the clients to other servers; --within TIME", 1, 1,
         rebalance},
        {"reload", "", "reads the configuration again, as SIGHUP does", 0, 0, plain("POST", "/v1/reload")},
    };
    return all;
}

} // namespace

QByteArray AdminRequest::target() const
{
    // A query reads + as a blank elsewhere: nothing is left to doubt.
    QByteArray all;
    for (const auto &[name, value] : query.queryItems(QUrl::FullyDecoded))
        all += (all.isEmpty() ? '?' : '&') + name.toUtf8() + '=' + QUrl::toPercentEncoding(value);
    return path + all;
}

std::string commandList()
{
    std::string lines;
    for (const Command &each : commands()) {
        std::string left = std::string("  ") + each.name + (*each.form ? " " : "") + each.form;
        left.resize(std::max<std::size_t>(left.size() + 1, 23), ' ');
        lines += left + each.purpose + '\n';
    }
    return lines;
}

Result<AdminRequest> adminRequest(const AdminOptions &options)
{
    const auto found = std::ranges::find_if(
        commands(), [&options](const Command &each) { return options.command == each.name; });
    if (found == commands().end())
        return usage("there is no command '" + options.command + "'; see parlor-cli admin --help");
    if (options.arguments.size() < found->least || options.arguments.size() > found->most)
        return usage(std::string(found->name) + " takes " +
                     (*found->form ? found->form : "no further arguments"));
    auto request = found->make(options);
    if (request && options.dryRun) {
        if (request->method == "GET")
            return usage(std::string(found->name) + " changes nothing; leave --dry-run out");
        request->query.addQueryItem(QStringLiteral("dry_run"), QStringLiteral("true"));
    }
    return request;
}

} // namespace parlor::cli::admin
