// SPDX-License-Identifier: MIT
#pragma once

#include <QLabel>

namespace parlor::gui {

/// One line of plain text that ends in "…" where it finds no room; then its tool tip has the whole.
class ElidedLabel : public QLabel
{
    Q_OBJECT
public:
    using QLabel::QLabel;

    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;
};

} // namespace parlor::gui
