// SPDX-License-Identifier: MIT
#include "client-cli/probe/responsehead.h"

namespace parlor::cli {

QList<QByteArray> ResponseHead::values(const QByteArray &name) const
{
    QList<QByteArray> found;
    for (const auto &[field, value] : fields) {
        if (field == name)
            found.append(value);
    }
    return found;
}

bool ResponseHead::has(const QByteArray &name, const QByteArray &value) const
{
    const auto all = values(name);
    return all.size() == 1 && all.front() == value;
}

std::optional<ResponseHead> parseResponseHead(const QByteArray &bytes)
{
    const auto lines = bytes.split('\n');
    const QByteArray first = lines.front().trimmed();
    // HTTP/1.1 101 Switching Protocols
    const QByteArray digits = first.mid(9, 3);
    bool isNumber = false;
    ResponseHead head;
    head.status = digits.toInt(&isNumber);
    if (!first.startsWith("HTTP/1.") || first.size() < 12 || first[8] != ' ' || !isNumber ||
        head.status < 100)
        return std::nullopt;
    head.reason = first.mid(13);
    for (qsizetype i = 1; i < lines.size(); ++i) {
        const QByteArray line = lines[i].trimmed();
        const qsizetype colon = line.indexOf(':');
        if (line.isEmpty())
            continue;
        if (colon <= 0)
            return std::nullopt;
        head.fields.append({line.left(colon).toLower(), line.mid(colon + 1).trimmed()});
    }
    return head;
}

} // namespace parlor::cli
