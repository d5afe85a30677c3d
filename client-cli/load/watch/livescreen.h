// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runstatus.h"
#include "client-cli/load/watch/screendrawing.h"
#include "client-cli/load/watch/screenterminal.h"
#include "shared/protocol/result.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace parlor::cli::load {

/// Shows on a terminal how a run stands: all of it, drawn anew once a second at the size that the terminal
/// has then. The key q is what Ctrl-C is: the signal SIGINT, within a second. It is shown on the terminal's
/// alternate screen: what was there before comes back at the end, and a terminal that becomes narrower
/// meanwhile leaves no broken lines behind, as those of a block above the prompt would be. It has no thread,
/// and a terminal that takes nothing (Ctrl-S) misses pictures in place of holding the run up. Ctrl-Z gives
/// the terminal back; the next picture in the foreground takes it again.
class LiveScreen final : public RunWatcher
{
public:
    /// Descriptors that stay open as long as this lives. `keyboard` is -1 where nobody types.
    LiveScreen(int terminal, int keyboard, Colours colours);

    void second(const RunStatus &status) override;

private:
    ScreenTerminal m_terminal; ///< taken from the first picture on
    int m_descriptor;
    Keys m_keys;
    Colours m_colours;
};

/// Who tells of a run on stderr while it lasts.
enum class Tui : std::uint8_t {
    Auto, ///< the screen on a terminal, else a line a second
    On,   ///< the screen
    Off,  ///< a line a second
};

/// The error: the screen is wanted, and stderr is no terminal that could show it. The destructor of what it
/// returns leaves stderr free for what follows, and waits where a terminal does not take that.
[[nodiscard]] Result<std::unique_ptr<RunWatcher>> newProgressWatcher(Tui tui);

} // namespace parlor::cli::load
