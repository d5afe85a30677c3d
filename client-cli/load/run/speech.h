// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/accounting/marker.h"
#include "client-cli/load/wire/dialect.h"

#include <string>
#include <string_view>
#include <vector>

namespace parlor::cli::load {

/// What a thread's users say, in the dialect of their server. A frame is valid until the next one is made.
/// `rooms` outlives it. One a thread.
class Speech
{
public:
    Speech(DialectName dialect, const std::vector<std::string> &rooms, std::uint16_t run)
        : m_dialect(newDialect(dialect, run))
        , m_rooms(rooms)
        , m_run(run)
    {
    }

    [[nodiscard]] std::string_view join(std::uint16_t room)
    {
        m_frame.clear();
        m_dialect->appendJoin(m_frame, m_rooms[room]);
        return m_frame;
    }
    /// `size`: of the content. The marker's run is this one's.
    [[nodiscard]] std::string_view message(Marker marker, std::size_t size)
    {
        marker.run = m_run;
        m_content.clear();
        appendContent(m_content, marker, size);
        m_frame.clear();
        m_dialect->appendMessage(m_frame, m_rooms[marker.room], m_content, marker.index);
        return m_frame;
    }
    /// What a server's frame means; valid until the next read().
    [[nodiscard]] Event read(std::string_view text, ReadMode mode) { return m_dialect->read(text, mode); }

    [[nodiscard]] const Dialect &dialect() const { return *m_dialect; }

private:
    std::unique_ptr<Dialect> m_dialect;
    const std::vector<std::string> &m_rooms;
    std::uint16_t m_run;
    std::string m_frame;
    std::string m_content;
};

} // namespace parlor::cli::load
