// SPDX-License-Identifier: MIT
#include "shared/protocol/values.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;

class TestValues : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void roomName_data();
    void roomName();
    void username_data();
    void username();
    void content_data();
    void content();
    void timestamp();
};

void TestValues::roomName_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("result"); // empty: refused
    QTest::newRow("plain") << QByteArray("general") << QByteArray("general");
    QTest::newRow("lower-cased") << QByteArray("GeNeRaL") << QByteArray("general");
    QTest::newRow("all characters") << QByteArray("a-z_0.9") << QByteArray("a-z_0.9");
    QTest::newRow("64 characters") << QByteArray(64, 'a') << QByteArray(64, 'a');
    QTest::newRow("65 characters") << QByteArray(65, 'a') << QByteArray();
    QTest::newRow("empty") << QByteArray() << QByteArray();
    QTest::newRow("space") << QByteArray("a b") << QByteArray();
    QTest::newRow("slash") << QByteArray("a/b") << QByteArray();
    QTest::newRow("not ASCII") << QByteArray("caf\xC3\xA9") << QByteArray();
    QTest::newRow("NUL") << QByteArray("a\0b", 3) << QByteArray();
}

void TestValues::roomName()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, result);
    const auto checked = values::roomName(name.toStdString());
    QCOMPARE(bool(checked), !result.isEmpty());
    if (checked)
        QCOMPARE(*checked, result.toStdString());
    else
        QVERIFY(checked.error().code == ErrorCode::RoomInvalid);
}

void TestValues::username_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("result"); // empty: refused
    QTest::newRow("plain") << QStringLiteral("Zoe") << QStringLiteral("Zoe");
    QTest::newRow("composed") << QStringLiteral("Zoe\u0308") << QStringLiteral("Zo\u00EB");
    QTest::newRow("32 points past the BMP")
        << QStringLiteral("\U0001F600").repeated(32) << QStringLiteral("\U0001F600").repeated(32);
    QTest::newRow("33 points") << QString(33, u'x') << QString();
    QTest::newRow("33 that compose to 32")
        << QString(31, u'x') + QStringLiteral("e\u0308") << QString(31, u'x') + QStringLiteral("\u00EB");
    QTest::newRow("empty") << QString() << QString();
    QTest::newRow("only spaces") << QStringLiteral("   ") << QString();
    QTest::newRow("spaces around it") << QStringLiteral(" Zoe \u3000") << QStringLiteral("Zoe");
    QTest::newRow("only accents") << QStringLiteral("\u0301\u0302") << QString();
    QTest::newRow("Hangul filler") << QStringLiteral("\u3164") << QString();
    QTest::newRow("Hangul filler inside") << QStringLiteral("a\u115Fb") << QString();
    QTest::newRow("blank of Braille") << QStringLiteral("\u2800") << QString();
    QTest::newRow("newline") << QStringLiteral("a\nb") << QString();
    QTest::newRow("right-to-left override") << QStringLiteral("a\u202Eb") << QString();
    QTest::newRow("zero width") << QStringLiteral("a\u200Bb") << QString();
    QTest::newRow("byte order mark") << QStringLiteral("\uFEFFab") << QString();
    QTest::newRow("escape") << QStringLiteral("a\u001Bb") << QString();
}

void TestValues::username()
{
    QFETCH(QString, name);
    QFETCH(QString, result);
    const auto checked = values::username(name.toStdString());
    QCOMPARE(bool(checked), !result.isEmpty());
    if (checked)
        QCOMPARE(QString::fromStdString(*checked), result);
    else
        QVERIFY(checked.error().code == ErrorCode::NameInvalid);
}

void TestValues::content_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("code"); // empty: allowed
    QTest::newRow("one character") << QStringLiteral("x") << QString();
    QTest::newRow("newline and tab") << QStringLiteral("a\n\tb") << QString();
    QTest::newRow("4000 points of four bytes") << QStringLiteral("\U0001F600").repeated(4000) << QString();
    QTest::newRow("4001 points") << QString(4001, u'x') << QStringLiteral("too_large");
    QTest::newRow("empty") << QString() << QStringLiteral("bad_request");
    QTest::newRow("escape") << QStringLiteral("\u001B[31m") << QStringLiteral("bad_request");
    QTest::newRow("carriage return") << QStringLiteral("a\rb") << QStringLiteral("bad_request");
}

void TestValues::content()
{
    QFETCH(QString, text);
    QFETCH(QString, code);
    const auto mistake = values::checkContent(text.toStdString());
    QCOMPARE(mistake ? QString::fromStdString(std::string(toString(mistake->code))) : QString(), code);
}

void TestValues::timestamp()
{
    using std::chrono::milliseconds;
    QCOMPARE(values::timestamp(milliseconds(0)).toString(), std::string("1970-01-01T00:00:00.000Z"));
    QCOMPARE(values::timestamp(milliseconds(1'709'210'096'007)).toString(),
             std::string("2024-02-29T12:34:56.007Z"));
}

PARLOR_TEST(TestValues)
#include "tst_values.moc"
