// SPDX-License-Identifier: MIT
#include "client-cli/load/run/door.h"

#include <algorithm>

namespace parlor::cli::load {

void Door::admit()
{
    const bool isPaced = m_limits.perSecond > 0;
    const Offset now = m_timetable.now();
    if (m_isTimed && now >= m_nextAt)
        m_isTimed = false;
    while (!m_waiting.empty() && m_underWay < m_limits.underWay) {
        if (isPaced && now < m_nextAt) {
            if (!m_isTimed)
                m_timetable.add({m_nextAt, Appointment::Kind::Admit, 0, 0});
            m_isTimed = true;
            return;
        }
        Guest *guest = m_waiting.front();
        m_waiting.pop_front();
        if (!guest->onAdmitted() || !isPaced)
            continue;
        // A thread that is late makes up for it, but not for times when nobody waited.
        constexpr Offset kMostLate = std::chrono::milliseconds(10);
        const auto interval = static_cast<Offset::rep>(1e6 / m_limits.perSecond);
        m_nextAt = std::max(m_nextAt, now - kMostLate) + Offset(interval);
    }
}

} // namespace parlor::cli::load
