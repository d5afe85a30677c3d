// SPDX-License-Identifier: MIT
#pragma once

#include <QLabel>

namespace parlor::gui {

/// One line of plain text that ends in "…" where it finds no room; then its tool tip has the whole. What it
/// begins with may be bold.
class ElidedLabel : public QLabel
{
    Q_OBJECT
public:
    using QLabel::QLabel;

    /// `lead` comes first, in bold.
    void setText(const QString &lead, const QString &text);
    using QLabel::setText;
    /// Whether there is no room for all of it.
    [[nodiscard]] bool isCut() const { return m_cut; }

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void cutChanged();

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    bool event(QEvent *event) override;

private:
    [[nodiscard]] QFont leadFont() const;
    [[nodiscard]] int textWidth() const;
    void measure();

    qsizetype m_lead = 0; ///< so many characters are bold
    bool m_cut = false;
};

} // namespace parlor::gui
