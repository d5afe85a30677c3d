// SPDX-License-Identifier: MIT
#pragma once

#include "tests/integration/model/log.h"
#include "tests/support/rawwebsocket.h"

#include <QJsonObject>

namespace parlor::test::model {

/// The server's frames, read as docs/protocol.md has them; a field that is missing is empty, 0 or false.
[[nodiscard]] QByteArray toBytes(const QJsonObject &frame);
[[nodiscard]] QJsonObject toObject(const QByteArray &json);
[[nodiscard]] QString text(const QJsonObject &frame, const char *field);
[[nodiscard]] qint64 number(const QJsonObject &frame, const char *field);
[[nodiscard]] bool isTrue(const QJsonObject &frame, const char *field);
[[nodiscard]] Message messageOf(const QJsonObject &frame);
[[nodiscard]] std::vector<Message> eventsOf(const QJsonObject &frame);
[[nodiscard]] qint64 eventBytesOf(const QJsonObject &frame);
[[nodiscard]] entry::Synced syncOf(const QJsonObject &frame);
[[nodiscard]] int codeOf(const ServerFrame &close);

} // namespace parlor::test::model
