// SPDX-License-Identifier: MIT
#include "server/moderation/sanctionbook.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace std::chrono_literals;

namespace {

IpAddress ip(const char *text)
{
    return Network::parse(text).value().base();
}

Act act(Act::Action action, std::string user, std::chrono::milliseconds at = 0ms)
{
    Act made;
    made.action = action;
    made.user = std::move(user);
    made.by = "mia";
    made.at = at;
    return made;
}

Act networkBan(const char *network, std::optional<std::chrono::milliseconds> until = {})
{
    Act made = act(Act::Action::Ban, {});
    made.network = Network::parse(network).value();
    made.until = until;
    return made;
}

/// Bans, mutes and the like, as acts bring them about.
struct Book
{
    SanctionsPtr present = std::make_shared<const Sanctions>();

    /// What it changed, or why it did not.
    QByteArray does(const Act &act)
    {
        const auto change = sanctionbook::apply(act, *present);
        if (!change)
            return QByteArray(toString(change.error().code).data()) + ": " +
                   QByteArray::fromStdString(change.error().text);
        if (!change->after)
            return "nothing";
        QByteArray text;
        for (const std::string &each : change->erased)
            text += '-' + QByteArray::fromStdString(each) + ' ';
        if (change->put)
            text += '+' + QByteArray::fromStdString(fieldOf(*change->put));
        present = change->after;
        return text.trimmed();
    }
};

} // namespace

class TestSanctions : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void usersAreBanned();
    void networksAreBanned();
    void networksOfIpv6AreNotThoseOfIpv4();
    void theyAreMuted();
    void roomsAreSlow();
    void anActOfAHigherRankStays();
    void whatIsOverGoes();
    void thereAreSoManyAtMost();
    void changesAreFound();
};

void TestSanctions::usersAreBanned()
{
    Book book;
    QCOMPARE(book.does(act(Act::Action::Kick, "eve")), QByteArray("nothing"));
    Act ban = act(Act::Action::Ban, "eve", 10s);
    ban.until = 20s;
    ban.reason = "enough";
    QCOMPARE(book.does(ban), QByteArray("+ban user eve"));
    const Sanction *const found = book.present->banOf("eve", Role::Member, 19'999ms);
    QVERIFY(found);
    QCOMPARE(wording(*found), std::string("you are banned until 1970-01-01T00:00:20.000Z: enough"));
    QVERIFY(!book.present->banOf("eve", Role::Member, 20s));
    QVERIFY(!book.present->banOf("adam", Role::Member, 10s));
    QVERIFY(!book.present->banOf("eve", Role::Moderator, 10s)); // whom a moderator's ban does not reach
    QCOMPARE(book.does(act(Act::Action::Unban, "adam", 11s)),
             QByteArray("bad_request: there is nothing to lift: no \"ban user adam\" is in force"));
    QCOMPARE(book.does(act(Act::Action::Unban, "eve", 11s)), QByteArray("-ban user eve"));
    QVERIFY(!book.present->banOf("eve", Role::Member, 12s));
}

void TestSanctions::networksAreBanned()
{
    Book book;
    QCOMPARE(book.does(networkBan("192.0.2.0/24", 20s)), QByteArray("+ban network 192.0.2.0/24"));
    QCOMPARE(book.does(networkBan("192.0.0.0/16")), QByteArray("+ban network 192.0.0.0/16"));
    QCOMPARE(book.does(networkBan("2001:db8::/32")), QByteArray("+ban network 2001:db8::/32"));
    const Sanctions &now = *book.present;
    QCOMPARE(now.banOf(ip("192.0.2.9"), Role::Member, 0s)->network.text(), std::string("192.0.2.0/24"));
    QCOMPARE(now.banOf(ip("::ffff:192.0.2.9"), Role::Member, 0s)->network.text(),
             std::string("192.0.2.0/24"));
    QCOMPARE(now.banOf(ip("192.0.2.9"), Role::Member, 20s)->network.text(),
             std::string("192.0.0.0/16")); // that one is over
    QCOMPARE(now.banOf(ip("192.0.3.9"), Role::Member, 0s)->network.text(), std::string("192.0.0.0/16"));
    QVERIFY(!now.banOf(ip("192.1.0.1"), Role::Member, 0s));
    QVERIFY(now.banOf(ip("2001:db8:ffff::1"), Role::Member, 0s));
    QVERIFY(!now.banOf(ip("2001:db9::1"), Role::Member, 0s));
    Act lift = networkBan("192.0.0.0/16");
    lift.action = Act::Action::Unban;
    QCOMPARE(book.does(lift), QByteArray("-ban network 192.0.0.0/16"));
    QVERIFY(!book.present->banOf(ip("192.0.3.9"), Role::Member, 0s));
    QVERIFY(book.present->banOf(ip("192.0.2.9"), Role::Member, 0s));
    QCOMPARE(wording(*book.present->banOf(ip("2001:db8::1"), Role::Member, 0s)),
             std::string("you are banned, with your network"));
}

void TestSanctions::networksOfIpv6AreNotThoseOfIpv4()
{
    Book book;
    QCOMPARE(book.does(networkBan("::/16")), QByteArray("+ban network ::/16"));
    QVERIFY(book.present->banOf(ip("::1"), Role::Member, 0s));
    QVERIFY(!book.present->banOf(ip("192.0.2.9"), Role::Member, 0s));
}

void TestSanctions::theyAreMuted()
{
    Book book;
    Act mute = act(Act::Action::Mute, "eve w");
    mute.room = "general";
    QCOMPARE(book.does(mute), QByteArray("+mute general eve w"));
    QVERIFY(book.present->muteOf("eve w", Role::Member, "general", 0s));
    QVERIFY(!book.present->muteOf("eve w", Role::Member, "random", 0s));
    QVERIFY(!book.present->muteOf("w", Role::Member, "general", 0s));
    QCOMPARE(book.does(act(Act::Action::Mute, "eve w")), QByteArray("+mute * eve w"));
    QVERIFY(book.present->muteOf("eve w", Role::Member, "random", 0s));
    QCOMPARE(book.does(act(Act::Action::Unmute, "eve w")), QByteArray("-mute * eve w"));
    QVERIFY(book.present->muteOf("eve w", Role::Member, "general", 0s));
}

void TestSanctions::roomsAreSlow()
{
    Book book;
    Act slow = act(Act::Action::Slow, {});
    slow.room = "general";
    slow.interval = 10s;
    QCOMPARE(book.does(slow), QByteArray("+slow general"));
    QCOMPARE(book.present->intervalOf("general", Role::Member, 0s), 10'000ms);
    QCOMPARE(book.present->intervalOf("general", Role::Moderator, 0s), 0ms);
    QCOMPARE(book.present->intervalOf("random", Role::Member, 0s), 0ms);
    slow.interval = 0s;
    QCOMPARE(book.does(slow), QByteArray("-slow general"));
    QCOMPARE(book.present->intervalOf("general", Role::Member, 0s), 0ms);
    QVERIFY(book.does(slow).startsWith("bad_request"));
}

void TestSanctions::anActOfAHigherRankStays()
{
    Book book;
    Act ban = act(Act::Action::Ban, "eve");
    ban.rank = Rank::Admin;
    ban.until = 100s;
    QCOMPARE(book.does(ban), QByteArray("+ban user eve"));
    QVERIFY(book.present->banOf("eve", Role::Moderator, 0s));
    QVERIFY(!book.present->banOf("eve", Role::Admin, 0s));
    QVERIFY(book.does(act(Act::Action::Unban, "eve", 99s)).startsWith("forbidden"));
    QVERIFY(book.does(act(Act::Action::Ban, "eve", 99s)).startsWith("forbidden"));
    QCOMPARE(book.does(act(Act::Action::Ban, "eve", 100s)), QByteArray("+ban user eve")); // it is over
    ban.action = Act::Action::Unban;
    ban.rank = Rank::Server;
    QCOMPARE(book.does(ban), QByteArray("-ban user eve"));
}

void TestSanctions::whatIsOverGoes()
{
    Book book;
    Act ban = act(Act::Action::Ban, "eve");
    ban.until = 20s;
    QCOMPARE(book.does(ban), QByteArray("+ban user eve"));
    QCOMPARE(book.does(act(Act::Action::Ban, "adam", 19s)), QByteArray("+ban user adam"));
    QCOMPARE(book.does(act(Act::Action::Ban, "ann", 20s)), QByteArray("-ban user eve +ban user ann"));
    QCOMPARE(book.present->all().size(), std::size_t(2));
}

void TestSanctions::thereAreSoManyAtMost()
{
    auto many = std::make_shared<Sanctions>();
    for (std::size_t i = 0; i < Sanctions::kMost; ++i) {
        Sanction ban;
        ban.user = 'u' + std::to_string(i);
        if (i == 0)
            ban.until = 20s;
        many->put(std::move(ban));
    }
    Book book;
    book.present = many;
    Act ban = act(Act::Action::Ban, "eve", 19s);
    ban.rank = Rank::Admin;
    QVERIFY(book.does(ban).contains("lift some first"));
    QCOMPARE(book.does(act(Act::Action::Ban, "u5", 19s)), QByteArray("+ban user u5")); // in the place of one
    QVERIFY(
        book.does(act(Act::Action::Ban, "eve", 20s)).contains("lift some first")); // the last are for admins
    ban.at = 20s;
    QCOMPARE(book.does(ban), QByteArray("-ban user u0 +ban user eve"));
    QCOMPARE(book.present->all().size(), Sanctions::kMost);
}

void TestSanctions::changesAreFound()
{
    Book book;
    Act mute = act(Act::Action::Mute, "eve");
    mute.until = 50s;
    book.does(mute);
    book.does(act(Act::Action::Mute, "adam"));
    book.does(act(Act::Action::Ban, "ann"));
    const SanctionsPtr before = book.present;
    QVERIFY(changes(*before, *before, 0s).bans.empty());
    Act again = act(Act::Action::Ban, "ann");
    again.reason = "for another reason";
    book.does(again);
    book.does(networkBan("192.0.2.1"));
    book.does(act(Act::Action::Unmute, "adam"));
    book.does(act(Act::Action::Mute, "bob", 60s)); // eve's is over
    const SanctionChanges changed = changes(*before, *book.present, 60s);
    QCOMPARE(changed.bans.size(), std::size_t(2));
    QCOMPARE(changed.mutes.size(), std::size_t(1));
    QCOMPARE(changed.mutes.front()->user, std::string("bob"));
    QCOMPARE(changed.unmuted.size(), std::size_t(1));
    QCOMPARE(changed.unmuted.front()->user, std::string("adam"));
}

PARLOR_TEST(TestSanctions)
#include "tst_sanctions.moc"
