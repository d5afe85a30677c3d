// SPDX-License-Identifier: MIT
#include "client-gui/views/lossquestion.h"

#include <QCoreApplication>
#include <QLocale>

namespace parlor::gui {

namespace {

QString textOf(const Loss &loss, const QString &where)
{
    QStringList texts;
    if (loss.unsent > 0)
        texts.append(loss.unsent == 1
                         ? LossQuestion::tr("A message that you wrote did not reach %1 yet.").arg(where)
                         : LossQuestion::tr("%1 messages that you wrote did not reach %2 yet.")
                               .arg(QLocale().toString(loss.unsent), where));
    if (loss.drafts > 0)
        texts.append(loss.drafts == 1 ? LossQuestion::tr("You began a message and did not send it.")
                                      : LossQuestion::tr("You began %1 messages and did not send them.")
                                            .arg(QLocale().toString(loss.drafts)));
    texts.append(loss.count() == 1 ? LossQuestion::tr("It will be lost.")
                                   : LossQuestion::tr("They will be lost."));
    return texts.join(u' ');
}

QString buttonOf(const Loss &loss, LossQuestion::Act act)
{
    if (act == LossQuestion::Act::Quit)
        return loss.count() == 1 ? LossQuestion::tr("Quit and lose it")
                                 : LossQuestion::tr("Quit and lose them");
    return loss.count() == 1 ? LossQuestion::tr("Leave and lose it")
                             : LossQuestion::tr("Leave and lose them");
}

} // namespace

LossQuestion::LossQuestion(const QString &title, const Loss &loss, const QString &where, Act act,
                           QWidget *parent)
    : QuestionDialog({.title = title, .text = textOf(loss, where), .accept = buttonOf(loss, act)}, parent)
{
    setObjectName(QStringLiteral("unsentQuestion"));
}

} // namespace parlor::gui
