// SPDX-License-Identifier: MIT
#include "server/ops/configfile.h"
#include "tests/support/testclass.h"

#include <QTemporaryDir>
#include <QTest>

using namespace parlor;
using namespace std::string_literals;
using Strings = std::vector<std::string>;

class ConfigFileTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void valid_data();
    void valid();
    void invalid_data();
    void invalid();
    void linesAreCounted();
    void values_data();
    void values();
    void files();
};

void ConfigFileTest::valid_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<Strings>("values"); // of the one entry, named a; none: no entry
    QTest::addColumn<bool>("isArray");

    QTest::newRow("nothing") << ""s << Strings() << false;
    QTest::newRow("blanks and comments") << "\n \t\n# a = 1\n\r\n   # b"s << Strings() << false;
    QTest::newRow("byte order mark") << "\xEF\xBB\xBF"
                                        "a = 10\n"s
                                     << Strings{"10"} << false;
    QTest::newRow("number") << "a = 10\n"s << Strings{"10"} << false;
    QTest::newRow("fraction") << "a = 0.5"s << Strings{"0.5"} << false;
    QTest::newRow("bare word") << "a = 25s"s << Strings{"25s"} << false;
    QTest::newRow("short") << "a=1"s << Strings{"1"} << false;
    QTest::newRow("string") << "a = \"x y\"\r\n"s << Strings{"x y"} << false;
    QTest::newRow("literal string") << "a = 'C:\\x \"y\"'"s << Strings{"C:\\x \"y\""} << false;
    QTest::newRow("escapes") << "a = \"\\\"\\\\\""s << Strings{"\"\\"} << false;
    QTest::newRow("hash in string") << "a = \"x#y\" # z"s << Strings{"x#y"} << false;
    QTest::newRow("comma in string") << "a = \"x, y\""s << Strings{"x, y"} << false;
    QTest::newRow("empty string") << "a = \"\""s << Strings{""} << false;
    QTest::newRow("comment after") << "a = 1# x"s << Strings{"1"} << false;
    QTest::newRow("indented") << "\t a\t=\t1\t"s << Strings{"1"} << false;
    QTest::newRow("empty array") << "a = []"s << Strings() << true;
    QTest::newRow("array") << "a = [\"x\", 'y',z]"s << Strings{"x", "y", "z"} << true;
    QTest::newRow("comma at the end") << "a = [ 1 , ]"s << Strings{"1"} << true;
    QTest::newRow("array over lines")
        << "a = [ # one\n  \"x\", # \"]\"\n\r\n  \"y\"\n]\n"s << Strings{"x", "y"} << true;
}

void ConfigFileTest::valid()
{
    QFETCH(const std::string, text);
    QFETCH(const Strings, values);
    QFETCH(const bool, isArray);
    const auto result = parseConfig(text, "f");
    QVERIFY2(result, result ? "" : result.error().text.c_str());
    const auto &entries = *result;
    if (values.empty() && !isArray) {
        QVERIFY(entries.empty());
        return;
    }
    QCOMPARE(entries.size(), std::size_t(1));
    QCOMPARE(entries.front().name, "a"s);
    QCOMPARE(entries.front().values, values);
    QCOMPARE(entries.front().isArray, isArray);
}

void ConfigFileTest::invalid_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("error");

    QTest::newRow("table") << "a = 1\n[b]\nc = 1"s
                           << "f:2: tables are not used"s;
    QTest::newRow("table first") << "[server]"s
                                 << "f:1: tables"s;
    QTest::newRow("no equals") << "\n\na"s
                               << "f:3: this is no line of name = value"s;
    QTest::newRow("no name") << "= 1"s
                             << "f:1: this is no line of"s;
    QTest::newRow("dotted name") << "a.b = 1"s
                                 << "f:1: this is no line of"s;
    QTest::newRow("quoted name") << "\"a\" = 1"s
                                 << "f:1: this is no line of"s;
    QTest::newRow("no value") << "a =\nb = 1"s
                              << "f:1: a has no value"s;
    QTest::newRow("no value, comment") << "a = # 1"s
                                       << "f:1: a has no value"s;
    QTest::newRow("unquoted address") << "a = 127.0.0.1:80"s
                                      << "f:1: a: something follows the value"s;
    QTest::newRow("unquoted path") << "a = /etc/x"s
                                   << "f:1: a: put the value into quotes"s;
    QTest::newRow("two values") << "a = 1 2"s
                                << "f:1: a: something follows"s;
    QTest::newRow("two strings") << "a = \"x\" \"y\""s
                                 << "f:1: a: something follows"s;
    QTest::newRow("after array") << "a = [1] 2"s
                                 << "f:1: a: something follows"s;
    QTest::newRow("open quote") << "a = \"x\nb = 1\""s
                                << "f:1: a quote is not closed"s;
    QTest::newRow("open literal quote") << "a = 'x"s
                                        << "f:1: a quote is not closed"s;
    QTest::newRow("multi-line string") << "a = \"\"\"x\"\"\""s
                                       << "f:1: a: something follows"s;
    QTest::newRow("other escape") << "a = \"\\n\""s
                                  << "f:1: a backslash"s;
    QTest::newRow("backslash at the end") << "a = \"x\\"s
                                          << "f:1: a backslash"s;
    QTest::newRow("control character") << "a = \"\x01\""s
                                       << "f:1: a string has a control character"s;
    QTest::newRow("NUL") << "a = \"\0\""s
                         << "f:1: a string has a control character"s;
    QTest::newRow("open array") << "a = [\n1,\n"s
                                << "an array is not closed"s;
    QTest::newRow("missing comma") << "a = [1 2]"s
                                   << "f:1: a: there is no comma"s;
    QTest::newRow("nested array") << "a = [[1]]"s
                                  << "f:1: a: put the value into quotes"s;
    QTest::newRow("twice") << "a = 1\nb = 1\na = 1"s
                           << "f:3: a is set a second time"s;
    QTest::newRow("binary") << "\x7F"
                               "ELF\x01"s
                            << "f:1: this is no line of"s;
}

void ConfigFileTest::invalid()
{
    QFETCH(const std::string, text);
    QFETCH(const std::string, error);
    const auto result = parseConfig(text, "f");
    QVERIFY(!result);
    QVERIFY2(result.error().text.find(error) != std::string::npos, result.error().text.c_str());
}

void ConfigFileTest::linesAreCounted()
{
    const auto result = parseConfig("# x\na = [\n1\n]\n\nb = 2\r\nc = 3", "f");
    const auto &entries = *result;
    QCOMPARE(entries.size(), std::size_t(3));
    QCOMPARE(entries[0].line, 2);
    QCOMPARE(entries[1].line, 6);
    QCOMPARE(entries[2].line, 7);
}

void ConfigFileTest::values_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("written");
    QTest::newRow("number") << "10"s
                            << "10"s;
    QTest::newRow("fraction") << "0.5"s
                              << "0.5"s;
    QTest::newRow("duration") << "10s"s
                              << "\"10s\""s;
    QTest::newRow("address") << "1.2.3.4"s
                             << "\"1.2.3.4\""s;
    QTest::newRow("nothing") << ""s
                             << "\"\""s;
    QTest::newRow("quotes") << "a\"b'c\\d#e"s
                            << "\"a\\\"b'c\\\\d#e\""s;
}

void ConfigFileTest::values()
{
    QFETCH(const std::string, text);
    QFETCH(const std::string, written);
    QCOMPARE(configValue(text), written);
    const auto result = parseConfig("a = " + configValue(text), "f");
    QVERIFY(result);
    QCOMPARE(result->front().values, Strings{text});
}

void ConfigFileTest::files()
{
    const QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("parlor.toml")).toStdString();
    const auto failureOf = [](const std::string &name) { return readConfigFile(name).error().text; };
    QVERIFY(failureOf(path).starts_with(path + ": cannot be read: "));
    QVERIFY(failureOf(folder.path().toStdString()).find(": cannot be read: ") != std::string::npos);

    QFile file(QString::fromStdString(path));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("a = 1\n");
    file.flush();
    QCOMPARE(readConfigFile(path)->size(), std::size_t(1));
    file.write(QByteArray((1 << 20) - 5, '\n'));
    file.flush();
    QVERIFY(failureOf(path).find("larger") != std::string::npos);
}

PARLOR_TEST(ConfigFileTest)
#include "tst_configfile.moc"
