// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/views/questiondialog.h"

namespace parlor::gui {

/// What a person wrote and nobody has yet.
struct Loss
{
    qsizetype unsent = 0; ///< messages
    qsizetype drafts = 0;
    [[nodiscard]] qsizetype count() const { return unsent + drafts; }
};

/// Asks before that is lost.
class LossQuestion : public QuestionDialog
{
    Q_OBJECT
public:
    enum class Act { Leave, Quit };
    /// `where`: the server or the room that it did not reach.
    LossQuestion(const QString &title, const Loss &loss, const QString &where, Act act, QWidget *parent);
};

} // namespace parlor::gui
