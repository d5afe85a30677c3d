// SPDX-License-Identifier: MIT
#include "client-cli/load/report/htmlreport.h"

#include "client-cli/load/record/figures.h"
#include "client-cli/load/report/column.h"
#include "client-cli/load/report/figure.h"
#include "client-cli/load/report/html.h"
#include "client-cli/load/report/htmlpart.h"

#include <QCryptographicHash>

#include <algorithm>

namespace parlor {

extern const std::string_view kReportStyle;
extern const std::string_view kReportScript;

} // namespace parlor

namespace parlor::cli::load {

namespace html {

namespace {

constexpr std::size_t kMostPoints = 600;
constexpr std::size_t kMostRows = 60;

/// What the policy names an own style or script by.
std::string sourceOf(std::string_view text)
{
    const QByteArray hash =
        QCryptographicHash::hash(QByteArray::fromRawData(text.data(), static_cast<qsizetype>(text.size())),
                                 QCryptographicHash::Sha256);
    return "'sha256-" + hash.toBase64().toStdString() + "'";
}

std::string headOf(const RunRecord &record)
{
    return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
           "base-uri 'none'; "
           "form-action 'none'; style-src " +
           sourceOf(kReportStyle) + "; script-src " + sourceOf(kReportScript) +
           "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<meta name=\"referrer\" content=\"no-referrer\">\n<link rel=\"icon\" "
           "href=\"data:,\">\n<title>Load run of " +
           escaped(record.settings.url) + "</title>\n<style>" + std::string(kReportStyle) +
           "</style>\n</head>\n";
}

std::string header(const RunRecord &record)
{
    const std::string facts = given(record.settings.url) + " · " + given(record.begun) + " · " +
                              span(timeOf("duration", record.duration)) + " · " +
                              span(countOf("peak_users", record.peakUsers)) + " users in " +
                              span(countOf("rooms", record.settings.rooms.size())) +
                              (record.settings.rooms.size() == 1 ? " room · " : " rooms · ") +
                              given(record.program) + (record.id.empty() ? "" : " · run " + given(record.id));
    return element(
        "header", "",
        "<h1>Load run</h1>" + element("p", "class=muted", facts) +
            "<div id=tools hidden><label>phase <select id=phase><option value=\"\">whole run</select></label>"
            "<button id=theme type=button>theme: as the system</button>"
            "<button id=keys type=button aria-label=\"keys\">?</button></div>");
}

std::string baselineNote(const RunRecord &record, const RunRecord *baseline)
{
    if (baseline == nullptr)
        return {};
    const bool isAlike = baseline->settings.stages == record.settings.stages &&
                         baseline->settings.arrivals == record.settings.arrivals &&
                         baseline->settings.profiles == record.settings.profiles &&
                         baseline->settings.rooms == record.settings.rooms &&
                         baseline->settings.dialect == record.settings.dialect;
    return element("p", "id=baseline class=\"card wide\"",
                   "Beside this run stands a baseline: " + given(baseline->settings.url) + " · " +
                       given(baseline->begun) +
                       (baseline->id.empty() ? "" : " · run " + given(baseline->id)) + " · " +
                       span(timeOf("before.duration", baseline->duration)) +
                       (isAlike ? ". Its load was the same."
                                : ". <strong>Its load was another one</strong>, so that a difference says "
                                  "little about the server."));
}

/// The phases for the script; "<" is written so that no text of anybody ends the script.
std::string phasesInJson(const std::vector<Phase> &phases)
{
    std::string out;
    for (const Phase &phase : phases) {
        std::string name;
        for (const char c : figures::printable(phase.name)) {
            if (c == '"' || c == '\\')
                name += '\\';
            name += c == '<' ? std::string("\\u003c") : std::string(1, c);
        }
        out += (out.empty() ? "" : ",") + std::string("{\"name\":\"") + name +
               "\",\"begin\":" + std::to_string(phase.begin.count()) +
               ",\"end\":" + std::to_string(phase.end.count()) + "}";
    }
    return "[" + out + "]";
}

constexpr std::string_view kKeys =
    "<dialog id=help aria-labelledby=help-title><h2 id=help-title>Keys</h2><dl>"
    "<div><dt>← →<dd>a step through time, in all charts</div><div><dt>Shift ← →<dd>ten steps</div>"
    "<div><dt>Home End<dd>the first and the last step</div><div><dt>[ ]<dd>the phase before and after</div>"
    "<div><dt>l<dd>logarithmic axes on and off</div><div><dt>t<dd>light, dark, or as the system</div>"
    "<div><dt>Esc<dd>ends the read-out, or shows the whole run</div><div><dt>?<dd>this list</div></dl>"
    "<form method=dialog><button>Close</button></form></dialog>";

} // namespace

} // namespace html

std::string htmlReport(const RunRecord &record, const Judgement &judgement, const RunRecord *baseline)
{
    using namespace html;
    Offset end = record.duration;
    if (!record.seconds.empty())
        end = std::max(end, record.seconds.back().end);
    const Told told{.record = record,
                    .judgement = judgement,
                    .baseline = baseline,
                    .all = record.measurements.total(),
                    .before =
                        baseline != nullptr ? std::optional(baseline->measurements.total()) : std::nullopt,
                    .time = {.windows = windowsOf(record.seconds, kMostPoints),
                             .rows = windowsOf(record.seconds, kMostRows),
                             .baseline = baseline != nullptr ? windowsOf(baseline->seconds, kMostPoints)
                                                             : std::vector<Window>{},
                             .phases = record.phases,
                             .end = end}};
    return headOf(record) + "<body>\n" + header(record) + "<main>" + banner(told) + tiles(told) +
           baselineNote(record, baseline) + parameters(told) + thresholds(told) + correctness(told) +
           latency(told) + throughput(told) + connections(told) + generator(told) + watched(told) +
           errors(told) + notes(told) + "</main>\n" + std::string(kKeys) +
           "\n<script type=\"application/json\" id=points>{\"phases\":" + phasesInJson(record.phases) +
           ",\n\"points\":" + pointsOf(told.time.windows) + "}</script>\n<script>" +
           std::string(kReportScript) + "</script>\n</body>\n</html>\n";
}

} // namespace parlor::cli::load
