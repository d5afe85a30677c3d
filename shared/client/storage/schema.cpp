// SPDX-License-Identifier: MIT
#include "shared/client/storage/schema.h"

namespace parlor::schema {

QStringList statements()
{
    return {
        QStringLiteral("PRAGMA application_id = %1").arg(kApplicationId),
        QStringLiteral("PRAGMA user_version = %1").arg(kVersion),
        // `used`: ms since 1970, to tell which one is meant where two have one name
        QStringLiteral("CREATE TABLE account ("
                       " id INTEGER PRIMARY KEY, server TEXT NOT NULL, identity TEXT NOT NULL,"
                       " used INTEGER NOT NULL, resume TEXT NOT NULL DEFAULT '',"
                       " client TEXT NOT NULL DEFAULT '', user TEXT NOT NULL DEFAULT '',"
                       " username TEXT NOT NULL DEFAULT '')"),
        // in the order of `place`; `composed`: ms since 1970
        QStringLiteral("CREATE TABLE outbox ("
                       " place INTEGER PRIMARY KEY AUTOINCREMENT,"
                       " account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
                       " cid TEXT NOT NULL UNIQUE, room TEXT NOT NULL, text TEXT NOT NULL,"
                       " composed INTEGER NOT NULL, sent_by TEXT NOT NULL, state TEXT NOT NULL,"
                       " problem TEXT NOT NULL)"),
        // `missing`: NULL: nothing is, '': a hole, else the reason on the wire; before the message to come
        QStringLiteral("CREATE TABLE room ("
                       " account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
                       " name TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,"
                       " used INTEGER NOT NULL, missing TEXT, PRIMARY KEY (account, name)) WITHOUT ROWID"),
        // `missing`: the same, before this message
        QStringLiteral("CREATE TABLE message ("
                       " place INTEGER PRIMARY KEY AUTOINCREMENT,"
                       " account INTEGER NOT NULL, room TEXT NOT NULL, epoch TEXT NOT NULL,"
                       " seq INTEGER NOT NULL, id TEXT NOT NULL, cid TEXT NOT NULL, sender TEXT NOT NULL,"
                       " user TEXT NOT NULL, username TEXT NOT NULL, text TEXT NOT NULL,"
                       " timestamp TEXT NOT NULL, missing TEXT,"
                       " FOREIGN KEY (account, room) REFERENCES room (account, name) ON DELETE CASCADE)"),
        QStringLiteral("CREATE INDEX message_of_room ON message (account, room, place)"),
    };
}

} // namespace parlor::schema
