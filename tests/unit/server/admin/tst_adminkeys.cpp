// SPDX-License-Identifier: MIT
#include "server/admin/adminkeys.h"

#include "tests/support/testclass.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <sys/stat.h>

using namespace parlor;
using namespace parlor::admin;

class AdminKeysTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void names();
    void mistakes_data();
    void mistakes();
    void openFile();
};

namespace {

const std::string kFirst = "do-not-log-0123456789012345678901";
const std::string kOther = "do-not-log-1123456789012345678901";

} // namespace

void AdminKeysTest::names()
{
    const auto keys = AdminKeys::parse(kFirst + "\r\n\nops:" + kOther + '\n', "f");
    QVERIFY(keys);
    QCOMPARE(keys->nameOf(kFirst), std::optional<std::string>("admin"));
    QCOMPARE(keys->nameOf(kOther), std::optional<std::string>("ops"));
    for (const std::string &wrong :
         {std::string(), "ops:" + kOther, kFirst + ' ', kFirst.substr(1), std::string("admin")})
        QVERIFY2(!keys->nameOf(wrong), wrong.c_str());
}

void AdminKeysTest::mistakes_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<QString>("says");
    QTest::newRow("empty") << std::string() << "f has no key";
    QTest::newRow("blank lines") << std::string("\n\n") << "f has no key";
    QTest::newRow("short") << kFirst + "\nops:short"
                           << "f, line 2: the key has 5 characters";
    QTest::newRow("no name") << ':' + kFirst << "f, line 1: a name has";
    QTest::newRow("long name") << std::string(33, 'n') + ':' + kFirst << "f, line 1: a name has";
    QTest::newRow("name with a blank") << "o p:" + kFirst << "f, line 1: a name has";
    QTest::newRow("key with a blank") << kFirst + " x"
                                      << "f, line 1: the key has a character";
    QTest::newRow("no ASCII") << kFirst + "\xc3\xbc"
                              << "f, line 1: the key has a character";
    QTest::newRow("twice") << "a:" + kFirst + "\na:" + kOther << "f, line 2: there is a key with the name a";
}

void AdminKeysTest::mistakes()
{
    QFETCH(const std::string, text);
    QFETCH(const QString, says);
    const auto keys = AdminKeys::parse(text, "f");
    QVERIFY(!keys);
    const QString error = QString::fromStdString(keys.error().text);
    QVERIFY2(error.startsWith(says), qPrintable(error));
    QVERIFY2(!error.contains(QLatin1String("do-not-log")), qPrintable(error));
}

void AdminKeysTest::openFile()
{
    const QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("keys")).toStdString();
    std::ofstream(path) << kFirst;
    QCOMPARE(chmod(path.c_str(), 0644), 0);
    const auto open = AdminKeys::load(path);
    QVERIFY(!open && open.error().text.find("open to other users") != std::string::npos);
    QCOMPARE(chmod(path.c_str(), 0600), 0);
    QVERIFY(AdminKeys::load(path));
    QVERIFY(!AdminKeys::load(path + "x"));
}

PARLOR_TEST(AdminKeysTest)
#include "tst_adminkeys.moc"
