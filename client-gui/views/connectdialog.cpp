// SPDX-License-Identifier: MIT
#include "client-gui/views/connectdialog.h"

#include "client-gui/models/sentence.h"
#include "client-gui/views/fitheight.h"
#include "client-gui/views/textbox.h"
#include "shared/client/serverurl.h"
#include "shared/protocol/values.h"

#include <QBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace parlor::gui {

ConnectDialog::ConnectDialog(const QString &server, const QString &username, QWidget *parent)
    : QDialog(parent)
    , m_server(new QLineEdit(server))
    , m_name(new QLineEdit(username))
    , m_problem(new TextBox(TextBox::Place::Dialog))
{
    setObjectName(QStringLiteral("connectDialog"));
    setWindowTitle(tr("Connect to a server"));
    setAttribute(Qt::WA_DeleteOnClose);
    m_server->setObjectName(QStringLiteral("connectServer"));
    m_server->setPlaceholderText(QStringLiteral("ws://localhost:8000"));
    m_name->setObjectName(QStringLiteral("connectName"));
    m_name->setPlaceholderText(tr("How others see you"));
    m_problem->label().setObjectName(QStringLiteral("connectProblem"));
    m_problem->label().setProperty("look", QStringLiteral("problem"));
    m_problem->hide();
    auto *title = new QLabel(tr("Connect to a server"));
    title->setProperty("look", QStringLiteral("title"));
    auto *serverLabel = new QLabel(tr("&Server"));
    serverLabel->setBuddy(m_server);
    m_server->setAccessibleName(tr("Server"));
    auto *nameLabel = new QLabel(tr("Your &name"));
    nameLabel->setBuddy(m_name);
    m_name->setAccessibleName(tr("Your name"));
    auto *connectButton = new QPushButton(tr("Connect"));
    connectButton->setObjectName(QStringLiteral("connectButton"));
    connectButton->setProperty("look", QStringLiteral("primary"));
    connectButton->setDefault(true);
    auto *cancel = new QPushButton(tr("Cancel"));
    cancel->setAutoDefault(false);

    auto *buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(connectButton);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 24);
    column->setSpacing(8);
    column->addWidget(title);
    column->addSpacing(8);
    column->addWidget(serverLabel);
    column->addWidget(m_server);
    column->addSpacing(4);
    column->addWidget(nameLabel);
    column->addWidget(m_name);
    column->addWidget(m_problem);
    column->addSpacing(12);
    column->addLayout(buttons);
    setMinimumWidth(420);

    connect(connectButton, &QPushButton::clicked, this, &ConnectDialog::check);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    // What is missing; else the address: it is for another server that this is opened again.
    (!m_server->text().isEmpty() && m_name->text().isEmpty() ? m_name : m_server)->setFocus();
}

void ConnectDialog::showProblem(const QString &text, Field field)
{
    m_problem->setText(text);
    m_problem->show();
    fitHeight(*this);
    QLineEdit *wrong = field == Field::Server ? m_server : m_name;
    wrong->setFocus(Qt::OtherFocusReason);
    wrong->selectAll();
}

void ConnectDialog::check()
{
    const auto url = parseServerUrl(m_server->text());
    if (!url) {
        showProblem(sentence(QString::fromStdString(url.error().text)), Field::Server);
        return;
    }
    const QString name = m_name->text().trimmed();
    if (!name.isEmpty()) { // the server gives one to whoever has none
        if (const auto checked = values::username(name.toStdString()); !checked) {
            showProblem(sentence(QString::fromStdString(checked.error().text)), Field::Name);
            return;
        }
    }
    Q_EMIT chosen(m_server->text().trimmed(), *url, name);
    accept();
}

} // namespace parlor::gui
