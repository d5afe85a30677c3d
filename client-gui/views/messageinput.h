// SPDX-License-Identifier: MIT
#pragma once

#include <QPlainTextEdit>
#include <QStringList>

namespace parlor::gui {

/// Where a message is written: Enter sends, Shift+Enter makes a new line, Up in an empty input brings back
/// what was sent before. Grows from one line to six, or to a quarter of a low window.
class MessageInput : public QPlainTextEdit
{
    Q_OBJECT
public:
    explicit MessageInput(QWidget *parent = nullptr);

    /// What was sent, for Up and Down.
    void remember(const QString &text);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {80, heightOf(1)}; }

Q_SIGNALS:
    void submitted();
    void focusChanged(bool focused);
    /// A key that belongs to the list of messages.
    void scrollKeyPressed(int key);

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    [[nodiscard]] bool canInsertFromMimeData(const QMimeData *source) const override;
    void insertFromMimeData(const QMimeData *source) override;

private:
    bool recall(int direction);
    void fit();
    [[nodiscard]] int mostLines() const;
    [[nodiscard]] int heightOf(int lines) const;

    static constexpr int kMaxLines = 6;
    static constexpr int kShareOfWindow = 4;
    static constexpr qsizetype kRemembered = 50;
    QStringList m_sent; ///< newest first
    qsizetype m_recalled = -1;
};

} // namespace parlor::gui
