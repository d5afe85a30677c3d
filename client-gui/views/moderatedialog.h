// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/moderation.h"

#include <QDialog>

class QComboBox;
class QLineEdit;

namespace parlor::gui {

/// Asks a moderator before somebody is kicked or banned: for how long, and the reason that this person is
/// told. Cancel is the default.
class ModerateDialog : public QDialog
{
    Q_OBJECT
public:
    /// `name`: as it is shown.
    ModerateDialog(ModerationAct act, const QString &name, QWidget *parent = nullptr);

Q_SIGNALS:
    void decided(const parlor::ModerationAct &act);

protected:
    void showEvent(QShowEvent *event) override;

private:
    ModerationAct m_act;
    QComboBox *m_duration;
    QLineEdit *m_reason;
};

} // namespace parlor::gui
