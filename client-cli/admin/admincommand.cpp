// SPDX-License-Identifier: MIT
#include "client-cli/admin/admincommand.h"

#include "client-cli/admin/adminexchange.h"
#include "client-cli/admin/admintables.h"
#include "client-cli/chat/standardoutput.h"
#include "client-cli/chat/terminaltext.h"
#include "client-cli/exitcode.h"
#include "client-cli/refusal.h"
#include "client-cli/timeoption.h"

#include <QFile>
#include <QHostAddress>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSslCertificate>

#include <CLI/CLI.hpp>

#include <memory>

namespace parlor::cli::admin {

namespace {

AdminServer adminServer(const AdminOptions &options)
{
    auto server = AdminServer::parse(QString::fromStdString(options.server));
    if (!server)
        refuse(server.error().text);
    if (!options.keyFile.empty()) {
        auto key = readAdminKey(QString::fromStdString(options.keyFile));
        if (!key)
            refuse(key.error().text);
        server->key = *std::move(key);
        const bool staysHere =
            server->host == QLatin1String("localhost") || QHostAddress(server->host).isLoopback();
        if (server->kind == AdminServer::Kind::Plain && !staysHere)
            refuse("--server " + options.server +
                   ": the key would go over the network in the clear; write https://HOST:PORT");
    }
    if (!options.caFile.empty()) {
        const auto certificates = QSslCertificate::fromPath(QString::fromStdString(options.caFile));
        if (certificates.isEmpty())
            refuse("--ca-file " + options.caFile + ": it cannot be read, or no PEM certificate is in it");
        server->tls.addCaCertificates(certificates);
    }
    return *std::move(server);
}

/// All pages of a list in one answer; only as much of it as `limit` says.
Result<AdminReply> exchangeAll(const AdminServer &server, AdminRequest request,
                               std::optional<std::uint64_t> limit)
{
    QJsonArray all;
    while (true) {
        auto reply = exchange(server, request);
        if (!reply || reply->status >= 400 || request.list.isEmpty())
            return reply;
        for (const QJsonValue each : reply->json.value(request.list).toArray())
            all.append(each);
        while (limit && static_cast<std::uint64_t>(all.size()) > *limit)
            all.removeLast();
        const bool isEnough = limit && static_cast<std::uint64_t>(all.size()) == *limit;
        if (isEnough || all.isEmpty() || !reply->json.value(QLatin1String("more")).toBool()) {
            reply->json.insert(request.list, all);
            return reply;
        }
        request.query.removeQueryItem(QStringLiteral("after"));
        request.query.addQueryItem(QStringLiteral("after"),
                                   all.last().toObject().value(request.cursor).toString());
    }
}

int runAdmin(const AdminOptions &options, const AdminServer &server, const AdminRequest &request)
{
    const auto reply = exchangeAll(server, request, options.limit);
    if (!reply) {
        writeStatusLine(QStringLiteral("parlor-cli admin: ") + QString::fromStdString(reply.error().text));
        return exitcode::kNoConnection;
    }
    if (reply->status >= 400)
        writeStatusLine(QStringLiteral("parlor-cli admin: ") +
                        sanitised(reply->json.value(QLatin1String("error")).toString()));
    const bool isRefused = reply->status >= 400;
    if (isRefused && !options.json)
        return exitcode::kFailed;
    const QString text = options.json
                             ? QString::fromUtf8(QJsonDocument(reply->json).toJson(QJsonDocument::Compact))
                             : toText(options, reply->json);
    if (!writeMessageLine(text))
        return exitcode::kNotWritten;
    return isRefused ? exitcode::kFailed : exitcode::kOk;
}

} // namespace

void addAdmin(CLI::App &app, Runner &chosen)
{
    auto given = std::make_shared<AdminOptions>();
    CLI::App *admin = app.add_subcommand("admin", "Administer a server: rooms, people, drain, configuration");
    admin->footer(
        "A TIME is a number with its unit: 500ms, 5s, 2m, 1h, 7d.\n"
        "Commands:\n" +
        commandList() +
        "Exit codes: 0 done; 1 the server refused; 2 usage; 3 no answer; 4 it could not be written.");
    admin->add_option("COMMAND", given->command, "What to do; the list is below")->required()->type_name("");
    admin->add_option("ARGUMENT", given->arguments, "What the command is about")->type_name("");
    admin
        ->add_option("--server", given->server,
                     "http://HOST:PORT, https://HOST:PORT or unix:/PATH [http://127.0.0.1:8001]")
        ->type_name("URL");
    admin
        ->add_option("--key-file", given->keyFile,
                     "The server's --admin-key-file, or a file with one of its keys")
        ->type_name("FILE");
    admin
        ->add_option("--ca-file", given->caFile,
                     "PEM certificates to trust for https://, besides the system's")
        ->type_name("FILE");
    admin
        ->add_option("--reason", given->reason,
                     "Of kick, ban, mute and slow: what those who are concerned read")
        ->type_name("TEXT");
    admin->add_option("--for", given->duration, "Of ban, mute and slow: when it ends; without it, never")
        ->transform(timeInMilliseconds(std::chrono::hours(24 * 366)))
        ->type_name("TIME");
    admin->add_option("--network", given->network, "Of ban and unban: instead of a user")->type_name("CIDR");
    admin->add_option("--room", given->room, "Of mute and unmute: in this room only")->type_name("ROOM");
    admin->add_option("--prefix", given->prefix, "Of rooms: those whose names begin so")->type_name("TEXT");
    admin->add_option("--before", given->before, "Of history: older than this message")->type_name("SEQ");
    admin->add_option("--limit", given->limit, "Of rooms, members and history: at most so many")
        ->check(CLI::Range(1, 1'000'000).description(""))
        ->type_name("N");
    admin->add_option("--cid", given->cid, "Of say: said once, however often the command runs with it")
        ->type_name("TEXT");
    admin->add_option("--within", given->within, "Of rebalance: the time in which clients go [10s]")
        ->transform(timeInMilliseconds(std::chrono::hours(1)))
        ->type_name("TIME");
    admin->add_flag("--now", given->now, "Of drain: without the server's drain-delay");
    admin->add_flag("--dry-run", given->dryRun, "Change nothing, and tell what would be done");
    admin->add_flag("--json", given->json, "Write the server's answer as JSON");
    admin->final_callback([given, &chosen] {
        const auto request = adminRequest(*given);
        if (!request)
            refuse(request.error().text);
        chosen = [options = *given, server = adminServer(*given), request = *request] {
            return runAdmin(options, server, request);
        };
    });
}

} // namespace parlor::cli::admin
