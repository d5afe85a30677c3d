// SPDX-License-Identifier: MIT
#include "client-cli/load/record/figures.h"
#include "client-cli/load/report/figure.h"
#include "client-cli/load/report/html.h"
#include "client-cli/load/report/htmlpart.h"

#include <algorithm>

namespace parlor::cli::load::html {

namespace {

constexpr std::size_t kMostRooms = 12;

Figure countSetting(std::string_view key, std::uint64_t value)
{
    return countOf("parameters." + std::string(key), value);
}

Figure timeSetting(std::string_view key, Offset value)
{
    return timeOf("parameters." + std::string(key), value);
}

Figure numberSetting(std::string_view key, double value)
{
    return {"number parameters." + std::string(key), inWords(Unit::Cores, value)};
}

std::string fact(std::string_view name, const std::string &value)
{
    return element("div", "", element("dt", "", escaped(name)) + element("dd", "", value));
}

std::string lastingText(std::string_view key, const Lasting &lasting)
{
    if (lasting.mean.count() == 0)
        return "–";
    return span(timeSetting(std::string(key) + ".mean_us", lasting.mean)) +
           (lasting.isExponential ? " on average, exponential" : "");
}

std::string verifyText(const Settings &settings)
{
    switch (settings.verify) {
    case Verify::Full:
        return "every delivery, for every receiver";
    case Verify::Sample:
        return "one receiver in " + span(countSetting("verify_sample", settings.verifySample));
    case Verify::Count:
        return "deliveries are counted, and none is read";
    case Verify::Off:
        break;
    }
    return "nothing is read";
}

std::string paceText(Pace pace)
{
    switch (pace) {
    case Pace::Fixed:
        return "fixed";
    case Pace::Poisson:
        return "Poisson";
    case Pace::Closed:
        break;
    }
    return "after the answer";
}

std::string sendersText(const std::string &key, const Senders &senders)
{
    if (senders.count > 0)
        return span(countSetting(key + ".count", senders.count));
    return senders.share >= 1 ? "all" : span(partOf("parameters." + key + ".share", senders.share));
}

std::string sizeText(const std::string &key, const SizeRange &size)
{
    const std::string least = span(countSetting(key + ".size_least", size.least));
    return size.least == size.most ? least : least + "–" + span(countSetting(key + ".size_most", size.most));
}

std::string profilesOf(const Settings &settings)
{
    std::string out =
        head({"profile", "weight", "messages a second of a user", "pace", "think time", "unanswered at most",
              "bytes of a message", "who speaks", "rooms of a user", "session"});
    for (std::size_t i = 0; i < settings.profiles.size(); ++i) {
        const Profile &profile = settings.profiles[i];
        const std::string key = "profiles." + std::to_string(i);
        out += rowHead(profile.name) + cell(numberSetting(key + ".weight", profile.weight));
        out += profile.pace == Pace::Closed ? "<td>–"
                                            : cell(numberSetting(key + ".rate_per_user", profile.rate));
        out += "<td>" + paceText(profile.pace) + "<td>" + lastingText(key + ".think", profile.think);
        out += profile.inflight == 0 ? "<td>any number"
                                     : cell(countSetting(key + ".inflight", profile.inflight));
        out += "<td>" + sizeText(key, profile.size) + "<td>" + sendersText(key + ".senders", profile.senders);
        out += cell(countSetting(key + ".rooms_per_user", profile.roomsPerUser));
        out += "<td>" +
               (profile.life.mean.count() == 0 ? "as planned" : lastingText(key + ".life", profile.life));
    }
    return tableCard("wide", "Users", "", out);
}

std::string roomsText(const std::vector<std::string> &rooms)
{
    std::string names;
    for (std::size_t i = 0; i < std::min(rooms.size(), kMostRooms); ++i)
        names += (i == 0 ? "" : ", ") + given(rooms[i]);
    return span(countOf("rooms", rooms.size())) + ": " + names + (rooms.size() > kMostRooms ? " …" : "");
}

std::string commandOf(const RunRecord &record)
{
    std::string line;
    for (const std::string &argument : record.arguments) {
        const bool isPlain =
            !argument.empty() && argument.find_first_of(" \t\n'\"\\$&|;<>()*?#~`") == std::string::npos;
        line +=
            (line.empty() ? "" : " ") + (isPlain ? escaped(argument) : "&#39;" + escaped(argument) + "&#39;");
    }
    return line.empty() ? ""
                        : element("pre", "class=scroll tabindex=0 aria-label=\"command line\"",
                                  element("code", "", line));
}

std::string tagsText(const Settings &settings)
{
    std::string text;
    for (const auto &[key, value] : settings.tags)
        text += (text.empty() ? "" : ", ") + given(key) + " = " + given(value);
    return text;
}

} // namespace

std::string parameters(const Told &told)
{
    const RunRecord &record = told.record;
    const Settings &settings = record.settings;
    std::string facts = fact("server", given(settings.url));
    facts += fact("protocol", settings.dialect == DialectName::V1 ? "<bdi class=given>v1</bdi>"
                                                                  : "<bdi class=given>v2</bdi>");
    facts += fact("users at most", span(countOf("peak_users", record.peakUsers)));
    facts += fact("rooms", roomsText(settings.rooms));
    if (settings.zipf > 0)
        facts += fact("zipf exponent", span(numberSetting("zipf", settings.zipf)));
    facts += fact("checked", verifyText(settings));
    if (settings.connectRate > 0)
        facts +=
            fact("connects a second, at most", span(numberSetting("connect_rate", settings.connectRate)));
    facts +=
        fact("connects at once, at most", span(countSetting("connect_inflight", settings.connectInflight)));
    facts += fact("to connect and join, at most",
                  span(timeSetting("connect_timeout_us", settings.connectTimeout)));
    facts += fact("after a lost connection",
                  settings.reconnect == Reconnect::None ? "the user stays away" : "the user comes again");
    if (settings.warmUp.count() > 0)
        facts += fact("warm-up", span(timeSetting("warm_up_us", settings.warmUp)));
    if (settings.settle.count() > 0)
        facts += fact("settling after a join", span(timeSetting("settle_us", settings.settle)));
    facts += fact("waited for deliveries", span(timeSetting("drain_us", settings.drain)));
    const std::string merged =
        record.generators() == 1 ? "" : given(figures::count(record.generators())) + " generators: ";
    facts += fact("generator", merged + span(countSetting("processes", settings.processes)) +
                                   (settings.processes == 1 ? " process, " : " processes, ") +
                                   span(countSetting("threads", settings.threads)) +
                                   (settings.threads == 1 ? " thread" : " threads") +
                                   (settings.processes == 1 ? "" : " each"));
    facts += fact("machine", given(record.machine.host) + ", " + given(record.machine.system) + ", " +
                                 span(countOf("machine.cores", record.machine.cores)) + " cores");
    facts += fact("seed", given(std::to_string(settings.seed)));
    if (!settings.tags.empty())
        facts += fact("tags", tagsText(settings));
    return section("parameters", "Parameters",
                   card("wide", element("dl", "", facts) + commandOf(record)) + profilesOf(settings));
}

} // namespace parlor::cli::load::html
