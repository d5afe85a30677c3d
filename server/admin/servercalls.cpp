// SPDX-License-Identifier: MIT
#include "server/admin/adminapi.h"
#include "server/ops/declarations.h"
#include "server/ops/processstatus.h"
#include "shared/protocol/jsonwriter.h"

#include <cmath>

/// What the admin API asks of the server as a whole.
namespace parlor::admin {

namespace {

constexpr std::chrono::milliseconds kLongestMove = std::chrono::hours(1);
constexpr std::chrono::milliseconds kUsualMove = std::chrono::seconds(10);

std::string_view nameOf(StatusSource::Readiness readiness)
{
    switch (readiness) {
    case StatusSource::Readiness::Starting:
    case StatusSource::Readiness::Keyless:
        return "starting";
    case StatusSource::Readiness::Ready:
        return "ready";
    case StatusSource::Readiness::Leaving:
        return "leaving";
    case StatusSource::Readiness::Draining:
        break;
    }
    return "draining";
}

} // namespace

void AdminApi::showStatus(const ApiCallPtr &call)
{
    if (!call->isRight())
        return;
    const ServerControl::Status status = m_server.status();
    const ProcessStatus process = readProcessStatus();
    std::string text;
    JsonWriter json(text);
    json.beginObject().field("version", PARLOR_VERSION).field("hostname", status.hostname);
    json.field("chat", status.chat).field("state", nameOf(status.readiness)).field("store", status.store);
    json.field("uptime_ms", m_clock() - status.startTime);
    json.field("connections", status.connections).field("max_connections", status.mostConnections);
    json.key("workers").beginArray();
    for (const std::uint64_t connections : status.byWorker)
        json.beginObject().field("connections", connections).endObject();
    json.endArray().field("rooms", status.rooms).field("history_bytes", status.historyBytes);
    json.field("cluster", m_isReachable ? "ok" : "degraded");
    json.field("resident_bytes", process.residentBytes).field("open_descriptors", process.openDescriptors);
    json.endObject();
    call->answer(200, std::move(text));
}

void AdminApi::showConfiguration(const ApiCallPtr &call)
{
    if (!call->isRight())
        return;
    Options options = m_server.options();
    std::string text;
    JsonWriter json(text);
    json.beginObject().key("options").beginObject();
    for (const Declaration &declaration : declareOptions(options)) {
        const std::vector<std::string> values = declaration.texts();
        json.key(declaration.name);
        if (declaration.isList) {
            json.beginArray();
            for (const std::string &value : values)
                json.string(value);
            json.endArray();
        } else if (values.empty()) {
            json.raw("null");
        } else {
            json.string(values.front());
        }
    }
    json.endObject().endObject();
    call->answer(200, std::move(text));
}

void AdminApi::drain(const ApiCallPtr &call)
{
    const bool isAtOnce = call->body().flag("now");
    call->setSubject("server");
    if (!call->isRight())
        return;
    // Told twice, a server drains once: only a signal, or `now`, ends what is under way.
    const auto before = m_server.status().readiness;
    const bool isRepeated =
        before == StatusSource::Readiness::Leaving || before == StatusSource::Readiness::Draining;
    if (!call->isDryRun() && !isRepeated)
        m_server.drain();
    if (!call->isDryRun() && isAtOnce && m_server.status().readiness == StatusSource::Readiness::Leaving)
        m_server.drain();
    const ServerControl::Status status = m_server.status();
    std::string text;
    JsonWriter json(text);
    json.beginObject();
    if (call->isDryRun())
        json.field("dry_run", true);
    json.field("state", nameOf(status.readiness)).field("connections", status.connections).endObject();
    call->answer(call->isDryRun() ? 200 : 202, std::move(text));
}

void AdminApi::rebalance(const ApiCallPtr &call)
{
    const auto fraction = call->body().number("fraction", 0, 1);
    const auto within = call->body().milliseconds("within_ms", kLongestMove).value_or(kUsualMove);
    call->setSubject("server");
    if (!call->isRight())
        return;
    if (!fraction)
        return call->fail(ApiError{400, "bad_request", "\"fraction\" is missing from the body"});
    const ServerControl::Status status = m_server.status();
    if (status.readiness != StatusSource::Readiness::Ready)
        return call->fail(ApiError{409, "conflict",
                                   "this server is " + std::string(nameOf(status.readiness)) +
                                       ": its clients are sent away anyway"});
    if (!call->isDryRun())
        m_server.rebalance(*fraction, within);
    std::string text;
    JsonWriter json(text);
    json.beginObject();
    if (call->isDryRun())
        json.field("dry_run", true);
    json.field("connections", status.connections);
    json.field("at_most",
               static_cast<std::uint64_t>(std::ceil(*fraction * static_cast<double>(status.connections))));
    json.field("within_ms", within).endObject();
    call->answer(call->isDryRun() ? 200 : 202, std::move(text));
}

void AdminApi::reload(const ApiCallPtr &call)
{
    call->setSubject("server");
    if (!call->isRight())
        return;
    const auto done = call->isDryRun() ? m_server.tryReload() : m_server.reload();
    if (!done)
        return call->fail(ApiError{409, "conflict", done.error().text});
    std::string text;
    JsonWriter json(text);
    json.beginObject();
    if (call->isDryRun())
        json.field("dry_run", true);
    json.key("changes").beginArray();
    for (const std::string &line : *done)
        json.string(line);
    json.endArray().endObject();
    call->answer(200, std::move(text));
}

} // namespace parlor::admin
