// SPDX-License-Identifier: MIT
#include "client-gui/views/deliverymark.h"

#include <QPainter>
#include <QPainterPath>

namespace parlor::gui {

namespace {

using Delivery = MessageModel::Delivery;

/// The shapes are made for a square of this side.
constexpr double kSide = 14;

QPainterPath tick()
{
    QPainterPath path(QPointF(2.5, 7.5));
    path.lineTo(5.5, 10.5);
    path.lineTo(11.5, 4);
    return path;
}

QPainterPath clock()
{
    QPainterPath path;
    path.addEllipse(QPointF(7, 7), 5.2, 5.2);
    path.moveTo(7, 4);
    path.lineTo(7, 7);
    path.lineTo(9.3, 8.2);
    return path;
}

QPainterPath exclamation()
{
    QPainterPath path;
    path.addEllipse(QPointF(7, 7), 5.6, 5.6);
    path.moveTo(7, 4.2);
    path.lineTo(7, 7.6);
    path.moveTo(7, 9.8);
    path.lineTo(7, 9.9);
    return path;
}

} // namespace

void paintDeliveryMark(QPainter &painter, const QRectF &square, Delivery delivery, const QColor &color)
{
    QPainterPath path;
    switch (delivery) {
    case Delivery::Received:
        return;
    case Delivery::Sent:
        path = tick();
        break;
    case Delivery::Queued:
    case Delivery::Sending:
    case Delivery::Unconfirmed:
        path = clock();
        break;
    case Delivery::NeedsDecision:
    case Delivery::Failed:
        path = exclamation();
        break;
    }
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(square.topLeft());
    painter.scale(square.width() / kSide, square.height() / kSide);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(color, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(path);
    painter.restore();
}

} // namespace parlor::gui
