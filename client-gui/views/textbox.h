// SPDX-License-Identifier: MIT
#pragma once

#include <QScrollArea>

class QLabel;

namespace parlor::gui {

/// A text that wraps, and that scrolls where it would take too much room: in a window a ninth of its height,
/// so that there is room to write, in a dialog eight lines. A long word makes nothing wider. It can be
/// selected.
class TextBox : public QScrollArea
{
    Q_OBJECT
public:
    enum class Place { Window, Dialog };
    explicit TextBox(Place place, QWidget *parent = nullptr);

    /// Plain text.
    void setText(const QString &text);
    [[nodiscard]] QLabel &label() { return *m_label; }

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;

private:
    Place m_place;
    QLabel *m_label;
};

} // namespace parlor::gui
