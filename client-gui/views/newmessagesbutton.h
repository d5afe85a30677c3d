// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/look/theme.h"

#include <QPushButton>

namespace parlor::gui {

/// "↓ 3 new · @1", over the edge of the messages behind which there are new ones. Owned by MessageView.
class NewMessagesButton : public QPushButton
{
    Q_OBJECT
public:
    enum class Where { Above, Below };
    NewMessagesButton(Where where, Theme &theme, QWidget *parent);

    /// Hidden at none.
    void setCount(quint64 messages, int mentions);

private:
    void restyle(const Tokens &tokens);

    Where m_where;
};

} // namespace parlor::gui
