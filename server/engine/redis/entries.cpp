// SPDX-License-Identifier: MIT
#include "server/engine/redis/entries.h"

#include <algorithm>
#include <charconv>
#include <variant>

namespace parlor::redis {

namespace {

template <typename Number>
bool parse(std::string_view text, Number &value)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

} // namespace

std::uint64_t number(std::string_view text)
{
    std::uint64_t value = 0;
    return parse(text, value) ? value : 0;
}

std::string_view takeUntil(std::string_view &text, char end)
{
    const std::size_t at = text.find(end);
    const std::string_view taken = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return taken;
}

MessagePlace place(std::string_view text)
{
    const std::string_view seq = takeUntil(text, ' ');
    return place(seq, text);
}

MessagePlace place(std::string_view seq, std::string_view id)
{
    return {number(seq), Ulid::parse(id).value_or(Ulid())};
}

TombstoneText tombstoneText(const HistoryRing::Entry &tombstone)
{
    // In the frame's texts a quotation mark is escaped.
    static constexpr std::string_view kNumber = "\"deleted\":{\"seq\":";
    const std::string_view frame = tombstone.frame.view();
    const std::size_t at = frame.find(kNumber) + kNumber.size();
    std::string head = "m " + std::to_string(tombstone.seq) + ' ' + tombstone.id.toString() + ' ' +
                       std::to_string(tombstone.time.count()) + ' ' + std::to_string(tombstone.key.size()) +
                       '\n' + tombstone.key;
    head += frame.substr(0, at);
    return {std::move(head), std::string(frame.substr(at + 1))};
}

/// Notes of a deletion what it erases.
bool EntryReader::isEvent(const std::string &room, HistoryRing::Entry &entry)
{
    const std::string_view text = entry.frame.view();
    if (text.size() > kLongestFrame)
        return false;
    const auto frame = m_decoder.frame(text);
    if (!frame)
        return false;
    const auto id = entry.id.text();
    const auto isThis = [&](const auto &event) {
        return event.room == room && event.seq == entry.seq && event.id == id;
    };
    if (const auto *deletion = std::get_if<frame::Deleted>(&*frame)) {
        entry.erases = deletion->targetSeq;
        return isThis(*deletion);
    }
    const auto *message = std::get_if<frame::Message>(&*frame);
    return message && isThis(*message);
}

std::optional<Echo> EntryReader::echo(const std::string &room, std::string_view text)
{
    if (!text.starts_with('m'))
        return std::nullopt;
    text.remove_prefix(1);
    std::string_view head = takeUntil(text, '\n');
    Echo echo;
    std::int64_t time = 0;
    std::size_t keySize = 0;
    const std::string_view before = takeUntil(head, ' ');
    echo.entry.seq = number(takeUntil(head, ' '));
    const auto id = Ulid::parse(takeUntil(head, ' '));
    if (echo.entry.seq == 0 || !id || !parse(takeUntil(head, ' '), time) || !parse(head, keySize) ||
        keySize >= text.size())
        return std::nullopt;
    echo.before = Ulid::parse(before).value_or(Ulid());
    echo.entry.id = *id;
    echo.entry.time = std::chrono::milliseconds(time);
    echo.entry.key = text.substr(0, keySize);
    echo.entry.frame = SharedBytes(text.substr(keySize));
    return isEvent(room, echo.entry) ? std::optional(std::move(echo)) : std::nullopt;
}

std::optional<HistoryRing::Entry> EntryReader::entry(const std::string &room, const Reply &reply)
{
    HistoryRing::Entry entry;
    std::string_view number = reply[0].text();
    entry.seq = redis::number(takeUntil(number, '-'));
    const Reply fields = reply[1];
    for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
        const std::string_view name = fields[i].text();
        const std::string_view value = fields[i + 1].text();
        if (name == "i")
            entry.id = Ulid::parse(value).value_or(Ulid());
        else if (name == "k")
            entry.key = value;
        else if (name == "t")
            entry.time = std::chrono::milliseconds(redis::number(value));
        else if (name == "f")
            entry.frame = SharedBytes(value.substr(0, kLongestFrame + 1));
    }
    const bool isOurs = number == "0" && entry.seq != 0 && !entry.id.isNull() && isEvent(room, entry);
    return isOurs ? std::optional(std::move(entry)) : std::nullopt;
}

template <typename Read>
EntryReader::Entries EntryReader::read(const Reply &reply, Order order, Read each)
{
    Entries found;
    found.entries.reserve(reply.size());
    for (std::size_t i = 0; i < reply.size(); ++i) {
        if (auto entry = each(reply[order == Order::OldestFirst ? i : reply.size() - 1 - i]))
            found.entries.push_back(*std::move(entry));
        else
            ++found.wrong;
    }
    return found;
}

EntryReader::Entries EntryReader::entries(const std::string &room, const Reply &reply, Order order)
{
    return read(reply, order, [&](const Reply &each) { return entry(room, each); });
}

EntryReader::Entries EntryReader::tombstones(const std::string &room, const Reply &reply, Order order)
{
    return read(reply, order, [&](const Reply &each) -> std::optional<HistoryRing::Entry> {
        std::string_view text = each.text();
        (void)takeUntil(text, '\n');
        auto echo = this->echo(room, text);
        return echo ? std::optional(std::move(echo->entry)) : std::nullopt;
    });
}

} // namespace parlor::redis
