// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/models/messagemodel.h"

#include <QColor>
#include <QRectF>

class QPainter;

namespace parlor::gui {

/// A tick, a clock, or a "!": drawn, because a fresh system has no font with such glyphs. The shapes differ,
/// not only the colours.
void paintDeliveryMark(QPainter &painter, const QRectF &square, MessageModel::Delivery delivery,
                       const QColor &color);

} // namespace parlor::gui
