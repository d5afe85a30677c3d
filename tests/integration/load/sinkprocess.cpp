// SPDX-License-Identifier: MIT
#include "sinkprocess.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace parlor::test {

SinkProcess::SinkProcess(const QStringList &arguments)
    : ServerProcess({.program = u"parlor-cli"_s,
                     .arguments = QStringList{u"--json"_s} + arguments,
                     .wire = Wire::Native,
                     .launcher = {u"/bin/sh"_s, u"-c"_s, u"exec \"$0\" sink \"$@\" >&2"_s}})
{
}

QJsonObject SinkProcess::report() const
{
    const QString text = errorText();
    return QJsonDocument::fromJson(text.mid(text.indexOf(u'{')).toUtf8()).object();
}

QString SinkProcess::faults() const
{
    const QJsonObject did = report()[u"faults"].toObject();
    return u"lost %1, doubled %2, reordered %3, corrupt %4, unexpected 0"_s.arg(did[u"dropped"].toInteger(-1))
        .arg(did[u"doubled"].toInteger(-1))
        .arg(did[u"reordered"].toInteger(-1))
        .arg(did[u"corrupt"].toInteger(-1));
}

} // namespace parlor::test
