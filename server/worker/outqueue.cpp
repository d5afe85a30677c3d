// SPDX-License-Identifier: MIT
#include "server/worker/outqueue.h"

#include <algorithm>
#include <numeric>

namespace parlor {

namespace {

constexpr std::size_t kCompactFrom = 64;

} // namespace

OutQueue::~OutQueue()
{
    clear();
    m_queueBytes.subtract(tableBytes());
}

OutQueue::Segment &OutQueue::addSegment()
{
    const std::size_t before = tableBytes();
    Segment &added = m_segments.emplace_back();
    m_queueBytes.add(tableBytes() - before);
    return added;
}

/// Not one that is partly sent: what has left is freed with its segment, so it must not grow for ever.
std::string &OutQueue::ownTail()
{
    const bool isFull = isEmpty() || m_segments.back().slice.batch || m_segments.back().sent != 0;
    return isFull ? addSegment().own : m_segments.back().own;
}

void OutQueue::addOwn(std::size_t bytes)
{
    m_ownBytes += bytes;
    m_queueBytes.add(bytes);
}

void OutQueue::appendRaw(std::string_view bytes)
{
    Segment &segment = addSegment();
    segment.own = bytes;
    segment.raw = bytes.size();
    addOwn(bytes.size());
}

void OutQueue::appendFrame(websocket::Opcode opcode, std::string_view payload)
{
    std::string &tail = ownTail();
    const std::size_t before = tail.size();
    websocket::appendFrame(tail, opcode, payload);
    addOwn(tail.size() - before);
}

void OutQueue::appendClose(std::optional<std::uint16_t> code, std::string_view reason)
{
    std::string &tail = ownTail();
    const std::size_t before = tail.size();
    websocket::appendClose(tail, code, reason);
    addOwn(tail.size() - before);
}

void OutQueue::appendSlice(const Slice &slice, std::size_t sent)
{
    m_sharedBytes += slice.size() - sent;
    if (!isEmpty()) {
        Slice &last = m_segments.back().slice;
        if (last.batch && last.batch == slice.batch && last.end == slice.begin) {
            last.end = slice.end;
            return;
        }
    }
    Segment &segment = addSegment();
    segment.slice = slice;
    segment.sent = sent;
    segment.slice.batch->hold();
}

void OutQueue::dropFirst()
{
    Segment &first = m_segments[m_head];
    const std::size_t left = first.size() - first.sent;
    if (first.slice.batch) {
        first.slice.batch->release();
        m_sharedBytes -= left;
    } else {
        m_ownBytes -= left;
        m_queueBytes.subtract(left);
    }
    first.slice = {};
    std::string().swap(first.own); // an assignment would keep the memory
    if (++m_head == m_segments.size()) {
        m_segments.clear();
        m_head = 0;
    } else if (m_head >= kCompactFrom && m_head * 2 >= m_segments.size()) {
        m_segments.erase(m_segments.begin(), m_segments.begin() + static_cast<std::ptrdiff_t>(m_head));
        m_head = 0; // a client that always has a backlog never empties its queue
    }
}

void OutQueue::consume(std::size_t bytes)
{
    while (bytes != 0) {
        Segment &first = m_segments[m_head];
        const std::size_t part = std::min(bytes, first.size() - first.sent);
        first.sent += part;
        bytes -= part;
        if (first.slice.batch) {
            m_sharedBytes -= part;
        } else {
            m_ownBytes -= part;
            m_queueBytes.subtract(part);
        }
        if (first.sent == first.size())
            dropFirst();
    }
}

void OutQueue::dropUnstarted()
{
    std::string rest;
    if (!isEmpty() && m_segments[m_head].sent != 0) {
        const Segment &first = m_segments[m_head];
        const std::string_view view = first.view();
        const std::size_t inFrames = first.sent - std::min(first.sent, first.raw);
        const std::size_t end = first.raw + websocket::frameBoundary(view.substr(first.raw), inFrames);
        rest = view.substr(first.sent, end - first.sent);
    }
    clear();
    if (!rest.empty()) {
        addOwn(rest.size());
        addSegment().own = std::move(rest);
    }
}

void OutQueue::clear()
{
    while (!isEmpty())
        dropFirst();
}

std::size_t OutQueue::retainedBytes() const
{
    return std::accumulate(m_segments.begin(), m_segments.end(), std::size_t{0},
                           [](std::size_t n, const Segment &segment) { return n + segment.own.capacity(); });
}

void OutQueue::pieces(std::vector<std::string_view> &out) const
{
    out.clear();
    for (std::size_t i = m_head; i < m_segments.size(); ++i)
        out.push_back(m_segments[i].view().substr(m_segments[i].sent));
}

} // namespace parlor
