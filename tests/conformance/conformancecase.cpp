// SPDX-License-Identifier: MIT
#include "tests/conformance/conformancecase.h"

namespace parlor::test {

Problem play(std::uint16_t port, const Case &conversation)
{
    RawWebSocket client;
    if (const Problem problem = client.open(port, echoUpgrade()); !problem.isEmpty())
        return problem;
    for (const QByteArray &bytes : conversation.sends) {
        const bool sent = conversation.chop > 0 ? client.socket().sendChopped(bytes, conversation.chop)
                                                : client.send(bytes);
        if (!sent && !conversation.closedWith) // after a violation the server need not read on
            return QStringLiteral("the server stopped reading");
    }
    for (const ServerFrame &frame : conversation.owed)
        if (const Problem problem = client.expectFrame(frame); !problem.isEmpty())
            return problem;
    if (!conversation.closedWith)
        return client.closeNormally();
    if (const Problem problem = client.expectClose(*conversation.closedWith); !problem.isEmpty())
        return problem;
    return client.expectEof();
}

QByteArray sampleText(qsizetype bytes)
{
    static const QByteArray piece = "Hello-µ@ßöäüàá-UTF-8!! €𤭢 ";
    QByteArray text;
    text.reserve(bytes);
    int number = 0;
    while (text.size() + piece.size() + 11 < bytes)
        text += piece + QByteArray::number(number++);
    return text.leftJustified(bytes, '*');
}

QByteArray sampleBinary(qsizetype bytes)
{
    QByteArray data(bytes, Qt::Uninitialized);
    std::uint32_t state = 20110;
    for (char &byte : data) {
        state = state * 1664525U + 1013904223U; // Numerical Recipes' generator: the same bytes in every run
        byte = static_cast<char>(state >> 24);
    }
    return data;
}

void EchoTest::add(const char *name, const Case &conversation)
{
    QTest::newRow(name) << conversation;
}

void EchoTest::playRow() const
{
    QFETCH(const Case, conversation);
    PARLOR_EXPECT(play(port(), conversation));
}

void EchoTest::initTestCase()
{
    PARLOR_EXPECT(m_server.start());
}

void EchoTest::cleanupTestCase()
{
    PARLOR_EXPECT(m_server.stop());
}

} // namespace parlor::test
