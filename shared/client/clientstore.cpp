// SPDX-License-Identifier: MIT
#include "shared/client/clientstore.h"

#include "shared/client/linkfailure.h"

#include <algorithm>
#include <iterator>

namespace parlor {

Account accountOf(const QUrl &server, const QString &identity)
{
    return {server.toString(QUrl::RemoveQuery | QUrl::RemoveUserInfo), identity, {}};
}

QList<ShownMessage> KeptRoom::shown() const
{
    QList<ShownMessage> all;
    for (const KeptMessage &each : messages)
        all.append({each.message.id, composedName(each.message.user, each.message.cid)});
    return all;
}

qsizetype KeptRoom::numberedBefore() const
{
    const auto beginsAnew = [](const std::optional<MissingMessages> &missing) {
        return missing && missing->beginsAnew();
    };
    if (beginsAnew(missingNext))
        return messages.size();
    const auto last = std::find_if(messages.rbegin(), messages.rend(),
                                   [&](const KeptMessage &each) { return beginsAnew(each.missingAbove); });
    return last == messages.rend() ? 0 : std::distance(last, messages.rend()) - 1;
}

QString sentenceOn(const QList<UnsentElsewhere> &unsent, const QUrl &server)
{
    QStringList names;
    qint64 count = 0;
    for (const UnsentElsewhere &each : unsent) {
        names.append(each.identity.isEmpty() ? ClientStore::tr("no name") : each.identity);
        count += each.count;
    }
    if (names.isEmpty())
        return {};
    const QString who = names.join(ClientStore::tr(", "));
    const QString host = displayHost(server);
    return count == 1
               ? ClientStore::tr("1 unsent message waits under %1 on %2; connect with that name to see it.")
                     .arg(who, host)
               : ClientStore::tr(
                     "%1 unsent messages wait under %2 on %3; connect with that name to see them.")
                     .arg(QString::number(count), who, host);
}

} // namespace parlor
