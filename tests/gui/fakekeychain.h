// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/keychain/keychain.h"

#include <QMap>
#include <QObject>
#include <QTimer>

namespace parlor::gui::test {

/// A keychain in memory, which answers as late as the real one.
class FakeKeychain final : public Keychain
{
public:
    QMap<QString, QString> secrets;
    QString problem;     ///< why it does not work; empty: it does
    bool answers = true; ///< false: it waits for the person to unlock it
    int reads = 0;

    void read(const QString &key, QObject *context, std::function<void(const Found &)> done) override
    {
        ++reads;
        if (answers)
            later(context, [=, this] { done({.secret = secrets.value(key), .problem = problem}); });
    }
    void write(const QString &key, const QString &secret, QObject *context,
               std::function<void(const QString &)> done) override
    {
        if (problem.isEmpty())
            secrets.insert(key, secret);
        later(context, [=, this] { done(problem); });
    }
    void erase(const QString &key, QObject *context, std::function<void(const QString &)> done) override
    {
        if (problem.isEmpty())
            secrets.remove(key);
        later(context, [=, this] { done(problem); });
    }

private:
    static void later(QObject *context, const std::function<void()> &run)
    {
        QTimer::singleShot(0, context, run);
    }
};

} // namespace parlor::gui::test
