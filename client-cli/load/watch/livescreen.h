// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runstatus.h"
#include "client-cli/load/watch/screendrawing.h"
#include "shared/protocol/result.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace parlor::cli::load {

/// Shows on a terminal how a run stands: all of it, drawn anew once a second at the size that the terminal
/// has then. It is shown on the terminal's alternate screen: what was there before comes back at the end, and
/// a terminal that becomes narrower meanwhile leaves no broken lines behind, as those of a block above the
/// prompt would be. It has no thread, and a terminal that takes nothing (Ctrl-S) misses a picture in place of
/// holding the run up.
class LiveScreen final : public RunWatcher
{
public:
    /// `terminal`: a descriptor that stays open as long as this lives.
    LiveScreen(int terminal, Colours colours);
    /// Gives the terminal back as it was.
    ~LiveScreen() override;

    void second(const RunStatus &status) override;

private:
    int m_terminal;
    Colours m_colours;
    bool m_isShown = false;
};

/// Who tells of a run on stderr while it lasts.
enum class Tui : std::uint8_t {
    Auto, ///< the screen on a terminal, else a line a second
    On,   ///< the screen
    Off,  ///< a line a second
};

/// The error: the screen is wanted, and stderr is no terminal that could show it. The destructor of what it
/// returns leaves stderr free for what follows.
[[nodiscard]] Result<std::unique_ptr<RunWatcher>> newProgressWatcher(Tui tui);

} // namespace parlor::cli::load
