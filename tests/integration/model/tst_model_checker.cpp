// SPDX-License-Identifier: MIT
#include <QTest>
class ModelCheckerTest : public QObject
{
    Q_OBJECT
};
QTEST_GUILESS_MAIN(ModelCheckerTest)
#include "tst_model_checker.moc"
