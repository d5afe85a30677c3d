// SPDX-License-Identifier: MIT
#include "client-gui/keychain/systemkeychain.h"

#include <QCoreApplication>

#include <qt6keychain/keychain.h>

#include <utility>

namespace parlor::gui {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("SystemKeychain", text);
}

QString problemOf(const QKeychain::Job &job)
{
    switch (job.error()) {
    case QKeychain::NoError:
    case QKeychain::EntryNotFound:
        return {};
    case QKeychain::AccessDenied:
    case QKeychain::AccessDeniedByUser:
        return tr("the keychain was not opened");
    case QKeychain::NoBackendAvailable:
    case QKeychain::NotImplemented:
        return tr("no keychain runs here");
    case QKeychain::CouldNotDeleteEntry:
    case QKeychain::OtherError:
        break;
    }
    const QString why = job.errorString();
    return why.isEmpty() ? tr("the keychain does not work") : tr("the keychain does not work (%1)").arg(why);
}

/// The job deletes itself once it has ended.
template <typename Job, typename Done>
void start(Job *job, const QString &key, QObject *context, Done done)
{
    job->setKey(key);
    QObject::connect(job, &QKeychain::Job::finished, context,
                     [job, done = std::move(done)](QKeychain::Job *) { done(*job); });
    job->start();
}

} // namespace

SystemKeychain::SystemKeychain(QString service)
    : m_service(std::move(service))
{
}

void SystemKeychain::read(const QString &key, QObject *context, std::function<void(const Found &)> done)
{
    start(new QKeychain::ReadPasswordJob(m_service), key, context,
          [done = std::move(done)](const QKeychain::ReadPasswordJob &job) {
              done({.secret = job.error() == QKeychain::NoError ? job.textData() : QString(),
                    .problem = problemOf(job)});
          });
}

void SystemKeychain::write(const QString &key, const QString &secret, QObject *context,
                           std::function<void(const QString &)> done)
{
    auto *job = new QKeychain::WritePasswordJob(m_service);
    job->setTextData(secret);
    start(job, key, context,
          [done = std::move(done)](const QKeychain::WritePasswordJob &each) { done(problemOf(each)); });
}

void SystemKeychain::erase(const QString &key, QObject *context, std::function<void(const QString &)> done)
{
    start(new QKeychain::DeletePasswordJob(m_service), key, context,
          [done = std::move(done)](const QKeychain::DeletePasswordJob &job) { done(problemOf(job)); });
}

} // namespace parlor::gui
