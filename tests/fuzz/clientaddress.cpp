// SPDX-License-Identifier: MIT
// Whose request it is: nobody but a trusted proxy can say that it is somebody else's.
#include "server/http/clientaddress.h"

#include "tests/fuzz/target.h"

#include <array>

namespace parlor::fuzz {

namespace {

/// The first line is the peer's address. The second and further ones are values of X-Forwarded-For.
void clientAddressOf(std::string_view input)
{
    static const std::vector<std::pair<QHostAddress, int>> trusted{
        {QHostAddress(QStringLiteral("10.0.0.0")), 8}, {QHostAddress(QStringLiteral("fd00::")), 8}};
    Choices choices(input);
    const std::string_view first = choices.line();
    const QHostAddress peer(QString::fromUtf8(first.data(), static_cast<qsizetype>(first.size())));
    if (peer.isNull())
        return;
    RequestHead head;
    while (!choices.isOver())
        head.fields.emplace_back("X-Forwarded-For", choices.line());
    const QHostAddress address = clientAddress(head, peer, trusted);
    check(!address.isNull(), "everybody has an address");
    const bool isMapped = address.protocol() == QAbstractSocket::IPv6Protocol &&
                          address.isInSubnet(QHostAddress(QStringLiteral("::ffff:0:0")), 96);
    check(!isMapped, "IPv4 is IPv4", input);
    const QHostAddress direct = clientAddress({}, peer, trusted);
    const bool isTrusted = direct.isInSubnet(trusted[0]) || direct.isInSubnet(trusted[1]);
    check(isTrusted || address == direct, "who is not trusted speaks for nobody else", input);
    check(clientAddress({}, address, trusted) == address, "an address is taken as it is", input);
}

const Target kClientAddress("clientaddress", &clientAddressOf);

} // namespace

} // namespace parlor::fuzz
