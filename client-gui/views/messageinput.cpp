// SPDX-License-Identifier: MIT
#include "client-gui/views/messageinput.h"

#include <QKeyEvent>
#include <QMimeData>
#include <QTextBlock>
#include <QTextDocument>

#include <algorithm>
#include <cmath>

namespace parlor::gui {

MessageInput::MessageInput(QWidget *parent)
    : QPlainTextEdit(parent)
{
    setObjectName(QStringLiteral("messageInput"));
    setFrameShape(QFrame::NoFrame);
    setTabChangesFocus(true); // Tab is the way out, for those who have no mouse
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Maximum);
    document()->setDocumentMargin(0);
    connect(this, &QPlainTextEdit::textChanged, this, &MessageInput::fit);
}

void MessageInput::remember(const QString &text)
{
    m_recalled = -1;
    m_sent.removeAll(text);
    m_sent.prepend(text);
    if (m_sent.size() > kRemembered)
        m_sent.removeLast();
}

bool MessageInput::recall(int direction)
{
    const bool showsRecalled = m_recalled >= 0 && toPlainText() == m_sent.value(m_recalled);
    if (!showsRecalled && !toPlainText().isEmpty())
        return false;
    const qsizetype next = (showsRecalled ? m_recalled : -1) + direction;
    if (next >= m_sent.size() || next < -1)
        return false;
    m_recalled = next;
    setPlainText(next < 0 ? QString() : m_sent[next]);
    moveCursor(QTextCursor::End);
    return true;
}

void MessageInput::keyPressEvent(QKeyEvent *event)
{
    const bool plain = (event->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier;
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (plain) {
            Q_EMIT submitted();
            return;
        }
        break;
    case Qt::Key_Up:
        if (plain && recall(+1))
            return;
        break;
    case Qt::Key_Down:
        if (plain && m_recalled >= 0 && recall(-1))
            return;
        break;
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
        Q_EMIT scrollKeyPressed(event->key());
        return;
    case Qt::Key_Escape:
        event->ignore();
        return;
    default:
        break;
    }
    QPlainTextEdit::keyPressEvent(event);
}

void MessageInput::focusInEvent(QFocusEvent *event)
{
    QPlainTextEdit::focusInEvent(event);
    Q_EMIT focusChanged(true);
}

void MessageInput::focusOutEvent(QFocusEvent *event)
{
    QPlainTextEdit::focusOutEvent(event);
    Q_EMIT focusChanged(false);
}

void MessageInput::resizeEvent(QResizeEvent *event)
{
    QPlainTextEdit::resizeEvent(event);
    fit();
}

void MessageInput::changeEvent(QEvent *event)
{
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        fit();
}

bool MessageInput::canInsertFromMimeData(const QMimeData *source) const
{
    return source->hasText();
}

/// Text only, and of it what a message may hold (docs/protocol.md section 3: content).
void MessageInput::insertFromMimeData(const QMimeData *source)
{
    QString text = source->text();
    text.replace(QStringLiteral("\r\n"), QStringLiteral("\n"));
    text.replace(u'\r', u'\n');
    text.removeIf([](QChar each) { return each.unicode() < 0x20 && each != u'\n' && each != u'\t'; });
    insertPlainText(text);
    ensureCursorVisible();
}

int MessageInput::mostLines() const
{
    return std::clamp(window()->height() / kShareOfWindow / fontMetrics().lineSpacing(), 1, kMaxLines);
}

QSize MessageInput::sizeHint() const
{
    const int most = mostLines();
    int lines = 0;
    for (QTextBlock block = document()->begin(); block.isValid() && lines < most; block = block.next())
        lines += std::max(1, block.layout() ? block.layout()->lineCount() : 1);
    return {200, heightOf(std::min(lines, most))};
}

int MessageInput::heightOf(int lines) const
{
    const double height = QFontMetricsF(font()).lineSpacing() * lines;
    const QMargins margins = contentsMargins();
    return static_cast<int>(std::ceil(height)) + margins.top() + margins.bottom() + 2;
}

void MessageInput::fit()
{
    const int wanted = sizeHint().height();
    if (wanted != height())
        updateGeometry();
    const bool overflows = document()->size().height() > mostLines();
    setVerticalScrollBarPolicy(overflows ? Qt::ScrollBarAsNeeded : Qt::ScrollBarAlwaysOff);
}

} // namespace parlor::gui
