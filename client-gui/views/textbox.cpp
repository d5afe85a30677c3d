// SPDX-License-Identifier: MIT
#include "client-gui/views/textbox.h"

#include <QLabel>
#include <QScrollBar>

#include <algorithm>

namespace parlor::gui {

namespace {

constexpr int kShareOfWindow = 9;
constexpr int kLinesInDialog = 8;

} // namespace

TextBox::TextBox(Place place, QWidget *parent)
    : QScrollArea(parent)
    , m_place(place)
    , m_label(new QLabel)
{
    m_label->setTextFormat(Qt::PlainText);
    m_label->setWordWrap(true);
    m_label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setWidget(m_label);
    setWidgetResizable(true);
    viewport()->setAutoFillBackground(false);
    m_label->setAutoFillBackground(false);
    setFrameShape(NoFrame);
    setFocusPolicy(Qt::NoFocus); // the text takes it
    QSizePolicy policy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void TextBox::setText(const QString &text)
{
    if (text == m_label->text())
        return;
    m_label->setText(text);
    updateGeometry();
}

QSize TextBox::sizeHint() const
{
    return {width(), heightForWidth(width())};
}

QSize TextBox::minimumSizeHint() const
{
    return {40, fontMetrics().lineSpacing()};
}

int TextBox::heightForWidth(int width) const
{
    const int line = fontMetrics().lineSpacing();
    const int most =
        m_place == Place::Dialog ? kLinesInDialog : std::max(2, window()->height() / kShareOfWindow / line);
    const bool scrollsSideways = m_label->minimumSizeHint().width() > width;
    return std::clamp(m_label->heightForWidth(width), line, most * line) +
           (scrollsSideways ? horizontalScrollBar()->sizeHint().height() : 0);
}

} // namespace parlor::gui
