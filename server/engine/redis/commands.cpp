// SPDX-License-Identifier: MIT
#include "server/engine/redis/commands.h"

#include <utility>

namespace parlor::redis {

Commands::Commands(const Connection::Options &options)
    : m_connection(options)
{
    connect(&m_connection, &Connection::up, this, &Commands::loadScripts);
}

void Commands::loadScripts()
{
    for (const Script *each : allScripts())
        send({"SCRIPT", "LOAD", each->text}, [](const Reply &) {});
}

void Commands::send(const std::vector<std::string> &command, Then then)
{
    ++m_underWay;
    const std::vector<std::string_view> words(command.begin(), command.end());
    m_connection.send(words, [this, then = std::move(then)](Connection::Outcome, const Reply &reply) {
        --m_underWay;
        then(reply);
    });
}

void Commands::run(const Script &script, std::vector<std::string> keys, std::vector<std::string> arguments,
                   Then then)
{
    Call call{{"EVALSHA", script.sha, std::to_string(keys.size())}, std::move(then)};
    call.command.reserve(3 + keys.size() + arguments.size());
    for (auto *words : {&keys, &arguments}) {
        for (std::string &each : *words)
            call.command.push_back(std::move(each));
    }
    if (m_isReplaying)
        m_held.push_back(std::move(call));
    else
        start(std::move(call));
}

void Commands::start(Call call)
{
    ++m_running;
    const auto shared = std::make_shared<Call>(std::move(call));
    send(shared->command, [this, shared](const Reply &reply) {
        --m_running;
        const bool isUnknown = reply.isError() && reply.text().starts_with("NOSCRIPT");
        if (isUnknown && !std::exchange(shared->wasUnknown, true)) {
            m_isReplaying = true;
            m_unknown.push_back(std::move(*shared));
        } else {
            shared->then(reply);
        }
        if (m_isReplaying && m_running == 0)
            replay();
    });
}

/// All that went before has its answer: what Redis did not know goes again, and then what came since.
void Commands::replay()
{
    m_isReplaying = false;
    loadScripts();
    auto calls = std::exchange(m_unknown, {});
    for (Call &each : std::exchange(m_held, {}))
        calls.push_back(std::move(each));
    for (Call &each : calls)
        start(std::move(each));
}

} // namespace parlor::redis
