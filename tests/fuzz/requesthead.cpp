// SPDX-License-Identifier: MIT
// The server's reader of HTTP request heads: it finds the same in any split, and every head has an answer.
#include "server/http/requesthead.h"

#include "server/http/endpoints.h"
#include "tests/fuzz/target.h"

#include <functional>

namespace parlor::fuzz {

namespace {

struct NoStatus final : StatusSource
{
    std::string hostname() const override { return "host"; }
    std::string chat() const override { return "chat"; }
    Readiness readiness() const override { return Readiness::Ready; }
    std::uint64_t connections() const override { return 0; }
    std::vector<std::string> activeClients(std::size_t) const override { return {}; }
    std::string metrics() const override { return "m 1\n"; }
};

struct Outcome
{
    HeadReader::Status status = HeadReader::Status::NeedMore;
    std::string head;
    std::size_t behind = 0; ///< bytes behind the head
    HttpError error;
    bool operator==(const Outcome &) const = default;
};

std::string describe(const RequestHead &head)
{
    std::string text;
    for (const std::string_view part : {head.method, head.path, head.query})
        text.append(part).append(1, '\0');
    text += std::to_string(head.minorVersion);
    for (const auto &[name, value] : head.fields)
        text.append(1, '\0').append(name).append(1, '\0').append(value);
    return text;
}

Outcome readHead(std::string_view input, const HeadLimits &limits,
                 const std::function<std::size_t(std::size_t)> &piece)
{
    HeadReader reader(limits);
    Outcome outcome;
    while (!input.empty() && outcome.status == HeadReader::Status::NeedMore) {
        const std::size_t size = piece(input.size());
        outcome.status = reader.feed(input.substr(0, size));
        input.remove_prefix(size);
    }
    if (outcome.status == HeadReader::Status::Failed)
        outcome.error = reader.error();
    if (outcome.status != HeadReader::Status::Complete)
        return outcome;
    outcome.head = describe(reader.head());
    outcome.behind = input.size() + reader.excess();
    const auto answered = answer(reader.head(), NoStatus());
    if (const auto *response = std::get_if<HttpResponse>(&answered))
        check(response->bytes.starts_with("HTTP/1.1 "), "an answer is a response", response->bytes);
    return outcome;
}

void requestHead(std::string_view input)
{
    const HeadLimits limits{.bytes = 4096, .fields = 16};
    const Outcome whole = readHead(input, limits, [](std::size_t left) { return left; });
    const Outcome bytewise = readHead(input, limits, [](std::size_t) { return std::size_t(1); });
    Cuts cuts(input);
    const Outcome split = readHead(input, limits, [&cuts](std::size_t left) { return cuts.next(left); });
    check(whole == bytewise && whole == split, "a split changes nothing", whole.head);
    if (whole.status == HeadReader::Status::Failed)
        check(whole.error.status >= 400 && whole.error.status < 600 && !whole.error.reason.empty(),
              "a refusal has a status and a reason", whole.error.reason);
}

const Target kRequestHead("requesthead", &requestHead);

} // namespace

} // namespace parlor::fuzz
