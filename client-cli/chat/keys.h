// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/chat/terminalinput.h"

namespace parlor::cli {

/// What a key does to the line.
enum class Key {
    None, ///< nothing
    Character,
    Invalid, ///< bytes that are not UTF-8
    Enter,
    Left,
    Right,
    WordLeft,
    WordRight,
    Start,
    End,
    Older,
    Newer,
    Backspace,
    Delete,
    DeleteOrLeave,
    KillToEnd,
    KillAll,
    KillWordLeft,
    KillWordRight,
    Yank,
    Transpose,
    LowerCase,
    UpperCase,
    Capitalise,
    Quote,
    Search,
    Cancel,
    ClearScreen,
};

struct KeyPress
{
    Key key = Key::None;
    char32_t character = 0; ///< of Key::Character
};

/// The key whose first byte this is; the others are read.
[[nodiscard]] KeyPress readKey(unsigned char first, TerminalInput &input);

} // namespace parlor::cli
