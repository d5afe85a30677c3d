// SPDX-License-Identifier: MIT
#include "server/engine/history.h"
#include "server/engine/redis/keys.h"
#include "server/engine/redis/scripts.h"
#include "shared/protocol/ulid.h"
#include "tests/bench/store/workload.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <initializer_list>

namespace parlor::bench {

namespace {

QJsonArray arrayOf(std::initializer_list<std::string> texts)
{
    QJsonArray array;
    for (const std::string &each : texts)
        array.append(QString::fromStdString(each));
    return array;
}

} // namespace

std::string publishScript(const Workload &workload)
{
    const std::chrono::milliseconds time(1'700'000'000'000);
    UlidSource ids;
    const redis::Keys keys{"bench:"};
    const std::string room = "room0";
    const Caller caller{nullptr, {}, std::make_shared<const Identity>(ids.next(time).toString())};
    const std::string cid = ids.next(time).toString().substr(0, 14) + "__rand_int__"; // becomes 12 digits
    const auto entry = History::compose(room, caller,
                                        {std::make_shared<const std::string>(room),
                                         {},
                                         ids.next(time),
                                         cid,
                                         '"' + std::string(workload.contentBytes, 'x') + '"'},
                                        1, time);
    const std::string frame(entry.frame.view());
    const std::size_t number = frame.find("\"seq\":1") + std::string_view("\"seq\":").size();
    const QJsonObject script{
        {QStringLiteral("text"), QString::fromStdString(redis::scripts::publish.text)},
        {QStringLiteral("keys"), arrayOf({keys.stream(room), keys.top(room), keys.record(room, entry.key)})},
        {QStringLiteral("arguments"),
         arrayOf({entry.id.toString(), frame.substr(0, number), frame.substr(number + 1), entry.key,
                  std::to_string(time.count()), keys.channel(room), ids.next(time).toString()})}};
    return QJsonDocument(script).toJson(QJsonDocument::Compact).toStdString();
}

} // namespace parlor::bench
