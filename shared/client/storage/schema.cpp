// SPDX-License-Identifier: MIT
#include "shared/client/storage/schema.h"

namespace parlor::schema {

QStringList statements()
{
    return {
        QStringLiteral("PRAGMA application_id = %1").arg(kApplicationId),
        QStringLiteral("PRAGMA user_version = %1").arg(kVersion),
        // `user` is the person's where it is not `client`; where it is, or both are '', the server knows no
        // persons. `used`: ms since 1970, to tell which one is meant where two have one name; `asked`: the
        // name with which it came into use last when that was its name, whatever it became
        QStringLiteral("CREATE TABLE account ("
                       " id INTEGER PRIMARY KEY, server TEXT NOT NULL, identity TEXT NOT NULL,"
                       " used INTEGER NOT NULL, resume TEXT NOT NULL DEFAULT '',"
                       " client TEXT NOT NULL DEFAULT '', user TEXT NOT NULL DEFAULT '',"
                       " username TEXT NOT NULL DEFAULT '', asked TEXT NOT NULL DEFAULT '')"),
        // in the order of `place`; `composed`: ms since 1970
        QStringLiteral("CREATE TABLE outbox ("
                       " place INTEGER PRIMARY KEY AUTOINCREMENT,"
                       " account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
                       " cid TEXT NOT NULL UNIQUE, room TEXT NOT NULL, text TEXT NOT NULL,"
                       " composed INTEGER NOT NULL, sent_by TEXT NOT NULL, state TEXT NOT NULL,"
                       " problem TEXT NOT NULL)"),
        // epoch, seq and id: the position; `id` is '' at seq 0, or if nobody knows it. `missing`: NULL:
        // nothing is, '': a hole, else the reason on the wire; before the message to come. `read`: the seq up
        // to which the person saw it; NULL: nobody said
        QStringLiteral("CREATE TABLE room ("
                       " account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
                       " name TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,"
                       " used INTEGER NOT NULL, missing TEXT, read INTEGER,"
                       " id TEXT NOT NULL DEFAULT '', PRIMARY KEY (account, name)) WITHOUT ROWID"),
        // `missing`: the same, before this message: below "epoch", "ahead" and "diverged" a seq may name
        // another message than above it. `own`: we wrote it, as whoever we were then. `deleted_by`: the name
        // of who deleted it; NULL: nobody did
        QStringLiteral("CREATE TABLE message ("
                       " place INTEGER PRIMARY KEY AUTOINCREMENT,"
                       " account INTEGER NOT NULL, room TEXT NOT NULL, seq INTEGER NOT NULL,"
                       " id TEXT NOT NULL, cid TEXT NOT NULL, sender TEXT NOT NULL, user TEXT NOT NULL, "
                       "username TEXT NOT NULL, text TEXT NOT NULL,"
                       " timestamp TEXT NOT NULL, missing TEXT, own INTEGER NOT NULL DEFAULT 0,"
                       " deleted_by TEXT, deleted_by_user TEXT, deleted_at TEXT,"
                       " FOREIGN KEY (account, room) REFERENCES room (account, name) ON DELETE CASCADE)"),
        QStringLiteral("CREATE INDEX message_of_room ON message (account, room, place)"),
        QStringLiteral("CREATE UNIQUE INDEX message_once ON message (account, room, id)"),
    };
}

QStringList upgrade(qint64 from)
{
    QStringList steps;
    if (from < 2) {
        steps += {
            QStringLiteral("ALTER TABLE account ADD COLUMN asked TEXT NOT NULL DEFAULT ''"),
            QStringLiteral("UPDATE account SET asked = identity"),
            QStringLiteral("ALTER TABLE room ADD COLUMN read INTEGER"),
            QStringLiteral("ALTER TABLE message ADD COLUMN own INTEGER NOT NULL DEFAULT 0"),
            QStringLiteral("UPDATE message SET own = 1 WHERE user <> ''"
                           " AND user = (SELECT user FROM account WHERE account.id = message.account)"),
            QStringLiteral("DELETE FROM message WHERE place NOT IN"
                           " (SELECT min(place) FROM message GROUP BY account, room, id)"),
            QStringLiteral("CREATE UNIQUE INDEX message_once ON message (account, room, id)"),
        };
    }
    if (from < 3) {
        // What a change of the epoch told, the reason above the next message tells.
        steps += {
            QStringLiteral("ALTER TABLE room ADD COLUMN id TEXT NOT NULL DEFAULT ''"),
            QStringLiteral("UPDATE room SET id = ifnull((SELECT id FROM message WHERE account = room.account"
                           " AND room = room.name AND epoch = room.epoch AND seq = room.seq"
                           " ORDER BY place DESC LIMIT 1), '')"),
            QStringLiteral("UPDATE message SET missing = 'epoch' WHERE place IN (SELECT place FROM"
                           " (SELECT place, epoch, lag(epoch, 1, epoch) OVER"
                           "  (PARTITION BY account, room ORDER BY place) AS above FROM message)"
                           " WHERE epoch <> above)"),
            QStringLiteral(
                "UPDATE room SET missing = 'epoch' WHERE epoch <> ifnull((SELECT epoch FROM message"
                " WHERE account = room.account AND room = room.name"
                " ORDER BY place DESC LIMIT 1), epoch)"),
            QStringLiteral("ALTER TABLE message DROP COLUMN epoch"),
        };
    }
    if (from < 4) {
        for (const auto *column : {"deleted_by", "deleted_by_user", "deleted_at"})
            steps.append(QStringLiteral("ALTER TABLE message ADD COLUMN %1 TEXT").arg(QLatin1String(column)));
    }
    steps.append(QStringLiteral("PRAGMA user_version = %1").arg(kVersion));
    return steps;
}

} // namespace parlor::schema
