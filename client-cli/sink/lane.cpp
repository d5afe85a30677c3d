// SPDX-License-Identifier: MIT
#include "client-cli/sink/lane.h"

#include <utility>

namespace parlor::cli::sink {

std::size_t Lane::deliver(const Delivery &delivery, std::optional<Fault> fault, Order order, std::string &out,
                          std::vector<Committed> &done)
{
    if (fault == Fault::Drop) {
        done.push_back({Fault::Drop, delivery.seq});
        return 0;
    }
    if (!m_held && fault == Fault::Reorder) {
        hold(delivery, Fault::Reorder);
        return 0;
    }
    std::size_t frames = 1;
    // The copy of a doubled message goes ahead of the next one: a receiver that leaves once it has all that
    // it is owed still sees it.
    if (m_held && m_held->fault == Fault::Double) {
        out += m_held->frame;
        done.push_back({Fault::Double, m_held->seq});
        m_held.reset();
        ++frames;
    }
    const std::size_t begin = out.size();
    out += delivery.frame;
    if (fault == Fault::Corrupt) {
        std::string frame = out.substr(begin);
        if (corrupt(frame)) {
            out.replace(begin, frame.size(), frame);
            done.push_back({Fault::Corrupt, delivery.seq});
        }
    }
    if (m_held && (order == Order::OfRoom || m_held->sender == delivery.sender)) {
        out += m_held->frame;
        done.push_back({Fault::Reorder, m_held->seq});
        m_held.reset();
        ++frames;
    } else if (!m_held && fault == Fault::Double) {
        hold(delivery, Fault::Double);
    }
    return frames;
}

void Lane::hold(const Delivery &delivery, Fault fault)
{
    m_held = Held{std::string(delivery.frame), delivery.seq, delivery.sender, fault};
    ++m_holds;
}

std::size_t Lane::release(std::string &out)
{
    if (!m_held || m_held->fault == Fault::Double)
        return 0;
    out += m_held->frame;
    m_held.reset();
    return 1;
}

bool corrupt(std::string &frame)
{
    constexpr std::string_view kField = "\"content\":\"";
    std::size_t at = frame.find(kField);
    if (at == std::string::npos)
        return false;
    const auto isPlain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    };
    std::size_t last = std::string::npos;
    for (at += kField.size(); at < frame.size() && frame[at] != '"'; ++at) {
        if (frame[at] == '\\')
            at += at + 1 < frame.size() && frame[at + 1] == 'u' ? 5 : 1;
        else if (isPlain(frame[at]))
            last = at;
    }
    if (last == std::string::npos)
        return false;
    frame[last] = frame[last] == 'X' ? 'Y' : 'X';
    return true;
}

} // namespace parlor::cli::sink
