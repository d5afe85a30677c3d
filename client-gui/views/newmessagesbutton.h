// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/look/theme.h"

#include <QPushButton>

namespace parlor::gui {

/// "↓ 3 new", over the lower edge of the messages while newer ones are below it. Owned by MessageView.
class NewMessagesButton : public QPushButton
{
    Q_OBJECT
public:
    explicit NewMessagesButton(Theme &theme, QWidget *parent);

    /// Hidden at none.
    void setCount(int count);

private:
    void restyle(const Tokens &tokens);
};

} // namespace parlor::gui
