// SPDX-License-Identifier: MIT
#include "client-cli/load/record/figures.h"
#include "client-cli/load/report/textpart.h"

#include <array>

namespace parlor::cli::load::text {

namespace {

/// Below the verdict.
std::string headLine(const std::string &text)
{
    return wrapped(std::string(kHeadIndent, ' ') + text, kHeadIndent + 2);
}

std::string number(double value)
{
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), "%g", value);
    return out.data();
}

std::string sizeText(const SizeRange &size)
{
    return std::to_string(size.least) + (size.most != size.least ? "-" + std::to_string(size.most) : "") +
           " bytes";
}

/// "2 s", or "about 2 s" where it is drawn anew each time.
std::string lastingText(const Lasting &lasting)
{
    return (lasting.isExponential ? "about " : "") + figures::duration(lasting.mean);
}

/// "0.5/s each", and how.
std::string speechText(const Profile &profile)
{
    std::string text;
    if (profile.pace == Pace::Closed)
        text = "one after the answer to the other" +
               (profile.think.mean > Offset{} ? " and " + lastingText(profile.think) : std::string());
    else
        text = number(profile.rate) + "/s each" + (profile.pace == Pace::Poisson ? " (Poisson)" : "");
    if (profile.inflight > 0)
        text += ", at most " + figures::count(profile.inflight) + " unanswered";
    return text;
}

/// What one of several profiles, or the only one, has of its own.
std::string extras(const Profile &profile)
{
    std::string text;
    if (profile.senders.count > 0)
        text += ", " + figures::count(profile.senders.count) + " of them speak";
    else if (profile.senders.share < 1)
        text += ", " + figures::share(profile.senders.share) + " of them speak";
    if (profile.roomsPerUser > 1)
        text += ", " + figures::count(profile.roomsPerUser) + " rooms each";
    if (profile.life.mean > Offset{})
        text += ", sessions of " + lastingText(profile.life);
    return text;
}

std::string arrivalLine(const std::vector<ArrivalStage> &arrivals)
{
    if (arrivals.empty())
        return {};
    std::string text = "arrivals  ";
    for (std::size_t i = 0; i < arrivals.size(); ++i)
        text += (i == 0 ? "" : ", then ") + number(arrivals[i].perSecond) + "/s for " +
                figures::clock(arrivals[i].duration);
    return headLine(text);
}

std::string profileLines(const std::vector<Profile> &profiles)
{
    if (profiles.size() == 1) {
        const std::string own = extras(profiles.front());
        return own.empty() ? own : headLine("users  " + own.substr(2));
    }
    double all = 0;
    for (const Profile &each : profiles)
        all += each.weight;
    std::string text;
    for (const Profile &each : profiles) {
        text += headLine("profile " + figures::printable(each.name) + "  " +
                         figures::share(all > 0 ? each.weight / all : 0) + " of the users, " +
                         speechText(each) + ", " + sizeText(each.size) + extras(each));
    }
    return text;
}

/// What of the rest is not as it is by itself.
std::string otherLine(const RunRecord &record)
{
    const Settings &settings = record.settings;
    std::string text;
    const auto add = [&text](bool isOwn, const std::string &what) {
        if (isOwn)
            text += (text.empty() ? "" : ", ") + what;
    };
    add(record.generators() > 1, figures::count(record.generators()) + " generators");
    add(settings.processes > record.generators(), figures::count(settings.processes) + " processes");
    add(settings.threads > 1,
        figures::count(settings.threads) + " threads" + (settings.processes > 1 ? " each" : ""));
    add(settings.zipf > 0, "rooms by Zipf " + number(settings.zipf));
    add(settings.connectRate > 0, "connections at most " + number(settings.connectRate) + "/s");
    add(settings.reconnect == Reconnect::None, "lost connections stay lost");
    add(settings.warmUp > Offset{}, "warm-up " + figures::duration(settings.warmUp) + " (not measured)");
    add(settings.settle > Offset{}, "settling " + figures::duration(settings.settle) + " after a join");
    add(settings.isStrict, "strict");
    for (const auto &[name, value] : settings.tags)
        add(true, figures::printable(name + "=" + value));
    return text.empty() ? text : headLine(text);
}

} // namespace

std::string parameters(const Told &told)
{
    const Settings &settings = told.record.settings;
    const Profile &first = settings.profiles.front();
    const std::string where =
        figures::printable(settings.url) + "  " + (settings.dialect == DialectName::V1 ? "v1" : "v2") + "  " +
        figures::duration(told.record.duration) + "  seed " + std::to_string(settings.seed);
    const std::string who =
        "up to " + plural(told.record.peakUsers, "user", "users") + " in " +
        plural(settings.rooms.size(), "room", "rooms") + ", " +
        (settings.profiles.size() > 1 ? figures::count(settings.profiles.size()) + " profiles"
                                      : speechText(first) + ", " + sizeText(first.size));
    return headLine(where) + headLine(who) + arrivalLine(settings.arrivals) +
           profileLines(settings.profiles) + otherLine(told.record);
}

} // namespace parlor::cli::load::text
