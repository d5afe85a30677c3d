// SPDX-License-Identifier: MIT
#include "client-gui/views/connectionstatus.h"

#include "client-gui/look/theme.h"
#include "client-gui/views/elidedlabel.h"

#include <QBoxLayout>
#include <QLabel>
#include <QPainter>

namespace parlor::gui {

/// The state as a shape: a disc, a ring, a cross.
class ConnectionStatus::Dot : public QWidget
{
public:
    explicit Dot(Theme &theme)
        : m_theme(theme)
    {
        setFixedSize(12, 12);
    }

    void show(const ConnectionModel::Status &status)
    {
        m_shape = status.shape;
        m_slow = status.slow;
        QWidget::update();
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Tokens &tokens = m_theme.tokens();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF area(1, 1, 10, 10);
        switch (m_shape) {
        case ConnectionModel::Shape::Disc:
            painter.setPen(Qt::NoPen);
            painter.setBrush(m_slow ? tokens.warning : tokens.ok);
            painter.drawEllipse(area);
            break;
        case ConnectionModel::Shape::Ring:
            painter.setPen(QPen(tokens.warning, 2));
            painter.drawEllipse(area.adjusted(1, 1, -1, -1));
            break;
        case ConnectionModel::Shape::Cross:
            painter.setPen(QPen(tokens.error, 2, Qt::SolidLine, Qt::RoundCap));
            painter.drawLine(area.topLeft() + QPointF(1, 1), area.bottomRight() - QPointF(1, 1));
            painter.drawLine(area.topRight() + QPointF(-1, 1), area.bottomLeft() + QPointF(1, -1));
            break;
        }
    }

private:
    Theme &m_theme;
    ConnectionModel::Shape m_shape = ConnectionModel::Shape::Cross;
    bool m_slow = false;
};

ConnectionStatus::ConnectionStatus(ConnectionModel &connection, Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_connection(connection)
    , m_theme(theme)
    , m_dot(new Dot(theme))
    , m_state(new QLabel)
    , m_host(new ElidedLabel)
    , m_served(new QLabel(tr("served by")))
    , m_servedBy(new ElidedLabel)
    , m_detail(new ElidedLabel)
    , m_lock(new QLabel)
    , m_security(new QLabel)
{
    setObjectName(QStringLiteral("connectionStatus"));
    m_host->setObjectName(QStringLiteral("statusHost"));
    m_servedBy->setObjectName(QStringLiteral("statusServedBy"));
    m_security->setObjectName(QStringLiteral("statusSecurity"));
    for (QLabel *each : {m_state, static_cast<QLabel *>(m_servedBy)})
        each->setProperty("look", QStringLiteral("strong"));
    for (QLabel *each :
         {static_cast<QLabel *>(m_host), m_served, static_cast<QLabel *>(m_detail), m_security})
        each->setProperty("look", QStringLiteral("muted"));
    for (QLabel *each : {m_state, m_security})
        each->setTextFormat(Qt::PlainText);
    m_servedBy->setToolTip(tr("The server's own name; behind a load balancer there are several"));
    m_detail->setToolTip(tr("The time to the server and back"));

    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(20, 0, 20, 0);
    row->setSpacing(16);
    auto *state = new QHBoxLayout;
    state->setSpacing(8);
    state->addWidget(m_dot);
    state->addWidget(m_state);
    row->addLayout(state);
    row->addWidget(m_host);
    auto *served = new QHBoxLayout;
    served->setSpacing(5);
    served->addWidget(m_served);
    served->addWidget(m_servedBy);
    row->addLayout(served);
    row->addWidget(m_detail);
    row->addStretch(1);
    auto *security = new QHBoxLayout;
    security->setSpacing(6);
    security->addWidget(m_lock);
    security->addWidget(m_security);
    row->addLayout(security);

    connect(&connection, &ConnectionModel::statusChanged, this, &ConnectionStatus::update);
    connect(&theme, &Theme::changed, this, &ConnectionStatus::update);
    update();
}

void ConnectionStatus::update()
{
    const ConnectionModel::Status &status = m_connection.status();
    m_dot->show(status);
    m_state->setText(status.state);
    m_host->setText(status.host);
    m_servedBy->setText(status.servedBy);
    m_served->setVisible(!status.servedBy.isEmpty());
    m_servedBy->setVisible(!status.servedBy.isEmpty());
    m_detail->setText(status.detail);
    m_detail->setVisible(!status.detail.isEmpty());
    m_host->setVisible(!status.host.isEmpty());
    m_lock->setVisible(status.secure);
    m_lock->setPixmap(Theme::icon(QStringLiteral("lock"), m_theme.tokens().muted)
                          .pixmap(QSize(14, 14), devicePixelRatioF()));
    m_security->setText(!status.ready ? QString() : status.secure ? tr("TLS") : tr("not encrypted"));

    QStringList parts{status.state, status.host};
    if (!status.servedBy.isEmpty())
        parts.append(tr("served by %1").arg(status.servedBy));
    parts.append(status.detail);
    parts.removeAll(QString());
    setAccessibleName(parts.join(QStringLiteral(" · ")));
}

} // namespace parlor::gui
