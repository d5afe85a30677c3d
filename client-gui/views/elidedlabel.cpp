// SPDX-License-Identifier: MIT
#include "client-gui/views/elidedlabel.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <utility>

namespace parlor::gui {

void ElidedLabel::setText(const QString &lead, const QString &text)
{
    m_lead = lead.size();
    setText(text.isEmpty() ? lead : lead + u' ' + text);
    updateGeometry();
    measure();
}

QFont ElidedLabel::leadFont() const
{
    QFont bold = font();
    bold.setBold(true);
    return bold;
}

int ElidedLabel::textWidth() const
{
    const int lead = m_lead == 0 ? 0 : QFontMetrics(leadFont()).horizontalAdvance(text().left(m_lead));
    return lead + fontMetrics().horizontalAdvance(text().mid(m_lead));
}

QSize ElidedLabel::sizeHint() const
{
    QSize size = QLabel::sizeHint();
    if (m_lead > 0)
        size.setWidth(textWidth() + 1);
    return size;
}

QSize ElidedLabel::minimumSizeHint() const
{
    QSize size = QLabel::minimumSizeHint();
    size.setWidth(std::min(size.width(), fontMetrics().horizontalAdvance(QStringLiteral("mm…"))));
    return size;
}

void ElidedLabel::measure()
{
    const bool cut = textWidth() > contentsRect().width();
    if (std::exchange(m_cut, cut) != cut)
        Q_EMIT cutChanged();
}

void ElidedLabel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setPen(palette().color(foregroundRole()));
    const int flags = static_cast<int>(alignment()) | Qt::TextSingleLine;
    QRect rest = contentsRect();
    if (m_lead > 0) {
        const QFontMetrics bold(leadFont());
        const QString lead = bold.elidedText(text().left(m_lead), Qt::ElideRight, rest.width());
        painter.setFont(leadFont());
        painter.drawText(rest, flags, lead);
        painter.setFont(font());
        rest.setLeft(rest.left() + bold.horizontalAdvance(lead));
    }
    if (rest.width() > fontMetrics().horizontalAdvance(QStringLiteral(" …")))
        painter.drawText(rest, flags,
                         fontMetrics().elidedText(text().mid(m_lead), Qt::ElideRight, rest.width()));
}

void ElidedLabel::resizeEvent(QResizeEvent *event)
{
    QLabel::resizeEvent(event);
    measure();
}

bool ElidedLabel::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip && textWidth() > contentsRect().width()) {
        const QString whole = QStringLiteral("<span>%1</span>").arg(text().toHtmlEscaped());
        QToolTip::showText(static_cast<QHelpEvent *>(event)->globalPos(), whole, this);
        return true;
    }
    return QLabel::event(event);
}

} // namespace parlor::gui
